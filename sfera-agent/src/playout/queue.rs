//! The segments and the playhead.

use super::Cleared;
use crate::{
    audio::SampleRate,
    turn::{PlayedTo, SegmentId},
};
use std::{collections::VecDeque, time::Duration};

/// What the playhead did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayoutEvent {
    /// The first sample of a segment was played.
    Started(SegmentId),
    /// The playhead is here.
    Progress(PlayedTo),
    /// The last sample of a segment was played.
    Played(SegmentId),
}

#[derive(Debug)]
struct Segment {
    id: SegmentId,
    written: u64,
    played: u64,
    complete: bool,
}

/// Samples of all segments in one ring, and where each segment's end.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) paused: bool,
    capacity: usize,
    samples: VecDeque<i16>,
    segments: VecDeque<Segment>,
    /// Bounded: two events a segment, and segments come only from the session that takes them.
    events: Vec<PlayoutEvent>,
    step: u64,
    since_progress: u64,
}

impl Queue {
    /// How often the playhead is told.
    const PROGRESS: Duration = Duration::from_millis(100);

    pub(super) fn new(rate: SampleRate, capacity: usize) -> Self {
        Self {
            paused: false,
            capacity,
            samples: VecDeque::new(),
            segments: VecDeque::new(),
            events: Vec::new(),
            step: rate.samples(Self::PROGRESS),
            since_progress: 0,
        }
    }

    pub(super) fn queued(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn open(&mut self, id: SegmentId) {
        // A segment opened behind one that never ended would otherwise never be reached.
        if let Some(last) = self.segments.back_mut() {
            last.complete = true;
        }
        self.segments.push_back(Segment {
            id,
            written: 0,
            played: 0,
            complete: false,
        });
    }

    pub(super) fn write(&mut self, id: SegmentId, samples: &[i16]) -> Result<usize, Cleared> {
        let room = self.capacity - self.samples.len().min(self.capacity);
        let open = |segment: &&mut Segment| segment.id == id && !segment.complete;
        let segment = self.segments.back_mut().filter(open).ok_or(Cleared)?;
        let taken = samples.len().min(room);
        self.samples.extend(&samples[..taken]);
        segment.written += taken as u64;
        Ok(taken)
    }

    pub(super) fn finish(&mut self, id: SegmentId) -> u64 {
        let Some(segment) = self.segments.iter_mut().find(|s| s.id == id) else {
            return 0;
        };
        segment.complete = true;
        let written = segment.written;
        self.end_segments();
        written
    }

    pub(super) fn clear(&mut self) -> Option<PlayedTo> {
        let at = self.segments.front().map(at);
        self.samples.clear();
        self.segments.clear();
        self.paused = false;
        self.since_progress = 0;
        at
    }

    /// Copies what is to be heard now, and zeros where there is nothing. Says whether there is
    /// something to tell.
    pub(super) fn read(&mut self, out: &mut [i16]) -> bool {
        let told = self.events.len();
        let mut filled = 0;
        while !self.paused && filled < out.len() {
            self.end_segments();
            let Some(segment) = self.segments.front_mut() else {
                break;
            };
            let left = (segment.written - segment.played) as usize;
            let n = left.min(out.len() - filled);
            if n == 0 {
                break;
            }
            if segment.played == 0 {
                self.events.push(PlayoutEvent::Started(segment.id));
            }
            segment.played += n as u64;
            self.since_progress += n as u64;
            for (sample, queued) in out[filled..filled + n]
                .iter_mut()
                .zip(self.samples.drain(..n))
            {
                *sample = queued;
            }
            filled += n;
        }
        out[filled..].fill(0);
        self.end_segments();
        self.events.len() > told || self.since_progress >= self.step
    }

    pub(super) fn take_events(&mut self) -> Vec<PlayoutEvent> {
        let mut events = std::mem::take(&mut self.events);
        if self.since_progress > 0 {
            self.since_progress = 0;
            events.extend(self.segments.front().map(|s| PlayoutEvent::Progress(at(s))));
        }
        events
    }

    fn end_segments(&mut self) {
        while let Some(segment) = self.segments.front()
            && segment.complete
            && segment.played == segment.written
            && !self.paused
        {
            if segment.written == 0 {
                self.events.push(PlayoutEvent::Started(segment.id));
            }
            self.events.push(PlayoutEvent::Played(segment.id));
            self.segments.pop_front();
        }
    }
}

fn at(segment: &Segment) -> PlayedTo {
    PlayedTo {
        segment: segment.id,
        played: segment.played,
        synthesized: segment.written,
        complete: segment.complete,
    }
}
