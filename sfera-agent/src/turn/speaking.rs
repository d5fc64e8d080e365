//! Playout: what was heard, and how a reply ends.

use super::{
    CloseReason, Effect, Event, Failure, Machine, PlayedTo, ReplyEnd, SegmentId, Stage,
    machine::{Life, Queued},
    reply::{LlmPhase, Origin, Reply},
};
use crate::tools::ToolOutcome;
use std::sync::Arc;

impl Machine {
    /// Gives the voice what it has not been given yet.
    pub(super) fn speak_pending(&mut self) {
        let now = self.now;
        let Some(reply) = &mut self.reply else { return };
        if reply.all_played() || !reply.is_audible() {
            reply.playout_at = now;
        }
        let id = reply.id;
        let effects: Vec<_> = reply
            .take_unspoken()
            .map(|s| Effect::Speak {
                reply: id,
                segment: s.id,
                text: s.text.clone(),
            })
            .collect();
        for effect in effects {
            self.push(effect);
        }
    }

    pub(super) fn tts_done(&mut self, id: SegmentId, samples: u64) {
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        let Some(segment) = reply.segment_mut(id) else {
            return;
        };
        segment.samples = Some(samples);
        reply.playout_at = now;
        if samples == 0 {
            self.segment_played(id);
        }
    }

    pub(super) fn segment_started(&mut self, id: SegmentId) {
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        let Some(segment) = reply.segment_mut(id) else {
            return;
        };
        segment.started = true;
        reply.playout_at = now;
        self.first_sound.get_or_insert(now);
    }

    pub(super) fn progress(&mut self, at: PlayedTo) {
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        reply.playout_at = now;
        self.hear_to(at);
    }

    fn hear_to(&mut self, at: PlayedTo) {
        let rate = self.options.playout_rate.hz();
        if let Some(reply) = &mut self.reply {
            let delta = reply.hear_to(at, rate);
            self.caption(delta);
        }
    }

    fn caption(&mut self, delta: String) {
        if let Some(reply) = self.reply.as_ref().filter(|_| !delta.is_empty()) {
            self.emit(Event::AgentTranscript {
                reply: reply.id,
                delta,
            });
        }
    }

    pub(super) fn segment_played(&mut self, id: SegmentId) {
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        let Some(segment) = reply.segment_mut(id) else {
            return;
        };
        segment.played = true;
        // A segment that never began had no sound: nothing of it was heard.
        let whole = segment.started && !segment.failed;
        reply.playout_at = now;
        if whole {
            if let Some(question) = &mut reply.question {
                question.hear(id, now);
            }
            let delta = reply.hear_whole(id);
            self.caption(delta);
        }
        self.continue_reply();
    }

    /// The voice broke: what is queued is still heard, nothing more comes.
    pub(super) fn tts_failed(&mut self, id: SegmentId, failure: Failure) {
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        let Some(segment) = reply.segment_mut(id) else {
            return;
        };
        segment.failed = true;
        reply.failed = true;
        reply.drop_after(id);
        self.emit(Event::StageFailed {
            stage: Stage::Tts,
            failure,
        });
        self.cancel_llm();
        self.push(Effect::CancelTts);
        self.continue_reply();
    }

    pub(super) fn playout_hangs(&mut self) {
        self.emit(Event::StageFailed {
            stage: Stage::Tts,
            failure: Failure::Timeout,
        });
        if let Some(reply) = &mut self.reply {
            reply.failed = true;
        }
        self.stop_reply(ReplyEnd::Failed);
    }

    fn cancel_llm(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        if reply.llm != LlmPhase::Idle {
            reply.llm = LlmPhase::Idle;
            let reply = reply.id;
            self.push(Effect::CancelLlm { reply });
        }
    }

    /// Stops all work for the reply; it ends when playout says how far it was heard.
    pub(super) fn stop_reply(&mut self, end: ReplyEnd) {
        self.cancel_llm();
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.ending.is_none()) else {
            return;
        };
        reply.ending = Some((end, now));
        let id = reply.id;
        self.release_tools(id);
        self.push(Effect::CancelTts);
        self.push(Effect::ClearPlayout);
    }

    pub(super) fn playout_cleared(&mut self, at: Option<PlayedTo>) {
        let Some((end, _)) = self.reply.as_ref().and_then(|reply| reply.ending) else {
            return;
        };
        if let Some(at) = at {
            self.hear_to(at);
        }
        self.finish_reply(end);
    }

    /// The reply is over: the history gets what was heard of it.
    pub(super) fn finish_reply(&mut self, end: ReplyEnd) {
        let Some(reply) = self.reply.take() else {
            return;
        };
        self.keep_question(&reply, end);
        for message in reply.messages_heard(&self.ledger) {
            self.history.push(message);
        }
        self.history.trim();
        self.ledger.forget_settled(reply.id);
        self.last_said = reply.said();
        self.quiet_since = self.now;
        if self.suspicion.take().is_some() {
            self.resume_playout();
        }
        let heard: Arc<str> = reply.heard().into();
        self.emit(Event::ReplyEnded {
            reply: reply.id,
            turn: reply.turn(),
            end,
            user: reply.user_text(),
            heard: heard.clone(),
        });
        self.count_failures(end, &reply, !heard.is_empty());
    }

    fn count_failures(&mut self, end: ReplyEnd, reply: &Reply, was_heard: bool) {
        let apology = reply.origin == Origin::Apology;
        if end == ReplyEnd::Failed {
            if !self.failed_again() && !apology && !reply.apologised {
                self.apologise(self.options.phrases.cannot_answer.clone());
            }
        } else if was_heard && !apology {
            self.failures = 0;
        }
    }

    /// Counts a failure; true if it was one too many and the session ends.
    pub(super) fn failed_again(&mut self) -> bool {
        self.failures += 1;
        let too_many = self
            .options
            .max_failures
            .is_some_and(|max| self.failures >= max);
        if too_many {
            self.shut_down(CloseReason::TooManyFailures);
        }
        too_many
    }

    /// What the agent is saying, or said last.
    pub(super) fn being_said(&self) -> String {
        self.reply
            .as_ref()
            .map_or_else(|| self.last_said.clone(), Reply::said)
    }

    pub(super) fn say(&mut self, text: &str, interruptible: bool) {
        let room = self.queue.len() < Self::MAX_QUEUED && self.life == Life::Open;
        if room && !text.is_empty() {
            self.queue.push_back(Queued::Say {
                text: text.into(),
                interruptible,
            });
        }
    }

    pub(super) fn interrupt(&mut self) {
        self.queue
            .retain(|queued| !matches!(queued, Queued::Say { .. }));
        self.drop_speculation();
        self.confirm_interruption();
    }

    /// By a tap: certain at once, so nothing is suspected first.
    pub(super) fn user_interrupt(&mut self) {
        self.return_from_away();
        if self.may_interrupt() {
            self.confirm_interruption();
        }
    }

    pub(super) fn close_requested(&mut self, drain: bool) {
        self.drop_speculation();
        if !drain {
            return self.shut_down(CloseReason::Requested);
        }
        self.life = Life::Draining;
        self.drop_question(ToolOutcome::Cancelled);
        self.queue
            .retain(|queued| matches!(queued, Queued::Say { .. }));
        self.dismiss_interruption();
        self.utterance.speaking = None;
    }

    /// Ends everything at once.
    pub(super) fn shut_down(&mut self, reason: CloseReason) {
        if self.life == Life::Closed {
            return;
        }
        self.queue.clear();
        self.drop_speculation();
        self.drop_question(ToolOutcome::Cancelled);
        self.suspicion = None;
        if self.reply.is_some() {
            self.stop_reply(ReplyEnd::Interrupted);
            self.settle_all_tools();
            self.life = Life::Closed;
            let end = self
                .reply
                .as_ref()
                .and_then(|r| r.ending)
                .map_or(ReplyEnd::Interrupted, |e| e.0);
            self.finish_reply(end);
        }
        self.settle_all_tools();
        self.life = Life::Closed;
        self.emit(Event::Closed { reason });
        self.push(Effect::Shutdown);
    }
}
