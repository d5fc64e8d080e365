//! The invariants, checked against what really was heard, run and said in the simulated world.

mod consent;
mod ear;
mod flow;
mod history;
mod ledger;
mod replies;

use super::{Stats, playout::Heard, strategy::EVERYTHING};
use crate::turn::{Effect, Event, Input, Machine, SegmentId, Time, TurnOptions};
use consent::Consent;
use ear::Ear;
use flow::Flow;
use ledger::Ledger;
use replies::Replies;
use std::{fmt, time::Duration};

/// A rule that every conversation keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// One reply is audible at a time, only between its start and its end, and none while an
    /// interruption is suspected.
    OneVoice,
    /// Every sample is played once and in order, or cleared away.
    EverySample,
    /// The history holds what the user heard, no more.
    Heard,
    /// Every tool call has one result: the one that came.
    OneResult,
    /// What needs a yes runs after a yes to a question that was heard, and no other call of a tool that
    /// allows one at a time runs beside it.
    Consent,
    /// Every committed turn is answered or superseded once; every reply that starts ends.
    Answered,
    /// Nothing is wanted for replies that are over.
    Current,
    /// Queues are bounded.
    Bounded,
    /// The machine comes back to listening by itself.
    Stuck,
    /// Ticks move the deadline.
    Progress,
    /// The state told is the state that is, and changes whenever it is told.
    State,
    /// Nothing comes after the shutdown, which follows `Closed`.
    Shutdown,
    /// The same inputs have the same effects.
    Deterministic,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When.
    pub at: Time,
    /// Which rule.
    pub rule: Rule,
    /// What happened.
    pub what: String,
}

impl Violation {
    pub(super) fn new(at: Time, rule: Rule, what: impl FnOnce() -> String) -> Self {
        let what = what();
        Self { at, rule, what }
    }
}

impl std::error::Error for Violation {}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}: {}", self.at, self.rule, self.what)
    }
}

/// An error unless `kept`.
fn keep(kept: bool, at: Time, rule: Rule, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if kept {
        return Ok(());
    }
    Err(Violation::new(at, rule, what))
}

/// All the rules, and what must be known to check them.
#[derive(Debug)]
pub(super) struct Rules {
    replies: Replies,
    ear: Ear,
    ledger: Ledger,
    consent: Consent,
    flow: Flow,
    /// Whether the history keeps everything.
    untrimmed: bool,
    /// How long after the last act the machine may take to come to rest.
    pub(super) patience: Duration,
}

impl Rules {
    pub(super) fn new(options: &TurnOptions) -> Self {
        Self {
            replies: Replies::new(options),
            ear: Ear::default(),
            ledger: Ledger::new(options.max_history >= EVERYTHING),
            consent: Consent::new(options.max_history >= EVERYTHING),
            flow: Flow::new(options),
            untrimmed: options.max_history >= EVERYTHING,
            patience: patience(options),
        }
    }

    pub(super) fn input(&mut self, input: &Input) {
        self.ledger.input(input);
        self.ear.input(input);
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) -> Result<(), Violation> {
        self.flow.effect(now, effect)?;
        self.replies.effect(now, effect)?;
        self.ledger.effect(now, effect)?;
        self.consent.effect(now, effect)?;
        self.ear.effect(effect);
        if let Effect::Emit(Event::ReplyEnded {
            reply, end, heard, ..
        }) = effect
        {
            let truth = self.ear.truth(*reply);
            history::check_heard(now, *end, heard, &truth)?;
        }
        Ok(())
    }

    /// The voice needs so many samples for a segment.
    pub(super) fn spoken(&mut self, segment: SegmentId, samples: u64) {
        self.ear.spoken(segment, samples);
    }

    pub(super) fn heard(&mut self, now: Time, heard: Heard) -> Result<(), Violation> {
        let reply = self.ear.heard(now, heard)?;
        self.replies.audible(now, reply)
    }

    /// The machine has done all it wanted.
    pub(super) fn settled(&mut self, now: Time, machine: &Machine) -> Result<(), Violation> {
        self.flow.settled(now, machine)?;
        self.replies.settled(now)?;
        history::check_results(now, machine.history())
    }

    pub(super) fn bounds(
        &self,
        now: Time,
        queued: usize,
        voiced: usize,
        running: usize,
    ) -> Result<(), Violation> {
        self.flow.bounds(now, queued, voiced, running)
    }

    /// Nothing more happens.
    pub(super) fn end(&self, machine: &Machine, now: Time) -> Result<(), Violation> {
        self.flow.end(now, machine)?;
        self.replies.end(now, self.flow.is_shut_down())?;
        self.ledger.end(now)?;
        if self.untrimmed {
            history::check_end(now, machine.history(), &self.replies, &self.ledger)?;
        }
        Ok(())
    }

    pub(super) const fn is_shut_down(&self) -> bool {
        self.flow.is_shut_down()
    }

    pub(super) fn stats(&self) -> Stats {
        let mut stats = self.flow.stats();
        stats.superseded = self.replies.superseded();
        stats
    }
}

/// A generous sum of all that may be waited for after the last act: for each reply that may still be
/// owed, its LLM steps with tools, all its words, and a voice that hangs.
fn patience(options: &TurnOptions) -> Duration {
    const REPLIES: u32 = 14;
    let watchdog = &options.watchdog;
    let slow_answer = Duration::from_secs(30);
    let step = watchdog.llm + watchdog.tool + slow_answer;
    let words = Duration::from_millis(100) * options.max_reply_chars as u32;
    let reply = step * (options.max_tool_steps + 2) + words + watchdog.playout * 3;
    let turn = watchdog.speech + options.endpointing.max_delay + options.endpointing.final_timeout;
    turn * 2 + options.consent * REPLIES + reply * REPLIES + options.user_away.unwrap_or_default()
}
