//! A connection to a peer.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use crate::{
    MediaType, RtcError,
    data_channel::{DataChannel, DataChannelInit},
    engine::Engine,
    ice_candidate::IceCandidate,
    media_stream::MediaStream,
    media_stream_track::MediaStreamTrack,
    peer_connection_factory::RtcConfiguration,
    rtp_receiver::RtpReceiver,
    rtp_sender::RtpSender,
    rtp_transceiver::{RtpTransceiver, RtpTransceiverDirection, RtpTransceiverInit},
    session_description::SessionDescription,
    stats::RtcStats,
};

/// How a connection is.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum PeerConnectionState {
    New,
    Connecting,
    Connected,
    Disconnected,
    Failed,
    Closed,
}

/// How its ICE is.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum IceConnectionState {
    New,
    Checking,
    Connected,
    Completed,
    Failed,
    Disconnected,
    Closed,
    Max,
}

/// How far it is with its own candidates.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum IceGatheringState {
    New,
    Gathering,
    Complete,
}

/// Whose turn it is in offer and answer.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum SignalingState {
    Stable,
    HaveLocalOffer,
    HaveLocalPrAnswer,
    HaveRemoteOffer,
    HaveRemotePrAnswer,
    Closed,
}

/// What an offer is for.
#[derive(Debug, Clone, Default)]
pub struct OfferOptions {
    /// New ICE credentials and candidates.
    pub ice_restart: bool,
    /// Not looked at: add a transceiver.
    pub offer_to_receive_audio: bool,
    /// Not looked at.
    pub offer_to_receive_video: bool,
}

/// What an answer is for.
#[derive(Debug, Clone, Default)]
pub struct AnswerOptions {}

/// Limits for an estimator of bandwidth, in bit/s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub struct BitrateSettings {
    pub min_bitrate_bps: Option<u64>,
    pub start_bitrate_bps: Option<u64>,
    pub max_bitrate_bps: Option<u64>,
}

/// A STUN or TURN server that did not help.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct IceCandidateError {
    pub address: String,
    pub port: i32,
    pub url: String,
    pub error_code: i32,
    pub error_text: String,
}

/// The peer began to send something.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct TrackEvent {
    pub receiver: RtpReceiver,
    pub streams: Vec<MediaStream>,
    pub track: MediaStreamTrack,
    pub transceiver: RtpTransceiver,
}

/// Hears of [`PeerConnectionState`].
pub type OnConnectionChange = Box<dyn FnMut(PeerConnectionState) + Send + Sync>;
/// Hears of channels the peer opened.
pub type OnDataChannel = Box<dyn FnMut(DataChannel) + Send + Sync>;
/// Hears of own candidates.
pub type OnIceCandidate = Box<dyn FnMut(IceCandidate) + Send + Sync>;
/// Hears of servers that did not help.
pub type OnIceCandidateError = Box<dyn FnMut(IceCandidateError) + Send + Sync>;
/// Hears of [`IceConnectionState`].
pub type OnIceConnectionChange = Box<dyn FnMut(IceConnectionState) + Send + Sync>;
/// Hears of [`IceGatheringState`].
pub type OnIceGatheringChange = Box<dyn FnMut(IceGatheringState) + Send + Sync>;
/// Hears that a new offer is needed.
pub type OnNegotiationNeeded = Box<dyn FnMut(u32) + Send + Sync>;
/// Hears of [`SignalingState`].
pub type OnSignalingChange = Box<dyn FnMut(SignalingState) + Send + Sync>;
/// Hears of tracks the peer began to send.
pub type OnTrack = Box<dyn FnMut(TrackEvent) + Send + Sync>;

/// A connection; clones are the same one, and it is closed with the last of them.
///
/// Callbacks run one after another on the engine's I/O runtime, never within a call of this type;
/// they must not block. All calls are done at once; what is `async` is so for the API's sake.
#[derive(Clone)]
pub struct PeerConnection {
    owner: Arc<Owner>,
}

struct Owner {
    engine: Arc<Engine>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.engine.close();
    }
}

impl PeerConnection {
    pub(crate) fn new(config: RtcConfiguration) -> Result<Self, RtcError> {
        crate::native::frame_cryptor::refuse_where_wanted()?;
        Ok(Self {
            owner: Arc::new(Owner {
                engine: Engine::start(config)?,
            }),
        })
    }

    fn engine(&self) -> &Arc<Engine> {
        &self.owner.engine
    }

    /// Other servers or credentials: who was not asked with them is asked at once.
    ///
    /// # Errors
    /// The connection is closed.
    pub fn set_configuration(&self, config: RtcConfiguration) -> Result<(), RtcError> {
        self.engine().set_configuration(config)
    }

    /// Checked, and of no effect: there is no estimator here, and sound has a bitrate per sender.
    ///
    /// # Errors
    /// Limits that contradict each other; a closed connection.
    pub fn set_bitrate(&self, settings: BitrateSettings) -> Result<(), RtcError> {
        self.engine().check_bitrate(settings)
    }

    /// An offer of everything that was added. It takes the place of one that was made before and not
    /// set.
    ///
    /// # Errors
    /// Nothing was added, another offer is out, or the connection is closed.
    pub async fn create_offer(
        &self,
        options: OfferOptions,
    ) -> Result<SessionDescription, RtcError> {
        self.engine().create_offer(&options)
    }

    /// An answer to the offer that was set.
    ///
    /// # Errors
    /// No offer was set.
    pub async fn create_answer(
        &self,
        _options: AnswerOptions,
    ) -> Result<SessionDescription, RtcError> {
        self.engine().create_answer()
    }

    /// Takes an own description for settled. What was changed in its text since it was made is kept
    /// for [`current_local_description`](Self::current_local_description), and has no other effect.
    ///
    /// # Errors
    /// It was not made here, there is no offer that it answers or takes back, or the connection is
    /// closed.
    pub async fn set_local_description(
        &self,
        description: SessionDescription,
    ) -> Result<(), RtcError> {
        self.engine().set_local_description(description)
    }

    /// Applies the peer's description. One that was applied before, while an own offer is out, takes
    /// that offer back.
    ///
    /// # Errors
    /// It can't be understood, does not fit the offer, or answers none.
    pub async fn set_remote_description(
        &self,
        description: SessionDescription,
    ) -> Result<(), RtcError> {
        self.engine().set_remote_description(description)
    }

    /// Another address of the peer.
    ///
    /// # Errors
    /// It can't be understood.
    pub async fn add_ice_candidate(&self, candidate: IceCandidate) -> Result<(), RtcError> {
        self.engine().add_remote_candidate(&candidate)
    }

    /// Opens a channel, or prepares to where none was negotiated yet.
    ///
    /// # Errors
    /// The connection is closed, or a stream of that number is in use.
    pub fn create_data_channel(
        &self,
        label: &str,
        init: DataChannelInit,
    ) -> Result<DataChannel, RtcError> {
        let channel = self.engine().create_channel(label, init)?;
        Ok(DataChannel { channel })
    }

    /// Sends a track, from the next offer on.
    ///
    /// # Errors
    /// A track of video or of a rate that can't be resampled, or a closed connection.
    pub fn add_track<T: AsRef<str>>(
        &self,
        track: MediaStreamTrack,
        streams_ids: &[T],
    ) -> Result<RtpSender, RtcError> {
        let init = RtpTransceiverInit {
            direction: RtpTransceiverDirection::SendRecv,
            stream_ids: streams_ids
                .iter()
                .map(|id| id.as_ref().to_owned())
                .collect(),
            send_encodings: Vec::new(),
        };
        Ok(self.add_transceiver(track, init)?.sender())
    }

    /// Sends a track no more, from now on.
    ///
    /// # Errors
    /// A closed connection.
    pub fn remove_track(&self, sender: RtpSender) -> Result<(), RtcError> {
        self.engine().check_open()?;
        sender.transceiver.remove_sent_track();
        Ok(())
    }

    /// Figures of the connection, once a second new.
    ///
    /// # Errors
    /// None.
    pub async fn get_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        Ok(self.engine().report())
    }

    /// A media section for a track.
    ///
    /// # Errors
    /// A track of video or of a rate that can't be resampled, or a closed connection.
    pub fn add_transceiver(
        &self,
        track: MediaStreamTrack,
        init: RtpTransceiverInit,
    ) -> Result<RtpTransceiver, RtcError> {
        let transceiver = self
            .engine()
            .add_transceiver(MediaType::Audio, Some(track), init)?;
        Ok(RtpTransceiver { transceiver })
    }

    /// A media section without a track, to receive. A section of video can be negotiated, so that
    /// peers who have video can be met; nothing comes of it.
    ///
    /// # Errors
    /// Neither audio nor video, or a closed connection.
    pub fn add_transceiver_for_media(
        &self,
        media_type: MediaType,
        init: RtpTransceiverInit,
    ) -> Result<RtpTransceiver, RtcError> {
        let transceiver = self.engine().add_transceiver(media_type, None, init)?;
        Ok(RtpTransceiver { transceiver })
    }

    /// Ends the connection and tells the peer. Tracks end, channels close.
    pub fn close(&self) {
        self.engine().close();
    }

    /// The next offer restarts ICE.
    pub fn restart_ice(&self) {
        self.engine().want_ice_restart();
    }

    /// How it is.
    pub fn connection_state(&self) -> PeerConnectionState {
        self.engine().connection_state()
    }

    /// How its ICE is.
    pub fn ice_connection_state(&self) -> IceConnectionState {
        self.engine().ice_state()
    }

    /// How far it is with own candidates.
    pub fn ice_gathering_state(&self) -> IceGatheringState {
        self.engine().gathering_state()
    }

    /// Whose turn it is.
    pub fn signaling_state(&self) -> SignalingState {
        self.engine().signaling_state()
    }

    /// The own description in use.
    pub fn current_local_description(&self) -> Option<SessionDescription> {
        self.engine().current_local()
    }

    /// The peer's description in use.
    pub fn current_remote_description(&self) -> Option<SessionDescription> {
        self.engine().current_remote()
    }

    /// All senders.
    pub fn senders(&self) -> Vec<RtpSender> {
        self.transceivers()
            .iter()
            .map(RtpTransceiver::sender)
            .collect()
    }

    /// All receivers.
    pub fn receivers(&self) -> Vec<RtpReceiver> {
        self.transceivers()
            .iter()
            .map(RtpTransceiver::receiver)
            .collect()
    }

    /// All media sections.
    pub fn transceivers(&self) -> Vec<RtpTransceiver> {
        let wrap = |transceiver| RtpTransceiver { transceiver };
        self.engine().transceivers().into_iter().map(wrap).collect()
    }

    /// Sets or removes a callback.
    pub fn on_connection_state_change(&self, f: Option<OnConnectionChange>) {
        *self.engine().handlers.connection.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_data_channel(&self, f: Option<OnDataChannel>) {
        *self.engine().handlers.channel.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_ice_candidate(&self, f: Option<OnIceCandidate>) {
        *self.engine().handlers.candidate.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_ice_candidate_error(&self, f: Option<OnIceCandidateError>) {
        *self.engine().handlers.candidate_error.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_ice_connection_state_change(&self, f: Option<OnIceConnectionChange>) {
        *self.engine().handlers.ice.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_ice_gathering_state_change(&self, f: Option<OnIceGatheringChange>) {
        *self.engine().handlers.gathering.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_negotiation_needed(&self, f: Option<OnNegotiationNeeded>) {
        *self.engine().handlers.negotiation.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_signaling_state_change(&self, f: Option<OnSignalingChange>) {
        *self.engine().handlers.signaling.lock() = f;
    }

    /// Sets or removes a callback.
    pub fn on_track(&self, f: Option<OnTrack>) {
        *self.engine().handlers.track.lock() = f;
    }
}

impl Debug for PeerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerConnection")
            .field("state", &self.connection_state())
            .field("ice_state", &self.ice_connection_state())
            .finish()
    }
}
