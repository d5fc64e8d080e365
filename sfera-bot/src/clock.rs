//! The one clock of the bot.

use crate::state::Millis;
use std::time::{Duration, UNIX_EPOCH};

/// Milliseconds since 1970.
pub fn now() -> Millis {
    let passed = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    Millis::try_from(passed).unwrap_or(Millis::MAX)
}

/// How long until a moment.
pub fn until(at: Millis, now: Millis) -> Duration {
    Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or_default())
}
