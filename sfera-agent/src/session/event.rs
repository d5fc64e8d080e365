use crate::{
    knowledge::Citation,
    turn::{Event, ReplyId, Time},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// Something that happened in a session, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionEvent {
    /// Microseconds since the session began.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub kind: SessionEventKind,
}

/// What happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SessionEventKind {
    /// The turn machine says so.
    Turn(Event),
    /// How long the stages of an answered turn took; sent when its first sound is heard.
    Metrics {
        /// The reply these are about.
        metrics: TurnMetrics,
    },
    /// What a reply stands on, told before or while it is heard; one each time.
    Citation {
        /// The reply, which may yet be thrown away.
        reply: ReplyId,
        /// A document, or whom a tool asked.
        citation: Citation,
    },
    /// How far a tool's call is, as the tool says.
    ToolProgress {
        /// The call's id.
        id: Arc<str>,
        /// Its latest news.
        progress: Arc<str>,
    },
    /// How loud the input is; sent about ten times a second.
    InputLevel {
        /// Level of the last 100 ms, dB relative to full scale (0 is the loudest, −96 silence).
        dbfs: f32,
    },
}

/// Latencies of one turn. A stage that did not happen (typed input, no LLM) is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnMetrics {
    /// The reply.
    pub reply: ReplyId,
    /// From the last speech sample to the moment the turn was taken as over: STT and endpointing.
    pub end_of_turn: Option<Duration>,
    /// From the last speech sample to the final text.
    pub transcription: Option<Duration>,
    /// From the end of the turn to the LLM's first token; zero if speculation had it already.
    pub llm_first_token: Option<Duration>,
    /// From the first sentence given to the voice to its first sound.
    pub tts_first_byte: Option<Duration>,
    /// From the last speech sample (or the typed line) to the first sample heard.
    pub first_audio: Duration,
}
