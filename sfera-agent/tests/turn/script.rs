//! A conversation as a script: what happens when, and what the machine wants because of it.

use sfera_agent::{
    Language,
    llm::Message,
    tools::{ToolCall, ToolOutcome, Treatment},
    turn::{
        AgentState, Effect, Event, Failure, Input, Machine, PlayedTo, ReplyId, SegmentId, Stage,
        Time, TurnOptions,
    },
};
use std::time::Duration;

/// Samples a millisecond at the machine's default rate.
const SAMPLES: u64 = 48;

/// A long sentence, because short ones are joined before they are spoken.
pub const SENTENCE: &str = "Сегодня на рынке совсем спокойно.";
/// Another one.
pub const NEXT_SENTENCE: &str = "Завтра посмотрим на график вместе.";

pub struct Script {
    machine: Machine,
    now: Time,
    /// What the machine wanted since the last expectation.
    wanted: Vec<String>,
    playhead: Option<PlayedTo>,
    /// The LLM's request that is being answered.
    request: Option<(ReplyId, u32)>,
}

/// Fixed times that are easy to count with, and no speculation.
pub fn plain() -> TurnOptions {
    let mut options = TurnOptions::for_language(Language::Ru);
    options.preemptive.enabled = false;
    options.interruption.echo_warmup = None;
    options.user_away = None;
    options
}

pub const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Script {
    pub fn new(options: TurnOptions) -> Self {
        Self {
            machine: Machine::new(options),
            now: Time::ZERO,
            wanted: Vec::new(),
            playhead: None,
            request: None,
        }
    }

    /// Lets time pass until `ms`; the machine is woken whenever it asked for it.
    pub fn at(&mut self, ms: u64) -> &mut Self {
        let to = Time::from_millis(ms);
        assert!(to >= self.now, "a script goes forward");
        while let Some(deadline) = self.machine.deadline().filter(|at| *at <= to) {
            self.now = self.now.max(deadline);
            self.tell(Input::Tick);
        }
        self.now = to;
        self
    }

    pub fn tell(&mut self, input: Input) -> &mut Self {
        self.machine.handle(self.now, input);
        let mut cleared = false;
        while let Some(effect) = self.machine.poll_effect() {
            match &effect {
                Effect::Generate { reply, step, .. } => self.request = Some((*reply, *step)),
                Effect::ClearPlayout => cleared = true,
                _ => {}
            }
            self.wanted.extend(show(&effect));
        }
        if cleared {
            let at = self.playhead.take();
            self.tell(Input::PlayoutCleared { at });
        }
        self
    }

    pub fn speech_starts(&mut self) -> &mut Self {
        let since = self.now;
        self.tell(Input::SpeechStarted { since })
    }

    pub fn speech_ends(&mut self) -> &mut Self {
        let since = self.now;
        self.tell(Input::SpeechEnded { since })
    }

    pub fn interim(&mut self, text: &str) -> &mut Self {
        self.tell(Input::Interim { text: text.into() })
    }

    pub fn final_text(&mut self, text: &str) -> &mut Self {
        self.tell(Input::Final { text: text.into() })
    }

    pub fn typed(&mut self, text: &str) -> &mut Self {
        self.tell(Input::Typed { text: text.into() })
    }

    pub fn say(&mut self, text: &str, interruptible: bool) -> &mut Self {
        let text = text.into();
        self.tell(Input::Say {
            text,
            interruptible,
        })
    }

    pub fn interrupt(&mut self) -> &mut Self {
        self.tell(Input::Interrupt)
    }

    pub fn user_interrupt(&mut self) -> &mut Self {
        self.tell(Input::UserInterrupt)
    }

    pub fn close(&mut self, drain: bool) -> &mut Self {
        self.tell(Input::Close { drain })
    }

    fn request(&self) -> (ReplyId, u32) {
        self.request.expect("the LLM was not asked")
    }

    pub fn llm(&mut self, text: &str) -> &mut Self {
        let (reply, step) = self.request();
        let text = text.into();
        self.tell(Input::LlmText { reply, step, text })
    }

    pub fn llm_calls(&mut self, id: &str) -> &mut Self {
        let (reply, step) = self.request();
        let call = ToolCall {
            id: id.into(),
            name: "weather".into(),
            arguments: "{}".into(),
        };
        let treatment = Treatment::default();
        self.tell(Input::LlmToolCall {
            reply,
            step,
            call,
            treatment,
        })
    }

    /// Like [`Script::llm_calls`], but of a tool that is treated so.
    pub fn llm_calls_with(&mut self, id: &str, treatment: Treatment) -> &mut Self {
        let (reply, step) = self.request();
        let call = ToolCall {
            id: id.into(),
            name: "order".into(),
            arguments: "{}".into(),
        };
        self.tell(Input::LlmToolCall {
            reply,
            step,
            call,
            treatment,
        })
    }

    pub fn llm_done(&mut self) -> &mut Self {
        let (reply, step) = self.request();
        self.tell(Input::LlmDone { reply, step })
    }

    pub fn llm_fails(&mut self) -> &mut Self {
        let (reply, step) = self.request();
        let failure = Failure::Unavailable;
        self.tell(Input::LlmFailed {
            reply,
            step,
            failure,
        })
    }

    pub fn tool_ends(&mut self, id: &str, outcome: ToolOutcome) -> &mut Self {
        let id = id.into();
        self.tell(Input::ToolResult { id, outcome })
    }

    /// The voice has finished a segment of `ms`, and its first sample is heard.
    pub fn heard_from(&mut self, segment: u32, ms: u64) -> &mut Self {
        let segment = SegmentId(segment);
        let samples = ms * SAMPLES;
        self.playhead = Some(PlayedTo {
            segment,
            played: 0,
            synthesized: samples,
            complete: true,
        });
        self.tell(Input::TtsDone { segment, samples });
        self.tell(Input::SegmentStarted { segment })
    }

    /// The first sample of a segment is heard; the voice has made `ms` of it so far.
    pub fn heard_in_part(&mut self, segment: u32, ms: u64) -> &mut Self {
        let segment = SegmentId(segment);
        self.playhead = Some(PlayedTo {
            segment,
            played: 0,
            synthesized: ms * SAMPLES,
            complete: false,
        });
        self.tell(Input::SegmentStarted { segment })
    }

    /// The playhead is `ms` into the segment being heard.
    pub fn heard_to(&mut self, ms: u64) -> &mut Self {
        let mut at = self.playhead.expect("nothing is heard");
        at.played = ms * SAMPLES;
        self.playhead = Some(at);
        self.tell(Input::Progress { at })
    }

    pub fn heard_whole(&mut self, segment: u32) -> &mut Self {
        self.playhead = None;
        let segment = SegmentId(segment);
        self.tell(Input::SegmentPlayed { segment })
    }

    pub fn tts_fails(&mut self, segment: u32) -> &mut Self {
        let segment = SegmentId(segment);
        let failure = Failure::Unavailable;
        self.tell(Input::TtsFailed { segment, failure })
    }

    pub fn listening_fails(&mut self) -> &mut Self {
        let (stage, failure) = (Stage::Stt, Failure::Unavailable);
        self.tell(Input::ListeningFailed { stage, failure })
    }

    /// The user types, and the agent is heard to say [`SENTENCE`], 3 s long, as segment 1.
    pub fn speaking(&mut self) -> &mut Self {
        self.typed("Привет").llm(&format!("{SENTENCE} ")).llm_done();
        self.heard_from(1, 3_000).forget()
    }

    /// Nothing that was wanted so far matters.
    pub fn forget(&mut self) -> &mut Self {
        self.wanted.clear();
        self
    }

    /// All of these were wanted, in this order, among others; a line may be cut with «…».
    #[track_caller]
    pub fn expect(&mut self, lines: &[&str]) -> &mut Self {
        let wanted = std::mem::take(&mut self.wanted);
        let mut rest = wanted.iter();
        for line in lines {
            let found = rest.any(|w| matches(w, line));
            assert!(
                found,
                "{line:?} is missing, or comes too early, in {wanted:#?}"
            );
        }
        self
    }

    /// Nothing like these was wanted; what was is still to be expected.
    #[track_caller]
    pub fn expect_no(&mut self, lines: &[&str]) -> &mut Self {
        for line in lines {
            let found = self.wanted.iter().find(|w| matches(w, line));
            assert!(found.is_none(), "{found:?} in {:#?}", self.wanted);
        }
        self
    }

    #[track_caller]
    pub fn expect_state(&mut self, state: AgentState) -> &mut Self {
        assert_eq!(self.machine.state(), state);
        self
    }

    pub fn history(&self) -> Vec<String> {
        self.machine.history().iter().map(show_message).collect()
    }
}

fn matches(wanted: &str, line: &str) -> bool {
    match line.strip_suffix('…') {
        Some(beginning) => wanted.starts_with(beginning),
        None => wanted == line,
    }
}

fn show_message(message: &Message) -> String {
    match message {
        Message::User { text } => format!("user: {text}"),
        Message::Assistant {
            text,
            interrupted: true,
        } => format!("agent: {text} —"),
        Message::Assistant { text, .. } => format!("agent: {text}"),
        Message::ToolCall(call) => format!("call: {}", call.id),
        Message::ToolResult { id, outcome } => format!("result: {id} {outcome:?}"),
    }
}

fn show(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Generate {
            reply,
            step,
            speculative,
            tools,
            messages,
        } => {
            let maybe = if *speculative { " maybe" } else { "" };
            let tools = if *tools { "" } else { " without tools" };
            let asked = messages.iter().rfind(|m| matches!(m, Message::User { .. }));
            let asked = asked.map(show_message).unwrap_or_default();
            format!("ask {}.{step}{maybe}{tools} {asked}", reply.0)
        }
        Effect::CancelLlm { reply } => format!("cancel llm {}", reply.0),
        Effect::Speak { segment, text, .. } => format!("speak {} {}", segment.0, text.trim_end()),
        Effect::CancelTts => "cancel tts".into(),
        Effect::PausePlayout => "pause".into(),
        Effect::ResumePlayout => "resume".into(),
        Effect::ClearPlayout => "clear".into(),
        Effect::RunTool {
            call,
            confirmed: false,
        } => format!("run {}", call.id),
        Effect::RunTool { call, .. } => format!("run {} confirmed", call.id),
        Effect::CancelTool { id } => format!("cancel {id}"),
        Effect::RestartListening => "listen again".into(),
        Effect::Shutdown => "shutdown".into(),
        Effect::Emit(event) => return show_event(event),
    })
}

fn show_event(event: &Event) -> Option<String> {
    Some(match event {
        Event::AgentState { state } => format!("agent {state:?}"),
        Event::UserState { state } => format!("user {state:?}"),
        Event::UserTranscript { text, is_final } => {
            format!("{} {text}", if *is_final { "final" } else { "interim" })
        }
        Event::TurnCommitted { turn, text } => format!("turn {} {text}", turn.0),
        Event::TurnSuperseded { turn, by } => format!("turn {} goes into {}", turn.0, by.0),
        Event::ReplyStarted { reply, .. } => format!("reply {}", reply.0),
        Event::AgentTranscript { delta, .. } => format!("caption {delta}"),
        Event::ReplyEnded {
            reply, end, heard, ..
        } => format!("end {} {end:?} {heard}", reply.0),
        Event::InterruptionSuspected => "suspected".into(),
        Event::InterruptionDismissed => "dismissed".into(),
        Event::InterruptionConfirmed => "confirmed".into(),
        Event::ToolStarted { .. } => return None,
        Event::ToolAsked { id, question } => format!("asked {id} {question}"),
        Event::ToolEnded { id, outcome } => format!("ended {id} {outcome:?}"),
        Event::StageFailed { stage, failure } => format!("failed {stage:?} {failure:?}"),
        Event::Closed { reason } => format!("closed {reason:?}"),
    })
}
