//! Puts what was recorded before in front of live sound. A plain struct over time.

use super::Prelude;
use crate::audio::SampleRate;
use std::{collections::VecDeque, time::Duration};
use tokio::time::Instant;

/// Recordings kept for tracks that are not heard yet.
const EARLY: usize = 4;
/// Tracks whose beginning is remembered.
const BEGUN: usize = 16;

/// Holds live sound back while a recording is awaited.
#[derive(Debug)]
pub(in super::super) struct Splice {
    rate: SampleRate,
    wait: Duration,
    max_age: Duration,
    early: VecDeque<Prelude>,
    waiting: Option<Waiting>,
    /// Tracks that began to be heard. After a reconnection the same track begins again, still said to
    /// be recorded: what was before it is in the past by then.
    begun: VecDeque<String>,
}

#[derive(Debug)]
struct Waiting {
    track: String,
    until: Instant,
    held: Vec<i16>,
}

impl Splice {
    pub(in super::super) const fn new(rate: SampleRate, wait: Duration, max_age: Duration) -> Self {
        Self {
            rate,
            wait,
            max_age,
            early: VecDeque::new(),
            waiting: None,
            begun: VecDeque::new(),
        }
    }

    /// A track begins to be heard that was recorded before. Gives what comes before its live sound;
    /// nothing if it began once already.
    pub(in super::super) fn begin(&mut self, track: &str, now: Instant) -> Vec<i16> {
        if self.has_begun(track) {
            return Vec::new();
        }
        self.remember(track);
        let known = self.early.iter().position(|prelude| prelude.track == track);
        if let Some(prelude) = known.and_then(|at| self.early.remove(at)) {
            let age = now.saturating_duration_since(prelude.arrived);
            if age <= self.max_age {
                return prelude.samples;
            }
            tracing::warn!(
                ?age,
                "what was said before the agent came is too old by now"
            );
            return Vec::new();
        }
        self.waiting = Some(Waiting {
            track: track.to_owned(),
            until: now + self.wait,
            held: Vec::new(),
        });
        Vec::new()
    }

    fn has_begun(&self, track: &str) -> bool {
        self.begun.iter().any(|known| known == track)
    }

    fn remember(&mut self, track: &str) {
        if self.begun.len() == BEGUN {
            self.begun.pop_front();
        }
        self.begun.push_back(track.to_owned());
    }

    /// No track is heard any more.
    pub(in super::super) fn end(&mut self) -> Vec<i16> {
        self.waiting
            .take()
            .map_or_else(Vec::new, |waiting| waiting.held)
    }

    /// Live sound; whatever may be heard now is appended to `out`.
    pub(in super::super) fn live(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        match &mut self.waiting {
            Some(waiting) => waiting.held.extend_from_slice(samples),
            None => out.extend_from_slice(samples),
        }
    }

    /// A recording came. Gives what may be heard now.
    pub(in super::super) fn recorded(&mut self, prelude: Prelude) -> Vec<i16> {
        let Some(waiting) = self
            .waiting
            .take_if(|waiting| waiting.track == prelude.track)
        else {
            self.keep(prelude);
            return Vec::new();
        };
        let mut samples = prelude.samples;
        let end = recorded_twice(&samples, &waiting.held, self.rate).unwrap_or(samples.len());
        samples.truncate(end);
        samples.extend_from_slice(&waiting.held);
        samples
    }

    /// Keeps a recording for a track that is to come. One that was waited for in vain would be heard
    /// after what was said later.
    fn keep(&mut self, prelude: Prelude) {
        if self.has_begun(&prelude.track) {
            return;
        }
        if self.early.len() == EARLY {
            self.early.pop_front();
        }
        self.early.push_back(prelude);
    }

    /// When [`Splice::tick`] is due.
    pub(in super::super) fn deadline(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|waiting| waiting.until)
    }

    /// Time passed: a recording that did not come is not waited for any longer.
    pub(in super::super) fn tick(&mut self, now: Instant) -> Vec<i16> {
        match self.waiting.take_if(|waiting| now >= waiting.until) {
            Some(waiting) => {
                tracing::warn!("what was said before the agent came did not arrive in time");
                waiting.held
            }
            None => Vec::new(),
        }
    }
}

/// Every fourth sample is compared: at 16 kHz that leaves what is below 2 kHz, the most of a voice.
const STEP: usize = 4;
/// The piece of live sound that is looked for.
const PIECE: Duration = Duration::from_millis(100);
/// How far back from its end the recording may overlap.
const OVERLAP: Duration = Duration::from_secs(1);
/// Mean square above which live sound is worth comparing: about −46 dBFS.
const LOUD: i64 = 160 * 160;
/// Correlation from which two pieces are the same sound, once recorded and once sent.
const SAME: f64 = 0.8;

/// Where in the recording the live sound begins, if its beginning was recorded too.
fn recorded_twice(recording: &[i16], live: &[i16], rate: SampleRate) -> Option<usize> {
    let piece = rate.samples(PIECE) as usize / STEP;
    let thin = |samples: &[i16]| -> Vec<i64> {
        let mean = |part: &[i16]| part.iter().copied().map(i64::from).sum::<i64>() / STEP as i64;
        samples.chunks_exact(STEP).map(mean).collect()
    };
    let begin = recording
        .len()
        .saturating_sub(rate.samples(OVERLAP) as usize);
    let (recorded, live) = (thin(recording.get(begin..)?), thin(live));
    let energy = |part: &[i64]| part.iter().map(|sample| sample * sample).sum::<i64>();
    let loud = |part: &[i64]| energy(part) > LOUD * piece as i64;
    let at = live.chunks_exact(piece.max(1)).position(loud)? * piece;
    let wanted = live.get(at..at + piece)?;
    let alike = |part: &[i64]| {
        let product: i64 = part.iter().zip(wanted).map(|(a, b)| a * b).sum();
        product as f64
            / ((energy(part) as f64) * (energy(wanted) as f64))
                .sqrt()
                .max(1.0)
    };
    let (best, likeness) = recorded
        .windows(piece.max(1))
        .map(alike)
        .enumerate()
        .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (likeness >= SAME).then(|| (begin + best * STEP).saturating_sub(at * STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_16000;
    const WAIT: Duration = Duration::from_secs(3);
    const AGE: Duration = Duration::from_secs(1);

    /// Sound that is nowhere like itself: a sweep with a wandering loudness.
    fn speech(from: usize, to: usize) -> Vec<i16> {
        (from..to)
            .map(|n| {
                let t = n as f64 / 16_000.0;
                let loudness = 4_000.0 + 3_000.0 * (t * 7.0).sin();
                (loudness * (t * (300.0 + 170.0 * t) * std::f64::consts::TAU).sin()) as i16
            })
            .collect()
    }

    fn splice() -> Splice {
        Splice::new(RATE, WAIT, AGE)
    }

    fn prelude(samples: Vec<i16>, arrived: Instant) -> Prelude {
        Prelude {
            track: "TR_1".into(),
            samples,
            arrived,
        }
    }

    fn live(splice: &mut Splice, samples: &[i16]) -> Vec<i16> {
        let mut out = Vec::new();
        splice.live(samples, &mut out);
        out
    }

    #[tokio::test]
    async fn the_recording_comes_first_and_the_live_sound_that_was_held_follows() {
        let (mut splice, now) = (splice(), Instant::now());
        assert!(splice.begin("TR_1", now).is_empty());
        assert!(live(&mut splice, &speech(20_000, 24_000)).is_empty());
        let heard = splice.recorded(prelude(speech(0, 16_000), now));
        assert_eq!(heard[..16_000], speech(0, 16_000));
        assert_eq!(heard[16_000..], speech(20_000, 24_000));
        assert_eq!(live(&mut splice, &[7, 8]), [7, 8]);
        assert_eq!(splice.deadline(), None);
    }

    #[tokio::test]
    async fn what_was_recorded_and_also_heard_live_is_heard_once() {
        let (mut splice, now) = (splice(), Instant::now());
        splice.begin("TR_1", now);
        // Live sound begins with what a jitter buffer gives before the first packet.
        live(&mut splice, &[0; 3_200]);
        live(&mut splice, &speech(12_000, 20_000));
        let heard = splice.recorded(prelude(speech(0, 16_000), now));
        let gap = heard.len().abs_diff(20_000);
        assert!(gap <= STEP, "{} samples", heard.len());
        assert_eq!(heard[heard.len() - 8_000..], speech(12_000, 20_000));
    }

    #[tokio::test]
    async fn a_recording_that_came_before_the_track_is_used_while_it_is_fresh() {
        for (age, expected) in [(AGE / 2, 100), (AGE * 2, 0)] {
            let (mut splice, now) = (splice(), Instant::now());
            assert!(splice.recorded(prelude(vec![1; 100], now)).is_empty());
            assert_eq!(splice.begin("TR_1", now + age).len(), expected);
            assert_eq!(live(&mut splice, &[5]), [5], "nothing is waited for");
        }
    }

    #[tokio::test]
    async fn a_recording_that_does_not_come_is_not_waited_for_for_ever() {
        let (mut splice, now) = (splice(), Instant::now());
        splice.begin("TR_1", now);
        live(&mut splice, &[3; 320]);
        assert!(splice.tick(now + WAIT / 2).is_empty());
        assert_eq!(splice.tick(now + WAIT), [3; 320]);
        assert_eq!(live(&mut splice, &[5]), [5]);
    }

    #[tokio::test]
    async fn a_track_that_begins_again_after_a_reconnection_is_not_held_back() {
        let (mut splice, now) = (splice(), Instant::now());
        splice.begin("TR_1", now);
        splice.recorded(prelude(vec![1; 100], now));
        assert!(splice.end().is_empty());
        assert!(splice.begin("TR_1", now + WAIT).is_empty());
        assert_eq!(live(&mut splice, &[5]), [5]);
        assert_eq!(splice.deadline(), None);
    }

    #[tokio::test]
    async fn a_recording_that_came_too_late_is_never_heard() {
        let (mut splice, now) = (splice(), Instant::now());
        splice.begin("TR_1", now);
        splice.tick(now + WAIT);
        assert!(
            splice
                .recorded(prelude(vec![1; 100], now + WAIT))
                .is_empty()
        );
        assert!(splice.begin("TR_1", now + WAIT).is_empty());
        assert_eq!(live(&mut splice, &[5]), [5]);
    }

    #[tokio::test]
    async fn a_recording_of_another_track_is_kept_for_it_and_old_ones_are_forgotten() {
        let (mut splice, now) = (splice(), Instant::now());
        splice.begin("TR_2", now);
        assert!(splice.recorded(prelude(vec![1; 10], now)).is_empty());
        assert!(splice.deadline().is_some());
        for _ in 0..10 {
            splice.recorded(Prelude {
                track: "TR_3".into(),
                samples: vec![],
                arrived: now,
            });
        }
        assert_eq!(splice.early.len(), EARLY);
        for number in 0..100 {
            splice.begin(&format!("TR_{number}"), now);
        }
        assert_eq!(splice.begun.len(), BEGUN);
    }
}
