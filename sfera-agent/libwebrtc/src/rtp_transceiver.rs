//! A media section of a connection: what is sent and what is received in it.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use crate::{
    RtcError,
    engine::transceiver::Transceiver,
    rtp_parameters::{RtpCodecCapability, RtpEncodingParameters},
    rtp_receiver::RtpReceiver,
    rtp_sender::RtpSender,
};

/// How a section begins.
#[derive(Debug, Clone)]
pub struct RtpTransceiverInit {
    /// What it is for.
    pub direction: RtpTransceiverDirection,
    /// Names of the streams the sent track belongs to.
    pub stream_ids: Vec<String>,
    /// For sound, the first one's `max_bitrate` counts.
    pub send_encodings: Vec<RtpEncodingParameters>,
}

/// Which way media goes.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum RtpTransceiverDirection {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
    Stopped,
}

/// A section; clones are the same one.
#[derive(Clone)]
pub struct RtpTransceiver {
    pub(crate) transceiver: Arc<Transceiver>,
}

impl RtpTransceiver {
    /// Its name in the SDP, once it has been offered.
    pub fn mid(&self) -> Option<String> {
        self.transceiver.mid_name()
    }

    /// What both sides agreed on.
    pub fn current_direction(&self) -> Option<RtpTransceiverDirection> {
        self.transceiver.current_direction()
    }

    /// What this side wants.
    pub fn direction(&self) -> RtpTransceiverDirection {
        self.transceiver.wanted_direction()
    }

    /// What is sent.
    pub fn sender(&self) -> RtpSender {
        RtpSender {
            transceiver: self.transceiver.clone(),
        }
    }

    /// What is received.
    pub fn receiver(&self) -> RtpReceiver {
        RtpReceiver {
            transceiver: self.transceiver.clone(),
        }
    }

    /// Sound is always Opus here, so there is no order to prefer.
    ///
    /// # Errors
    /// The list has codecs, and Opus is not among them.
    pub fn set_codec_preferences(&self, codecs: Vec<RtpCodecCapability>) -> Result<(), RtcError> {
        self.transceiver.check_codecs(&codecs)
    }

    /// Sends and receives no more, from the next offer on.
    ///
    /// # Errors
    /// None.
    pub fn stop(&self) -> Result<(), RtcError> {
        self.transceiver.stop();
        Ok(())
    }
}

impl Debug for RtpTransceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpTransceiver")
            .field("mid", &self.mid())
            .field("direction", &self.direction())
            .finish()
    }
}
