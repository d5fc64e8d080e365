use crate::audio::{Frame, SampleRate};

/// Loudness is measured over 20 ms.
const HOP: usize = 320;
/// A piece this long is cut: 28 s, within the 30 s a recogniser takes.
const MAX_PIECE: usize = 28 * 16_000;
/// The cut is made in the last 8 s of it, in the middle of the quietest 100 ms.
const CUT_WITHIN: usize = 8 * 16_000;
const CUT_HOPS: usize = 5;
/// Quiet is 26 dB below the utterance's loud parts (400 times less power), or below −60 dB of full
/// scale in any case.
const QUIET: f32 = 1.0 / 400.0;
const FLOOR: f32 = 33.0 * 33.0;
/// Silence that a guess must have heard at its end to count as whole: 100 ms.
const HEARD_SILENCE: usize = 1_600;

/// What has been said since speech began, and how loud it was.
#[derive(Default)]
pub(super) struct Utterance {
    samples: Vec<i16>,
    /// Mean power of each whole hop.
    power: Vec<f32>,
}

impl Utterance {
    pub(super) fn new(prefix: &[i16]) -> Self {
        let mut utterance = Self::default();
        utterance.push(prefix);
        utterance
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn push(&mut self, samples: &[i16]) {
        self.samples.extend_from_slice(samples);
        let measured = self.power.len() * HOP;
        self.power
            .extend(self.samples[measured..].chunks_exact(HOP).map(power));
    }

    pub(super) fn frame(&self) -> Frame {
        Frame::new(SampleRate::HZ_16000, self.samples.as_slice())
    }

    /// Whether a text of the first `length` samples is a text of it all: they end in silence, and
    /// nothing but silence came after them.
    pub(super) fn is_covered_by(&self, length: usize) -> bool {
        length >= HEARD_SILENCE && self.is_quiet_from(length - HEARD_SILENCE)
    }

    /// Whether it has just become quiet, for as long as a guess needs.
    pub(super) fn ends_in_silence(&self) -> bool {
        self.is_covered_by(self.len())
    }

    fn is_quiet_from(&self, sample: usize) -> bool {
        let quiet = self.quiet();
        let hops = self.power.iter().skip(sample / HOP);
        let rest = self.samples.chunks_exact(HOP).remainder();
        hops.chain(&[power(rest)]).all(|&power| power <= quiet)
    }

    /// The power below which it is quiet, by the loudest tenth.
    fn quiet(&self) -> f32 {
        let mut power = self.power.clone();
        let loud = power.len() * 9 / 10;
        let loud = match power.get(loud) {
            Some(_) => *power.select_nth_unstable_by(loud, f32::total_cmp).1,
            None => 0.0,
        };
        (loud * QUIET).max(FLOOR)
    }

    /// Cuts off what came after `length` samples.
    pub(super) fn split_off(&mut self, length: usize) -> Vec<i16> {
        self.power.truncate(length / HOP);
        self.samples.split_off(length)
    }

    /// Cuts off the beginning of what is too long for one piece, at a quiet spot.
    pub(super) fn cut(&mut self) -> Option<Frame> {
        if self.samples.len() < MAX_PIECE {
            return None;
        }
        let first = (MAX_PIECE - CUT_WITHIN) / HOP;
        let windows = self.power[first..]
            .windows(CUT_HOPS)
            .map(|w| w.iter().sum::<f32>());
        let quietest = windows.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
        let hop = first + quietest.map_or(0, |(n, _)| n + CUT_HOPS / 2);
        let rest = self.samples.split_off(hop * HOP);
        let piece = self.frame();
        *self = Self::new(&rest);
        Some(piece)
    }
}

fn power(samples: &[i16]) -> f32 {
    let sum: f32 = samples.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
    sum / samples.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: f32, loud: i16) -> Vec<i16> {
        let sample = |n: usize| {
            if (n / 20).is_multiple_of(2) {
                loud
            } else {
                -loud
            }
        };
        (0..(seconds * 16_000.0) as usize).map(sample).collect()
    }

    #[test]
    fn a_guess_covers_the_utterance_only_with_silence_heard_and_silence_since() {
        let mut utterance = Utterance::new(&tone(1.0, 5_000));
        assert!(!utterance.ends_in_silence());
        utterance.push(&tone(0.05, 20));
        assert!(!utterance.ends_in_silence(), "50 ms may be within a word");
        utterance.push(&tone(0.07, 20));
        assert!(utterance.ends_in_silence());
        let guess = utterance.len();
        utterance.push(&tone(0.3, 100));
        assert!(utterance.is_covered_by(guess), "-34 dB is silence here");
        utterance.push(&tone(0.05, 3_000));
        assert!(!utterance.is_covered_by(guess), "a word came after it");
    }

    #[test]
    fn what_is_too_long_is_cut_in_its_quietest_spot() {
        let mut utterance = Utterance::default();
        utterance.push(&tone(23.0, 5_000));
        assert!(utterance.cut().is_none());
        utterance.push(&tone(0.2, 10));
        utterance.push(&tone(4.9, 5_000));
        let all = utterance.len();
        let piece = utterance.cut().unwrap();
        let at = piece.duration().as_secs_f32();
        assert!((23.0..23.2).contains(&at), "cut at {at} s");
        assert_eq!(piece.samples().len() + utterance.len(), all);
    }
}
