//! A track of video, known by name only: this engine carries none.

use std::{
    fmt::{self, Debug},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

use crate::{media_stream_track::RtcTrackState, native::packet_trailer::PacketTrailerHandler};

/// A video track that the peer has, or that a program wants to send; the latter is refused when it is
/// added to a connection.
#[derive(Clone)]
pub struct RtcVideoTrack {
    inner: Arc<Inner>,
}

struct Inner {
    id: Mutex<String>,
    enabled: AtomicBool,
    trailer: Mutex<Option<PacketTrailerHandler>>,
}

impl RtcVideoTrack {
    pub(crate) fn new(id: String) -> Self {
        Self {
            inner: Arc::new(Inner {
                id: Mutex::new(id),
                enabled: AtomicBool::new(true),
                trailer: Mutex::new(None),
            }),
        }
    }

    /// The name the peer gave it.
    pub fn id(&self) -> String {
        self.inner.id.lock().clone()
    }

    pub(crate) fn set_id(&self, id: String) {
        *self.inner.id.lock() = id;
    }

    /// Whether it is switched on.
    pub fn enabled(&self) -> bool {
        self.inner.enabled.load(Ordering::Relaxed)
    }

    /// Switches it; true where that changed something.
    pub fn set_enabled(&self, enabled: bool) -> bool {
        self.inner.enabled.swap(enabled, Ordering::Relaxed) != enabled
    }

    /// Nothing ever comes of it.
    pub fn state(&self) -> RtcTrackState {
        RtcTrackState::Ended
    }

    /// Kept and given back.
    pub fn set_packet_trailer_handler(&self, handler: PacketTrailerHandler) {
        *self.inner.trailer.lock() = Some(handler);
    }

    /// What was set.
    pub fn packet_trailer_handler(&self) -> Option<PacketTrailerHandler> {
        self.inner.trailer.lock().clone()
    }
}

impl Debug for RtcVideoTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcVideoTrack")
            .field("id", &self.id())
            .finish()
    }
}
