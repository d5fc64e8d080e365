//! The received side of a track, shared by the engine, which fills it, and the streams that read it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;

use super::{
    AudioPacket,
    receive::{ReceiveStats, ReceiveStream},
    resample::Format,
    sinks::{Sink, Sinks},
};

const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
};

/// What is received of one remote track.
pub(crate) struct RemoteAudio {
    stream: Mutex<ReceiveStream>,
    sinks: Sinks,
    enabled: AtomicBool,
    ended: AtomicBool,
}

impl RemoteAudio {
    pub(crate) fn new() -> Self {
        Self {
            stream: Mutex::new(ReceiveStream::new()),
            sinks: Sinks::default(),
            enabled: AtomicBool::new(true),
            ended: AtomicBool::new(false),
        }
    }

    /// A packet came. `now` is the time since the connection's start.
    pub(crate) fn push(&self, now: Duration, packet: AudioPacket<'_>) {
        self.stream.lock().push(now, packet);
    }

    /// Plays the next 10 ms to all that hear. To be called every 10 ms while anybody does; a call
    /// that comes late is made up for by the next ones.
    pub(crate) fn tick(&self, now: Duration) {
        if !self.has_sinks() {
            return;
        }
        let mut sound = [0; 960];
        self.stream.lock().pull(now, &mut sound);
        if !self.enabled.load(Ordering::Acquire) {
            sound.fill(0);
        }
        self.sinks.deliver(&sound, FORMAT);
    }

    pub(crate) fn has_sinks(&self) -> bool {
        !self.sinks.is_empty()
    }

    pub(crate) fn add_sink(&self, sink: Arc<Sink>) {
        self.sinks.add(Arc::clone(&sink));
        if self.is_ended() {
            sink.end();
        }
    }

    pub(crate) fn remove_sink(&self, sink: &Arc<Sink>) {
        self.sinks.remove(sink);
    }

    /// Another sender takes the track over.
    pub(crate) fn reset(&self) {
        self.stream.lock().reset();
    }

    /// Nothing more will come: streams end after what they have queued.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.sinks.end();
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub(crate) const fn enabled(&self) -> &AtomicBool {
        &self.enabled
    }

    pub(crate) fn stats(&self) -> ReceiveStats {
        self.stream.lock().stats()
    }
}
