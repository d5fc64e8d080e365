//! The queue between a program that makes sound and the stream that sends it.

use std::{collections::VecDeque, time::Duration};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::sinks::Sinks;
use crate::{RtcError, audio_frame::AudioFrame};

/// How long sound may lie without being taken before it counts as unheard.
const UNHEARD_AFTER: Duration = Duration::from_millis(100);
/// How often a waiting capture looks whether anybody takes sound.
const LOOK: Duration = Duration::from_millis(20);
/// What an unbuffered source holds at most, ms: it is to be filled at the pace of time, and this is
/// how far that may waver.
const DIRECT_MS: usize = 100;
/// Sources of more channels than any codec here has are cut to this many.
const MAX_CHANNELS: u32 = 24;

/// Sound that waits to be sent. As in Google's engine, up to twice the queue's size fits while a
/// capture waits for the half above it to go.
pub(crate) struct CaptureQueue {
    rate: u32,
    channels: u32,
    /// Samples of all channels above which a capture waits; 0 is a source that never waits.
    limit: usize,
    state: Mutex<State>,
    changed: Notify,
    sinks: Sinks,
    /// Called when an unbuffered source has a packet's worth of sound.
    ready: Mutex<Option<Ready>>,
}

/// Tells whoever sends that there is something to send.
pub(crate) type Ready = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct State {
    samples: VecDeque<i16>,
    waiting: bool,
    /// How often it was cleared.
    cleared: u64,
    /// Since when a capture waits with nobody taking anything.
    unheard: Option<Unheard>,
}

impl CaptureQueue {
    pub(crate) fn new(rate: u32, channels: u32, queue_ms: u32) -> Self {
        let (rate, channels) = (rate.max(1), channels.clamp(1, MAX_CHANNELS));
        let tenths = queue_ms.div_ceil(10) as usize;
        Self {
            rate,
            channels,
            limit: tenths * (rate as usize / 100).max(1) * channels as usize,
            state: Mutex::default(),
            changed: Notify::new(),
            sinks: Sinks::default(),
            ready: Mutex::new(None),
        }
    }

    /// Who is told when an unbuffered source has 20 ms: one at a time, the latest.
    pub(crate) fn on_ready(&self, ready: Ready) {
        *self.ready.lock() = Some(ready);
    }

    /// Whether 20 ms wait.
    pub(crate) fn has_packet(&self) -> bool {
        self.len() >= self.packet()
    }

    /// Samples of all channels in 20 ms.
    const fn packet(&self) -> usize {
        self.rate as usize / 50 * self.channels as usize
    }

    pub(crate) const fn sample_rate(&self) -> u32 {
        self.rate
    }

    pub(crate) const fn num_channels(&self) -> u32 {
        self.channels
    }

    /// Whether frames go through at once, at the pace of their maker.
    pub(crate) const fn is_direct(&self) -> bool {
        self.limit == 0
    }

    /// Who else hears the sound as it is sent.
    pub(crate) const fn sinks(&self) -> &Sinks {
        &self.sinks
    }

    pub(crate) fn clear(&self) {
        let mut state = self.state.lock();
        state.samples.clear();
        state.cleared += 1;
        drop(state);
        self.changed.notify_waiters();
    }

    /// How many samples of all channels wait.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().samples.len()
    }

    /// Moves up to `count` samples into `out` and lets a waiting capture go on.
    pub(crate) fn take(&self, count: usize, out: &mut Vec<i16>) {
        let mut state = self.state.lock();
        state.unheard = None;
        let count = count.min(state.samples.len());
        out.extend(state.samples.drain(..count));
        let wake = state.waiting && state.samples.len() <= self.limit;
        drop(state);
        if wake {
            self.changed.notify_waiters();
        }
    }

    pub(crate) async fn capture(&self, frame: &AudioFrame<'_>) -> Result<(), RtcError> {
        if (self.rate, self.channels) != (frame.sample_rate, frame.num_channels) {
            return Err(RtcError::state(format!(
                "sample_rate and num_channels don't match: the source has {} Hz and {}, the frame {} Hz and {}",
                self.rate, self.channels, frame.sample_rate, frame.num_channels
            )));
        }
        if !frame.data.len().is_multiple_of(self.channels as usize) {
            return Err(RtcError::state(
                "frame.data length not divisible by channel count",
            ));
        }
        if self.is_direct() {
            return self.capture_directly(frame);
        }
        for part in frame.data.chunks(self.limit) {
            if self.capture_part(part).await? == Passed::Cleared {
                break;
            }
        }
        Ok(())
    }

    fn capture_directly(&self, frame: &AudioFrame<'_>) -> Result<(), RtcError> {
        let expected = (self.rate / 100) as usize;
        let frames = frame.data.len() / self.channels as usize;
        if frames != expected {
            return Err(RtcError::state(format!(
                "direct capture requires 10ms frames: got {frames} frames, expected {expected}"
            )));
        }
        let most = DIRECT_MS * self.rate as usize / 1000 * self.channels as usize;
        let mut state = self.state.lock();
        state.samples.extend(frame.data.iter());
        let over = state.samples.len().saturating_sub(most);
        state.samples.drain(..over);
        let is_packet = state.samples.len() >= self.packet();
        drop(state);
        if is_packet && let Some(ready) = &*self.ready.lock() {
            ready();
        }
        Ok(())
    }

    async fn capture_part(&self, part: &[i16]) -> Result<Passed, RtcError> {
        let cleared = {
            let mut state = self.state.lock();
            if state.waiting {
                return Err(RtcError::state(
                    "failed to capture frame: another capture of this source still waits",
                ));
            }
            if state.samples.len() + part.len() > 2 * self.limit {
                return Err(RtcError::state(
                    "failed to capture frame: the queue is full",
                ));
            }
            state.samples.extend(part);
            if state.samples.len() <= self.limit {
                return Ok(Passed::Queued);
            }
            state.waiting = true;
            state.cleared
        };
        let _waiting = Waiting(&self.state);
        Ok(self.wait(cleared).await)
    }

    /// Until the queue is no longer above its limit, or is cleared once more.
    async fn wait(&self, cleared: u64) -> Passed {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = self.state.lock();
                state.let_pass(self.rate, self.channels);
                if state.cleared != cleared {
                    return Passed::Cleared;
                }
                if state.samples.len() <= self.limit {
                    return Passed::Queued;
                }
            }
            let _ = timeout(LOOK, changed).await;
        }
    }
}

#[derive(PartialEq, Eq)]
enum Passed {
    Queued,
    Cleared,
}

/// Ends a wait, also where its future is dropped.
struct Waiting<'a>(&'a Mutex<State>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting = false;
    }
}

/// Sound that nobody takes: a track may be unpublished, or its connection lost, and the maker of the
/// sound should not hang.
struct Unheard {
    since: Instant,
    /// Samples of one channel that already passed since then.
    passed: usize,
}

impl State {
    /// Drops what would have been heard by now, where nobody takes anything.
    fn let_pass(&mut self, rate: u32, channels: u32) {
        let unheard = self.unheard.get_or_insert_with(|| Unheard {
            since: Instant::now(),
            passed: 0,
        });
        let samples = |time: Duration| (time.as_micros() * u128::from(rate) / 1_000_000) as usize;
        let due = samples(unheard.since.elapsed().saturating_sub(UNHEARD_AFTER));
        // Not more than the last two looks: what was not there could not be heard.
        let now = due.saturating_sub(unheard.passed).min(samples(2 * LOOK));
        unheard.passed = due;
        let count = (now * channels as usize).min(self.samples.len());
        self.samples.drain(..count);
    }
}
