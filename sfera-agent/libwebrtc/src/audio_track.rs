//! A track of sound.

use std::{
    fmt::{self, Debug, Formatter},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

pub(crate) use crate::audio::RemoteAudio;
use crate::{
    audio::Sink, audio_source::native::NativeAudioSource, media_stream_track::RtcTrackState,
};

/// A track of sound, sent or received. Clones are the same track.
#[derive(Clone)]
pub struct RtcAudioTrack {
    shared: Arc<Shared>,
}

struct Shared {
    id: Mutex<String>,
    end: End,
}

/// Which end of the way this is.
enum End {
    Local {
        source: Option<NativeAudioSource>,
        enabled: AtomicBool,
    },
    Remote(Arc<RemoteAudio>),
}

impl RtcAudioTrack {
    /// A track that is sent. Without a source it is silence.
    pub(crate) fn local(id: String, source: Option<NativeAudioSource>) -> Self {
        let enabled = AtomicBool::new(true);
        Self::new(id, End::Local { source, enabled })
    }

    /// A track that is received.
    pub(crate) fn remote(id: String) -> Self {
        Self::new(id, End::Remote(Arc::new(RemoteAudio::new())))
    }

    fn new(id: String, end: End) -> Self {
        let id = Mutex::new(id);
        Self {
            shared: Arc::new(Shared { id, end }),
        }
    }

    /// The track's id.
    pub fn id(&self) -> String {
        self.shared.id.lock().clone()
    }

    pub(crate) fn set_id(&self, id: String) {
        *self.shared.id.lock() = id;
    }

    /// Whether the track's sound is let through.
    pub fn enabled(&self) -> bool {
        self.switch().load(Ordering::Acquire)
    }

    /// Lets the sound through, or silence in its place. Answers whether that changed anything.
    pub fn set_enabled(&self, enabled: bool) -> bool {
        self.switch().swap(enabled, Ordering::AcqRel) != enabled
    }

    fn switch(&self) -> &AtomicBool {
        match &self.shared.end {
            End::Local { enabled, .. } => enabled,
            End::Remote(audio) => audio.enabled(),
        }
    }

    /// Whether more may come of the track.
    pub fn state(&self) -> RtcTrackState {
        match &self.shared.end {
            End::Remote(audio) if audio.is_ended() => RtcTrackState::Ended,
            _ => RtcTrackState::Live,
        }
    }

    /// What is received, where this is received.
    pub(crate) fn remote_audio(&self) -> Option<Arc<RemoteAudio>> {
        match &self.shared.end {
            End::Remote(audio) => Some(Arc::clone(audio)),
            End::Local { .. } => None,
        }
    }

    /// What is sent, where this is sent.
    pub(crate) fn source(&self) -> Option<NativeAudioSource> {
        match &self.shared.end {
            End::Local { source, .. } => source.clone(),
            End::Remote(_) => None,
        }
    }

    pub(crate) fn add_sink(&self, sink: Arc<Sink>) {
        match &self.shared.end {
            End::Remote(audio) => audio.add_sink(sink),
            End::Local {
                source: Some(source),
                ..
            } => source.queue().sinks().add(sink),
            End::Local { source: None, .. } => sink.end(),
        }
    }

    pub(crate) fn remove_sink(&self, sink: &Arc<Sink>) {
        match &self.shared.end {
            End::Remote(audio) => audio.remove_sink(sink),
            End::Local {
                source: Some(source),
                ..
            } => source.queue().sinks().remove(sink),
            End::Local { source: None, .. } => {}
        }
    }
}

impl Debug for RtcAudioTrack {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcAudioTrack")
            .field("id", &self.id())
            .field("enabled", &self.enabled())
            .field("state", &self.state())
            .finish()
    }
}
