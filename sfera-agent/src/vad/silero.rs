use super::{RATE, Vad, VadError, VadListener};
use crate::onnx;
use ort::{
    inputs,
    session::Session,
    value::{Tensor, TensorRef},
};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Silero VAD, version 5 or 6: a recurrent network run by ONNX Runtime.
///
/// Windows of 32 ms. All listeners share one session of the runtime, one window at a time, and keep
/// about 2 kB of state each. The library is loaded when the first model is; the process keeps it.
#[derive(Clone)]
pub struct Silero {
    session: Arc<Mutex<Session>>,
}

/// Why Silero VAD could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SileroError {
    /// The file of ONNX Runtime does not exist.
    #[error("ONNX Runtime is not at {}; run `sfera models pull`", .0.display())]
    NoLibrary(PathBuf),
    /// ONNX Runtime is damaged, too old or for another machine.
    #[error("{} is no ONNX Runtime that fits; run `sfera models pull`", .0.display())]
    BadLibrary(PathBuf),
    /// The model's file does not exist.
    #[error("the VAD model is not at {}; run `sfera models pull`", .0.display())]
    NoModel(PathBuf),
    /// The file is damaged or another model.
    #[error("{} is no Silero VAD model; run `sfera models pull`", .0.display())]
    BadModel(PathBuf),
}

/// Samples of a window, and of the end of the window before that the network hears again.
const WINDOW: usize = 512;
const CONTEXT: usize = 64;

/// The network's memory: two layers of 128 cells.
const STATE: [usize; 3] = [2, 1, 128];
const CELLS: usize = 256;

impl Silero {
    /// Loads the model (`silero_vad.onnx`) with this `libonnxruntime` (1.24 or newer). Blocks for
    /// some hundred milliseconds.
    ///
    /// # Errors
    /// [`SileroError`] names the file that is missing or wrong.
    pub fn load(model: &Path, library: &Path) -> Result<Self, SileroError> {
        if !library.is_file() {
            return Err(SileroError::NoLibrary(library.to_owned()));
        }
        if !model.is_file() {
            return Err(SileroError::NoModel(model.to_owned()));
        }
        let environment = onnx::environment(library).map_err(|error| {
            tracing::warn!(%error, "ONNX Runtime could not be loaded");
            SileroError::BadLibrary(library.to_owned())
        })?;
        let silero = Session::builder(&environment)
            .and_then(|builder| Ok(builder.with_intra_threads(1)?.with_inter_threads(1)?))
            .and_then(|mut builder| builder.commit_from_file(model))
            .map(|session| Self {
                session: Arc::new(Mutex::new(session)),
            });
        silero
            .and_then(|silero| silero.probe().map(|()| silero))
            .map_err(|error| {
                tracing::warn!(%error, "the VAD model could not be loaded");
                SileroError::BadModel(model.to_owned())
            })
    }

    /// Another model may load well and only fail when run.
    fn probe(&self) -> Result<(), ort::Error> {
        self.listener().run(&[0; WINDOW]).map(|_| ())
    }

    fn listener(&self) -> Listener {
        Listener {
            session: self.session.clone(),
            input: vec![0.0; CONTEXT + WINDOW],
            state: vec![0.0; CELLS],
        }
    }
}

impl fmt::Debug for Silero {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Silero")
    }
}

impl Vad for Silero {
    fn name(&self) -> &'static str {
        "silero"
    }

    fn open(&self) -> Result<Box<dyn VadListener>, VadError> {
        Ok(Box::new(self.listener()))
    }
}

struct Listener {
    session: Arc<Mutex<Session>>,
    /// The context and the window.
    input: Vec<f32>,
    state: Vec<f32>,
}

impl Listener {
    fn run(&mut self, samples: &[i16]) -> Result<f32, ort::Error> {
        self.input.copy_within(WINDOW.., 0);
        for (to, from) in self.input[CONTEXT..].iter_mut().zip(samples) {
            *to = f32::from(*from) / 32_768.0;
        }
        let input = TensorRef::from_array_view(([1, CONTEXT + WINDOW], self.input.as_slice()))?;
        let state = TensorRef::from_array_view((STATE, self.state.as_slice()))?;
        let rate = Tensor::from_array(((), vec![i64::from(RATE.hz())]))?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(inputs!["input" => input, "state" => state, "sr" => rate])?;
        let output = |name| {
            outputs
                .get(name)
                .ok_or_else(|| ort::Error::new(format!("the model has no output {name}")))
        };
        let probability = output("output")?
            .try_extract_tensor::<f32>()?
            .1
            .first()
            .copied();
        let new_state = output("stateN")?.try_extract_tensor::<f32>()?.1;
        match probability {
            Some(probability) if new_state.len() == CELLS => {
                self.state.copy_from_slice(new_state);
                Ok(probability.clamp(0.0, 1.0))
            }
            _ => Err(ort::Error::new("the model's outputs have other shapes")),
        }
    }
}

impl VadListener for Listener {
    fn window(&self) -> usize {
        WINDOW
    }

    fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError> {
        VadError::check_window(samples, WINDOW)?;
        self.run(samples).map_err(|error| {
            tracing::warn!(%error, "the VAD model could not be run");
            VadError::Model
        })
    }

    fn reset(&mut self) {
        self.input.fill(0.0);
        self.state.fill(0.0);
    }
}
