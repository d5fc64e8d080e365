//! What the user hears: a bounded queue of segments with a playhead that can be paused, resumed from
//! the same sample, and cleared.
//!
//! The session holds the [`Playout`]; a sound card, a file or a room pulls samples from the
//! [`PlayoutReader`]. Both share one short lock: the reader never waits for anything else.

mod queue;
mod reader;

pub use queue::PlayoutEvent;
pub use reader::PlayoutReader;

use crate::{
    audio::SampleRate,
    turn::{PlayedTo, SegmentId},
};
use queue::Queue;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// The session's side of playout.
///
/// ```
/// use sfera_agent::{audio::SampleRate, playout::Playout, turn::SegmentId};
///
/// let (playout, mut speaker) = Playout::new(SampleRate::HZ_16000);
/// playout.open(SegmentId(1));
/// assert_eq!(playout.try_write(SegmentId(1), &[1, 2, 3]), Ok(3));
/// playout.finish(SegmentId(1));
///
/// let mut heard = [0; 4];
/// speaker.read(&mut heard);
/// assert_eq!(heard, [1, 2, 3, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Playout {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    rate: SampleRate,
    queue: Mutex<Queue>,
    /// The reader moved: there may be events and room.
    moved: Notify,
    /// A writer may go on.
    room: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is consistent between any two statements that can panic.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The segment was cleared; nothing more of it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the segment is no longer wanted")]
pub struct Cleared;

impl Playout {
    /// Sound waiting to be played, at most.
    pub const CAPACITY: Duration = Duration::from_secs(4);

    /// An empty playout whose reader pulls samples at `rate`.
    #[must_use]
    pub fn new(rate: SampleRate) -> (Self, PlayoutReader) {
        let queue = Queue::new(rate, rate.samples(Self::CAPACITY) as usize);
        let shared = Arc::new(Shared {
            rate,
            queue: Mutex::new(queue),
            moved: Notify::new(),
            room: Notify::new(),
        });
        (
            Self {
                shared: shared.clone(),
            },
            PlayoutReader::new(shared),
        )
    }

    /// Rate of all samples, in and out.
    #[must_use]
    pub fn rate(&self) -> SampleRate {
        self.shared.rate
    }

    /// Puts a segment behind all others; its samples follow.
    pub fn open(&self, segment: SegmentId) {
        self.shared.lock().open(segment);
    }

    /// Takes as many samples of an open segment as there is room for, and says how many.
    ///
    /// # Errors
    /// [`Cleared`] if the segment is not open.
    pub fn try_write(&self, segment: SegmentId, samples: &[i16]) -> Result<usize, Cleared> {
        self.shared.lock().write(segment, samples)
    }

    /// Takes all samples, waiting for room. Dropping the future leaves a part of them written.
    ///
    /// # Errors
    /// [`Cleared`] if the segment is not open, or was cleared while waiting.
    pub async fn write(&self, segment: SegmentId, mut samples: &[i16]) -> Result<(), Cleared> {
        loop {
            let room = self.shared.room.notified();
            let taken = self.try_write(segment, samples)?;
            samples = &samples[taken..];
            if samples.is_empty() {
                return Ok(());
            }
            room.await;
        }
    }

    /// No more samples of the segment come. Gives its whole length; 0 if it was cleared.
    pub fn finish(&self, segment: SegmentId) -> u64 {
        let length = self.shared.lock().finish(segment);
        self.shared.moved.notify_one();
        length
    }

    /// Stops the sound and keeps the queue.
    pub fn pause(&self) {
        self.shared.lock().paused = true;
    }

    /// Goes on from the very next sample.
    pub fn resume(&self) {
        self.shared.lock().paused = false;
    }

    /// Drops everything and says how far it was heard. Playout is not paused afterwards.
    #[must_use]
    pub fn clear(&self) -> Option<PlayedTo> {
        let at = self.shared.lock().clear();
        self.shared.room.notify_waiters();
        at
    }

    /// Waits until the playhead moved by about 100 ms, or a segment began or ended. Dropping the
    /// future loses nothing.
    pub async fn moved(&self) {
        self.shared.moved.notified().await;
    }

    /// What happened since the last call, in order.
    #[must_use]
    pub fn take_events(&self) -> Vec<PlayoutEvent> {
        self.shared.lock().take_events()
    }

    /// Samples waiting to be played.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.shared.lock().queued()
    }
}

#[cfg(test)]
mod tests;
