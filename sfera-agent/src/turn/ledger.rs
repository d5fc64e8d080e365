//! Tool calls, each with exactly one result.

use super::{ReplyId, Time};
use crate::tools::{ToolCall, ToolOutcome};
use std::sync::Arc;

/// A call and what is known of it.
#[derive(Clone, Debug)]
struct Entry {
    reply: ReplyId,
    step: u32,
    call: ToolCall,
    started: Option<Time>,
    outcome: Option<ToolOutcome>,
}

/// All calls that are not yet settled in the history.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    named: u32,
}

impl Ledger {
    /// Calls of one step, at most: more are a model gone wrong.
    pub(super) const MAX_PER_STEP: usize = 16;

    /// Enters a call the LLM asked for. `None` if the step has too many already. The call gets a name
    /// of its own, because some servers count their ids from zero in every answer.
    pub(super) fn enter(
        &mut self,
        reply: ReplyId,
        step: u32,
        mut call: ToolCall,
        taken: impl Fn(&str) -> bool,
    ) -> Option<ToolCall> {
        if self.of_step(reply, step).count() >= Self::MAX_PER_STEP {
            return None;
        }
        while taken(&call.id) || self.entries.iter().any(|entry| entry.call.id == call.id) {
            self.named += 1;
            call.id = format!("{}-{}", call.id, self.named).into();
        }
        self.entries.push(Entry {
            reply,
            step,
            call: call.clone(),
            started: None,
            outcome: None,
        });
        Some(call)
    }

    /// Calls of a reply that were entered but not begun; they count as begun from now on.
    pub(super) fn begin(&mut self, reply: ReplyId, now: Time) -> Vec<ToolCall> {
        let waiting = self
            .entries
            .iter_mut()
            .filter(|e| e.reply == reply && e.started.is_none());
        waiting
            .map(|entry| {
                entry.started = Some(now);
                entry.call.clone()
            })
            .collect()
    }

    /// Notes how a call ended, and says whose it is; nothing if it is unknown or has its result.
    pub(super) fn settle(&mut self, id: &str, outcome: ToolOutcome) -> Option<ReplyId> {
        let open = |entry: &&mut Entry| &*entry.call.id == id && entry.outcome.is_none();
        let entry = self.entries.iter_mut().find(open)?;
        entry.outcome = Some(outcome);
        Some(entry.reply)
    }

    /// How a call ended, if it has.
    pub(super) fn outcome(&self, id: &str) -> Option<&ToolOutcome> {
        self.entries
            .iter()
            .find(|entry| &*entry.call.id == id)?
            .outcome
            .as_ref()
    }

    /// Whether the step made calls, and whether all of them have their results.
    pub(super) fn step_calls(&self, reply: ReplyId, step: u32) -> (bool, bool) {
        let mut calls = self.of_step(reply, step).peekable();
        (
            calls.peek().is_some(),
            calls.all(|entry| entry.outcome.is_some()),
        )
    }

    /// The calls of a reply, or of all, that run now.
    pub(super) fn running(&self, reply: Option<ReplyId>) -> Vec<Arc<str>> {
        let runs = |e: &&Entry| e.started.is_some() && e.outcome.is_none();
        let of_reply = |e: &&Entry| reply.is_none_or(|reply| e.reply == reply);
        self.entries
            .iter()
            .filter(runs)
            .filter(of_reply)
            .map(|e| e.call.id.clone())
            .collect()
    }

    /// The call that has been running longest, with its start.
    pub(super) fn oldest_running(&self) -> Option<(Time, Arc<str>)> {
        let runs = self.entries.iter().filter(|e| e.outcome.is_none());
        runs.filter_map(|e| Some((e.started?, e.call.id.clone())))
            .min_by_key(|(at, _)| *at)
    }

    /// Forgets what needs no more watching: calls with a result, and calls that never began.
    pub(super) fn forget_settled(&mut self, reply: ReplyId) {
        self.entries
            .retain(|e| e.reply != reply || (e.started.is_some() && e.outcome.is_none()));
    }

    fn of_step(&self, reply: ReplyId, step: u32) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.reply == reply && entry.step == step)
    }
}
