//! When a message that grows is shown anew: a plain struct over time.

use crate::state::Millis;

/// Between two edits of a message at least: Telegram allows about one message a second in a chat.
const PAUSE: Millis = 1_100;
/// The first words are shown at once, then more at a time: (so much was shown, so much must be new).
const STEPS: [(usize, usize); 4] = [(0, 1), (50, 15), (300, 45), (usize::MAX, 90)];
/// In a group Telegram allows some twenty messages a minute, of everybody's answers together.
const GROUP_PAUSE: Millis = 5_000;
const GROUP_STEPS: [(usize, usize); 3] = [(0, 50), (300, 120), (usize::MAX, 180)];

/// What of an answer is shown.
#[derive(Debug, Default)]
pub struct Drafting {
    shown: usize,
    next: Millis,
    is_group: bool,
}

impl Drafting {
    /// For an answer in a private chat or a group.
    pub fn new(is_group: bool) -> Self {
        Self {
            is_group,
            ..Self::default()
        }
    }

    /// Whether a text of so many characters is worth another edit.
    pub fn is_due(&self, length: usize, now: Millis) -> bool {
        let steps = match self.is_group {
            true => &GROUP_STEPS[..],
            false => &STEPS[..],
        };
        let step = steps.iter().find(|(shown, _)| self.shown <= *shown);
        let enough = step.map_or(usize::MAX, |(_, new)| *new);
        now >= self.next && length >= self.shown + enough
    }

    /// So much is shown now.
    pub fn shown(&mut self, length: usize, now: Millis) {
        let pause = match self.is_group {
            true => GROUP_PAUSE,
            false => PAUSE,
        };
        (self.shown, self.next) = (length, now + pause);
    }

    /// Telegram wants to be left alone until then.
    pub fn rest(&mut self, until: Millis) {
        self.next = self.next.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_shown_at_once_and_later_ones_in_larger_steps() {
        let mut drafting = Drafting::default();
        assert!(!drafting.is_due(0, 0) && drafting.is_due(1, 0));
        drafting.shown(10, 0);
        assert!(!drafting.is_due(100, PAUSE - 1), "not so soon");
        assert!(!drafting.is_due(24, PAUSE) && drafting.is_due(25, PAUSE));
        drafting.shown(1_000, PAUSE);
        assert!(!drafting.is_due(1_089, 2 * PAUSE) && drafting.is_due(1_090, 2 * PAUSE));
        drafting.rest(10 * PAUSE);
        assert!(!drafting.is_due(9_000, 9 * PAUSE));
    }

    #[test]
    fn in_a_group_less_is_shown_and_more_seldom() {
        let mut drafting = Drafting::new(true);
        assert!(!drafting.is_due(49, 0) && drafting.is_due(50, 0));
        drafting.shown(50, 0);
        assert!(!drafting.is_due(170, GROUP_PAUSE - 1));
        assert!(!drafting.is_due(169, GROUP_PAUSE) && drafting.is_due(170, GROUP_PAUSE));
    }
}
