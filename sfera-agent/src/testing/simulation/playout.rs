use crate::{
    audio::SampleRate,
    turn::{PlayedTo, SegmentId, Time},
};
use std::{collections::VecDeque, time::Duration};

/// Simulated sound has 20 samples a millisecond, so that every sample has a whole number of µs.
pub(super) const SAMPLES_PER_MS: u64 = 20;
const SAMPLE_MICROS: u64 = 1_000 / SAMPLES_PER_MS;

/// The rate of simulated sound.
pub(super) fn playout_rate() -> SampleRate {
    SampleRate::new(SAMPLES_PER_MS as u32 * 1_000).unwrap_or(SampleRate::HZ_24000)
}

/// Samples between two reports of progress: 200 ms.
const PROGRESS: u64 = 200 * SAMPLES_PER_MS;

/// Samples that were audible just now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) segment: SegmentId,
    pub(super) from: u64,
    pub(super) to: u64,
}

/// What playout tells the machine unasked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Report {
    Started(SegmentId),
    Progress(PlayedTo),
    Played(SegmentId),
}

/// A loudspeaker with a queue of segments and a playhead.
#[derive(Debug, Default)]
pub(super) struct Playout {
    queue: VecDeque<Queued>,
    paused: bool,
    /// Up to when sound was played, or there was none to play.
    at: Time,
    /// Samples lost by every resume; a planted bug.
    pub(super) lost_by_resume: u64,
}

#[derive(Debug)]
struct Queued {
    segment: SegmentId,
    played: u64,
    synthesized: u64,
    complete: bool,
    started: bool,
    reported: u64,
}

impl Queued {
    const fn at(&self) -> PlayedTo {
        PlayedTo {
            segment: self.segment,
            played: self.played,
            synthesized: self.synthesized,
            complete: self.complete,
        }
    }

    const fn report_due(&self) -> bool {
        let starts = !self.started && self.synthesized > 0;
        let ends = self.complete && self.played == self.synthesized;
        starts || ends || (self.played.is_multiple_of(PROGRESS) && self.reported < self.played)
    }
}

impl Playout {
    pub(super) fn enqueue(&mut self, segment: SegmentId) {
        self.queue.push_back(Queued {
            segment,
            played: 0,
            synthesized: 0,
            complete: false,
            started: false,
            reported: 0,
        });
    }

    /// Sound for a segment; of one that was cleared away it is dropped.
    pub(super) fn push(&mut self, segment: SegmentId, samples: u64) {
        if let Some(queued) = self.find(segment) {
            queued.synthesized += samples;
        }
    }

    pub(super) fn complete(&mut self, segment: SegmentId) {
        if let Some(queued) = self.find(segment) {
            queued.complete = true;
        }
    }

    fn find(&mut self, segment: SegmentId) -> Option<&mut Queued> {
        self.queue.iter_mut().find(|q| q.segment == segment)
    }

    pub(super) const fn pause(&mut self) {
        self.paused = true;
    }

    pub(super) fn resume(&mut self) {
        self.paused = false;
        if let Some(front) = self.queue.front_mut() {
            front.played = (front.played + self.lost_by_resume).min(front.synthesized);
        }
    }

    pub(super) fn clear(&mut self) -> Option<PlayedTo> {
        self.paused = false;
        let at = self.queue.front().map(Queued::at);
        self.queue.clear();
        at
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// When it next has something to report.
    pub(super) fn due(&self) -> Option<Time> {
        let front = self.queue.front().filter(|_| !self.paused)?;
        if front.report_due() {
            return Some(self.at);
        }
        let next = front
            .synthesized
            .min((front.played / PROGRESS + 1) * PROGRESS);
        let samples = next - front.played;
        (samples > 0).then(|| self.at + Duration::from_micros(samples * SAMPLE_MICROS))
    }

    /// Plays until `to`, which is no later than [`Playout::due`].
    pub(super) fn advance(&mut self, to: Time) -> Option<Heard> {
        let micros = to.since(self.at).as_micros() as u64;
        let playing = self.queue.front_mut().filter(|_| !self.paused);
        let Some(front) = playing.filter(|f| f.played < f.synthesized) else {
            self.at = to;
            return None;
        };
        let from = front.played;
        front.played = front.synthesized.min(from + micros / SAMPLE_MICROS);
        let (segment, to) = (front.segment, front.played);
        self.at = self.at + Duration::from_micros((to - from) * SAMPLE_MICROS);
        (to > from).then_some(Heard { segment, from, to })
    }

    /// The next thing to report at this moment.
    pub(super) fn report(&mut self) -> Option<Report> {
        let front = self.queue.front_mut().filter(|_| !self.paused)?;
        if !front.report_due() {
            return None;
        }
        if !front.started && front.synthesized > 0 {
            front.started = true;
            return Some(Report::Started(front.segment));
        }
        if front.complete && front.played == front.synthesized {
            let segment = front.segment;
            self.queue.pop_front();
            return Some(Report::Played(segment));
        }
        front.reported = front.played;
        Some(Report::Progress(front.at()))
    }
}
