//! The one place that asks what time it is.

use std::time::Instant;

/// Now. Not tokio's clock: a caller's test may have stopped that one, and the network goes on.
#[allow(
    clippy::disallowed_methods,
    reason = "the engine lives in real time, like the sockets it reads"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
