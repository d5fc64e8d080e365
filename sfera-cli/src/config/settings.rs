use serde::{Deserialize, Serialize};
use sfera_agent::Language;
use std::path::PathBuf;

/// `sfera.toml`. What is not set keeps its default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Language of the conversation.
    pub language: Option<Language>,
    /// Whose memory is used; `local` by default.
    pub user: Option<String>,
    /// Who the agent is; the catalogue's text by default.
    pub instructions: Option<String>,
    pub vad: Vad,
    pub stt: Stt,
    pub llm: Llm,
    pub tts: Tts,
    pub audio: Audio,
    pub knowledge: Knowledge,
    pub memory: Memory,
    pub models: Models,
    pub turn: Turn,
}

/// Who hears that somebody speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VadProvider {
    #[default]
    Earshot,
    Silero,
}

/// Who recognises speech.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SttProvider {
    #[default]
    Whisper,
}

/// Who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LlmProvider {
    /// An OpenAI-compatible server where a key or an address is set, the embedded assistant otherwise.
    #[default]
    Auto,
    Assistant,
    Openai,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TtsProvider {
    /// festival for Russian where it is installed, espeak-ng otherwise.
    #[default]
    Auto,
    Festival,
    Espeak,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vad {
    pub provider: VadProvider,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stt {
    pub provider: SttProvider,
    /// A model of `sfera models list`.
    pub model: Option<String>,
    /// Words and phrases to expect of the speaker.
    pub hints: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Llm {
    pub provider: LlmProvider,
    pub model: Option<String>,
    pub base_url: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tts {
    pub provider: TtsProvider,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audio {
    /// A device's name or a part of it; the system's default otherwise.
    pub device: Option<String>,
    pub echo_cancellation: bool,
}

impl Default for Audio {
    fn default() -> Self {
        Self {
            device: None,
            echo_cancellation: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    pub enabled: bool,
    /// A folder of Markdown instead of the knowledge base of `sfera kb`. Where neither is there, the
    /// examples', if they are.
    pub folder: Option<PathBuf>,
    /// The collection of `sfera kb`; `knowledge` by default.
    pub collection: Option<String>,
    /// The file of the embedded store; in the user's data folder by default.
    pub store: Option<PathBuf>,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            enabled: true,
            folder: None,
            collection: None,
            store: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    pub enabled: bool,
    /// Where people are remembered; in the user's data folder by default.
    pub folder: Option<PathBuf>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            enabled: true,
            folder: None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// Where model files are; in the user's cache folder by default.
    pub folder: Option<PathBuf>,
}

/// What of [`sfera_agent::turn::TurnOptions`] is worth setting by hand.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    pub min_delay_ms: Option<u32>,
    pub max_delay_ms: Option<u32>,
    pub interruptions: Option<bool>,
    pub min_speech_ms: Option<u32>,
    pub min_words: Option<u32>,
    pub preemptive: Option<bool>,
}
