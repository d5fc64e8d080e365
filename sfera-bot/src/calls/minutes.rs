//! What follows from how much of a day's voice is left.

use crate::state::Millis;

/// So long before the end the user is told that it comes.
const WARNING: Millis = 60_000;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Nothing for so long.
    None(Millis),
    /// The user is to be told; it is over after so long.
    Warn(Millis),
    /// The room is to be closed.
    Close,
}

/// By what a user had today, and may have.
pub(super) const fn measure(used: Millis, daily: Millis) -> Measure {
    match daily - used {
        left if left <= 0 => Measure::Close,
        left if left <= WARNING => Measure::Warn(left),
        left => Measure::None(left - WARNING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_before_the_end_it_is_said() {
        for (used, wanted) in [
            (0, Measure::None(540_000)),
            (539_999, Measure::None(1)),
            (540_000, Measure::Warn(60_000)),
            (599_999, Measure::Warn(1)),
            (600_000, Measure::Close),
            (700_000, Measure::Close),
        ] {
            assert_eq!(measure(used, 600_000), wanted, "{used}");
        }
    }
}
