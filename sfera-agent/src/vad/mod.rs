//! Is anybody speaking? [`Vad`] gives a probability for each short window; the segmenter turns the
//! probabilities into speech starts and ends.

use crate::audio::SampleRate;

/// A voice activity detector: a model that many sessions share.
///
/// # Contract
/// - [`Vad::open`] gives a listener with fresh state, independent of all others; it is cheap.
/// - Neither call blocks on anything but computing; a window takes well under its own length.
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
