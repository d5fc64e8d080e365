use super::reader::Reader;
use crate::{
    session::recording::{LineKind, Recording},
    turn::{AgentState, Time},
};
use std::sync::Arc;

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) from: Time,
    pub(super) to: Time,
}

/// What the user said in one turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Utterance {
    pub(super) at: Time,
    pub(super) text: Arc<str>,
    pub(super) typed: bool,
}

/// What the agent said in one reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spoken {
    pub(super) at: Time,
    pub(super) text: Arc<str>,
    pub(super) cut: bool,
}

/// How long the stages before an answer took.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Latency {
    pub(super) user: Arc<str>,
    /// End of speech, or the typed line.
    pub(super) from: Time,
    /// The turn was taken as over.
    pub(super) committed: Time,
    /// The LLM's first token, no earlier than `committed`.
    pub(super) token: Option<Time>,
    /// The first sound of the answer.
    pub(super) sound: Time,
}

/// A moment worth marking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Interrupted,
    Resumed,
}

/// A tool's call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) ok: bool,
}

/// A recording, as it is drawn.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) end: Time,
    /// When the user made a sound.
    pub(super) voice: Vec<Span>,
    pub(super) utterances: Vec<Utterance>,
    /// When the agent was heard.
    pub(super) sound: Vec<Span>,
    pub(super) pauses: Vec<Span>,
    pub(super) spoken: Vec<Spoken>,
    pub(super) states: Vec<(Span, AgentState)>,
    pub(super) latencies: Vec<Latency>,
    pub(super) marks: Vec<(Time, Mark)>,
    pub(super) calls: Vec<Call>,
    pub(super) dropped: bool,
}

impl Conversation {
    pub(super) fn of(recording: &Recording) -> Self {
        let mut reader = Reader::default();
        for line in &recording.lines {
            reader.conversation.end = line.at;
            match &line.kind {
                LineKind::Input(input) => reader.input(line.at, input),
                LineKind::Effect(effect) => reader.effect(line.at, effect),
                LineKind::Dropped(_) => reader.conversation.dropped = true,
            }
        }
        reader.finish()
    }
}
