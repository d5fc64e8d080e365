//! Voice in this process: a worker to which LiveKit gives the calls.
//!
//! It remembers what the chat remembers, and what was said goes into the user's history. With
//! `SFERA_VOICE=off` the calls are left to a `sfera worker` elsewhere, whose conversations are not in
//! the history.

mod diary;
mod load;
mod status;

pub use load::load;
pub use status::{Lack, Readiness, Status};

use crate::{
    calls::{AGENT, language_of},
    handling::House,
    state::{Millis, Store},
    text::Text,
};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use diary::Diary;
use sfera_agent::{
    Language,
    assembly::{AssemblyError, Hands, Parts},
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
/// After LiveKit did not take the worker, or something could not be loaded.
const PAUSE: Duration = Duration::from_secs(10);
/// The same after many attempts to load it.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// What conversations are made of, while it is loaded.
pub type Loading = Pin<Box<dyn Future<Output = Result<Voice, AssemblyError>> + Send>>;
/// Begins to load it, anew each time.
pub type Loader = Box<dyn Fn() -> Loading + Send + Sync>;

/// What conversations are made of.
pub struct Voice {
    parts: Parts,
    voices: HashMap<Language, Arc<dyn Tts>>,
    hands: Hands,
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
            hands: Hands::default(),
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

    /// Can do what these can.
    #[must_use]
    pub fn with_hands(mut self, hands: Hands) -> Self {
        self.hands = hands;
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
        house: &Arc<House>,
    ) -> Result<Conversation, JobFailed> {
        let language = language_of(&job.metadata).unwrap_or(house.settings.language);
        let mut parts = self.parts.clone();
        if let Some(voice) = self.voices.get(&language) {
            parts.providers.tts = voice.clone();
        }
        let diary = Diary::new(
            store.clone(),
            house.clone(),
            job.room.clone(),
            parts.memory.take(),
        );
        parts.memory = Some(Arc::new(diary));
        let session = parts.session(options(language, UserId::new(caller.identity.as_str())));
        let session = session.map_err(|error| JobFailed(error.to_string()))?;
        let session = self.hands.give(session);
        let (speakers, room) = (house.speakers.clone(), job.room.clone());
        Ok(Conversation {
            session: session.on_start(move |control| speakers.begins(room, control)),
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

/// Takes calls in this process.
pub struct Host {
    /// What they need; where something is missing, it is tried again.
    pub loader: Loader,
    /// Who gives them.
    pub server: Server,
    /// The state.
    pub store: Store,
    /// What is the same for everybody.
    pub house: Arc<House>,
    /// When to stop.
    pub stop: CancellationToken,
}

impl Host {
    /// Takes calls until told to stop; conversations end then after the sentence that is being said.
    /// What is not there, a server or a part, is tried again and again.
    pub async fn run(self) {
        self.house.voice.becomes(Readiness::Loading);
        let Some(voice) = self.stop.run_until_cancelled(self.loaded()).await else {
            return;
        };
        let voice = Arc::new(voice);
        while !self.stop.is_cancelled() {
            match self.stop.run_until_cancelled(self.start(&voice)).await {
                Some(Ok(worker)) => self.work(worker).await,
                Some(Err(error)) => self.lacks(Lack::LiveKit, &error),
                None => return,
            }
            self.stop.run_until_cancelled(sleep(PAUSE)).await;
        }
    }

    /// Everything that calls need, as soon as it is there.
    async fn loaded(&self) -> Voice {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .without_max_times();
        let mut pauses = pauses.build();
        loop {
            let error = match (self.loader)().await {
                Ok(voice) => return voice,
                Err(error) => error,
            };
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE).as_millis();
            let until = self.house.clock.now() + Millis::try_from(pause).unwrap_or_default();
            self.lacks(Lack::from(&error), &error);
            self.house.clock.reaches(until).await;
        }
    }

    /// Says so once, however often it is tried.
    fn lacks(&self, lack: Lack, error: &dyn std::error::Error) {
        if self.house.voice.becomes(Readiness::Lacking(lack)) {
            tracing::error!(%error, "no calls are taken in this process: trying again");
        }
    }

    async fn start(&self, voice: &Arc<Voice>) -> Result<Worker, WorkerError> {
        let options = WorkerOptions {
            agent_name: AGENT.to_owned(),
            load: voice.load.clone(),
            ..WorkerOptions::default()
        };
        let options = match voice.max_load {
            Some(percent) => options.up_to_load(percent),
            None => options,
        };
        let room = RoomOptions {
            output_rate: RATE,
            ..RoomOptions::default()
        };
        let (voice, store, house) = (voice.clone(), self.store.clone(), self.house.clone());
        let begin =
            move |job: &Job, caller: &CallerInfo| voice.converse(job, caller, &store, &house);
        let jobs = RoomJobs::new(self.server.clone(), room, begin);
        Worker::start(self.server.clone(), options, jobs).await
    }

    /// Works until told to stop, or until the worker ends by itself.
    async fn work(&self, worker: Worker) {
        if self.house.voice.becomes(Readiness::Ready) {
            tracing::info!("voice is ready: calls are taken");
        }
        let control = worker.control();
        let mut ended = pin!(worker.ended());
        let ended = tokio::select! {
            ended = &mut ended => ended,
            () = self.stop.cancelled() => {
                control.stop();
                ended.await
            }
        };
        if let Err(error) = ended {
            self.lacks(Lack::LiveKit, &error);
        }
    }
}
