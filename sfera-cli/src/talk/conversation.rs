//! A session as somebody sees it: what each side said, who is at it now, how long things took.
//! Folds the session's events; knows no terminal.

use sfera_agent::{
    session::{SessionEvent, SessionEventKind, TurnMetrics},
    tools::ToolOutcome,
    turn::{
        AgentState, CloseReason, Event, Failure, ReplyEnd, ReplyId, Stage, Time, TurnId, UserState,
    },
};
use std::sync::Arc;

/// Everything seen of a session so far.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What was said and done, oldest first.
    pub lines: Vec<Line>,
    /// What the agent is doing.
    pub agent: AgentState,
    /// What the user is doing.
    pub user: UserState,
    /// How loud the input is, dBFS.
    pub level: f32,
    /// Latencies of the turns answered so far.
    pub metrics: Vec<TurnMetrics>,
    /// How often the user took the floor.
    pub interruptions: usize,
    /// Why the session ended, once it has.
    pub closed: Option<CloseReason>,
}

/// Something said or done.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When it began.
    pub at: Time,
    /// What it is.
    pub kind: LineKind,
    /// The words; empty where there are none.
    pub text: String,
    /// Whether it will not change any more.
    pub done: bool,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub enum LineKind {
    /// The user spoke or typed.
    User(Option<TurnId>),
    /// The agent spoke; how it ended, once it has.
    Agent(ReplyId, Option<ReplyEnd>),
    /// A tool was called; how it ended, once it has.
    Tool(Arc<str>, Option<ToolOutcome>),
    /// The user's sound was no interruption after all.
    FalseAlarm,
    /// The user took the floor.
    BargeIn,
    /// A part failed.
    Failed(Stage, Failure),
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            agent: AgentState::Initializing,
            user: UserState::Listening,
            level: f32::from(SILENCE_DBFS),
            metrics: Vec::new(),
            interruptions: 0,
            closed: None,
        }
    }
}

/// The level of digital silence.
pub const SILENCE_DBFS: i8 = -96;

impl Conversation {
    /// Takes in one event.
    pub fn observe(&mut self, event: &SessionEvent) {
        match &event.kind {
            SessionEventKind::Turn(turn) => self.observe_turn(event.at, turn),
            SessionEventKind::Metrics { metrics } => self.metrics.push(metrics.clone()),
            SessionEventKind::InputLevel { dbfs } => self.level = *dbfs,
            SessionEventKind::Citation { .. } | SessionEventKind::ToolProgress { .. } => {}
        }
    }

    fn observe_turn(&mut self, at: Time, event: &Event) {
        match event {
            Event::AgentState { state } => self.agent = *state,
            Event::UserState { state } => self.user = *state,
            Event::UserTranscript { text, .. } => self.user_says(at, text),
            Event::TurnCommitted { turn, text } => self.commit(at, *turn, text),
            Event::AgentTranscript { reply, delta } => self.agent_line(at, *reply).push_str(delta),
            Event::ReplyEnded {
                reply, end, heard, ..
            } => self.end_reply(at, *reply, *end, heard),
            Event::InterruptionDismissed => {
                // «Угу» was said, and that was all.
                if let Some(line) = self.open_user_line() {
                    line.done = true;
                }
                self.mark(at, LineKind::FalseAlarm);
            }
            Event::InterruptionConfirmed => {
                self.interruptions += 1;
                self.mark(at, LineKind::BargeIn);
            }
            Event::ToolStarted { call } => {
                let kind = LineKind::Tool(call.id.clone(), None);
                self.lines.push(Line {
                    at,
                    kind,
                    text: call.name.clone(),
                    done: false,
                });
            }
            Event::ToolEnded { id, outcome } => self.end_tool(id, outcome),
            Event::StageFailed { stage, failure } => {
                self.mark(at, LineKind::Failed(*stage, *failure));
            }
            Event::Closed { reason } => self.close(*reason),
            Event::TurnSuperseded { .. }
            | Event::ReplyStarted { .. }
            | Event::ToolAsked { .. }
            | Event::InterruptionSuspected => {}
        }
    }

    /// The turns that were answered or at least understood.
    pub fn turns(&self) -> usize {
        let user = |line: &&Line| matches!(line.kind, LineKind::User(Some(_)));
        self.lines.iter().filter(user).count()
    }

    fn user_says(&mut self, at: Time, text: &str) {
        match self.open_user_line() {
            Some(line) => line.text = text.to_owned(),
            None if text.is_empty() => {}
            None => self.lines.push(Line {
                at,
                kind: LineKind::User(None),
                text: text.to_owned(),
                done: false,
            }),
        }
        self.lines
            .retain(|line| line.done || !line.text.is_empty() || !is_user(line));
    }

    fn commit(&mut self, at: Time, turn: TurnId, text: &str) {
        let line = Line {
            at,
            kind: LineKind::User(Some(turn)),
            text: text.to_owned(),
            done: true,
        };
        match self.open_user_line() {
            Some(open) => {
                *open = Line {
                    at: open.at,
                    ..line
                }
            }
            None => self.lines.push(line),
        }
    }

    fn open_user_line(&mut self) -> Option<&mut Line> {
        let mut lines = self.lines.iter_mut().rev();
        lines.find(|line| !line.done && is_user(line))
    }

    fn agent_line(&mut self, at: Time, reply: ReplyId) -> &mut String {
        let this = |line: &Line| matches!(line.kind, LineKind::Agent(id, _) if id == reply);
        let index = match self.lines.iter().rposition(this) {
            Some(index) => index,
            None => {
                self.lines.push(Line {
                    at,
                    kind: LineKind::Agent(reply, None),
                    text: String::new(),
                    done: false,
                });
                self.lines.len() - 1
            }
        };
        &mut self.lines[index].text
    }

    fn end_reply(&mut self, at: Time, reply: ReplyId, end: ReplyEnd, heard: &str) {
        let this = |line: &Line| matches!(line.kind, LineKind::Agent(id, _) if id == reply);
        if heard.is_empty() {
            self.lines.retain(|line| !this(line));
            return;
        }
        self.agent_line(at, reply).replace_range(.., heard.trim());
        for line in self.lines.iter_mut().filter(|line| this(line)) {
            line.kind = LineKind::Agent(reply, Some(end));
            line.done = true;
        }
    }

    fn end_tool(&mut self, ended: &Arc<str>, outcome: &ToolOutcome) {
        for line in &mut self.lines {
            if matches!(&line.kind, LineKind::Tool(id, None) if id == ended) {
                line.kind = LineKind::Tool(ended.clone(), Some(outcome.clone()));
                line.done = true;
            }
        }
    }

    fn mark(&mut self, at: Time, kind: LineKind) {
        self.lines.push(Line {
            at,
            kind,
            text: String::new(),
            done: true,
        });
    }

    fn close(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
        for line in &mut self.lines {
            line.done = true;
        }
    }
}

const fn is_user(line: &Line) -> bool {
    matches!(line.kind, LineKind::User(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(events: impl IntoIterator<Item = Event>) -> Conversation {
        let mut conversation = Conversation::default();
        for (second, event) in events.into_iter().enumerate() {
            conversation.observe(&SessionEvent {
                at: Time::from_millis(second as u64 * 1_000),
                kind: SessionEventKind::Turn(event),
            });
        }
        conversation
    }

    fn interim(text: &str) -> Event {
        Event::UserTranscript {
            text: text.into(),
            is_final: false,
        }
    }

    fn ended(reply: u32, end: ReplyEnd, heard: &str) -> Event {
        Event::ReplyEnded {
            reply: ReplyId(reply),
            turn: None,
            end,
            user: "".into(),
            heard: heard.into(),
        }
    }

    fn delta(reply: u32, delta: &str) -> Event {
        Event::AgentTranscript {
            reply: ReplyId(reply),
            delta: delta.into(),
        }
    }

    #[test]
    fn interim_text_grows_in_one_line_until_the_turn_is_committed() {
        let committed = Event::TurnCommitted {
            turn: TurnId(1),
            text: "Привет, Сфера".into(),
        };
        let seen = conversation([interim("При"), interim("Привет"), committed]);
        assert_eq!(seen.lines.len(), 1);
        assert_eq!(seen.lines[0].text, "Привет, Сфера");
        assert_eq!(seen.lines[0].at, Time::ZERO);
        assert!(seen.lines[0].done);
        assert_eq!(seen.turns(), 1);
    }

    #[test]
    fn interim_text_that_turns_out_to_be_nothing_disappears() {
        let seen = conversation([interim("э"), interim("")]);
        assert_eq!(seen.lines, []);
        assert_eq!(seen.turns(), 0);
    }

    #[test]
    fn a_word_one_listens_by_stays_a_line_of_its_own() {
        let committed = Event::TurnCommitted {
            turn: TurnId(1),
            text: "Меня зовут Алекс".into(),
        };
        let seen = conversation([interim("Ага"), Event::InterruptionDismissed, committed]);
        let texts: Vec<_> = seen.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Ага", "", "Меня зовут Алекс"]);
    }

    #[test]
    fn an_interrupted_answer_keeps_only_what_was_heard() {
        let seen = conversation([
            delta(1, "Один. "),
            delta(1, "Два. Три."),
            Event::InterruptionConfirmed,
            ended(1, ReplyEnd::Interrupted, "Один. "),
        ]);
        assert_eq!(seen.lines[0].text, "Один.");
        let interrupted = LineKind::Agent(ReplyId(1), Some(ReplyEnd::Interrupted));
        assert_eq!(seen.lines[0].kind, interrupted);
        assert_eq!(seen.interruptions, 1);
    }

    #[test]
    fn an_answer_nobody_heard_leaves_no_line() {
        let seen = conversation([delta(1, "x"), ended(1, ReplyEnd::Failed, "")]);
        assert_eq!(seen.lines, []);
    }

    #[test]
    fn a_tool_is_one_line_from_its_call_to_its_result() {
        let call = sfera_agent::tools::ToolCall {
            id: "1".into(),
            name: "weather".into(),
            arguments: "{}".into(),
        };
        let outcome = ToolOutcome::Failed("the source cannot be reached".into());
        let seen = conversation([
            Event::ToolStarted { call },
            Event::ToolEnded {
                id: "1".into(),
                outcome: outcome.clone(),
            },
        ]);
        assert_eq!(seen.lines.len(), 1);
        assert_eq!(
            seen.lines[0].kind,
            LineKind::Tool("1".into(), Some(outcome))
        );
    }
}
