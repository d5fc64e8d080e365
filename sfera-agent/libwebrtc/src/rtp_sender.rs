//! What is sent in a media section.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use crate::{
    RtcError, engine::transceiver::Transceiver, media_stream_track::MediaStreamTrack,
    rtp_parameters::RtpParameters, stats::RtcStats,
};

/// What would encode video, which this engine does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum VideoEncoderBackend {
    #[default]
    Auto,
    Software,
    Hardware,
    Nvenc,
    Vaapi,
    VideoToolbox,
    PreEncoded,
}

impl VideoEncoderBackend {
    /// None: no video is encoded here.
    pub fn list_available() -> impl IntoIterator<Item = VideoEncoderBackend> {
        []
    }
}

/// The sending half of a media section; clones are the same one.
#[derive(Clone)]
pub struct RtpSender {
    pub(crate) transceiver: Arc<Transceiver>,
}

impl RtpSender {
    /// What it sends.
    pub fn track(&self) -> Option<MediaStreamTrack> {
        self.transceiver.sent_track()
    }

    /// Figures of what was sent; empty before the first second of a connection.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn get_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        self.transceiver.sender_stats()
    }

    /// Sends something else, or nothing, without a new offer.
    ///
    /// # Errors
    /// A track of video, or of a rate that can't be resampled.
    pub fn set_track(&self, track: Option<MediaStreamTrack>) -> Result<(), RtcError> {
        self.transceiver.set_sent_track(track)
    }

    /// Codec and encodings.
    pub fn parameters(&self) -> RtpParameters {
        self.transceiver.sender_parameters()
    }

    /// Sets the encodings; `active` and `max_bitrate` of the first take effect within 20 ms.
    ///
    /// # Errors
    /// None.
    pub fn set_parameters(&self, parameters: RtpParameters) -> Result<(), RtcError> {
        self.transceiver.set_sender_parameters(parameters);
        Ok(())
    }

    /// Nothing to choose: no video is encoded here.
    pub fn set_video_encoder_backend(&self, _backend: VideoEncoderBackend) {}
}

impl Debug for RtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpSender")
            .field("track", &self.track())
            .finish()
    }
}
