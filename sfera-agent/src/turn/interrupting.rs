//! Barge-in: suspected at the first sound, confirmed by words, dismissed as a false alarm.

use super::{Effect, Event, Machine, ReplyEnd, Time, machine::Suspicion, words::words};

/// What a text means for the reply it is spoken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The user wants the floor.
    Interrupts,
    /// Nothing but «угу», or nothing at all.
    Nothing,
    /// Words, but fewer than are needed.
    TooFew,
}

impl Machine {
    /// The user makes a sound: the agent holds its breath.
    pub(super) fn suspect(&mut self, since: Time) {
        if let Some(suspicion) = &mut self.suspicion {
            suspicion.ended = None;
        } else if self.may_interrupt() && !self.expects_echo() {
            self.suspicion = Some(Suspicion { since, ended: None });
            self.push(Effect::PausePlayout);
            self.emit(Event::InterruptionSuspected);
        }
    }

    pub(super) fn may_interrupt(&self) -> bool {
        self.options.interruption.enabled
            && self
                .reply
                .as_ref()
                .is_some_and(|r| r.interruptible && r.ending.is_none())
    }

    /// Whether the loudspeaker may be what the microphone hears.
    pub(super) fn expects_echo(&self) -> bool {
        let audible = self
            .reply
            .as_ref()
            .is_some_and(super::reply::Reply::is_audible);
        match (self.options.interruption.echo_warmup, self.first_sound) {
            (Some(warmup), Some(first)) => audible && self.now.since(first) < warmup,
            _ => false,
        }
    }

    /// The user's words are known a little better: do they interrupt?
    pub(super) fn judge(&mut self, text: &str) {
        if !self.may_interrupt() || (self.suspicion.is_none() && self.overlap.echo) {
            return;
        }
        match self.verdict(text) {
            Verdict::Interrupts => self.confirm_interruption(),
            Verdict::Nothing | Verdict::TooFew if self.utterance.is_settled() => {
                self.dismiss_interruption();
            }
            Verdict::Nothing | Verdict::TooFew => {}
        }
    }

    fn verdict(&self, text: &str) -> Verdict {
        let policy = &self.options.interruption;
        // «Угу» answers a question.
        let asking = self.is_asking();
        let meant = |word: &String| asking || !policy.backchannel.iter().any(|b| **b == **word);
        match words(text).filter(meant).count() {
            0 => Verdict::Nothing,
            n if n >= policy.min_words => Verdict::Interrupts,
            _ => Verdict::TooFew,
        }
    }

    pub(super) fn is_backchannel(&self, text: &str) -> bool {
        self.verdict(text) == Verdict::Nothing
    }

    /// The user takes the floor.
    pub(super) fn confirm_interruption(&mut self) {
        self.suspicion = None;
        if self
            .reply
            .as_ref()
            .is_some_and(|reply| reply.ending.is_none())
        {
            self.emit(Event::InterruptionConfirmed);
            self.stop_reply(ReplyEnd::Interrupted);
        }
    }

    /// It was nothing: the agent goes on from the very next sample.
    pub(super) fn dismiss_interruption(&mut self) {
        let text = self.utterance.text();
        if !text.is_empty() {
            self.emit(Event::UserTranscript {
                text,
                is_final: true,
            });
        }
        self.forget_utterance();
        if self.suspicion.take().is_some() {
            self.emit(Event::InterruptionDismissed);
            self.resume_playout();
        }
    }

    pub(super) fn resume_playout(&mut self) {
        self.push(Effect::ResumePlayout);
        let now = self.now;
        if let Some(reply) = &mut self.reply {
            reply.playout_at = now;
        }
    }
}
