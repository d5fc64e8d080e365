//! The queue between a program that makes sound and the stream that sends it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

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
/// How far a reader may be behind the foremost one, ms; what is older it loses.
const LAG_MS: usize = 200;
/// Sources of more channels than any codec here has are cut to this many.
const MAX_CHANNELS: u32 = 24;

/// Sound that waits to be sent. As in Google's engine, up to twice the queue's size fits while a
/// capture waits for the half above it to go.
///
/// A source may be sent by several tracks: each has a [`Reader`] and gets all of the sound. The foremost
/// one sets the pace.
pub(crate) struct CaptureQueue {
    rate: u32,
    channels: u32,
    /// Samples of all channels above which a capture waits; 0 is a source that never waits.
    limit: usize,
    /// Samples of all channels that are kept for a reader that is behind.
    lag: usize,
    state: Mutex<State>,
    changed: Notify,
    sinks: Sinks,
}

/// Tells whoever sends that there is something to send.
pub(crate) type Ready = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct State {
    /// What some reader has not taken.
    samples: VecDeque<i16>,
    /// How many samples there were before them.
    begin: u64,
    /// How far some reader has ever been.
    taken: u64,
    readers: Vec<Position>,
    next: u64,
    waiting: bool,
    /// How often it was cleared.
    cleared: u64,
    /// Since when a capture waits with nobody taking anything.
    unheard: Option<Unheard>,
}

/// How far a reader is.
struct Position {
    id: u64,
    at: u64,
    /// Called when an unbuffered source has a packet's worth of sound for this one.
    ready: Option<Ready>,
}

impl State {
    fn end(&self) -> u64 {
        self.begin + self.samples.len() as u64
    }

    /// Where the foremost reader is.
    fn front(&self) -> u64 {
        let foremost = self.readers.iter().map(|reader| reader.at).max();
        foremost.unwrap_or(self.begin)
    }

    /// Samples that nobody has taken.
    fn untaken(&self) -> usize {
        (self.end() - self.front()) as usize
    }

    fn position(&mut self, id: u64) -> Option<&mut Position> {
        self.readers.iter_mut().find(|reader| reader.id == id)
    }

    /// Samples that this reader has not taken.
    fn untaken_by(&self, reader: &Position) -> usize {
        (self.end() - reader.at) as usize
    }

    /// What is before this place is heard by nobody any more.
    fn forget_before(&mut self, place: u64) {
        for reader in &mut self.readers {
            reader.at = reader.at.max(place);
        }
        let count = place.saturating_sub(self.begin) as usize;
        let count = count.min(self.samples.len());
        self.samples.drain(..count);
        self.begin += count as u64;
    }

    /// Keeps what a reader will still want, and not more of it than `lag`.
    fn trim(&mut self, lag: usize) {
        let last = self.readers.iter().map(|reader| reader.at).min();
        let oldest = self.front().saturating_sub(lag as u64);
        self.forget_before(last.unwrap_or(self.begin).max(oldest));
    }
}

impl CaptureQueue {
    pub(crate) fn new(rate: u32, channels: u32, queue_ms: u32) -> Self {
        let (rate, channels) = (rate.max(1), channels.clamp(1, MAX_CHANNELS));
        let tenths = queue_ms.div_ceil(10) as usize;
        Self {
            rate,
            channels,
            limit: tenths * (rate as usize / 100).max(1) * channels as usize,
            lag: LAG_MS * rate as usize / 1000 * channels as usize,
            state: Mutex::default(),
            changed: Notify::new(),
            sinks: Sinks::default(),
        }
    }

    /// One more who takes all of the sound, from what the foremost one has not taken on.
    pub(crate) fn reader(self: &Arc<Self>) -> Reader {
        let mut state = self.state.lock();
        let (id, at) = (state.next, state.front());
        state.next += 1;
        state.readers.push(Position {
            id,
            at,
            ready: None,
        });
        drop(state);
        Reader {
            queue: Arc::clone(self),
            id,
        }
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
        let end = state.end();
        state.forget_before(end);
        state.cleared += 1;
        drop(state);
        self.changed.notify_waiters();
    }

    /// How many samples of all channels wait.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.state.lock().untaken()
    }

    /// How many are held, also for who is behind.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.state.lock().samples.len()
    }

    fn take(&self, id: u64, count: usize, out: &mut Vec<i16>) {
        let mut state = self.state.lock();
        state.unheard = None;
        let begin = state.begin;
        let Some(reader) = state.position(id) else {
            return;
        };
        let from = (reader.at - begin) as usize;
        let to = (from + count).min(state.samples.len());
        out.extend(state.samples.range(from..to));
        let at = begin + to as u64;
        state.taken = state.taken.max(at);
        if let Some(reader) = state.position(id) {
            reader.at = at;
        }
        state.trim(self.lag);
        let wake = state.waiting && state.untaken() <= self.limit;
        drop(state);
        if wake {
            self.changed.notify_waiters();
        }
    }

    fn leave(&self, id: u64) {
        let mut state = self.state.lock();
        state.readers.retain(|reader| reader.id != id);
        if state.readers.is_empty() {
            // What was sent by somebody is not sent again by the next.
            let taken = state.taken;
            state.forget_before(taken);
        }
        state.trim(self.lag);
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
        let oldest = state.end().saturating_sub(most as u64);
        state.forget_before(oldest);
        let has_packet = |reader: &&Position| state.untaken_by(reader) >= self.packet();
        let ready: Vec<Ready> = state
            .readers
            .iter()
            .filter(has_packet)
            .filter_map(|reader| reader.ready.clone())
            .collect();
        drop(state);
        ready.iter().for_each(|ready| ready());
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
            if state.untaken() + part.len() > 2 * self.limit {
                return Err(RtcError::state(
                    "failed to capture frame: the queue is full",
                ));
            }
            state.samples.extend(part);
            if state.untaken() <= self.limit {
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
                if state.untaken() <= self.limit {
                    return Passed::Queued;
                }
            }
            let _ = timeout(LOOK, changed).await;
        }
    }
}

/// One who takes all the sound of a source.
pub(crate) struct Reader {
    queue: Arc<CaptureQueue>,
    id: u64,
}

impl Reader {
    pub(crate) fn queue(&self) -> &CaptureQueue {
        &self.queue
    }

    /// Moves up to `count` samples into `out` and lets a waiting capture go on.
    pub(crate) fn take(&self, count: usize, out: &mut Vec<i16>) {
        self.queue.take(self.id, count, out);
    }

    /// How many samples of all channels wait for this one.
    pub(crate) fn len(&self) -> usize {
        let state = self.queue.state.lock();
        let mut own = state.readers.iter().filter(|reader| reader.id == self.id);
        own.next().map_or(0, |reader| state.untaken_by(reader))
    }

    /// Whether 20 ms wait.
    pub(crate) fn has_packet(&self) -> bool {
        self.len() >= self.queue.packet()
    }

    /// Calls this when an unbuffered source has 20 ms for this one.
    pub(crate) fn on_ready(&self, ready: Ready) {
        if let Some(reader) = self.queue.state.lock().position(self.id) {
            reader.ready = Some(ready);
        }
    }

    /// Whether it is the one by whom others hear what is sent.
    pub(crate) fn is_first(&self) -> bool {
        let state = self.queue.state.lock();
        state
            .readers
            .first()
            .is_some_and(|first| first.id == self.id)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.queue.leave(self.id);
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
        let passed = self.front() + (now * channels as usize) as u64;
        self.forget_before(passed.min(self.end()));
    }
}
