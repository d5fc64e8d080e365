//! Asking the user before a call runs: what costs or changes something waits for their yes.

use super::{
    Effect, Event, Machine, ReplyEnd, ReplyId, SegmentId, Time,
    ledger::{Held, Plan},
    machine::{Life, Queued},
    reply::Reply,
};
use crate::tools::{ToolOutcome, consents, without_marks};
use std::sync::Arc;

/// A question that is part of a reply.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The call it is about.
    id: Arc<str>,
    /// What is asked.
    text: Arc<str>,
    /// The segment that must be heard for a yes to count.
    segment: SegmentId,
    /// When it was heard to its end.
    heard: Option<Time>,
}

/// A question that was heard and waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    id: Arc<str>,
    text: Arc<str>,
    /// When it was heard to its end. Words that began before do not answer it.
    heard: Time,
    /// When the user was given the floor.
    pub(super) since: Time,
}

impl Question {
    /// A segment was heard whole.
    pub(super) fn hear(&mut self, segment: SegmentId, now: Time) {
        if segment == self.segment {
            self.heard = Some(now);
        }
    }
}

impl Machine {
    /// Characters of a late result that is told, at most: more is nothing to hear unasked.
    const MAX_TOLD: usize = 300;

    /// Runs the calls that wait; those of a speculation wait until it is kept.
    pub(super) fn run_tools(&mut self) {
        let Some(reply) = self.reply.as_ref().map(|reply| reply.id) else {
            return;
        };
        let waiting = self.ledger.waiting(reply);
        if waiting.is_empty() {
            return;
        }
        let tainted = self.history.is_tainted() || self.ledger.is_tainted();
        for id in waiting {
            match self.ledger.plan(&id, tainted) {
                Plan::Run => self.run_tool(&id, reply, false),
                Plan::Refuse(outcome) => {
                    self.end_call(&id, outcome);
                }
                Plan::Hold => self.ledger.hold(&id),
            }
        }
    }

    fn run_tool(&mut self, id: &str, reply: ReplyId, confirmed: bool) {
        for id in self.ledger.replaced_by(id) {
            self.push(Effect::CancelTool { id });
        }
        if let Some(call) = self.ledger.start(id, reply, self.now) {
            self.emit(Event::ToolStarted { call: call.clone() });
            self.push(Effect::RunTool { call, confirmed });
        }
    }

    /// Gives a call its result and tells it. Answers whose it is and whether it changes something.
    pub(super) fn end_call(
        &mut self,
        id: &Arc<str>,
        outcome: ToolOutcome,
    ) -> Option<(ReplyId, bool)> {
        let ended = self.ledger.settle(id, outcome.clone())?;
        self.emit(Event::ToolEnded {
            id: id.clone(),
            outcome,
        });
        Some(ended)
    }

    /// Everything else of the reply's step is done: the user is asked; when they have heard it, the
    /// floor is theirs.
    pub(super) fn ask_user(&mut self, held: Held) {
        let Some(reply) = &self.reply else { return };
        if reply.question.is_some() {
            if reply.all_played() {
                self.finish_reply(ReplyEnd::Completed);
            }
            return;
        }
        let text: Arc<str> = held.question(self.options.language).into();
        let (segment, tail) = (self.new_segment_id(), self.new_segment_id());
        let yes_or_no = self.options.phrases.yes_or_no.clone();
        if let Some(reply) = &mut self.reply {
            reply.add_segment(segment, text.clone());
            reply.add_segment(tail, yes_or_no);
            reply.question = Some(Question {
                id: held.id.clone(),
                text: text.clone(),
                segment,
                heard: None,
            });
        }
        self.emit(Event::ToolAsked {
            id: held.id,
            question: text,
        });
        self.speak_pending();
    }

    /// The reply is over: its question waits for an answer from now on, if it was heard.
    pub(super) fn keep_question(&mut self, reply: &Reply, end: ReplyEnd) {
        if let Some(id) = &reply.awaits
            && let Some(outcome) = self.ledger.outcome(id).cloned()
        {
            self.history.insert_result(id, outcome);
        }
        let Some(held) = self.ledger.held(reply.id) else {
            return;
        };
        let question = reply.question.as_ref().filter(|q| q.id == held.id);
        let heard = question.and_then(|q| Some((q.heard?, q.text.clone())));
        match heard {
            Some((heard, text)) if end != ReplyEnd::Failed && self.life == Life::Open => {
                self.asked = Some(Asked {
                    id: held.id,
                    text,
                    heard,
                    since: self.now,
                });
            }
            _ => {
                self.end_call(&held.id, ToolOutcome::Cancelled);
            }
        }
    }

    /// Whether what the user says now may answer a question.
    pub(super) fn is_asking(&self) -> bool {
        let question = self.reply.as_ref().and_then(|r| r.question.as_ref());
        self.asked.is_some() || question.is_some_and(|q| q.heard.is_some())
    }

    /// The user has said something, beginning at `since`: the call that may run now. Whatever is no
    /// yes is a no.
    pub(super) fn take_consent(&mut self, texts: &[Arc<str>], since: Time) -> Option<Arc<str>> {
        let asked = self.asked.as_ref()?;
        let yes = matches!(texts, [text] if since >= asked.heard && consents(text, &asked.text));
        if yes {
            return self.asked.take().map(|asked| asked.id);
        }
        self.drop_question(ToolOutcome::Declined);
        None
    }

    /// The user said yes: the call runs, and the reply goes on with its result.
    pub(super) fn run_consented(&mut self, id: &Arc<str>) {
        if let Some(reply) = self.reply.as_ref().map(|reply| reply.id) {
            self.run_tool(id, reply, true);
        }
    }

    /// The call the reply waits for has its result: it stands behind its call, and the LLM goes on.
    pub(super) fn go_on_after_consent(&mut self, id: &Arc<str>) {
        let Some(outcome) = self.ledger.outcome(id).cloned() else {
            return;
        };
        self.history.insert_result(id, outcome);
        if let Some(reply) = &mut self.reply {
            reply.awaits = None;
            self.ledger.forget_settled(reply.id);
        }
        self.next_step();
    }

    /// Nobody waits for an answer any more.
    pub(super) fn drop_question(&mut self, outcome: ToolOutcome) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        if let Some((reply, _)) = self.end_call(&asked.id, outcome.clone()) {
            self.history.insert_result(&asked.id, outcome);
            self.ledger.forget_settled(reply);
        }
    }

    /// The user says nothing, which is no yes.
    pub(super) fn give_up_consent(&mut self) {
        self.drop_question(ToolOutcome::Declined);
        let text = self.options.phrases.not_confirmed.clone();
        self.say(&text, true);
    }

    /// A result came after its reply was over. What was changed is told; the rest the next answer
    /// knows.
    pub(super) fn tell_late(&mut self, outcome: &ToolOutcome) {
        let ToolOutcome::Ok(text) = outcome else {
            return;
        };
        let text = without_marks(text).trim();
        let speakable = !text.is_empty()
            && !text.starts_with(['{', '[', '<'])
            && text.chars().count() <= Self::MAX_TOLD;
        if speakable {
            let text = format!("{} {text}", self.options.phrases.late_result);
            self.say(&text, true);
        }
    }

    /// A tool is slow: something is said meanwhile, once a reply.
    pub(super) fn fill(&mut self) {
        let id = self.new_segment_id();
        let text = self.options.phrases.filler.clone();
        if let Some(reply) = &mut self.reply {
            reply.add_filler(id, text);
        }
        self.speak_pending();
    }

    /// When something is said because a tool is slow.
    pub(super) fn filler_at(&self) -> Option<Time> {
        let reply = self.reply.as_ref()?;
        let silent = reply.is_silent() && reply.ending.is_none() && !reply.failed;
        let floor = self.suspicion.is_none() && self.utterance.speaking.is_none();
        if !silent || !floor {
            return None;
        }
        self.ledger.filler_due(reply.id)
    }

    /// The turn that answers a question goes before what the host wants said.
    pub(super) fn queued_answer(&self) -> Option<usize> {
        let is_turn = |queued: &Queued| matches!(queued, Queued::Turn { .. });
        self.queue.iter().position(is_turn)
    }
}
