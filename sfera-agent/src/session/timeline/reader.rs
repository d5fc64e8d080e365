use super::model::{Call, Conversation, Latency, Mark, Span, Spoken, Utterance};
use crate::{
    tools::ToolOutcome,
    turn::{AgentState, Effect, Event, Input, ReplyEnd, ReplyId, SegmentId, Time},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A pause within one utterance is no longer: the recogniser joins such parts.
const BREATH: Duration = Duration::from_millis(500);

/// What is going on while the recording is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) conversation: Conversation,
    /// Since when the user is making a sound.
    speaking: Option<Time>,
    /// When the turn being spoken began, and when its last sound ended.
    turn_began: Option<Time>,
    speech_ended: Option<Time>,
    /// Whether anything was recognised in it.
    worded: bool,
    /// The last final transcript.
    said: Option<(Time, String)>,
    /// When and what was typed last.
    typed: Option<(Time, String)>,
    segments: BTreeMap<SegmentId, ReplyId>,
    /// Since when the agent is heard.
    sounding: Option<Time>,
    /// Since when playout is paused.
    paused: Option<Time>,
    replies: BTreeMap<ReplyId, Reply>,
    state: Option<(Time, AgentState)>,
    calls: BTreeMap<Arc<str>, (Time, String)>,
    /// When a turn was last committed: its words, its last sound.
    committed: Option<(Time, Arc<str>, Time)>,
}

#[derive(Debug, Default)]
struct Reply {
    first_token: Option<Time>,
    first_sound: Option<Time>,
    /// The turn it answers: words, last sound, commit.
    answers: Option<(Arc<str>, Time, Time)>,
}

impl Reader {
    pub(super) fn input(&mut self, at: Time, input: &Input) {
        match input {
            Input::SpeechStarted { since } => {
                self.speaking.get_or_insert(*since);
                self.turn_began.get_or_insert(*since);
            }
            Input::SpeechEnded { since } => {
                self.speech_ended = Some(*since);
                if let Some(from) = self.speaking.take() {
                    let to = (*since).max(from);
                    self.conversation.voice.push(Span { from, to });
                }
            }
            // A sound without words is no part of what is said after it.
            Input::Interim { text } | Input::Final { text } if !text.trim().is_empty() => {
                self.worded = true;
            }
            Input::Final { .. } if !self.worded && !self.goes_on() => {
                self.turn_began = self.speaking;
            }
            Input::Typed { text } => self.typed = Some((at, text.trim().to_owned())),
            Input::LlmText { reply, .. } => {
                let reply = self.replies.entry(*reply).or_default();
                reply.first_token.get_or_insert(at);
            }
            Input::SegmentStarted { segment } => self.segment_started(at, *segment),
            Input::SegmentPlayed { .. } => self.silence(at),
            _ => {}
        }
    }

    /// Whether the speech at hand began so soon that it goes on with what was said before it.
    fn goes_on(&self) -> bool {
        let pause = |(began, ended): (Time, Time)| began.since(ended);
        let parts = self.speaking.zip(self.speech_ended);
        parts.is_some_and(|parts| pause(parts) < BREATH)
    }

    fn segment_started(&mut self, at: Time, segment: SegmentId) {
        self.sounding.get_or_insert(at);
        let Some(name) = self.segments.get(&segment) else {
            return;
        };
        let reply = self.replies.entry(*name).or_default();
        if reply.first_sound.is_some() {
            return;
        }
        reply.first_sound = Some(at);
        if let Some((user, from, committed)) = reply.answers.clone() {
            let token = reply.first_token.map(|token| token.max(committed));
            self.conversation.latencies.push(Latency {
                user,
                from,
                committed,
                token,
                sound: at,
            });
        }
    }

    fn silence(&mut self, at: Time) {
        if let Some(from) = self.sounding.take() {
            push_joined(&mut self.conversation.sound, Span { from, to: at });
        }
    }

    pub(super) fn effect(&mut self, at: Time, effect: &Effect) {
        match effect {
            Effect::Speak { reply, segment, .. } => {
                self.segments.insert(*segment, *reply);
            }
            Effect::PausePlayout if self.sounding.is_some() => {
                self.silence(at);
                self.paused = Some(at);
            }
            Effect::ResumePlayout if self.end_pause(at) => {
                self.sounding = Some(at);
                self.conversation.marks.push((at, Mark::Resumed));
            }
            Effect::ClearPlayout => {
                self.silence(at);
                self.end_pause(at);
            }
            Effect::Emit(event) => self.event(at, event),
            _ => {}
        }
    }

    fn end_pause(&mut self, at: Time) -> bool {
        let Some(from) = self.paused.take() else {
            return false;
        };
        self.conversation.pauses.push(Span { from, to: at });
        true
    }

    fn event(&mut self, at: Time, event: &Event) {
        match event {
            Event::AgentState { state } => {
                self.end_state(at);
                self.state = Some((at, *state));
            }
            Event::TurnCommitted { text, .. } => self.committed(at, text),
            Event::ReplyStarted { reply, turn } => {
                let answers = turn.and(self.committed.clone());
                let reply = self.replies.entry(*reply).or_default();
                reply.answers = answers.map(|(committed, user, from)| (user, from, committed));
            }
            Event::ReplyEnded {
                reply, heard, end, ..
            } => {
                let began = self.replies.get(reply).and_then(|r| r.first_sound);
                if let Some(began) = began.filter(|_| !heard.is_empty()) {
                    self.conversation.spoken.push(Spoken {
                        at: began,
                        text: Arc::clone(heard),
                        cut: *end != ReplyEnd::Completed,
                    });
                }
            }
            Event::UserTranscript {
                text,
                is_final: true,
            } => self.said = Some((at, text.clone())),
            Event::InterruptionDismissed => self.dismissed(at),
            Event::InterruptionConfirmed => {
                self.conversation.marks.push((at, Mark::Interrupted));
            }
            Event::ToolStarted { call } => {
                let started = (at, call.name.clone());
                self.calls.insert(Arc::clone(&call.id), started);
            }
            Event::ToolEnded { id, outcome } => {
                if let Some((from, name)) = self.calls.remove(id) {
                    let ok = matches!(outcome, ToolOutcome::Ok(_));
                    let span = Span { from, to: at };
                    self.conversation.calls.push(Call { span, name, ok });
                }
            }
            _ => {}
        }
    }

    /// What was said is no turn, but it was said: words that were no turn come at the same moment.
    fn dismissed(&mut self, at: Time) {
        if let Some((_, text)) = self.said.take_if(|(said, _)| *said == at) {
            self.conversation.utterances.push(Utterance {
                at: self.turn_began.unwrap_or(at),
                text: text.into(),
                typed: false,
            });
        }
        self.turn_began = self.speaking;
        self.worded = false;
    }

    fn committed(&mut self, at: Time, text: &Arc<str>) {
        let typed = self.typed.take().filter(|(_, line)| text.contains(line));
        let (began, ended) = match &typed {
            Some((typed, _)) => (*typed, *typed),
            None => (
                self.turn_began.unwrap_or(at),
                self.speech_ended.unwrap_or(at),
            ),
        };
        // Speech that goes on belongs to the next turn.
        self.turn_began = self.speaking;
        self.worded = false;
        self.conversation.utterances.push(Utterance {
            at: began,
            text: Arc::clone(text),
            typed: typed.is_some(),
        });
        self.committed = Some((at, Arc::clone(text), ended));
    }

    fn end_state(&mut self, at: Time) {
        if let Some((from, state)) = self.state.take() {
            let span = Span { from, to: at };
            self.conversation.states.push((span, state));
        }
    }

    pub(super) fn finish(mut self) -> Conversation {
        let end = self.conversation.end;
        if let Some(from) = self.speaking {
            self.conversation.voice.push(Span { from, to: end });
        }
        self.silence(end);
        self.end_pause(end);
        self.end_state(end);
        self.conversation.spoken.sort_by_key(|spoken| spoken.at);
        self.conversation
    }
}

/// Sentences that follow each other at once are one stretch of sound.
fn push_joined(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if span.from.since(last.to).as_millis() < 30 => last.to = span.to,
        _ => spans.push(span),
    }
}
