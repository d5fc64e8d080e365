//! Where sound comes from and goes to.
//!
//! An **input** is a bounded `tokio::sync::mpsc::Receiver<Frame>` of frames of [`FRAME`] each, all of
//! one rate, at the pace of the sound; it ends when the source is gone.
//!
//! An **output** pulls: it is given the rate and a `FnMut(&mut [i16])` that fills the slice with the
//! next samples, or zeros where there are none, and never blocks. A
//! [`PlayoutReader`](crate::playout::PlayoutReader) is that: `move |out| reader.read(out)`.

#[cfg(feature = "devices")]
pub mod devices;
mod loopback;
#[cfg(feature = "livekit")]
pub mod room;
#[cfg(feature = "wav")]
mod wav;

pub use loopback::Loopback;
#[cfg(feature = "wav")]
pub use wav::{WavError, WavReader, WavWriter};

use std::time::Duration;

/// How long a frame of an input lasts.
pub const FRAME: Duration = Duration::from_millis(20);

/// Frames an input holds for a session that is late, one second; then the newest are dropped and
/// counted (live sources) or wait (files).
pub const INPUT_QUEUE: usize = 50;
