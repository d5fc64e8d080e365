use crate::{Language, audio::SampleRate};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// How turns are taken. The defaults are those users of livekit-agents expect; each can be set per
/// session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TurnOptions {
    /// Language of the conversation.
    pub language: Language,
    /// When the user's turn is over.
    pub endpointing: Endpointing,
    /// When the user may take the floor while the agent speaks.
    pub interruption: Interruption,
    /// Whether the LLM starts before the turn is surely over.
    pub preemptive: Preemptive,
    /// How long a yes is awaited before a call that needs one is given up.
    pub consent: Duration,
    /// Tool steps of one turn, at most.
    pub max_tool_steps: u32,
    /// Characters of one reply, at most; what comes after is not spoken.
    pub max_reply_chars: usize,
    /// Messages of the history kept, at most.
    pub max_history: usize,
    /// Rate of the samples that playout counts.
    pub playout_rate: SampleRate,
    /// Silence of both sides after which the user counts as away.
    pub user_away: Option<Duration>,
    /// How long the machine waits for anybody.
    pub watchdog: Watchdog,
    /// Failures in a row after which the session ends; `None` never ends it.
    pub max_failures: Option<u32>,
    /// What the machine itself says.
    pub phrases: Phrases,
}

impl Default for TurnOptions {
    fn default() -> Self {
        Self::for_language(Language::default())
    }
}

impl TurnOptions {
    /// The defaults with the phrases and backchannel words of `language`.
    #[must_use]
    pub fn for_language(language: Language) -> Self {
        Self {
            language,
            endpointing: Endpointing::default(),
            interruption: Interruption {
                backchannel: backchannel(language),
                ..Interruption::default()
            },
            preemptive: Preemptive::default(),
            consent: Duration::from_secs(10),
            max_tool_steps: 3,
            max_reply_chars: 4_000,
            max_history: 200,
            playout_rate: SampleRate::HZ_48000,
            user_away: Some(Duration::from_secs(15)),
            watchdog: Watchdog::default(),
            max_failures: Some(3),
            phrases: Phrases::for_language(language),
        }
    }
}

/// When the user's turn is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpointing {
    /// Silence after a text that sounds complete.
    pub min_delay: Duration,
    /// Silence after a text that sounds unfinished.
    pub max_delay: Duration,
    /// Whether the minimum adapts to the speaker.
    pub mode: EndpointingMode,
    /// How long a final text is awaited after speech ended before the interim text is taken.
    pub final_timeout: Duration,
}

impl Default for Endpointing {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(3),
            mode: EndpointingMode::Fixed,
            final_timeout: Duration::from_secs(5),
        }
    }
}

/// Fixed or dynamic endpointing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointingMode {
    /// The same minimum always.
    #[default]
    Fixed,
    /// The minimum follows the user's pauses: an exponential moving average with α = 0.9.
    Dynamic,
}

/// When the user may take the floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interruption {
    /// Whether the user can interrupt at all.
    pub enabled: bool,
    /// Speech shorter than this interrupts only by recognised words.
    pub min_speech: Duration,
    /// Words needed to interrupt; with 0 any word that is no backchannel does.
    pub min_words: usize,
    /// What happens after a false alarm.
    pub false_alarm: FalseInterruption,
    /// Words that do not interrupt: «угу», «mm-hm». Lower case, without punctuation.
    pub backchannel: Vec<Arc<str>>,
    /// How long after the agent's first words barge-in is ignored, where no echo canceller runs.
    pub echo_warmup: Option<Duration>,
}

impl Default for Interruption {
    fn default() -> Self {
        Self {
            enabled: true,
            min_speech: Duration::from_millis(500),
            min_words: 0,
            false_alarm: FalseInterruption::ResumeAfter(Duration::from_secs(2)),
            backchannel: backchannel(Language::default()),
            echo_warmup: Some(Duration::from_secs(3)),
        }
    }
}

/// What happens when somebody made a sound but said nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FalseInterruption {
    /// Playout goes on from the same sample if nothing was recognised this long after the sound
    /// ended; at once when the recogniser says that nothing was said.
    ResumeAfter(Duration),
    /// Speech of the minimum length interrupts, recognised or not.
    Never,
}

/// Starting the LLM before the turn is surely over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preemptive {
    /// Whether it is done.
    pub enabled: bool,
    /// Not for utterances longer than this.
    pub max_speech: Duration,
    /// Starts per turn, at most.
    pub max_starts: u32,
}

impl Default for Preemptive {
    fn default() -> Self {
        Self {
            enabled: true,
            max_speech: Duration::from_secs(10),
            max_starts: 3,
        }
    }
}

/// How long the machine waits before it says sorry and listens again. These bound hangs that the
/// providers' own retries (at most about 45 s with the default policy) do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watchdog {
    /// Silence of the LLM within a step.
    pub llm: Duration,
    /// Waiting for a tool.
    pub tool: Duration,
    /// Text is given to the TTS but the playhead does not move.
    pub playout: Duration,
    /// Speech without an end: after this the turn is taken as over.
    pub speech: Duration,
}

impl Default for Watchdog {
    fn default() -> Self {
        Self {
            llm: Duration::from_secs(20),
            tool: Duration::from_secs(30),
            playout: Duration::from_secs(15),
            speech: Duration::from_secs(60),
        }
    }
}

/// What the machine itself says: when something fails, takes long or needs a yes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phrases {
    /// No answer could be prepared.
    pub cannot_answer: Arc<str>,
    /// The user could not be heard.
    pub cannot_hear: Arc<str>,
    /// A tool takes its time.
    pub filler: Arc<str>,
    /// Follows the question whether a call may run.
    pub yes_or_no: Arc<str>,
    /// Nobody answered the question.
    pub not_confirmed: Arc<str>,
    /// Before a result that came after its answer was over.
    pub late_result: Arc<str>,
}

impl Default for Phrases {
    fn default() -> Self {
        Self::for_language(Language::default())
    }
}

impl Phrases {
    /// The phrases of a language.
    #[must_use]
    pub fn for_language(language: Language) -> Self {
        match language {
            Language::Ru => Self {
                cannot_answer: "Простите, сейчас не получается ответить. Повторите, пожалуйста."
                    .into(),
                cannot_hear: "Простите, не получилось расслышать. Повторите, пожалуйста.".into(),
                filler: "Секунду, смотрю.".into(),
                yes_or_no: "Да или нет?".into(),
                not_confirmed: "Ответа не было, поэтому ничего не делаю.".into(),
                late_result: "Кстати, готово:".into(),
            },
            Language::En => Self {
                cannot_answer: "Sorry, I can't answer right now. Please say that again.".into(),
                cannot_hear: "Sorry, I couldn't hear you. Please say that again.".into(),
                filler: "One moment, let me look.".into(),
                yes_or_no: "Yes or no?".into(),
                not_confirmed: "There was no answer, so I'm not doing it.".into(),
                late_result: "By the way, that's done:".into(),
            },
        }
    }
}

fn backchannel(language: Language) -> Vec<Arc<str>> {
    let words: &[&str] = match language {
        Language::Ru => &[
            "угу",
            "ага",
            "мгм",
            "хм",
            "м",
            "мм",
            "ну",
            "да-да",
            "так",
            "ясно",
            "понятно",
        ],
        Language::En => &[
            "mm-hm", "mhm", "uh-huh", "mm", "hm", "hmm", "yeah", "right", "ok", "okay",
        ],
    };
    words.iter().map(|w| Arc::from(*w)).collect()
}
