//! A data channel's own state.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use parking_lot::Mutex;
use str0m::channel::{ChannelConfig, ChannelId, Reliability};

use super::{
    Engine,
    notice::{self, Message, Notice},
};
use crate::{
    RtcError,
    data_channel::{
        DataChannelError, DataChannelInit, DataChannelState, OnBufferedAmountChange, OnMessage,
        OnStateChange,
    },
};

/// Messages kept for an owner who has not said yet how he wants to hear them, and their bytes. The first
/// are kept.
const EARLY: usize = 1024;
const EARLY_BYTES: usize = 1 << 20;

pub(crate) struct Channel {
    engine: Weak<Engine>,
    label: String,
    init: DataChannelInit,
    state: Mutex<DataChannelState>,
    id: Mutex<Option<ChannelId>>,
    /// Bytes that were taken and have not left yet, as last told.
    buffered: AtomicUsize,
    early: Mutex<Early>,
    pub(super) traffic: Traffic,
    pub(crate) handlers: ChannelHandlers,
}

#[derive(Default)]
pub(crate) struct ChannelHandlers {
    pub state: Mutex<Option<OnStateChange>>,
    pub message: Mutex<Option<OnMessage>>,
    pub buffered: Mutex<Option<OnBufferedAmountChange>>,
}

/// Messages that came before anybody listened.
#[derive(Default)]
struct Early {
    messages: Vec<Message>,
    bytes: usize,
}

impl Early {
    /// False where there is no room.
    fn keep(&mut self, message: Message) -> bool {
        let bytes = self.bytes + message.data.len();
        let room = self.messages.len() < EARLY && bytes <= EARLY_BYTES;
        if room {
            self.bytes = bytes;
            self.messages.push(message);
        }
        room
    }
}

/// What went through a channel.
#[derive(Default)]
pub(super) struct Traffic {
    messages_sent: AtomicU64,
    bytes_sent: AtomicU64,
    messages_received: AtomicU64,
    bytes_received: AtomicU64,
}

impl Traffic {
    fn count_sent(&self, bytes: usize) {
        self.messages_sent.fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn count_received(&self, bytes: usize) {
        self.messages_received.fetch_add(1, Ordering::Relaxed);
        self.bytes_received
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn messages_sent(&self) -> u64 {
        self.messages_sent.load(Ordering::Relaxed)
    }

    pub(super) fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    pub(super) fn messages_received(&self) -> u64 {
        self.messages_received.load(Ordering::Relaxed)
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.bytes_received.load(Ordering::Relaxed)
    }
}

impl Channel {
    pub(super) fn new(
        engine: &Arc<Engine>,
        label: &str,
        init: DataChannelInit,
        state: DataChannelState,
    ) -> Self {
        Self {
            engine: Arc::downgrade(engine),
            label: label.to_owned(),
            init,
            state: Mutex::new(state),
            id: Mutex::new(None),
            buffered: AtomicUsize::new(0),
            early: Mutex::default(),
            traffic: Traffic::default(),
            handlers: ChannelHandlers::default(),
        }
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn protocol(&self) -> &str {
        &self.init.protocol
    }

    pub(crate) fn id(&self) -> i32 {
        if self.init.id >= 0 {
            return self.init.id;
        }
        let stream = || {
            let id = (*self.id.lock())?;
            let engine = self.engine.upgrade()?;
            engine.change(|state| state.rtc.direct_api().sctp_stream_id_by_channel_id(id))
        };
        stream().map_or(-1, i32::from)
    }

    pub(crate) fn state(&self) -> DataChannelState {
        *self.state.lock()
    }

    pub(super) fn channel_id(&self) -> Option<ChannelId> {
        *self.id.lock()
    }

    pub(super) fn set_channel_id(&self, id: ChannelId) {
        *self.id.lock() = Some(id);
    }

    /// Waits to be opened.
    pub(super) fn is_waiting(&self) -> bool {
        self.id.lock().is_none() && self.state() == DataChannelState::Connecting
    }

    /// The stream both sides agreed on beforehand.
    pub(super) fn negotiated(&self) -> Option<u16> {
        self.init
            .negotiated
            .then(|| u16::try_from(self.init.id).ok())
            .flatten()
    }

    pub(super) fn check(init: &DataChannelInit) -> Result<(), RtcError> {
        if init.negotiated && !(0..=1023).contains(&init.id) {
            return Err(RtcError::state(format!(
                "a negotiated channel needs an id of 0 to 1023, not {}",
                init.id
            )));
        }
        if init.max_retransmits.is_some() && init.max_retransmit_time.is_some() {
            return Err(RtcError::state(
                "give either max_retransmits or max_retransmit_time",
            ));
        }
        Ok(())
    }

    pub(super) fn config(&self) -> ChannelConfig {
        let limit = |value: i32| u16::try_from(value.max(0)).unwrap_or(u16::MAX);
        let reliability = match (self.init.max_retransmits, self.init.max_retransmit_time) {
            (Some(retransmits), _) => Reliability::MaxRetransmits {
                retransmits: limit(retransmits),
            },
            (None, Some(lifetime)) => Reliability::MaxPacketLifetime {
                lifetime: limit(lifetime),
            },
            (None, None) => Reliability::Reliable,
        };
        ChannelConfig {
            label: self.label.clone(),
            ordered: self.init.ordered,
            reliability,
            negotiated: self.negotiated(),
            protocol: self.init.protocol.clone(),
        }
    }

    pub(crate) fn send(&self, data: &[u8], binary: bool) -> Result<(), DataChannelError> {
        let engine = self.engine.upgrade().ok_or(DataChannelError::Send)?;
        let id = self.channel_id().ok_or(DataChannelError::Send)?;
        if self.state() != DataChannelState::Open {
            return Err(DataChannelError::Send);
        }
        engine.change(|state| {
            let mut channel = state.rtc.channel(id).ok_or(DataChannelError::Send)?;
            let taken = channel
                .write(binary, data)
                .map_err(|_| DataChannelError::Send)?;
            if !taken {
                return Err(DataChannelError::Send);
            }
            self.buffered.fetch_add(data.len(), Ordering::AcqRel);
            self.traffic.count_sent(data.len());
            Ok(())
        })
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        self.buffered.load(Ordering::Acquire) as u64
    }

    /// How many bytes left, now that `left` of them are still there. Every byte is told once.
    pub(super) fn take_sent(&self, left: usize) -> Option<u64> {
        let before = self.buffered.load(Ordering::Acquire);
        let sent = before.checked_sub(left).filter(|sent| *sent > 0)?;
        self.buffered.store(left, Ordering::Release);
        Some(sent as u64)
    }

    pub(super) fn has_buffered(&self) -> bool {
        self.buffered.load(Ordering::Acquire) > 0
    }

    pub(crate) fn close(self: &Arc<Self>) {
        let before = std::mem::replace(&mut *self.state.lock(), DataChannelState::Closed);
        if before == DataChannelState::Closed {
            return;
        }
        let Some(engine) = self.engine.upgrade() else {
            return;
        };
        engine.change(|state| {
            if let (DataChannelState::Open, Some(id)) = (before, self.channel_id()) {
                state.rtc.direct_api().close_data_channel(id);
            }
            state.notify(Notice::ChannelState(self.clone(), DataChannelState::Closed));
        });
    }

    /// Takes a new state; true where it is one.
    pub(super) fn turn(&self, to: DataChannelState) -> bool {
        let mut state = self.state.lock();
        if *state == to || *state == DataChannelState::Closed {
            return false;
        }
        *state = to;
        true
    }

    pub(crate) fn set_on_message(self: &Arc<Self>, callback: Option<OnMessage>) {
        let listens = callback.is_some();
        *self.handlers.message.lock() = callback;
        if listens
            && !self.early.lock().messages.is_empty()
            && let Some(engine) = self.engine.upgrade()
        {
            engine.change(|state| state.notify(Notice::Listening(self.clone())));
        }
    }

    pub(super) fn deliver(&self, message: Message) {
        self.traffic.count_received(message.data.len());
        self.deliver_early();
        let Some(mut callback) = self.handlers.message.lock().take() else {
            if !self.early.lock().keep(message) {
                log::warn!("nobody listens on {:?}: a message is dropped", self.label);
            }
            return;
        };
        notice::guarded(|| callback(notice::buffer(&message)));
        self.put_back(callback);
    }

    pub(super) fn deliver_early(&self) {
        if self.early.lock().messages.is_empty() {
            return;
        }
        let Some(mut callback) = self.handlers.message.lock().take() else {
            return;
        };
        let early = std::mem::take(&mut *self.early.lock());
        for message in &early.messages {
            notice::guarded(|| callback(notice::buffer(message)));
        }
        self.put_back(callback);
    }

    fn put_back(&self, callback: OnMessage) {
        let mut slot = self.handlers.message.lock();
        if slot.is_none() {
            *slot = Some(callback);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: usize) -> Message {
        Message {
            data: vec![0; bytes],
            binary: true,
        }
    }

    #[test]
    fn early_messages_are_bounded_in_number_and_in_bytes() {
        let mut early = Early::default();
        assert_eq!((0..2_000).filter(|_| early.keep(message(1))).count(), EARLY);
        let mut early = Early::default();
        assert_eq!((0..100).filter(|_| early.keep(message(60_000))).count(), 17);
        assert!(early.keep(message(1)), "a small one fits still");
    }
}
