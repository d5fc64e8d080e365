//! Audio and data of WebRTC in Rust, with the API that the `livekit` crate expects of a crate with this
//! name: str0m for ICE, DTLS, SRTP and SCTP, libopus for sound. See README.md for how to put it under
//! `livekit`, what works and what does not.
//!
//! The public modules are the facade, whose signatures are given by libwebrtc 0.3.55. Behind it:
//! `engine` (a connection: its state, its sockets, its negotiation) and `audio` (what happens to sound
//! before it becomes packets and after).

mod audio;
mod engine;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod macros;

pub mod audio_frame;
pub mod audio_source;
pub mod audio_stream;
pub mod audio_track;
pub mod data_channel;
pub mod ice_candidate;
pub mod media_stream;
pub mod media_stream_track;
pub mod native;
pub mod peer_connection;
pub mod peer_connection_factory;
pub mod prelude;
pub mod rtp_parameters;
pub mod rtp_receiver;
pub mod rtp_sender;
pub mod rtp_transceiver;
pub mod session_description;
#[cfg(any(test, feature = "test-util"))]
pub mod simulation;
pub mod stats;
pub mod video_source;
pub mod video_track;

use thiserror::Error;

/// What a media section carries.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "they say themselves")]
pub enum MediaType {
    Audio,
    Video,
    Data,
    Unsupported,
}

/// Whose fault an error is.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum RtcErrorType {
    /// The engine's, or the machine's.
    Internal,
    /// A description or a candidate that can't be used.
    InvalidSdp,
    /// A call that is not possible now, or not at all.
    InvalidState,
}

/// Why something could not be done.
#[derive(Error, Debug)]
#[error("{message}")]
pub struct RtcError {
    /// Whose fault it is.
    pub error_type: RtcErrorType,
    /// What happened.
    pub message: String,
}

impl RtcError {
    pub(crate) fn internal(message: impl ToString) -> Self {
        Self {
            error_type: RtcErrorType::Internal,
            message: message.to_string(),
        }
    }

    pub(crate) fn sdp(message: impl ToString) -> Self {
        Self {
            error_type: RtcErrorType::InvalidSdp,
            message: message.to_string(),
        }
    }

    pub(crate) fn state(message: impl ToString) -> Self {
        Self {
            error_type: RtcErrorType::InvalidState,
            message: message.to_string(),
        }
    }
}
