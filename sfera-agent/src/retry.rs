//! When a provider's call is tried again, shared by the retry decorators of `stt`, `llm` and `tts`.

use std::time::Duration;

/// How often and how soon a failed call is tried again.
///
/// The numbers are those users of livekit-agents expect: three retries, the first after 100 ms, then
/// 2 s apart, each try given up after 10 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries after the first one.
    pub retries: u32,
    /// Pause before the first retry.
    pub first_pause: Duration,
    /// Pause before each later retry.
    pub pause: Duration,
    /// How long one try may take until its first result.
    pub timeout: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 3,
            first_pause: Duration::from_millis(100),
            pause: Duration::from_secs(2),
            timeout: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// The pauses between tries, in order; as many as there are retries.
    pub fn pauses(self) -> impl Iterator<Item = Duration> + Send + Sync + Unpin + 'static {
        (0..self.retries).map(move |n| if n == 0 { self.first_pause } else { self.pause })
    }
}
