//! The threads that compute: each has a state of its own and shares the model.

use super::{
    WhisperOptions,
    guard::{self, Evidence},
};
use crate::{
    Language,
    audio::Frame,
    stt::{SttError, Transcript},
};
use std::{
    ffi::c_int,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperState};

/// One utterance to recognise.
pub(super) struct Job {
    pub(super) audio: Frame,
    pub(super) language: Language,
    pub(super) hints: String,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) reply: oneshot::Sender<Result<Transcript, SttError>>,
}

/// Jobs on their way; one worker at a time waits for the next.
pub(super) type Jobs = Arc<Mutex<mpsc::Receiver<Job>>>;

/// What the abort callback looks at: the job being computed, if any.
type Current = Arc<Mutex<Option<Arc<AtomicBool>>>>;

/// A position of the encoder is 20 ms of sound: 320 samples.
const SAMPLES_PER_POSITION: usize = 320;
/// Silence the encoder hears after the utterance; without some, the last word suffers.
const SLACK: usize = 64;
/// 30 s: all that the encoder has positions for.
const MAX_POSITIONS: usize = 1_500;
/// whisper.cpp mirrors the first 200 samples and refuses less than 100 ms.
const MIN_SAMPLES: usize = 3_200;
/// Sound whose loudest sample is below this is silence: −56 dB of full scale.
const SILENCE: u16 = 50;
/// Tokens a second of speech may have, and those any utterance may have. Fast Russian has 8 a second.
const TOKENS_PER_SECOND: usize = 12;
const MIN_TOKENS: usize = 16;
/// Tokens of hints, at most: they cost time in every decoding.
const MAX_HINTS: usize = 64;

/// A worker's own things.
pub(super) struct Worker {
    context: Arc<WhisperContext>,
    state: WhisperState,
    current: Current,
    stopping: Arc<AtomicBool>,
    /// Parameters of each language met so far. whisper-rs never frees the strings and closures put
    /// into them, so they are made once and copied.
    params: Vec<(Language, FullParams<'static, 'static>)>,
    threads: c_int,
}

impl Worker {
    pub(super) fn new(
        context: Arc<WhisperContext>,
        options: &WhisperOptions,
        stopping: Arc<AtomicBool>,
    ) -> Option<Self> {
        Some(Self {
            state: context.create_state().ok()?,
            context,
            current: Current::default(),
            stopping,
            params: Vec::new(),
            threads: options.threads.get() as c_int,
        })
    }

    /// Works until no more jobs can come.
    pub(super) fn run(mut self, jobs: &Jobs) {
        loop {
            let job = jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .blocking_recv();
            let Some(job) = job else { return };
            if job.cancelled.load(Ordering::Relaxed) || self.stopping.load(Ordering::Relaxed) {
                continue;
            }
            self.watch(Some(job.cancelled.clone()));
            let answer = self.recognize(&job);
            self.watch(None);
            // Nobody waits any more: that is what cancelling looks like from here.
            let _ = job.reply.send(answer);
        }
    }

    fn watch(&self, job: Option<Arc<AtomicBool>>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = job;
    }

    fn recognize(&mut self, job: &Job) -> Result<Transcript, SttError> {
        let samples = job.audio.samples();
        if samples.iter().all(|s| s.unsigned_abs() < SILENCE) {
            return Ok(Transcript::default());
        }
        let positions = (samples.len() / SAMPLES_PER_POSITION + SLACK).min(MAX_POSITIONS);
        let seconds = samples.len() / 16_000;
        let mut sound: Vec<f32> = samples.iter().map(|&s| f32::from(s) / 32_768.0).collect();
        sound.resize(sound.len().max(MIN_SAMPLES), 0.0);
        let hints = self.hints(&job.hints);
        let mut params = self.params(job.language);
        params.set_audio_ctx(positions as c_int);
        params.set_max_tokens((MIN_TOKENS + seconds * TOKENS_PER_SECOND) as c_int);
        if !hints.is_empty() {
            params.set_tokens(&hints);
        }
        if let Err(error) = self.state.full(params, &sound) {
            // A recognition that nobody wants any more ends in the same way.
            if !job.cancelled.load(Ordering::Relaxed) && !self.stopping.load(Ordering::Relaxed) {
                tracing::warn!(?error, "whisper.cpp gave up");
            }
            return Err(SttError::Unavailable);
        }
        Ok(self.transcript(job.language))
    }

    fn hints(&self, hints: &str) -> Vec<c_int> {
        // A zero byte would end the text for C.
        let hints = hints.replace('\0', " ");
        let tokens = self.context.tokenize(&hints, hints.len() + 1);
        let mut tokens = tokens.unwrap_or_default();
        tokens.truncate(MAX_HINTS);
        tokens
    }

    fn params(&mut self, language: Language) -> FullParams<'static, 'static> {
        if let Some((_, params)) = self.params.iter().find(|(known, _)| *known == language) {
            return params.clone();
        }
        let params = self.new_params(language);
        self.params.push((language, params.clone()));
        params
    }

    fn new_params(&self, language: Language) -> FullParams<'static, 'static> {
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(self.threads);
        params.set_language(Some(language.code()));
        params.set_no_context(true);
        params.set_no_timestamps(true);
        params.set_single_segment(true);
        params.set_suppress_blank(true);
        params.set_suppress_nst(true);
        // One decoding, the likeliest. Where it loops, the guard cuts the loop off; sampling at random
        // instead took twice the time and heard worse.
        params.set_temperature_inc(0.0);
        params.set_print_special(false);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        let (current, stopping) = (self.current.clone(), self.stopping.clone());
        let abort = move || {
            let current = current.lock().unwrap_or_else(PoisonError::into_inner);
            let cancelled = current.as_ref().is_some_and(|c| c.load(Ordering::Relaxed));
            cancelled || stopping.load(Ordering::Relaxed)
        };
        // whisper-rs reads the closure back as the very type given here, but stores it boxed as
        // `dyn FnMut`: only for that type the two are the same.
        params.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(
            Box::new(abort) as Box<dyn FnMut() -> bool>
        );
        params
    }

    fn transcript(&self, language: Language) -> Transcript {
        let (mut text, mut sum, mut count, mut no_speech) = (String::new(), 0.0, 0_u32, 0.0_f32);
        let end = self.context.token_eot();
        for segment in self.state.as_iter() {
            text.push_str(&segment.to_str_lossy().unwrap_or_default());
            no_speech = no_speech.max(segment.no_speech_probability());
            for n in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(n) else {
                    continue;
                };
                if token.token_id() < end {
                    sum += token.token_probability().max(f32::MIN_POSITIVE).ln();
                    count += 1;
                }
            }
        }
        let log_probability = sum / count.max(1) as f32;
        let evidence = Evidence {
            log_probability,
            no_speech,
        };
        tracing::trace!(text, ?evidence, "heard");
        let text = guard::believe(&mem::take(&mut text), evidence, language);
        let confidence = (!text.is_empty()).then(|| log_probability.exp());
        Transcript { text, confidence }
    }
}
