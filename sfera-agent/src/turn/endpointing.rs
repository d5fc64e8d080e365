//! How long a silence ends the user's turn.

use super::{Endpointing, EndpointingMode, words::words};
use crate::Language;
use std::time::Duration;

/// Says whether a text sounds like a finished turn.
///
/// # Contract
/// Pure and quick: the same text always gets the same answer, or replays of a recording differ.
///
/// ```
/// use sfera_agent::turn::EndOfTurn;
///
/// /// Only a full stop or a question mark ends a turn.
/// struct Punctuation;
///
/// impl EndOfTurn for Punctuation {
///     fn sounds_complete(&self, text: &str) -> bool {
///         text.trim_end().ends_with(['.', '?', '!'])
///     }
/// }
/// assert!(Punctuation.sounds_complete("Какая погода?"));
/// ```
pub trait EndOfTurn: Send {
    /// Whether nothing seems to be missing at the end of `text`.
    fn sounds_complete(&self, text: &str) -> bool;
}

/// The default [`EndOfTurn`]: a text is unfinished if it ends in a word that needs another one after
/// it («и», «потому что», "with", "um"), a comma or a dash.
#[derive(Clone, Copy, Debug)]
pub struct TrailingWords(pub Language);

const RU: &[&str] = &[
    "и",
    "а",
    "но",
    "или",
    "либо",
    "что",
    "чтобы",
    "если",
    "когда",
    "потому",
    "поэтому",
    "который",
    "которая",
    "которые",
    "как",
    "в",
    "во",
    "на",
    "с",
    "со",
    "по",
    "к",
    "ко",
    "для",
    "от",
    "до",
    "из",
    "у",
    "о",
    "об",
    "про",
    "при",
    "без",
    "за",
    "над",
    "под",
    "между",
    "через",
    "мой",
    "моя",
    "мое",
    "мои",
    "э",
    "ээ",
    "эээ",
    "ну",
    "то",
    "есть",
    "например",
    "типа",
    "очень",
    "самый",
];
const EN: &[&str] = &[
    "and", "or", "but", "because", "so", "if", "when", "that", "which", "the", "a", "an", "to",
    "of", "in", "on", "at", "with", "for", "from", "about", "my", "your", "is", "are", "was", "um",
    "uh", "er", "like", "very", "than", "i'm", "let's",
];

impl EndOfTurn for TrailingWords {
    fn sounds_complete(&self, text: &str) -> bool {
        let trimmed = text.trim_end();
        if trimmed.ends_with([',', ':', ';', '-', '–', '—']) {
            return false;
        }
        let unfinished = match self.0 {
            Language::Ru => RU,
            Language::En => EN,
        };
        // A question mark outweighs the last word: «Ты за?»
        trimmed.ends_with('?')
            || words(trimmed)
                .last()
                .is_none_or(|word| !unfinished.contains(&word.as_str()))
    }
}

/// Follows the speaker's pauses and says how long to wait.
#[derive(Debug)]
pub(super) struct Endpointer {
    options: Endpointing,
    pause: f64,
}

impl Endpointer {
    /// Weight of the past in the moving average (livekit-agents' dynamic endpointing).
    const ALPHA: f64 = 0.9;

    pub(super) fn new(options: Endpointing) -> Self {
        let pause = options.min_delay.as_secs_f64();
        Self { options, pause }
    }

    /// The user went on after this silence: it did not end the turn.
    pub(super) fn observe_pause(&mut self, pause: Duration) {
        if pause <= self.options.max_delay {
            self.pause = Self::ALPHA * self.pause + (1.0 - Self::ALPHA) * pause.as_secs_f64();
        }
    }

    /// Silence that ends the turn.
    pub(super) fn delay(&self, complete: bool) -> Duration {
        let Endpointing {
            min_delay,
            max_delay,
            mode,
            ..
        } = self.options;
        match (complete, mode) {
            (false, _) => max_delay.max(min_delay),
            (true, EndpointingMode::Fixed) => min_delay,
            (true, EndpointingMode::Dynamic) => Duration::try_from_secs_f64(self.pause)
                .unwrap_or(min_delay)
                .clamp(min_delay, max_delay.max(min_delay)),
        }
    }

    pub(super) const fn final_timeout(&self) -> Duration {
        self.options.final_timeout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_conjunction_is_unfinished() {
        let ru = TrailingWords(Language::Ru);
        assert!(ru.sounds_complete("Расскажи о рисках."));
        assert!(!ru.sounds_complete("Расскажи о рисках и"));
        assert!(!ru.sounds_complete("Во-первых,"));
        assert!(ru.sounds_complete("Ты за?"));
        assert!(!TrailingWords(Language::En).sounds_complete("I want to"));
    }

    #[test]
    fn the_dynamic_delay_follows_pauses_within_its_bounds() {
        let options = Endpointing {
            mode: EndpointingMode::Dynamic,
            ..Endpointing::default()
        };
        let mut endpointer = Endpointer::new(options.clone());
        assert_eq!(endpointer.delay(true), options.min_delay);
        for _ in 0..50 {
            endpointer.observe_pause(Duration::from_secs(2));
        }
        let delay = endpointer.delay(true);
        assert!(
            delay > Duration::from_millis(1_900) && delay <= Duration::from_secs(2),
            "{delay:?}"
        );
        assert_eq!(endpointer.delay(false), options.max_delay);
    }
}
