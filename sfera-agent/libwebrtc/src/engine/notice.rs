//! What a connection tells its owner, in the order in which it happened.
//!
//! Notices are put down under the engine's lock and delivered by the driver without it, so a callback
//! may call anything.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;

use super::{channel::Channel, transceiver::Transceiver};
use crate::{
    data_channel::{DataBuffer, DataChannel, DataChannelState},
    ice_candidate::IceCandidate,
    peer_connection::{
        IceCandidateError, IceConnectionState, IceGatheringState, OnConnectionChange,
        OnDataChannel, OnIceCandidate, OnIceCandidateError, OnIceConnectionChange,
        OnIceGatheringChange, OnNegotiationNeeded, OnSignalingChange, OnTrack, PeerConnectionState,
        SignalingState, TrackEvent,
    },
    rtp_transceiver::RtpTransceiver,
};

pub(crate) enum Notice {
    Connection(PeerConnectionState),
    Ice(IceConnectionState),
    Gathering(IceGatheringState),
    Signaling(SignalingState),
    NegotiationNeeded,
    Candidate(IceCandidate),
    CandidateError(IceCandidateError),
    Track(Arc<Transceiver>),
    Channel(Arc<Channel>),
    ChannelState(Arc<Channel>, DataChannelState),
    /// Bytes that left the channel's buffer.
    Sent(Arc<Channel>, u64),
    Message(Arc<Channel>, Message),
    /// The owner of a channel can hear now.
    Listening(Arc<Channel>),
}

pub(crate) struct Message {
    pub data: Vec<u8>,
    pub binary: bool,
}

type Slot<F> = Mutex<Option<F>>;

#[derive(Default)]
pub(crate) struct Handlers {
    pub connection: Slot<OnConnectionChange>,
    pub channel: Slot<OnDataChannel>,
    pub candidate: Slot<OnIceCandidate>,
    pub candidate_error: Slot<OnIceCandidateError>,
    pub ice: Slot<OnIceConnectionChange>,
    pub gathering: Slot<OnIceGatheringChange>,
    pub negotiation: Slot<OnNegotiationNeeded>,
    pub signaling: Slot<OnSignalingChange>,
    pub track: Slot<OnTrack>,
}

impl Handlers {
    pub(crate) fn deliver(&self, notice: Notice) {
        match notice {
            Notice::Connection(state) => call(&self.connection, state),
            Notice::Ice(state) => call(&self.ice, state),
            Notice::Gathering(state) => call(&self.gathering, state),
            Notice::Signaling(state) => call(&self.signaling, state),
            Notice::NegotiationNeeded => call(&self.negotiation, 0),
            Notice::Candidate(candidate) => call(&self.candidate, candidate),
            Notice::CandidateError(error) => call(&self.candidate_error, error),
            Notice::Track(transceiver) => call(&self.track, track_event(transceiver)),
            Notice::Channel(channel) => call(&self.channel, DataChannel { channel }),
            Notice::ChannelState(channel, state) => call(&channel.handlers.state, state),
            Notice::Sent(channel, bytes) => call(&channel.handlers.buffered, bytes),
            Notice::Message(channel, message) => channel.deliver(message),
            Notice::Listening(channel) => channel.deliver_early(),
        }
    }

    /// Lets go of what the callbacks hold, which may be the connection itself.
    pub(crate) fn clear(&self) {
        *self.connection.lock() = None;
        *self.channel.lock() = None;
        *self.candidate.lock() = None;
        *self.candidate_error.lock() = None;
        *self.ice.lock() = None;
        *self.gathering.lock() = None;
        *self.negotiation.lock() = None;
        *self.signaling.lock() = None;
        *self.track.lock() = None;
    }
}

fn track_event(transceiver: Arc<Transceiver>) -> TrackEvent {
    let transceiver = RtpTransceiver { transceiver };
    TrackEvent {
        receiver: transceiver.receiver(),
        streams: transceiver.transceiver.streams(),
        track: transceiver.transceiver.received_track(),
        transceiver,
    }
}

/// Calls a callback outside of its lock, so that it may replace or remove itself.
pub(super) fn call<T>(slot: &Slot<Box<dyn FnMut(T) + Send + Sync>>, value: T) {
    let Some(mut callback) = slot.lock().take() else {
        return;
    };
    guarded(|| callback(value));
    let mut slot = slot.lock();
    if slot.is_none() {
        *slot = Some(callback);
    }
}

/// Runs somebody else's code. Where it panics, that is its owner's fault and not the end of the
/// connection: the callback stays, and the next one is called.
pub(super) fn guarded(call: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
        log::error!("a callback panicked: {}", said(&*panic));
    }
}

/// What a panic says.
pub(super) fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no word")
}

pub(super) fn buffer(message: &Message) -> DataBuffer<'_> {
    DataBuffer {
        data: &message.data,
        binary: message.binary,
    }
}
