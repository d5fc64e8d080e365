//! Whisper through whisper.cpp: offline, Russian and English at the speed of a dialogue.

mod check;
mod guard;
mod worker;

use super::{Recognizer, SttError, SttOptions, Transcript};
use crate::audio::{Frame, SampleRate};
use async_trait::async_trait;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};
use whisper_rs::{WhisperContext, WhisperContextParameters};
use worker::{Job, Worker};

/// Utterances that wait for a free worker; who comes later waits before the queue.
const QUEUE: usize = 64;
/// The longest utterance, 30 s; what is longer is cut off.
const MAX_SAMPLES: usize = 30 * 16_000;

/// How many of the machine's cores Whisper may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhisperOptions {
    /// Utterances computed side by side, of all sessions of the process.
    pub workers: NonZeroUsize,
    /// Threads for each of them.
    pub threads: NonZeroUsize,
}

impl Default for WhisperOptions {
    /// One worker of two threads for every two cores: more threads win little, and an utterance
    /// alone on two cores is answered soonest.
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let at_least_one = |n| NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN);
        Self {
            workers: at_least_one(cores / 2),
            threads: at_least_one(cores.min(2)),
        }
    }
}

/// One Whisper model, loaded once and shared by all sessions: put it into an [`Arc`].
///
/// The encoder hears only as much as was said, not the 30 s it was made for, which makes a short
/// utterance six times cheaper. Repetitions are cut and the subtitles Whisper hears in silence are
/// dropped. Dropping a [`Recognizer::recognize`] future stops its computing within milliseconds.
///
/// ```no_run
/// use sfera_agent::stt::Whisper;
///
/// let whisper = Whisper::load("ggml-base.bin".as_ref(), Default::default())?;
/// # Ok::<(), sfera_agent::stt::WhisperLoadError>(())
/// ```
pub struct Whisper {
    name: String,
    jobs: Option<mpsc::Sender<Job>>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// The file is no Whisper model that whisper.cpp can read, or memory is short.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is no Whisper model; run `sfera models pull whisper-base`", path.display())]
pub struct WhisperLoadError {
    /// The file.
    pub path: PathBuf,
}

impl Whisper {
    /// Loads a ggml model file. Blocks: a quarter of a second for Whisper base.
    ///
    /// # Errors
    /// [`WhisperLoadError`] if it cannot be read or is no model.
    pub fn load(path: &Path, options: WhisperOptions) -> Result<Self, WhisperLoadError> {
        whisper_rs::install_logging_hooks();
        let failed = || WhisperLoadError {
            path: path.to_owned(),
        };
        if !check::is_whole(path) {
            return Err(failed());
        }
        let mut parameters = WhisperContextParameters::new();
        parameters.use_gpu(false);
        let context = WhisperContext::new_with_params(path, parameters);
        let context = Arc::new(context.map_err(|_| failed())?);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(receiver));
        let stopping = Arc::new(AtomicBool::new(false));
        let mut whisper = Self {
            name: name(path),
            jobs: Some(sender),
            stopping: stopping.clone(),
            threads: Vec::new(),
        };
        for n in 0..options.workers.get() {
            let worker = Worker::new(context.clone(), &options, stopping.clone());
            let worker = worker.ok_or_else(failed)?;
            let jobs = jobs.clone();
            let thread = thread::Builder::new().name(format!("whisper-{n}"));
            let thread = thread.spawn(move || worker.run(&jobs));
            whisper.threads.push(thread.map_err(|_| failed())?);
        }
        Ok(whisper)
    }
}

fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    format!("whisper/{}", stem.trim_start_matches("ggml-"))
}

#[async_trait]
impl Recognizer for Whisper {
    fn name(&self) -> &str {
        &self.name
    }

    async fn recognize(&self, audio: Frame, options: &SttOptions) -> Result<Transcript, SttError> {
        if audio.rate() != SampleRate::HZ_16000 {
            return Err(SttError::Protocol);
        }
        let audio = match audio.samples().get(..MAX_SAMPLES) {
            Some(first) => Frame::new(audio.rate(), first),
            None => audio,
        };
        let cancelled = Arc::new(AtomicBool::new(false));
        let _cancel = CancelOnDrop(cancelled.clone());
        let (reply, answer) = oneshot::channel();
        let job = Job {
            audio,
            language: options.language,
            hints: options.hints.join(", "),
            cancelled,
            reply,
        };
        let jobs = self.jobs.as_ref().ok_or(SttError::Unavailable)?;
        jobs.send(job).await.map_err(|_| SttError::Unavailable)?;
        answer.await.map_err(|_| SttError::Unavailable)?
    }
}

/// Tells the worker that nobody waits any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Whisper {
    /// Stops computing and waits for the threads: milliseconds.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a Whisper thread died");
            }
        }
    }
}
