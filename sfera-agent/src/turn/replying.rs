//! The agent's side: asking the LLM, calling tools, speculating.

use super::{
    Effect, Event, Failure, Machine, ReplyEnd, ReplyId, Stage, Time, TurnId,
    ledger::Ledger,
    machine::{Life, Queued},
    reply::{LlmPhase, Origin, Reply},
    words::same_words,
};
use crate::{
    llm::Message,
    tools::{ToolCall, ToolOutcome, Treatment},
};
use std::sync::Arc;

impl Machine {
    /// Starts the LLM before the turn is surely over.
    pub(super) fn speculate(&mut self) {
        let policy = &self.options.preemptive;
        let text = self.utterance.text();
        let wanted = policy.enabled
            && self.utterance.speaking.is_none()
            && self.utterance.starts < policy.max_starts
            && self.utterance.length(self.now) <= policy.max_speech;
        let free = self.reply.is_none()
            && self.queue.is_empty()
            && self.speculation.is_none()
            && self.asked.is_none();
        if text.is_empty() || !wanted || !free || self.life != Life::Open {
            return;
        }
        self.utterance.starts += 1;
        let origin = Origin::User {
            turn: None,
            text: text.into(),
        };
        let reply = Reply::new(self.new_reply_id(), origin, true, self.now);
        self.speculation = Some(self.ask(reply, true));
    }

    pub(super) fn drop_speculation(&mut self) {
        if let Some(reply) = self.speculation.take() {
            self.ledger.forget_settled(reply.id);
            if reply.llm != LlmPhase::Idle {
                self.push(Effect::CancelLlm { reply: reply.id });
            }
        }
    }

    /// The turn is over; if it is what the LLM was asked already, its work is kept.
    pub(super) fn keep_speculation(&mut self, turn: TurnId, text: &Arc<str>) -> bool {
        let matches = |reply: &mut Reply| same_words(&reply.user_text(), text);
        let Some(mut reply) = self.speculation.take_if(matches) else {
            return false;
        };
        reply.origin = Origin::User {
            turn: Some(turn),
            text: text.clone(),
        };
        reply.playout_at = self.now;
        self.history.push(Message::User { text: text.clone() });
        self.install(reply);
        true
    }

    /// Answers what the user said last; all of `texts` are their words.
    pub(super) fn start_answer(&mut self, turn: TurnId, texts: Vec<Arc<str>>, since: Time) {
        let consent = self.take_consent(&texts, since);
        let last = texts.last().cloned().unwrap_or_default();
        for text in texts {
            self.history.push(Message::User { text });
        }
        let origin = Origin::User {
            turn: Some(turn),
            text: last,
        };
        let mut reply = Reply::new(self.new_reply_id(), origin, true, self.now);
        if let Some(id) = consent {
            reply.awaits = Some(id.clone());
            self.install(reply);
            return self.run_consented(&id);
        }
        let reply = self.ask(reply, false);
        self.install(reply);
    }

    /// Says a text that needs no LLM.
    pub(super) fn start_speech(&mut self, origin: Origin, text: Arc<str>, interruptible: bool) {
        // A yes to what is said now would be no yes to what was asked before.
        self.drop_question(ToolOutcome::Declined);
        let mut reply = Reply::new(self.new_reply_id(), origin, interruptible, self.now);
        let mut sentences = Vec::new();
        reply.splitter.push(&text, &mut sentences);
        reply.splitter.finish(&mut sentences);
        for sentence in sentences {
            reply.add_segment(self.new_segment_id(), sentence.into());
        }
        self.install(reply);
    }

    fn install(&mut self, reply: Reply) {
        self.emit(Event::ReplyStarted {
            reply: reply.id,
            turn: reply.turn(),
        });
        self.reply = Some(reply);
        if let Some(since) = self.utterance.speaking {
            self.suspect(since);
        }
        self.speak_pending();
        self.continue_reply();
    }

    /// Asks the LLM for the reply's next step.
    fn ask(&mut self, mut reply: Reply, speculative: bool) -> Reply {
        reply.step += 1;
        reply.llm = LlmPhase::Running(self.now);
        let mut messages = self.history.messages().to_vec();
        if speculative {
            messages.push(Message::User {
                text: reply.user_text(),
            });
        }
        messages.extend(reply.messages_so_far(&self.ledger));
        self.push(Effect::Generate {
            reply: reply.id,
            step: reply.step,
            speculative,
            tools: reply.step <= self.options.max_tool_steps,
            messages,
        });
        reply
    }

    /// The reply the LLM works on under this name, if it still matters.
    fn asked(&mut self, id: ReplyId, step: u32) -> Option<&mut Reply> {
        let works = |reply: &&mut Reply| {
            reply.id == id
                && reply.step == step
                && reply.llm != LlmPhase::Idle
                && reply.ending.is_none()
        };
        self.reply
            .as_mut()
            .into_iter()
            .chain(self.speculation.as_mut())
            .find(works)
    }

    pub(super) fn llm_text(&mut self, id: ReplyId, step: u32, text: &str) {
        let (now, max) = (self.now, self.options.max_reply_chars);
        let Some(reply) = self.asked(id, step) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        reply.llm = LlmPhase::Running(now);
        let room = max.saturating_sub(reply.chars);
        let taken: String = text.chars().take(room).collect();
        reply.chars += taken.chars().count();
        let full = reply.chars >= max;
        let mut sentences = Vec::new();
        reply.splitter.push(&taken, &mut sentences);
        self.add_sentences(id, sentences);
        if full {
            self.push(Effect::CancelLlm { reply: id });
            self.llm_done(id, step);
        }
    }

    pub(super) fn llm_tool_call(&mut self, id: ReplyId, step: u32, call: (ToolCall, Treatment)) {
        let (now, max_steps) = (self.now, self.options.max_tool_steps);
        let Some(reply) = self.asked(id, step) else {
            return;
        };
        // A call that cannot be made is no sign of life, or a model that wants nothing else would be
        // waited for without end.
        if step > max_steps {
            return;
        }
        reply.llm = LlmPhase::Running(now);
        // What was said before the call («Секунду, смотрю…») is spoken while the tool works.
        let mut rest = Vec::new();
        reply.splitter.finish(&mut rest);
        self.add_sentences(id, rest);
        let history = &self.history;
        let taken = |id: &str| history.has_call(id);
        let Some(call) = self.ledger.enter(id, step, call, taken) else {
            self.push(Effect::CancelLlm { reply: id });
            return self.llm_done(id, step);
        };
        if let Some(reply) = self.asked(id, step) {
            reply.add_call(call);
        }
        self.run_tools();
    }

    pub(super) fn llm_done(&mut self, id: ReplyId, step: u32) {
        let Some(reply) = self.asked(id, step) else {
            return;
        };
        reply.llm = LlmPhase::Idle;
        let mut rest = Vec::new();
        reply.splitter.finish(&mut rest);
        self.add_sentences(id, rest);
        self.continue_reply();
    }

    pub(super) fn llm_failed(&mut self, id: ReplyId, step: u32, failure: Failure) {
        let Some(reply) = self.asked(id, step) else {
            return;
        };
        reply.llm = LlmPhase::Idle;
        if self
            .speculation
            .as_ref()
            .is_some_and(|reply| reply.id == id)
        {
            return self.drop_speculation();
        }
        self.emit(Event::StageFailed {
            stage: Stage::Llm,
            failure,
        });
        self.apologise_in_reply();
    }

    pub(super) fn llm_hangs(&mut self) {
        if let Some((id, step)) = self.reply.as_ref().map(|reply| (reply.id, reply.step)) {
            self.push(Effect::CancelLlm { reply: id });
            self.llm_failed(id, step, Failure::Timeout);
        }
    }

    /// Ends the reply with an apology in place of what could not be prepared.
    fn apologise_in_reply(&mut self) {
        let id = self.new_segment_id();
        let text = self.options.phrases.cannot_answer.clone();
        self.apologised_at = Some(self.now);
        let Some(reply) = &mut self.reply else { return };
        let reply_id = reply.id;
        reply.failed = true;
        reply.apologised = true;
        let mut rest = Vec::new();
        reply.splitter.finish(&mut rest);
        self.add_sentences(reply_id, rest);
        if let Some(reply) = &mut self.reply {
            reply.add_segment(id, text);
        }
        self.speak_pending();
    }

    fn add_sentences(&mut self, id: ReplyId, sentences: Vec<String>) {
        for sentence in sentences {
            let segment = self.new_segment_id();
            let replies = self
                .reply
                .as_mut()
                .into_iter()
                .chain(self.speculation.as_mut());
            if let Some(reply) = replies.into_iter().find(|reply| reply.id == id) {
                reply.add_segment(segment, sentence.into());
            }
        }
        self.speak_pending();
    }

    pub(super) fn tool_result(&mut self, id: &Arc<str>, outcome: ToolOutcome) {
        if !self.ledger.has_started(id) {
            return;
        }
        let Some((reply, harmful)) = self.end_call(id, outcome.clone()) else {
            return;
        };
        if self
            .reply
            .as_ref()
            .is_some_and(|current| current.id == reply)
        {
            self.continue_reply();
        } else {
            self.history.insert_result(id, outcome.clone());
            self.ledger.forget_settled(reply);
            if harmful {
                self.tell_late(&outcome);
            }
        }
    }

    pub(super) fn tool_hangs(&mut self, id: &Arc<str>) {
        self.push(Effect::CancelTool { id: id.clone() });
        self.tool_result(id, ToolOutcome::TimedOut);
    }

    /// Goes on to the next step, or ends the reply, when there is nothing left to wait for.
    pub(super) fn continue_reply(&mut self) {
        self.run_tools();
        let Some(reply) = &self.reply else { return };
        if reply.llm != LlmPhase::Idle || reply.ending.is_some() {
            return;
        }
        if let Some(id) = reply.awaits.clone().filter(|_| !reply.failed) {
            return self.go_on_after_consent(&id);
        }
        let (called, answered) = self.ledger.step_calls(reply.id, reply.step);
        if called && !reply.failed {
            let held = self.ledger.held(reply.id);
            match held.filter(|_| answered) {
                Some(held) => self.ask_user(held),
                None if answered => self.next_step(),
                None => {}
            }
        } else if !reply.has_speech() && reply.step > 0 && !reply.failed {
            self.emit(Event::StageFailed {
                stage: Stage::Llm,
                failure: Failure::Nonsense,
            });
            self.apologise_in_reply();
        } else if reply.all_played() {
            let end = if reply.failed {
                ReplyEnd::Failed
            } else {
                ReplyEnd::Completed
            };
            self.finish_reply(end);
        }
    }

    pub(super) fn next_step(&mut self) {
        if let Some(reply) = self.reply.take() {
            let reply = self.ask(reply, false);
            self.reply = Some(reply);
        }
    }

    /// Lets the reply's calls go: those that can be stopped are, the others still have their result
    /// written down when it comes.
    pub(super) fn release_tools(&mut self, reply: ReplyId) {
        for id in self.ledger.running(Some(reply)) {
            self.push(Effect::CancelTool { id });
        }
    }

    pub(super) fn apologise(&mut self, text: Arc<str>) {
        self.apologised_at = Some(self.now);
        self.queue.push_front(Queued::Apology { text });
    }

    /// Every call still open gets the only result it can get now.
    pub(super) fn settle_all_tools(&mut self) {
        for id in self.ledger.running(None) {
            self.push(Effect::CancelTool { id: id.clone() });
            self.tool_result_at_close(&id);
        }
    }

    fn tool_result_at_close(&mut self, id: &Arc<str>) {
        if self.end_call(id, ToolOutcome::Cancelled).is_some() {
            self.history.insert_result(id, ToolOutcome::Cancelled);
        }
    }

    /// The most calls a step may make, for those who check it.
    pub const MAX_CALLS_PER_STEP: usize = Ledger::MAX_PER_STEP;
}
