use super::Time;
use crate::tools::{ToolCall, ToolOutcome, Treatment};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Names one thing the agent says in answer to something, across LLM steps and interruptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplyId(pub u32);

/// Names one piece of speech given to the TTS, unique in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(pub u32);

/// Names one finished utterance of the user, unique in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TurnId(pub u32);

/// A stage of the pipeline that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Voice activity detection.
    Vad,
    /// Speech recognition.
    Stt,
    /// The language model.
    Llm,
    /// The voice.
    Tts,
}

/// How a provider failed after its own retries and fallbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// No answer in time.
    Timeout,
    /// Not reachable, not loaded, or broke in the middle.
    Unavailable,
    /// The key, the quota or the request was refused.
    Refused,
    /// Its answer made no sense.
    Nonsense,
}

/// How far playout came: every segment before `segment` was heard whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedTo {
    /// The segment the playhead stands in.
    pub segment: SegmentId,
    /// Samples of it that were heard.
    pub played: u64,
    /// Samples of it that exist so far.
    pub synthesized: u64,
    /// Whether `synthesized` is the segment's whole length.
    pub complete: bool,
}

/// What happens to the machine. Anything about a reply, segment or call that is no longer current is
/// ignored, so drivers need not race to cancel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    /// Nothing but time passing: the deadline was reached.
    Tick,
    /// The VAD hears speech that began at `since` (at or before now).
    SpeechStarted {
        /// When the first speech window began.
        since: Time,
    },
    /// The VAD heard silence since `since` (at or before now).
    SpeechEnded {
        /// When the last speech window ended.
        since: Time,
    },
    /// The utterance's text so far; replaces the previous interim text.
    Interim {
        /// The words.
        text: String,
    },
    /// A finished piece of the user's speech; empty if nothing was said after all.
    Final {
        /// The words.
        text: String,
    },
    /// The user typed this.
    Typed {
        /// The words.
        text: String,
    },
    /// The LLM wrote more text.
    LlmText {
        /// For which reply.
        reply: ReplyId,
        /// Its step, from 1.
        step: u32,
        /// The text to append.
        text: String,
    },
    /// The LLM wants a tool called.
    LlmToolCall {
        /// For which reply.
        reply: ReplyId,
        /// Its step, from 1.
        step: u32,
        /// The call.
        call: ToolCall,
        /// What is known of its tool.
        #[serde(default)]
        treatment: Treatment,
    },
    /// The LLM's step is complete.
    LlmDone {
        /// For which reply.
        reply: ReplyId,
        /// Its step, from 1.
        step: u32,
    },
    /// The LLM's step failed for good.
    LlmFailed {
        /// For which reply.
        reply: ReplyId,
        /// Its step, from 1.
        step: u32,
        /// How.
        failure: Failure,
    },
    /// A tool call ended. The first result of a call counts, later ones are ignored.
    ToolResult {
        /// The call.
        id: Arc<str>,
        /// How it ended.
        outcome: ToolOutcome,
    },
    /// The segment has no more sound coming: it is `samples` long.
    TtsDone {
        /// The segment.
        segment: SegmentId,
        /// Its whole length in samples at the playout rate.
        samples: u64,
    },
    /// The segment cannot be spoken, or no further than what was queued.
    TtsFailed {
        /// The segment.
        segment: SegmentId,
        /// How.
        failure: Failure,
    },
    /// The first sample of a segment was played.
    SegmentStarted {
        /// The segment.
        segment: SegmentId,
    },
    /// The playhead moved. Sent some times a second while playing.
    Progress {
        /// Where it is.
        at: PlayedTo,
    },
    /// The last sample of a segment was played.
    SegmentPlayed {
        /// The segment.
        segment: SegmentId,
    },
    /// Playout was cleared as [`super::Effect::ClearPlayout`] asked. `None` if nothing was queued.
    PlayoutCleared {
        /// Where the playhead was.
        at: Option<PlayedTo>,
    },
    /// The recogniser or the VAD failed for good; the driver starts it again on
    /// [`super::Effect::RestartListening`].
    ListeningFailed {
        /// Which of the two.
        stage: Stage,
        /// How.
        failure: Failure,
    },
    /// The host wants this said.
    Say {
        /// The words.
        text: String,
        /// Whether the user may interrupt it.
        interruptible: bool,
    },
    /// The host wants the agent to stop talking, as if the user had interrupted.
    Interrupt,
    /// The user wants it, and says so by a tap or a key instead of by speaking. What may not be
    /// interrupted goes on.
    UserInterrupt,
    /// The host wants the session to end.
    Close {
        /// Whether what is being said is finished first.
        drain: bool,
    },
}
