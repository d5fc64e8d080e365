//! One conversation: a loop that drives the turn machine and owns every task.
//!
//! The shape (being implemented):
//! - [`Providers`] + [`SessionOptions`] → `Session::builder(providers)` `.tool(..)` `.memory(..)`
//!   `.knowledge(..)` `.options(..)` `.record(..)` `.start(input: mpsc::Receiver<Frame>)`
//! - `Session`: `events()` (bounded stream of [`SessionEvent`]), `playout()` (reader that a sound
//!   card, a WAV file or a room pulls samples from), `control()` (clone: say, type, interrupt, close),
//!   `closed().await`.

mod event;
pub mod recording;
pub mod replay;
pub mod timeline;

pub use event::{SessionEvent, SessionEventKind, TurnMetrics};
