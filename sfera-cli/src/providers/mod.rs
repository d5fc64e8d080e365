//! Builds what a session consists of from the settings; what is not set is embedded.

mod ears;
mod mind;
mod silent;
mod voice;

pub use voice::start as start_voice;

use crate::{
    config::{Settings, Turn},
    error::{Error, Runtime},
    text::Text,
};
use sfera_agent::{
    audio::SampleRate,
    knowledge::{FileKnowledge, Knowledge, Passage},
    memory::{FileMemory, Memory, UserId},
    session::{Providers, Session, SessionBuilder, SessionOptions},
    stt::{Recognizer, SttOptions},
    tools::{PriceTool, TimeTool, Tool, WeatherTool},
    turn::TurnOptions,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

/// Whether the agent is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// By a microphone, a file or a scenario: it listens and speaks.
    Audible,
    /// It reads and writes; neither a speech model nor a voice is needed.
    Silent,
}

/// Everything that sessions are made of, loaded once.
pub struct Parts {
    /// Options of each session.
    pub options: SessionOptions,
    /// Who listens, answers and speaks, for people.
    pub title: String,
    providers: Providers,
    recognizer: Option<Arc<dyn Recognizer>>,
    memory: Option<Arc<dyn Memory>>,
    knowledge: Option<Arc<dyn Knowledge>>,
    /// Deletes the memory of a scenario when all is over.
    _forgotten: Option<TempDir>,
}

/// The rate of the agent's voice: that of good voices, and enough for speech.
const VOICE_RATE: SampleRate = SampleRate::HZ_24000;

/// The knowledge base of the examples.
const EXAMPLE_KNOWLEDGE: &str = "examples/knowledge";

/// Whose memory is used where the settings name nobody.
const LOCAL_USER: &str = "local";

impl Parts {
    /// Loads everything. Dropping the future leaves nothing behind.
    pub async fn load(settings: &Settings, voice: Voice) -> Result<Self, Error> {
        let folder = memory_folder(settings);
        Self::with_memory(settings, voice, folder, None).await
    }

    /// Loads everything for a scenario: with a memory of its own, empty at first, so that each run is
    /// the same and nobody's own memory is touched.
    pub async fn for_scenario(settings: &Settings) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(|_| cannot("memory"))?;
        let path = folder.path().to_owned();
        Self::with_memory(settings, Voice::Audible, Some(path), Some(folder)).await
    }

    async fn with_memory(
        settings: &Settings,
        voice: Voice,
        memory: Option<PathBuf>,
        forgotten: Option<TempDir>,
    ) -> Result<Self, Error> {
        let (recognizer, stt) = match voice {
            Voice::Audible => {
                let (recognizer, stt) = ears::listen(settings).await?;
                (Some(recognizer), stt)
            }
            Voice::Silent => (None, silent::deaf()),
        };
        let providers = Providers {
            vad: ears::vad(settings, voice)?,
            stt,
            llm: mind::llm(settings)?,
            tts: match voice {
                Voice::Audible => voice::speak(settings).await?,
                Voice::Silent => silent::mute(),
            },
        };
        let memory: Option<Arc<dyn Memory>> = match memory {
            Some(folder) => {
                let memory = FileMemory::open(folder).await;
                Some(Arc::new(memory.map_err(|_| cannot("memory"))?))
            }
            None => None,
        };
        Ok(Self {
            options: options(settings),
            title: title(&providers, voice),
            providers,
            recognizer,
            memory,
            knowledge: knowledge(settings).await?,
            _forgotten: forgotten,
        })
    }

    /// A session of these parts, not yet started.
    pub fn session(&self) -> Result<SessionBuilder, Error> {
        let mut builder = Session::builder(self.providers.clone()).options(self.options.clone());
        if let Some(memory) = &self.memory {
            builder = builder.memory(memory.clone());
        }
        if let Some(knowledge) = &self.knowledge {
            builder = builder.knowledge(knowledge.clone());
        }
        let tools: [Arc<dyn Tool>; 3] = [
            Arc::new(TimeTool::default()),
            Arc::new(WeatherTool::default()),
            Arc::new(PriceTool::default()),
        ];
        for tool in tools {
            builder = builder.tool(tool).map_err(|_| cannot("tools"))?;
        }
        Ok(builder)
    }

    /// What the knowledge base says about a question.
    pub async fn passages(&self, question: &str) -> Vec<Passage> {
        const MANY: usize = 10;
        match &self.knowledge {
            Some(knowledge) => knowledge.search(question, MANY).await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// Who recognises speech, if anybody listens, and how.
    pub fn recognizer(&self) -> Option<(Arc<dyn Recognizer>, SttOptions)> {
        let options = SttOptions {
            language: self.options.turn.language,
            hints: self.options.hints.clone(),
        };
        Some((self.recognizer.clone()?, options))
    }
}

const fn cannot(part: &'static str) -> Error {
    Error::Runtime(Runtime::Start(part))
}

fn options(settings: &Settings) -> SessionOptions {
    let mut turn = TurnOptions::for_language(settings.language);
    turn.playout_rate = VOICE_RATE;
    adapt(&mut turn, &settings.config.turn);
    if settings.config.audio.echo_cancellation {
        turn.interruption.echo_warmup = None;
    }
    let instructions = settings.config.instructions.clone();
    let own = || Text(settings.language).instructions();
    let hints = settings.config.stt.hints.clone();
    let expected = || Text(settings.language).expected_words();
    let user = settings.config.user.as_deref().unwrap_or(LOCAL_USER);
    SessionOptions {
        turn,
        instructions: instructions.unwrap_or_else(own).into(),
        user: Some(UserId::new(user)),
        hints: vec![hints.unwrap_or_else(expected)],
        ..SessionOptions::default()
    }
}

fn adapt(turn: &mut TurnOptions, wanted: &Turn) {
    let ms = |ms: u32| Duration::from_millis(ms.into());
    if let Some(delay) = wanted.min_delay_ms {
        turn.endpointing.min_delay = ms(delay);
    }
    if let Some(delay) = wanted.max_delay_ms {
        turn.endpointing.max_delay = ms(delay);
    }
    if let Some(enabled) = wanted.interruptions {
        turn.interruption.enabled = enabled;
    }
    if let Some(speech) = wanted.min_speech_ms {
        turn.interruption.min_speech = ms(speech);
    }
    if let Some(words) = wanted.min_words {
        turn.interruption.min_words = words as usize;
    }
    if let Some(enabled) = wanted.preemptive {
        turn.preemptive.enabled = enabled;
    }
}

fn title(providers: &Providers, voice: Voice) -> String {
    match voice {
        Voice::Audible => {
            let names = [
                providers.stt.name(),
                providers.llm.name(),
                providers.tts.name(),
            ];
            names.join(" · ")
        }
        Voice::Silent => providers.llm.name().to_owned(),
    }
}

fn memory_folder(settings: &Settings) -> Option<PathBuf> {
    if !settings.config.memory.enabled {
        return None;
    }
    let folder = settings.config.memory.folder.clone();
    folder.or_else(FileMemory::usual_folder)
}

async fn knowledge(settings: &Settings) -> Result<Option<Arc<dyn Knowledge>>, Error> {
    let wanted = &settings.config.knowledge;
    let examples = || {
        let folder = Path::new(EXAMPLE_KNOWLEDGE);
        folder.is_dir().then(|| folder.to_owned())
    };
    let folder = wanted.folder.clone().or_else(examples);
    match folder.filter(|_| wanted.enabled) {
        Some(folder) => {
            let knowledge = FileKnowledge::open(folder).await;
            Ok(Some(Arc::new(knowledge.map_err(|_| cannot("knowledge"))?)))
        }
        None => Ok(None),
    }
}
