//! Is anybody speaking? [`Vad`] gives a probability for each short window; the [`Segmenter`] turns the
//! probabilities into speech starts and ends, and a [`VadStream`] does both for frames of any rate.

#[cfg(feature = "earshot")]
mod earshot;
mod options;
mod segmenter;
#[cfg(feature = "silero")]
mod silero;
mod stream;

#[cfg(feature = "earshot")]
pub use earshot::Earshot;
pub use options::VadOptions;
pub use segmenter::{Segmenter, VadEvent};
#[cfg(feature = "silero")]
pub use silero::{Silero, SileroError};
pub use stream::{VadOutput, VadStream};

use crate::audio::SampleRate;

/// A voice activity detector: a model that many sessions share.
///
/// # Contract
/// - [`Vad::open`] gives a listener with fresh state, independent of all others; it is cheap.
/// - Neither call blocks on anything but computing; a window takes well under its own length.
///
/// # Example
/// A VAD that takes loud for speech:
/// ```
/// use sfera_agent::{
///     audio::{Frame, Level},
///     vad::{RATE, Vad, VadError, VadEvent, VadListener, VadOptions, VadOutput, VadStream},
/// };
/// use std::time::Duration;
///
/// struct Loud;
///
/// impl Vad for Loud {
///     fn name(&self) -> &'static str {
///         "loud"
///     }
///     fn open(&self) -> Result<Box<dyn VadListener>, VadError> {
///         Ok(Box::new(Loud))
///     }
/// }
///
/// impl VadListener for Loud {
///     fn window(&self) -> usize {
///         160
///     }
///     fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError> {
///         VadError::check_window(samples, 160)?;
///         Ok(if Level::of(samples).rms_dbfs > -40.0 { 1.0 } else { 0.0 })
///     }
///     fn reset(&mut self) {}
/// }
///
/// # fn main() -> Result<(), VadError> {
/// let mut stream = VadStream::new(Loud.open()?, &VadOptions::default());
/// let mut events = Vec::new();
/// let mut listen = |output| {
///     if let VadOutput::Event(event) = output {
///         events.push(event);
///     }
/// };
/// stream.push(&Frame::silence(RATE, Duration::from_secs(1)), &mut listen)?;
/// stream.push(&Frame::new(RATE, vec![9_000; 16_000]), &mut listen)?;
/// stream.finish(&mut listen)?;
/// assert_eq!(events, [
///     VadEvent::SpeechStarted { since: 16_000 },
///     VadEvent::SpeechEnded { since: 32_000 },
/// ]);
/// # Ok(())
/// # }
/// ```
pub trait Vad: Send + Sync {
    /// The provider's name, for logs and metrics.
    fn name(&self) -> &'static str;

    /// A listener for one audio stream.
    ///
    /// # Errors
    /// [`VadError`] if the model cannot be run.
    fn open(&self) -> Result<Box<dyn VadListener>, VadError>;
}

/// Listens to one stream of 16 kHz mono audio, window after window.
pub trait VadListener: Send {
    /// Samples per window at [`RATE`]; constant for the listener's life.
    fn window(&self) -> usize;

    /// How likely the window is speech, 0…1. State carries over from window to window.
    ///
    /// # Errors
    /// [`VadError::Window`] if `samples` is not exactly one window long; the state is unchanged.
    fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError>;

    /// Forgets everything heard so far.
    fn reset(&mut self);
}

/// The rate every VAD listens at.
pub const RATE: SampleRate = SampleRate::HZ_16000;

/// Why a VAD gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VadError {
    /// The window has the wrong length.
    #[error("a window of {expected} samples was expected, {got} came")]
    Window {
        /// Samples a window has.
        expected: usize,
        /// Samples that came.
        got: usize,
    },
    /// The model could not be loaded or run; pull it again or choose another VAD.
    #[error("the VAD model cannot be run; run `sfera models pull` or choose another VAD")]
    Model,
}

impl VadError {
    /// What a [`VadListener`] whose window has `expected` samples checks first.
    ///
    /// # Errors
    /// [`VadError::Window`] if `samples` is not exactly one window long.
    pub const fn check_window(samples: &[i16], expected: usize) -> Result<(), Self> {
        let got = samples.len();
        if got == expected {
            Ok(())
        } else {
            Err(Self::Window { expected, got })
        }
    }
}
