//! Recordings in Opus: read from Ogg or WebM, as messengers and browsers make them, and written to Ogg.

mod read;
mod write;

pub use read::decode;
pub use write::encode;

use super::SampleRate;

/// The rate Opus counts in, whatever it was recorded at.
const RATE: SampleRate = SampleRate::HZ_48000;

/// Why a recording is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpusError {
    /// It is broken, or no Opus in Ogg or WebM.
    #[error("this is no recording in Opus")]
    Broken,
    /// It could not be encoded.
    #[error("the sound cannot be encoded")]
    Unencodable,
}
