use super::{Failure, ReplyId, SegmentId, Stage, TurnId};
use crate::{
    llm::Message,
    tools::{ToolCall, ToolOutcome},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the machine wants done. The driver carries effects out in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Ask the LLM. Answer with `LlmText`, `LlmToolCall`, then `LlmDone` or `LlmFailed`.
    Generate {
        /// For which reply.
        reply: ReplyId,
        /// Its step, from 1.
        step: u32,
        /// Whether the reply may yet be thrown away because the turn is not over.
        speculative: bool,
        /// Whether tools may be called in this step.
        tools: bool,
        /// The conversation, oldest first.
        messages: Vec<Message>,
    },
    /// Stop the LLM's work for a reply; nothing about it is awaited any more.
    CancelLlm {
        /// Which reply.
        reply: ReplyId,
    },
    /// Speak a segment after all segments before it. Answer with `TtsDone` or `TtsFailed`.
    Speak {
        /// Part of which reply.
        reply: ReplyId,
        /// Its name.
        segment: SegmentId,
        /// What to say.
        text: Arc<str>,
    },
    /// Stop all synthesis; nothing about it is awaited any more.
    CancelTts,
    /// Stop the sound at once and keep the queue.
    PausePlayout,
    /// Go on from the very next sample.
    ResumePlayout,
    /// Drop the queue and answer with `PlayoutCleared` before anything else that happens outside is
    /// told. Leaves playout not paused.
    ClearPlayout,
    /// Run a tool. Answer with `ToolResult`.
    RunTool {
        /// The call.
        call: ToolCall,
        /// Whether the user was asked and said yes.
        #[serde(default)]
        confirmed: bool,
    },
    /// Stop a tool's call if it can be stopped, and answer `ToolResult` with `Cancelled`. A call that
    /// cannot be stopped goes on, and its result is still wanted.
    CancelTool {
        /// The call's id.
        id: Arc<str>,
    },
    /// Start VAD and STT anew after `ListeningFailed`.
    RestartListening,
    /// Tell the host.
    Emit(Event),
    /// End the session: cancel all tasks. Always the last effect.
    Shutdown,
}

/// What the agent is doing, as LiveKit front ends know it (`lk.agent.state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Starting up.
    Initializing,
    /// The user is away.
    Idle,
    /// Waiting for the user, or hearing them.
    Listening,
    /// Preparing an answer.
    Thinking,
    /// Being heard.
    Speaking,
}

/// What the user is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Silent.
    Listening,
    /// Speaking.
    Speaking,
    /// Silent for long.
    Away,
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyEnd {
    /// Heard to its end.
    Completed,
    /// Cut short by the user or the host.
    Interrupted,
    /// A provider failed.
    Failed,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The host asked.
    Requested,
    /// Several failures in a row with no success in between.
    TooManyFailures,
}

/// What a host wants to know. Serialised, it is also a line of `--json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The agent's state changed.
    AgentState {
        /// The new state.
        state: AgentState,
    },
    /// The user's state changed.
    UserState {
        /// The new state.
        state: UserState,
    },
    /// What the user says, so far or for good.
    UserTranscript {
        /// The whole text of the turn so far; replaces what was sent for this turn before.
        text: String,
        /// Whether the turn is over.
        is_final: bool,
    },
    /// The user's turn is over and will be answered.
    TurnCommitted {
        /// Its name.
        turn: TurnId,
        /// What was said.
        text: Arc<str>,
    },
    /// The turn will get no answer of its own: `by` answers it together with a later one.
    TurnSuperseded {
        /// The older turn.
        turn: TurnId,
        /// The newer turn.
        by: TurnId,
    },
    /// A reply began to be prepared for good.
    ReplyStarted {
        /// Its name.
        reply: ReplyId,
        /// The turn it answers; `None` if the host or the machine itself speaks.
        turn: Option<TurnId>,
    },
    /// The caption of what is being said, moving with the playhead.
    AgentTranscript {
        /// Which reply.
        reply: ReplyId,
        /// Words just heard, to be appended.
        delta: String,
    },
    /// A reply ended.
    ReplyEnded {
        /// Its name.
        reply: ReplyId,
        /// The turn it answered.
        turn: Option<TurnId>,
        /// How.
        end: ReplyEnd,
        /// The user's words it answered; empty if none.
        user: Arc<str>,
        /// What the user heard of it.
        heard: Arc<str>,
    },
    /// The user spoke over the agent; playout is paused.
    InterruptionSuspected,
    /// It was a false alarm; playout goes on.
    InterruptionDismissed,
    /// It was an interruption; the reply ended.
    InterruptionConfirmed,
    /// The user is asked whether a call may run. It is followed by `ToolStarted` or, without running,
    /// by `ToolEnded`.
    ToolAsked {
        /// The call's id.
        id: Arc<str>,
        /// What is asked aloud.
        question: Arc<str>,
    },
    /// A tool is being called.
    ToolStarted {
        /// The call.
        call: ToolCall,
    },
    /// A tool's call ended. One that was refused ends without having started.
    ToolEnded {
        /// The call's id.
        id: Arc<str>,
        /// How.
        outcome: ToolOutcome,
    },
    /// A stage failed for good.
    StageFailed {
        /// Which.
        stage: Stage,
        /// How.
        failure: Failure,
    },
    /// The session ends.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}
