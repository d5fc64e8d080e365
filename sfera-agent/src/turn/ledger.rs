//! Tool calls, each with exactly one result.

use super::{ReplyId, Time};
use crate::{
    Language,
    tools::{Duplicates, ToolCall, ToolOutcome, Treatment, is_untrusted},
};
use std::sync::Arc;

/// A call and what is known of it.
#[derive(Clone, Debug)]
struct Entry {
    reply: ReplyId,
    step: u32,
    call: ToolCall,
    treatment: Treatment,
    started: Option<Time>,
    /// Whether it waits for the user's consent.
    held: bool,
    outcome: Option<ToolOutcome>,
}

impl Entry {
    const fn runs(&self) -> bool {
        self.started.is_some() && self.outcome.is_none()
    }

    const fn is_held(&self) -> bool {
        self.held && self.outcome.is_none()
    }
}

/// What becomes of a call that was not begun yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// It runs.
    Run,
    /// It ends so without running.
    Refuse(ToolOutcome),
    /// The user is asked first.
    Hold,
}

/// What is asked before a call runs.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: Arc<str>,
    name: String,
    treatment: Treatment,
    /// Whether it runs, or was done, already.
    again: bool,
}

impl Held {
    /// What the user is asked.
    pub(super) fn question(&self, language: Language) -> String {
        self.treatment.question(&self.name, self.again, language)
    }
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
        (mut call, treatment): (ToolCall, Treatment),
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
            treatment,
            started: None,
            held: false,
            outcome: None,
        });
        Some(call)
    }

    /// Calls of a reply that were entered and neither begun nor held.
    pub(super) fn waiting(&self, reply: ReplyId) -> Vec<Arc<str>> {
        let waits =
            |e: &&Entry| e.reply == reply && e.started.is_none() && !e.held && e.outcome.is_none();
        let waiting = self.entries.iter().filter(waits);
        waiting.map(|e| e.call.id.clone()).collect()
    }

    /// What becomes of a call that waits. `tainted`: strangers have spoken to the LLM.
    pub(super) fn plan(&self, id: &str, tainted: bool) -> Plan {
        let Some(entry) = self.entry(id) else {
            return Plan::Refuse(ToolOutcome::Cancelled);
        };
        let treatment = &entry.treatment;
        let twin = self.twin(entry);
        match (twin, treatment.duplicates) {
            (Some(_), Duplicates::Reject) => return Plan::Refuse(ToolOutcome::Duplicate),
            (Some(_), Duplicates::Confirm) => return self.hold_one(entry),
            _ => {}
        }
        if treatment.confirm || (tainted && treatment.harmful) {
            return self.hold_one(entry);
        }
        Plan::Run
    }

    /// One question at a time: two cannot be answered with one yes.
    fn hold_one(&self, entry: &Entry) -> Plan {
        let held = |e: &Entry| e.reply == entry.reply && e.is_held();
        if self.entries.iter().any(held) {
            let why = "the user is being asked about another call; make this one after it";
            return Plan::Refuse(ToolOutcome::Failed(why.to_owned()));
        }
        Plan::Hold
    }

    /// The same call, which runs, or was done in the same reply.
    fn twin(&self, entry: &Entry) -> Option<&Entry> {
        let same = |other: &&Entry| {
            let done =
                other.reply == entry.reply && matches!(other.outcome, Some(ToolOutcome::Ok(_)));
            other.call.id != entry.call.id
                && (other.runs() || other.is_held() || done)
                && other.call.same_as(&entry.call)
        };
        self.entries.iter().find(same)
    }

    /// A call that waited, or was held, counts as begun by this reply from now on.
    pub(super) fn start(&mut self, id: &str, reply: ReplyId, now: Time) -> Option<ToolCall> {
        let entry = self.entries.iter_mut().find(|e| &*e.call.id == id)?;
        if entry.started.is_some() || entry.outcome.is_some() {
            return None;
        }
        entry.started = Some(now);
        entry.held = false;
        entry.reply = reply;
        Some(entry.call.clone())
    }

    /// A call waits for the user's consent.
    pub(super) fn hold(&mut self, id: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|e| &*e.call.id == id) {
            entry.held = true;
        }
    }

    /// The call of a reply that waits for the user's consent.
    pub(super) fn held(&self, reply: ReplyId) -> Option<Held> {
        let entry = self
            .entries
            .iter()
            .find(|e| e.reply == reply && e.is_held())?;
        Some(Held {
            id: entry.call.id.clone(),
            name: entry.call.name.clone(),
            treatment: entry.treatment.clone(),
            again: self.twin(entry).is_some(),
        })
    }

    /// The running calls that this one takes the place of.
    pub(super) fn replaced_by(&self, id: &str) -> Vec<Arc<str>> {
        let replaces = |e: &&Entry| e.treatment.duplicates == Duplicates::Replace;
        let Some(entry) = self.entry(id).filter(replaces) else {
            return Vec::new();
        };
        let twins = self.entries.iter().filter(|other| {
            other.call.id != entry.call.id && other.runs() && other.call.same_as(&entry.call)
        });
        twins.map(|twin| twin.call.id.clone()).collect()
    }

    /// Notes how a call ended, and says whose it is and whether it changes something; nothing if it is
    /// unknown or has its result.
    pub(super) fn settle(&mut self, id: &str, outcome: ToolOutcome) -> Option<(ReplyId, bool)> {
        let open = |entry: &&mut Entry| &*entry.call.id == id && entry.outcome.is_none();
        let entry = self.entries.iter_mut().find(open)?;
        entry.outcome = Some(outcome);
        Some((entry.reply, entry.treatment.harmful))
    }

    /// Whether a call was begun.
    pub(super) fn has_started(&self, id: &str) -> bool {
        self.entry(id).is_some_and(|entry| entry.started.is_some())
    }

    /// How a call ended, if it has.
    pub(super) fn outcome(&self, id: &str) -> Option<&ToolOutcome> {
        self.entry(id)?.outcome.as_ref()
    }

    /// Whether the step made calls, and whether all of them have their results or wait for consent.
    pub(super) fn step_calls(&self, reply: ReplyId, step: u32) -> (bool, bool) {
        let mut calls = self.of_step(reply, step).peekable();
        (
            calls.peek().is_some(),
            calls.all(|entry| entry.outcome.is_some() || entry.held),
        )
    }

    /// The calls of a reply, or of all, that run now.
    pub(super) fn running(&self, reply: Option<ReplyId>) -> Vec<Arc<str>> {
        let of_reply = |e: &&Entry| reply.is_none_or(|reply| e.reply == reply);
        self.entries
            .iter()
            .filter(|e| e.runs())
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

    /// When the first call of a reply has run long enough for something to be said meanwhile.
    pub(super) fn filler_due(&self, reply: ReplyId) -> Option<Time> {
        let running = self.entries.iter().filter(|e| e.reply == reply && e.runs());
        running
            .filter_map(|e| Some(e.started? + e.treatment.filler?))
            .min()
    }

    /// Whether a result here holds text of strangers.
    pub(super) fn is_tainted(&self) -> bool {
        let tainted =
            |e: &Entry| matches!(&e.outcome, Some(ToolOutcome::Ok(text)) if is_untrusted(text));
        self.entries.iter().any(tainted)
    }

    /// Forgets what needs no more watching: calls with a result, and calls that never began.
    pub(super) fn forget_settled(&mut self, reply: ReplyId) {
        self.entries
            .retain(|e| e.reply != reply || e.runs() || e.is_held());
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.call.id == id)
    }

    fn of_step(&self, reply: ReplyId, step: u32) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.reply == reply && entry.step == step)
    }
}
