use super::{Vad, VadError, VadListener};
use earshot::{DefaultPredictor, Detector};

/// The VAD that needs no model file: earshot, a small neural network in pure Rust.
///
/// Windows of 16 ms; a listener keeps about 8 kB. `tests/vad.rs` measures it on human speech, silence
/// and noise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Earshot;

impl Vad for Earshot {
    fn name(&self) -> &'static str {
        "earshot"
    }

    fn open(&self) -> Result<Box<dyn VadListener>, VadError> {
        Ok(Box::new(Listener(Detector::default_boxed())))
    }
}

/// 16 ms at 16 kHz: the only window the network knows.
const WINDOW: usize = 256;

struct Listener(Box<Detector<DefaultPredictor>>);

impl VadListener for Listener {
    fn window(&self) -> usize {
        WINDOW
    }

    fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError> {
        VadError::check_window(samples, WINDOW)?;
        Ok(self.0.predict_i16(samples).clamp(0.0, 1.0))
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}
