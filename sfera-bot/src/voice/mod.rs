//! Voice in this process: a worker to which LiveKit gives the calls.
//!
//! It remembers what the chat remembers, and what was said goes into the user's history. With
//! `SFERA_VOICE=off` the calls are left to a `sfera worker` elsewhere, whose conversations are not in
//! the history.

mod diary;
mod load;

pub use load::load;

use crate::{
    calls::{AGENT, language_of},
    state::Store,
    text::Text,
};
use diary::Diary;
use sfera_agent::{
    Language,
    assembly::{AssemblyError, Parts},
    audio::SampleRate,
    io::room::{CallerInfo, RoomOptions},
    memory::UserId,
    session::SessionOptions,
    tts::Tts,
    turn::TurnOptions,
    worker::{
        Conversation, Job, JobFailed, LoadMeter, RoomJobs, Server, Worker, WorkerError,
        WorkerOptions,
    },
};
use std::{
    collections::HashMap,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The rate of the agent's voice.
const RATE: SampleRate = SampleRate::HZ_24000;
/// After LiveKit did not take the worker.
const PAUSE: Duration = Duration::from_secs(10);

/// What conversations are made of, while it is loaded.
pub type Loading = Pin<Box<dyn Future<Output = Result<Voice, AssemblyError>> + Send>>;

/// What conversations are made of.
pub struct Voice {
    parts: Parts,
    voices: HashMap<Language, Arc<dyn Tts>>,
    load: LoadMeter,
    max_load: Option<u32>,
}

impl Voice {
    /// Of these parts, which speak every language as well as they can.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            voices: HashMap::new(),
            load: LoadMeter::Machine,
            max_load: None,
        }
    }

    /// Speaks a language by a voice of its own.
    #[must_use]
    pub fn speaking(mut self, language: Language, voice: Arc<dyn Tts>) -> Self {
        self.voices.insert(language, voice);
        self
    }

    /// Takes no calls while this says that the machine is busy.
    #[must_use]
    pub fn measured(mut self, load: LoadMeter) -> Self {
        self.load = load;
        self
    }

    /// Takes no calls above this load, in percent; at 100 whatever the load.
    #[must_use]
    pub const fn up_to(mut self, percent: Option<u32>) -> Self {
        self.max_load = percent;
        self
    }

    /// A conversation in a room, in the language that the pass tells.
    fn converse(
        &self,
        job: &Job,
        caller: &CallerInfo,
        store: &Store,
        usual: Language,
    ) -> Result<Conversation, JobFailed> {
        let language = language_of(&job.metadata).unwrap_or(usual);
        let mut parts = self.parts.clone();
        if let Some(voice) = self.voices.get(&language) {
            parts.providers.tts = voice.clone();
        }
        let diary = Diary::new(store.clone(), job.room.clone(), parts.memory.take());
        parts.memory = Some(Arc::new(diary));
        let session = parts.session(options(language, UserId::new(caller.identity.as_str())));
        Ok(Conversation {
            session: session.map_err(|error| JobFailed(error.to_string()))?,
            greeting: Some(Text(language).voice_greeting().to_owned()),
        })
    }
}

fn options(language: Language, user: UserId) -> SessionOptions {
    let mut turn = TurnOptions::for_language(language);
    turn.playout_rate = RATE;
    turn.phrases = Text(language).voice_phrases();
    // Browsers cancel the echo themselves.
    turn.interruption.echo_warmup = None;
    SessionOptions {
        turn,
        instructions: Text(language).voice_instructions().into(),
        user: Some(user),
        hints: vec![Text(language).voice_hints().to_owned()],
        ..SessionOptions::default()
    }
}

/// Loads, and takes calls until told to stop; conversations end then after the sentence that is being
/// said. A server that is not there is tried again and again.
pub async fn run(
    loading: Loading,
    server: Server,
    store: Store,
    usual: Language,
    stop: CancellationToken,
) {
    let voice = match stop.run_until_cancelled(loading).await {
        Some(Ok(voice)) => Arc::new(voice),
        Some(Err(error)) => {
            tracing::error!(%error, "there is no voice in this process");
            return;
        }
        None => return,
    };
    while !stop.is_cancelled() {
        let starting = start(voice.clone(), server.clone(), store.clone(), usual);
        match stop.run_until_cancelled(starting).await {
            Some(Ok(worker)) => work(worker, &stop).await,
            Some(Err(error)) => tracing::error!(%error, "LiveKit does not take the voice worker"),
            None => return,
        }
        stop.run_until_cancelled(sleep(PAUSE)).await;
    }
}

async fn start(
    voice: Arc<Voice>,
    server: Server,
    store: Store,
    language: Language,
) -> Result<Worker, WorkerError> {
    let usual = WorkerOptions::default();
    let options = WorkerOptions {
        agent_name: AGENT.to_owned(),
        load: voice.load.clone(),
        load_threshold: voice.max_load.map_or(usual.load_threshold, share),
        ..usual
    };
    let room = RoomOptions {
        output_rate: RATE,
        ..RoomOptions::default()
    };
    let begin = move |job: &Job, caller: &CallerInfo| voice.converse(job, caller, &store, language);
    let jobs = RoomJobs::new(server.clone(), room, begin);
    Worker::start(server, options, jobs).await
}

/// No load reaches what stands for 100 %.
fn share(percent: u32) -> f32 {
    match u8::try_from(percent) {
        Ok(percent) if percent < 100 => f32::from(percent) / 100.0,
        _ => f32::INFINITY,
    }
}

/// Works until told to stop, or until the worker ends by itself.
async fn work(worker: Worker, stop: &CancellationToken) {
    tracing::info!("voice is ready");
    let control = worker.control();
    let mut ended = pin!(worker.ended());
    let ended = tokio::select! {
        ended = &mut ended => ended,
        () = stop.cancelled() => {
            control.stop();
            ended.await
        }
    };
    if let Err(error) = ended {
        tracing::error!(%error, "the voice worker ended");
    }
}
