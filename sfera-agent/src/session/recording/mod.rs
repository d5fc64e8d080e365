//! A session written down: every input and every effect of the turn machine with its time, as JSON
//! lines. A recording can be replayed ([`super::replay`]) and drawn ([`super::timeline`]).
//!
//! The first line is the [`Header`], every other a [`Line`]:
//!
//! ```json
//! {"sfera_recording":1,"started":"2026-01-02T03:04:05Z","language":"ru","options":{}}
//! {"at":1250000,"input":{"type":"speech_started","since":1200000}}
//! {"at":1250000,"effect":{"type":"emit","event":"user_state","state":"speaking"}}
//! ```
//!
//! A recording holds what was said, word for word, so one exists only where a host asks for it.

mod file;
mod line;
mod read;
mod recorder;

pub use line::{Header, Line, LineKind, Recording};
pub use read::RecordingError;
pub use recorder::{Recorder, RecordingWriter};

/// Version of the format that this crate writes, and the only one it reads.
pub const FORMAT_VERSION: u32 = 1;
