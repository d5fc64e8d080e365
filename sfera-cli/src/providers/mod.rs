//! What a session consists of, by the settings; what is not set is embedded.

pub mod hands;
pub mod memory;

use crate::{
    config::{LlmChoice, Settings, TtsProvider, Turn, VadProvider},
    error::{Error, Missing, Runtime, Warning},
    knowledge, models,
    text::Text,
};
use sfera_agent::{
    Language,
    assembly::{self, AssemblyError, Hands},
    audio::SampleRate,
    knowledge::{Knowledge, Passage},
    llm::{Formality, Llm, OpenAiOptions},
    memory::UserId,
    session::{Providers, SessionBuilder, SessionOptions},
    stt::{Recognizer, SttOptions},
    tts::{LocalTtsError, Tts},
    turn::TurnOptions,
    vad::{Earshot, Vad},
};
use std::{path::Path, sync::Arc, time::Duration};
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
    /// What they do without.
    pub warnings: Vec<Warning>,
    parts: assembly::Parts,
    hands: Hands,
    recognizer: Option<Arc<dyn Recognizer>>,
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
        let memory = memory::place(settings);
        let (knowledge, lacking) = knowledge(settings).await?;
        let mut parts = Self::over(settings, voice, knowledge, memory, None).await?;
        parts.warnings.extend(lacking);
        Ok(parts)
    }

    /// Loads everything for a scenario: with the knowledge base it was written for, and a memory of its
    /// own, empty at first, so that each run is the same and nobody's own memory is touched.
    pub async fn for_scenario(settings: &Settings) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(|_| cannot("memory"))?;
        let path = folder.path().to_owned();
        let knowledge = folder_knowledge(settings).await?;
        Self::over(
            settings,
            Voice::Audible,
            knowledge,
            Some(memory::Place::Folder(path)),
            Some(folder),
        )
        .await
    }

    async fn over(
        settings: &Settings,
        voice: Voice,
        knowledge: Option<Arc<dyn Knowledge>>,
        memory: Option<memory::Place>,
        forgotten: Option<TempDir>,
    ) -> Result<Self, Error> {
        let (recognizer, stt) = match voice {
            Voice::Audible => {
                let name = models::speech_model(&settings.config);
                let (recognizer, stt) = assembly::whisper(&models::open(settings)?, name).await?;
                (Some(recognizer), stt)
            }
            Voice::Silent => (None, assembly::deaf()),
        };
        let providers = Providers {
            vad: vad(settings, voice)?,
            stt,
            llm: llm(settings)?,
            tts: match voice {
                Voice::Audible => start_voice(settings.config.tts.provider, settings.language)
                    .await
                    .map_err(AssemblyError::Voice)?,
                Voice::Silent => assembly::mute(),
            },
        };
        let memory = match memory {
            Some(place) => Some(memory::open(place, settings).await?),
            None => None,
        };
        let (hands, warnings) = match &forgotten {
            // A scenario is the same on every machine.
            Some(_) => (Hands::default(), Vec::new()),
            None => hands::named(settings).await,
        };
        let memory = memory.map(|memory| hands.forgetting(memory));
        Ok(Self {
            hands,
            warnings,
            options: options(settings),
            title: title(&providers, voice),
            recognizer,
            parts: assembly::Parts {
                providers,
                memory,
                knowledge,
                tools: hands::built_in(settings),
            },
            _forgotten: forgotten,
        })
    }

    /// A session of these parts, not yet started.
    pub fn session(&self) -> Result<SessionBuilder, Error> {
        let session = self.parts.session(self.options.clone());
        let session = session.map_err(|_| cannot("tools"))?;
        Ok(self.hands.give(session))
    }

    /// What the knowledge base says about a question.
    pub async fn passages(&self, question: &str) -> Vec<Passage> {
        const MANY: usize = 10;
        match &self.parts.knowledge {
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

impl From<AssemblyError> for Error {
    fn from(error: AssemblyError) -> Self {
        match error {
            AssemblyError::Model(error) => error.into(),
            AssemblyError::Voice(error) => Missing::Voice(error).into(),
            AssemblyError::Part(part) => cannot(part),
        }
    }
}

/// Starts a voice; what is missing says which package has it.
pub async fn start_voice(
    provider: TtsProvider,
    language: Language,
) -> Result<Arc<dyn Tts>, LocalTtsError> {
    let whose = match provider {
        TtsProvider::Auto => assembly::Voice::Best,
        TtsProvider::Festival => assembly::Voice::Festival,
        TtsProvider::Espeak => assembly::Voice::Espeak,
    };
    assembly::voice(whose, language).await
}

/// Who hears that somebody speaks.
fn vad(settings: &Settings, voice: Voice) -> Result<Arc<dyn Vad>, Error> {
    match settings.config.vad.provider {
        VadProvider::Silero if voice == Voice::Audible => {
            Ok(assembly::silero(&models::open(settings)?)?)
        }
        _ => Ok(Arc::new(Earshot)),
    }
}

/// Who answers. While a server cannot, the embedded assistant does.
fn llm(settings: &Settings) -> Result<Arc<dyn Llm>, Error> {
    Ok(assembly::llm(server(settings), Formality::Formal)?)
}

/// The server that the settings name, if any.
pub fn server(settings: &Settings) -> Option<OpenAiOptions> {
    match &settings.llm {
        LlmChoice::Assistant => None,
        LlmChoice::OpenAi(server) => {
            let options = OpenAiOptions::new(server.base_url.as_str(), server.model.as_str());
            Some(match &server.key {
                Some(key) => options.with_key(key.expose()),
                None => options,
            })
        }
    }
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

/// The folder that the settings name, else the knowledge base of `sfera kb`, else the examples; and what it
/// does without.
async fn knowledge(
    settings: &Settings,
) -> Result<(Option<Arc<dyn Knowledge>>, Option<Warning>), Error> {
    let wanted = &settings.config.knowledge;
    if wanted.enabled
        && wanted.folder.is_none()
        && let Some(own) = knowledge::ready(settings).await?
    {
        return Ok((Some(own.knowledge), own.lacking.map(Warning::Meaning)));
    }
    Ok((folder_knowledge(settings).await?, None))
}

async fn folder_knowledge(settings: &Settings) -> Result<Option<Arc<dyn Knowledge>>, Error> {
    let wanted = &settings.config.knowledge;
    let examples = || {
        let folder = Path::new(EXAMPLE_KNOWLEDGE);
        folder.is_dir().then(|| folder.to_owned())
    };
    let folder = wanted.folder.clone().or_else(examples);
    match folder.filter(|_| wanted.enabled) {
        Some(folder) => Ok(Some(knowledge::folder(&folder).await?)),
        None => Ok(None),
    }
}
