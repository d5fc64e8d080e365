//! What is received in a media section.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use crate::{
    RtcError, engine::transceiver::Transceiver, media_stream::MediaStream,
    media_stream_track::MediaStreamTrack, rtp_parameters::RtpParameters, stats::RtcStats,
};

/// The receiving half of a media section; clones are the same one.
#[derive(Clone)]
pub struct RtpReceiver {
    pub(crate) transceiver: Arc<Transceiver>,
}

impl RtpReceiver {
    /// What comes.
    pub fn track(&self) -> Option<MediaStreamTrack> {
        Some(self.transceiver.received_track())
    }

    /// The peer's names of the streams it belongs to.
    pub fn stream_ids(&self) -> Vec<String> {
        self.transceiver.stream_ids()
    }

    /// The streams it belongs to.
    pub fn streams(&self) -> Vec<MediaStream> {
        self.transceiver.streams()
    }

    /// Figures of what came; empty before the first second of a connection.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn get_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        self.transceiver.receiver_stats()
    }

    /// Codec.
    pub fn parameters(&self) -> RtpParameters {
        self.transceiver.receiver_parameters()
    }
}

impl Debug for RtpReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpReceiver")
            .field("track", &self.track())
            .finish()
    }
}
