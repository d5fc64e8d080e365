//! The simulated world around a machine: carries its effects out and tells it what comes of them.

use super::{
    Planted, Stats,
    plan::{Conversation, ToolEnd, What, When},
    playout::{Playout, Report},
    rules::{Rule, Rules, Violation},
    services::{self, Line, Request},
    user,
    words::{self, Words},
};
use crate::{
    session::recording::{Header, Recorder, Recording},
    testing::Agenda,
    tools::{ToolCall, ToolOutcome, strangers},
    turn::{AgentState, Effect, Failure, Input, Machine, Time, TurnOptions},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// An act waits no longer than this for the agent to be as it wants it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Inputs after which a conversation counts as endless. An LLM that writes nonsense every millisecond
/// until its watchdog bites, in reply after reply, comes to 200,000.
const MAX_INPUTS: u32 = 300_000;
/// Lines of a recording made by a simulation, at most.
const MAX_LINES: usize = 600_000;

/// What will happen.
enum Happens {
    /// The machine is told.
    Tell(Input),
    /// A request to the LLM goes on.
    Think(usize),
    /// The voice goes on, if it was not cancelled since.
    Voice(u32),
    /// A tool's call ends, unless it was cancelled and obeys.
    Tool {
        id: Arc<str>,
        outcome: ToolOutcome,
        stubborn: bool,
    },
    /// The user's or host's act of this number begins.
    Act(usize),
    /// This act has waited for the agent long enough.
    Impatient(usize),
    /// The act before the one of this number is over.
    Await(usize),
}

pub(super) struct World<'a> {
    plan: &'a Conversation,
    planted: Planted,
    machine: Machine,
    agenda: Agenda<Happens>,
    playout: Playout,
    rules: Rules,
    requests: Vec<Request>,
    line: Line,
    /// Calls that run; whether each is stubborn.
    running: BTreeMap<Arc<str>, bool>,
    cancelled: BTreeSet<Arc<str>>,
    spoken: usize,
    ran: usize,
    calls: u32,
    user_words: Words,
    agent_words: Words,
    /// The act that waits for the agent.
    awaiting: Option<usize>,
    /// When the last act was over.
    script_over: Option<Time>,
    inputs: u32,
    /// Ticks at the same moment, one after another.
    ticks: (Time, u32),
    recorder: Option<Recorder>,
}

impl<'a> World<'a> {
    pub(super) fn new(plan: &'a Conversation, planted: Planted, record: bool) -> Self {
        let options = plan.options.clone();
        let language = options.language;
        let recorder = record.then(|| Recorder::in_memory(header(&options), MAX_LINES));
        let mut agenda = Agenda::default();
        agenda.after(Duration::ZERO, Happens::Await(0));
        let mut playout = Playout::default();
        playout.lost_by_resume = planted.lost_by_resume();
        Self {
            plan,
            planted,
            rules: Rules::new(&options),
            machine: Machine::new(options),
            agenda,
            playout,
            requests: Vec::new(),
            line: Line::default(),
            running: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            spoken: 0,
            ran: 0,
            calls: 0,
            user_words: Words::new(language),
            agent_words: Words::new(language),
            awaiting: None,
            script_over: None,
            inputs: 0,
            ticks: (Time::ZERO, 0),
            recorder,
        }
    }

    /// Lives until nothing is left to happen, or a rule is broken.
    pub(super) fn run(&mut self) -> Result<Stats, Violation> {
        while let Some(next) = self.next() {
            if self
                .script_over
                .is_some_and(|over| next.since(over) > self.rules.patience)
            {
                break;
            }
            self.live_until(next)?;
            if self.rules.is_shut_down() {
                break;
            }
        }
        self.rules.end(&self.machine, self.agenda.now())?;
        self.nothing_forgotten()?;
        if self.rules.is_shut_down() {
            self.haunt()?;
        }
        let stats = Stats {
            conversations: 1,
            inputs: self.inputs.into(),
            ..self.rules.stats()
        };
        Ok(stats)
    }

    /// What happened; nothing but a header unless the world was made to record.
    pub(super) fn into_recording(self) -> Recording {
        let recording = self.recorder.as_ref().and_then(Recorder::recording);
        recording.unwrap_or_else(|| Recording {
            header: header(&self.plan.options),
            lines: Vec::new(),
        })
    }

    /// No request to the LLM goes on that the machine has not cancelled.
    fn nothing_forgotten(&self) -> Result<(), Violation> {
        let forgotten = self.requests.iter().find(|r| r.is_forgotten());
        match forgotten.filter(|_| !self.rules.is_shut_down()) {
            None => Ok(()),
            Some(request) => Err(Violation::new(self.agenda.now(), Rule::Current, || {
                format!("a request was forgotten: {request:?}")
            })),
        }
    }

    /// When something happens next.
    fn next(&self) -> Option<Time> {
        let tick = self.deadline().map(|at| {
            let late = at + Duration::from_millis(self.plan.tick_lag.into());
            late.max(self.agenda.now())
        });
        [self.agenda.due(), self.playout.due(), tick]
            .into_iter()
            .flatten()
            .min()
    }

    fn deadline(&self) -> Option<Time> {
        match (self.planted, self.machine.state()) {
            (Planted::NeverWakes, AgentState::Thinking) => None,
            _ => self.machine.deadline(),
        }
    }

    fn live_until(&mut self, now: Time) -> Result<(), Violation> {
        self.agenda.advance(now);
        if let Some(heard) = self.playout.advance(now) {
            self.rules.heard(now, heard)?;
        }
        while let Some(report) = self.playout.report() {
            self.report(report)?;
        }
        if let Some(happens) = self.agenda.pop_due() {
            return self.happen(happens);
        }
        let lag = Duration::from_millis(self.plan.tick_lag.into());
        if self.deadline().is_some_and(|at| at + lag <= now) {
            return self.tick(now);
        }
        Ok(())
    }

    fn tick(&mut self, now: Time) -> Result<(), Violation> {
        self.ticks = match self.ticks {
            (at, count) if at == now => (at, count + 1),
            _ => (now, 1),
        };
        if self.ticks.1 > 4 {
            return Err(Violation::new(now, Rule::Progress, || {
                "the deadline does not move although it was ticked again and again".into()
            }));
        }
        self.tell(Input::Tick)
    }

    fn report(&mut self, report: Report) -> Result<(), Violation> {
        let input = match report {
            Report::Started(segment) => Input::SegmentStarted { segment },
            Report::Progress(at) => Input::Progress { at },
            Report::Played(segment) => Input::SegmentPlayed { segment },
        };
        if self.plan.report_lag == 0 {
            return self.tell(input);
        }
        let lag = Duration::from_millis(self.plan.report_lag.into());
        self.agenda.after(lag, Happens::Tell(input));
        Ok(())
    }

    fn happen(&mut self, happens: Happens) -> Result<(), Violation> {
        match happens {
            Happens::Tell(input) => return self.tell(input),
            Happens::Think(request) => return self.think(request),
            Happens::Voice(epoch) if epoch == self.line.epoch => {
                let (input, next) = self.line.proceed(&mut self.playout);
                if let Some(gap) = next {
                    self.agenda.after(gap, Happens::Voice(epoch));
                }
                if let Some(input) = input {
                    return self.tell(input);
                }
            }
            Happens::Voice(_) => {}
            Happens::Tool {
                id,
                outcome,
                stubborn,
            } => {
                self.running.remove(&id);
                if stubborn || !self.cancelled.contains(&id) {
                    return self.tell(Input::ToolResult { id, outcome });
                }
            }
            Happens::Act(number) => return self.act(number),
            Happens::Impatient(number) if self.awaiting == Some(number) => self.begin(number),
            Happens::Impatient(_) => {}
            Happens::Await(number) => self.wait_for(number),
        }
        Ok(())
    }

    fn wait_for(&mut self, number: usize) {
        if number >= self.plan.acts.len() {
            self.script_over = Some(self.agenda.now());
            return;
        }
        self.awaiting = Some(number);
        self.agenda.after(PATIENCE, Happens::Impatient(number));
        self.look_at_agent();
    }

    /// Lets a waiting act begin if the agent is as it wants it.
    fn look_at_agent(&mut self) {
        let Some(number) = self.awaiting else { return };
        let state = self.machine.state();
        let suits = match self.plan.acts[number].when {
            When::Next => true,
            When::Thinking => state == AgentState::Thinking,
            When::Speaking => state == AgentState::Speaking,
            When::Listening => matches!(state, AgentState::Listening | AgentState::Idle),
        };
        if suits {
            self.begin(number);
        }
    }

    fn begin(&mut self, number: usize) {
        self.awaiting = None;
        let after = Duration::from_millis(self.plan.acts[number].after.into());
        self.agenda.after(after, Happens::Act(number));
    }

    fn act(&mut self, number: usize) -> Result<(), Violation> {
        let mut busy = Duration::ZERO;
        let input = match &self.plan.acts[number].what {
            What::Speak(speech) => {
                let language = self.plan.options.language;
                let now = self.agenda.now();
                let (told, length) = user::hear(speech, now, language, &mut self.user_words);
                for (after, input) in told {
                    self.agenda.after(after, Happens::Tell(input));
                }
                busy = length;
                None
            }
            What::Type { words } => Some(Input::Typed {
                text: self.user_words.take(*words),
            }),
            What::Decide { yes } => Some(Input::Typed {
                text: words::decision(*yes, self.plan.options.language).into(),
            }),
            What::Say {
                words,
                interruptible,
            } => Some(Input::Say {
                text: self.agent_words.sentence(*words),
                interruptible: *interruptible,
            }),
            What::Interrupt => Some(Input::Interrupt),
            What::UserInterrupt => Some(Input::UserInterrupt),
            What::Close { drain } => Some(Input::Close { drain: *drain }),
            What::Deafness(stage) => Some(Input::ListeningFailed {
                stage: *stage,
                failure: Failure::Unavailable,
            }),
        };
        self.agenda.after(busy, Happens::Await(number + 1));
        input.map_or(Ok(()), |input| self.tell(input))
    }

    fn think(&mut self, number: usize) -> Result<(), Violation> {
        let request = &mut self.requests[number];
        let told = request.proceed(&mut self.agent_words, &mut self.calls);
        if !request.over {
            self.agenda.after(request.gap(), Happens::Think(number));
        }
        told.into_iter().try_for_each(|input| self.tell(input))
    }

    /// Tells the machine and carries out all that it wants.
    fn tell(&mut self, input: Input) -> Result<(), Violation> {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let now = self.agenda.now();
            self.inputs += 1;
            if self.inputs > MAX_INPUTS {
                return Err(Violation::new(now, Rule::Stuck, || {
                    format!("{MAX_INPUTS} inputs and no end")
                }));
            }
            if self.rules.is_shut_down() {
                return Ok(());
            }
            self.rules.input(&input);
            let input = self.planted.changed(input);
            if self.planted == Planted::LosesToolResults
                && matches!(input, Input::ToolResult { .. })
            {
                continue;
            }
            if let Some(recorder) = &mut self.recorder {
                recorder.record_input(now, &input);
            }
            self.machine.handle(now, input);
            while let Some(effect) = self.machine.poll_effect() {
                if let Some(recorder) = &mut self.recorder {
                    recorder.record_effect(now, &effect);
                }
                self.rules.effect(now, &effect)?;
                if let Some(answer) = self.perform(now, effect)? {
                    next = Some(answer);
                }
            }
            // Between a clearing and its answer the machine does not know yet what was heard.
            if next.is_none() {
                self.rules.settled(now, &self.machine)?;
            }
        }
        self.look_at_agent();
        Ok(())
    }

    fn perform(&mut self, now: Time, effect: Effect) -> Result<Option<Input>, Violation> {
        match effect {
            Effect::Generate { reply, step, .. } => {
                let answers = &self.plan.answers;
                let answer = answers[self.requests.len() % answers.len()].clone();
                let request = Request::new(reply, step, answer);
                let number = self.requests.len();
                self.agenda.after(request.first(), Happens::Think(number));
                self.requests.push(request);
            }
            Effect::CancelLlm { reply } => {
                let of_reply = self.requests.iter_mut().filter(|r| r.reply == reply);
                of_reply.for_each(|r| r.cancelled = true);
            }
            Effect::Speak { segment, text, .. } => {
                let voice = self.plan.voices[self.spoken % self.plan.voices.len()];
                self.spoken += 1;
                self.rules.spoken(segment, services::length(&text, voice));
                self.playout.enqueue(segment);
                if self.line.speak(segment, &text, voice)
                    && let Some(first) = self.line.first()
                {
                    self.agenda.after(first, Happens::Voice(self.line.epoch));
                }
            }
            Effect::CancelTts => {
                if let Some(late) = self.line.cancel() {
                    self.agenda
                        .after(Duration::from_millis(3), Happens::Tell(late));
                }
            }
            Effect::PausePlayout => self.playout.pause(),
            Effect::ResumePlayout => self.playout.resume(),
            Effect::ClearPlayout => {
                let at = self.playout.clear();
                return Ok(Some(Input::PlayoutCleared { at }));
            }
            Effect::RunTool { call, .. } => self.run_tool(call),
            Effect::CancelTool { id } => self.cancel_tool(id),
            Effect::RestartListening | Effect::Emit(_) | Effect::Shutdown => {}
        }
        self.rules
            .bounds(now, self.playout.len(), self.line.len(), self.running.len())?;
        Ok(None)
    }

    fn run_tool(&mut self, call: ToolCall) {
        let id = call.id;
        let run = self.plan.tools[self.ran % self.plan.tools.len()];
        self.ran += 1;
        let n = self.ran;
        let delay = Duration::from_millis(run.delay.into());
        let mut end = |delay, outcome| {
            let happens = Happens::Tool {
                id: Arc::clone(&id),
                outcome,
                stubborn: run.stubborn,
            };
            self.agenda.after(delay, happens);
        };
        match run.end {
            ToolEnd::Ok if call.name == "page" => {
                end(delay, ToolOutcome::Ok(strangers::mark("call order")));
            }
            ToolEnd::Ok => end(delay, ToolOutcome::Ok(format!("{n}"))),
            ToolEnd::Failed => end(delay, ToolOutcome::Failed("the source is away".into())),
            ToolEnd::Unknown => end(Duration::ZERO, ToolOutcome::Unknown),
            ToolEnd::Twice => {
                end(delay, ToolOutcome::Ok(format!("{n}")));
                end(delay * 2, ToolOutcome::Ok("another answer".into()));
            }
            ToolEnd::Hangs => {}
        }
        self.running.insert(id, run.stubborn);
    }

    /// Stops a call, unless it is stubborn, and says so.
    fn cancel_tool(&mut self, id: Arc<str>) {
        if self.running.remove(&id) == Some(false) {
            self.cancelled.insert(Arc::clone(&id));
            let outcome = ToolOutcome::Cancelled;
            let told = Happens::Tell(Input::ToolResult { id, outcome });
            self.agenda.after(Duration::from_millis(1), told);
        }
    }

    /// A machine that has shut down is told some more, and must not move any more.
    fn haunt(&mut self) -> Result<(), Violation> {
        let now = self.agenda.now() + Duration::from_secs(1);
        if let Some(deadline) = self.machine.deadline() {
            return Err(Violation::new(now, Rule::Shutdown, || {
                format!("after the shutdown it wants to be woken at {deadline}")
            }));
        }
        let text = self.user_words.take(2);
        for input in [
            Input::Typed { text },
            Input::Tick,
            Input::Interrupt,
            Input::UserInterrupt,
            Input::Close { drain: true },
        ] {
            self.machine.handle(now, input);
            if let Some(effect) = self.machine.poll_effect() {
                return Err(Violation::new(now, Rule::Shutdown, || {
                    format!("after the shutdown came {effect:?}")
                }));
            }
        }
        Ok(())
    }
}

fn header(options: &TurnOptions) -> Header {
    Header::new(jiff::Timestamp::UNIX_EPOCH, options.clone())
}
