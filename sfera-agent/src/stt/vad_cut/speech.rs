use super::{super::Transcript, utterance::Utterance};
use crate::audio::Frame;

/// New audio after which the text so far is guessed again: 0.7 s.
const GUESS_EVERY: usize = 11_200;
/// Speech that begins again within 0.2 s after its end was told is the same utterance. With the
/// VAD's 0.25 s that is a pause of 0.45 s, and the 0.5 s that end a turn are not made longer.
const REJOIN: usize = 3_200;
/// Only utterances up to 6 s go on so: longer ones have words enough to be understood by.
const REJOINED: usize = 96_000;

/// The utterance being spoken.
pub(super) struct Speech {
    pub(super) utterance: Utterance,
    /// Its length when speech ended, while it may still go on.
    pub(super) ended: Option<usize>,
    /// Its length when it was guessed last.
    pub(super) guessed_at: usize,
    /// The last guess and the samples it is of.
    pub(super) guess: Option<(usize, Transcript)>,
}

impl Speech {
    /// Speech begins; `prefix` came before it was noticed.
    pub(super) fn new(prefix: &[i16]) -> Self {
        Self {
            utterance: Utterance::new(prefix),
            ended: None,
            guessed_at: prefix.len(),
            guess: None,
        }
    }

    /// Whether it has ended and will not go on.
    pub(super) fn is_over(&self) -> bool {
        let since = |ended| self.utterance.len() - ended;
        self.ended
            .is_some_and(|ended| ended > REJOINED || since(ended) >= REJOIN)
    }

    /// Whether a text of the first `length` samples is a text of all that was said.
    pub(super) fn is_covered_by(&self, length: usize) -> bool {
        self.ended.is_some_and(|ended| length >= ended) || self.utterance.is_covered_by(length)
    }

    /// Whether it is time to guess the text so far.
    pub(super) fn wants_a_guess(&self) -> bool {
        if let Some(ended) = self.ended {
            let known = self.guess.as_ref().map(|(length, _)| *length);
            return self.guessed_at < ended && !known.is_some_and(|len| self.is_covered_by(len));
        }
        let new = self.utterance.len().saturating_sub(self.guessed_at);
        let covered = self.utterance.is_covered_by(self.guessed_at);
        !covered && (new >= GUESS_EVERY || new > 0 && self.utterance.ends_in_silence())
    }

    /// Cuts off the beginning of what is too long for one piece.
    pub(super) fn cut(&mut self) -> Option<Frame> {
        let piece = self.utterance.cut()?;
        self.guessed_at = 0;
        self.guess = None;
        Some(piece)
    }
}
