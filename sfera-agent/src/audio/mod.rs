//! Sound inside the process: mono 16-bit [`Frame`]s of any [`SampleRate`], resampling, levels, and
//! the audio processing that happens before anything listens (echo, noise).

mod frame;
mod level;
#[cfg(feature = "opus")]
pub mod opus;
#[cfg(feature = "aec")]
mod processing;
mod resample;

pub use frame::{Frame, SampleRate, UnsupportedRate};
pub use level::{Level, LevelMeter};
#[cfg(feature = "aec")]
pub use processing::{EchoCanceller, NoiseSuppression, NoiseSuppressor};
pub use resample::Resampler;

/// A stream of frames, all of one rate. Dropping it cancels whatever produces it.
pub type FrameStream = futures::stream::BoxStream<'static, Frame>;
