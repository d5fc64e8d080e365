//! A connection.
//!
//! [`Engine`] is shared by the facade, by the tasks that read its sockets and by its driver
//! (`driver`), which owns time and callbacks. Everything that changes is [`State`](state::State) under
//! one lock, held for microseconds and never across an await; whoever changed something lets str0m say
//! what follows (packets, events) before letting go of it.

pub(crate) mod channel;
mod clock;
mod description;
mod driver;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod negotiation;
pub(crate) mod notice;
mod report;
mod runtime;
mod sending;
mod state;
pub(crate) mod transceiver;
mod transport;

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::FutureExt;
use parking_lot::Mutex;
use str0m::Rtc;
use tokio::sync::Notify;

use self::{
    channel::Channel,
    notice::{Handlers, Notice},
    state::State,
    transceiver::Transceiver,
    transport::{Tasks, Transport},
};
use crate::{
    RtcError,
    data_channel::{DataChannelInit, DataChannelState},
    peer_connection::{
        BitrateSettings, IceConnectionState, IceGatheringState, PeerConnectionState, SignalingState,
    },
    peer_connection_factory::RtcConfiguration,
    session_description::SessionDescription,
};

/// Notices that may wait for a callback that is slow, and bytes of messages in them, before the sockets
/// are read no more.
const BACKLOG: usize = 1024;
const BACKLOG_BYTES: usize = 16 << 20;
/// Bytes of messages that may wait to be sent, as in libwebrtc.
const SEND_BUFFER: usize = 16 << 20;
/// How often figures are renewed.
const FIGURES: Duration = Duration::from_secs(1);

pub(crate) struct Engine {
    state: Mutex<State>,
    pub(crate) handlers: Handlers,
    /// The driver has something to do.
    wake: Notify,
    /// A source without a queue has sound to be sent at once.
    fresh: AtomicBool,
    /// The driver has delivered a notice.
    delivered: Notify,
    tasks: Tasks,
}

impl Engine {
    pub(crate) fn start(config: RtcConfiguration) -> Result<Arc<Self>, RtcError> {
        let runtime = runtime::handle()?;
        let now = clock::now();
        let rtc = Rtc::builder()
            .set_crypto_provider(crypto())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, true)
            // A section of video needs a codec to be agreed on; one keeps the descriptions short.
            .enable_vp8(true)
            .set_snap_enabled(config.enable_sctp_snap)
            .set_sctp_max_buffered_amount(SEND_BUFFER)
            .set_stats_interval(Some(FIGURES))
            .build(now);
        let tasks = Tasks::new(runtime);
        let engine = Arc::new_cyclic(|weak| Self {
            state: Mutex::new(State::new(weak.clone(), rtc, Transport::new(config), now)),
            handlers: Handlers::default(),
            wake: Notify::new(),
            fresh: AtomicBool::new(false),
            delivered: Notify::new(),
            tasks,
        });
        engine.tasks.spawn(driver::drive(engine.clone()));
        Ok(engine)
    }

    /// Runs a task until the connection is closed. Where it panics, by a fault of this engine or of
    /// str0m, the connection is broken, and its owner is told.
    fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let engine = self.clone();
        self.tasks.spawn_until_closed(async move {
            if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
                engine.break_off(notice::said(&*panic));
            }
        });
    }

    /// The connection can't go on.
    fn break_off(&self, why: &str) {
        log::error!("the connection broke: {why}");
        self.state.lock().break_off();
        self.wake.notify_one();
    }

    fn is_broken(&self) -> bool {
        self.state.lock().broken
    }

    /// Changes something, lets everything follow from it, and tells the driver.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock();
        let before = state.next_time();
        let answer = change(&mut state);
        state.drain();
        let due = !state.notices.is_empty() || state.next_time() < before;
        drop(state);
        if due {
            self.wake.notify_one();
        }
        answer
    }

    fn take_notices(&self) -> VecDeque<Notice> {
        let mut state = self.state.lock();
        state.noticed = 0;
        std::mem::take(&mut state.notices)
    }

    /// Waits while callbacks are too slow for what comes in.
    async fn room(&self) {
        loop {
            let delivered = self.delivered.notified();
            if self.state.lock().has_room() {
                return;
            }
            delivered.await;
        }
    }

    fn next_time(&self) -> Instant {
        self.state.lock().next_time()
    }

    /// Sound came that is to be sent now.
    fn has_fresh_sound(&self) {
        self.fresh.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    fn is_closed(&self) -> bool {
        self.state.lock().is_closed()
    }

    pub(crate) fn check_open(&self) -> Result<(), RtcError> {
        if self.is_closed() {
            Err(RtcError::state("the connection is closed"))
        } else {
            Ok(())
        }
    }

    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        if state.is_closed() {
            return;
        }
        if let Err(error) = state.rtc.close() {
            log::debug!("the peer could not be told: {error}");
        }
        state.drain();
        for transceiver in &state.transceivers {
            transceiver.end();
        }
        for channel in std::mem::take(&mut state.channels) {
            if channel.turn(DataChannelState::Closed) {
                state.notify(Notice::ChannelState(channel, DataChannelState::Closed));
            }
        }
        state.negotiation.signaling = SignalingState::Closed;
        state.turn_ice(IceConnectionState::Closed);
        state.turn_connection(PeerConnectionState::Closed);
        state.transport.close();
        drop(state);
        self.tasks.end();
        self.wake.notify_one();
    }

    pub(crate) fn set_configuration(&self, config: RtcConfiguration) -> Result<(), RtcError> {
        self.check_open()?;
        self.change(|state| state.transport.set_configuration(config));
        self.ask_servers();
        Ok(())
    }

    pub(crate) fn check_bitrate(&self, settings: BitrateSettings) -> Result<(), RtcError> {
        self.check_open()?;
        let (min, max) = (
            settings.min_bitrate_bps.unwrap_or(0),
            settings.max_bitrate_bps.unwrap_or(u64::MAX),
        );
        let start = settings.start_bitrate_bps.unwrap_or(min);
        if min <= start && start <= max {
            return Ok(());
        }
        Err(RtcError::state("the limits must be min ≤ start ≤ max"))
    }

    pub(crate) fn create_channel(
        self: &Arc<Self>,
        label: &str,
        init: DataChannelInit,
    ) -> Result<Arc<Channel>, RtcError> {
        self.check_open()?;
        Channel::check(&init)?;
        let channel = Arc::new(Channel::new(
            self,
            label,
            init,
            DataChannelState::Connecting,
        ));
        self.change(|state| {
            let open = |other: &&Arc<Channel>| other.state() != DataChannelState::Closed;
            let taken = state
                .channels
                .iter()
                .filter(open)
                .filter_map(|other| other.negotiated());
            if let Some(stream) = channel.negotiated()
                && taken.into_iter().any(|taken| taken == stream)
            {
                return Err(RtcError::state(format!("the stream {stream} is in use")));
            }
            state.channels.push(channel.clone());
            state.open_waiting_channels();
            Ok(())
        })?;
        Ok(channel)
    }

    pub(crate) fn want_ice_restart(&self) {
        self.change(|state| {
            state.negotiation.restart_ice = true;
            state.notify(Notice::NegotiationNeeded);
        });
    }

    pub(crate) fn connection_state(&self) -> PeerConnectionState {
        self.state.lock().connection
    }

    pub(crate) fn ice_state(&self) -> IceConnectionState {
        self.state.lock().ice
    }

    pub(crate) fn gathering_state(&self) -> IceGatheringState {
        self.state.lock().gathering
    }

    pub(crate) fn signaling_state(&self) -> SignalingState {
        self.state.lock().negotiation.signaling
    }

    pub(crate) fn current_local(&self) -> Option<SessionDescription> {
        self.state.lock().negotiation.current_local.clone()
    }

    pub(crate) fn current_remote(&self) -> Option<SessionDescription> {
        self.state.lock().negotiation.current_remote.clone()
    }

    pub(crate) fn transceivers(&self) -> Vec<Arc<Transceiver>> {
        self.state.lock().transceivers.clone()
    }
}

/// AWS-LC's, said at every connection: which one a process prefers is not this crate's business.
fn crypto() -> Arc<str0m::config::CryptoProvider> {
    static CRYPTO: OnceLock<Arc<str0m::config::CryptoProvider>> = OnceLock::new();
    CRYPTO
        .get_or_init(|| Arc::new(str0m::crypto::from_feature_flags()))
        .clone()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// Whatever breaks within: the owner must not wait for a connection that does nothing any more.
    #[test]
    fn a_panic_within_fails_the_connection_and_is_told() {
        let engine = Engine::start(RtcConfiguration::default()).unwrap();
        let (tell, states) = sync_channel(8);
        *engine.handlers.connection.lock() = Some(Box::new(move |state| {
            tell.try_send(state).unwrap();
        }));
        engine.spawn(async { panic!("a fault") });
        let told = states.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(told, PeerConnectionState::Failed);
        assert_eq!(engine.ice_state(), IceConnectionState::Failed);
        engine.close();
        let told = states.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(told, PeerConnectionState::Closed);
    }
}
