//! The user's side: speech, text, and when their turn is over.

use super::{
    Effect, Event, Failure, Machine, Stage, Time, UserState,
    machine::{Life, Queued},
    words::{is_echo, overlap, same_words},
};
use std::{sync::Arc, time::Duration};

impl Machine {
    /// Failures to listen closer together than this get one apology.
    const APOLOGY_PAUSE: Duration = Duration::from_secs(10);

    pub(super) fn speech_started(&mut self, since: Time) {
        if self.utterance.speaking.is_some() || self.life == Life::Draining {
            return;
        }
        if let Some(ended) = self.utterance.ended.filter(|_| self.utterance.has_text()) {
            self.endpointer.observe_pause(since.since(ended));
        }
        if !self.utterance.has_text() {
            self.overlap.reply = self.reply.is_some();
            self.overlap.echo = self.expects_echo();
        }
        self.utterance.speech_started(since);
        self.suspect(since);
    }

    pub(super) fn speech_ended(&mut self, since: Time) {
        if self.utterance.speaking.is_none() {
            return;
        }
        self.utterance.speech_ended(since);
        self.quiet_since = self.now;
        if let Some(suspicion) = &mut self.suspicion {
            suspicion.ended = Some(since);
        }
        self.speculate();
    }

    pub(super) fn interim(&mut self, text: &str) {
        if self.life == Life::Draining {
            return;
        }
        self.utterance.interim(text, self.now);
        self.text_changed();
        if self.utterance.awaiting > 0 {
            self.speculate();
        }
    }

    pub(super) fn final_text(&mut self, text: &str) {
        if self.life == Life::Draining {
            return;
        }
        if let Some(taken) = self.late_final.take_if(|_| self.utterance.awaiting == 0)
            && overlap(&taken, text)
        {
            return;
        }
        self.utterance.final_text(text, self.now);
        self.text_changed();
        self.speculate();
    }

    fn text_changed(&mut self) {
        let text = self.utterance.text();
        self.sounds_complete = self.end_of_turn.sounds_complete(&text);
        self.quiet_since = self.now;
        let stale = |spoken: &Arc<str>| !same_words(spoken, &text);
        if self
            .speculation
            .as_ref()
            .is_some_and(|reply| stale(&reply.user_text()))
        {
            self.drop_speculation();
        }
        if !text.is_empty() {
            self.emit(Event::UserTranscript {
                text: text.clone(),
                is_final: false,
            });
        }
        self.judge(&text);
    }

    pub(super) fn typed(&mut self, text: &str) {
        if text.is_empty() || self.life == Life::Draining {
            return;
        }
        self.return_from_away();
        self.emit(Event::UserTranscript {
            text: text.to_owned(),
            is_final: true,
        });
        self.drop_speculation();
        if self.reply.as_ref().is_some_and(|reply| reply.interruptible) {
            self.confirm_interruption();
        }
        self.queue_turn(text.into(), self.now);
    }

    /// The silence was long enough.
    pub(super) fn commit_turn(&mut self) {
        let text = self.utterance.text();
        if text.is_empty() {
            return self.forget_utterance();
        }
        self.emit(Event::UserTranscript {
            text: text.clone(),
            is_final: true,
        });
        let aside = self.overlap.reply && self.is_backchannel(&text);
        let echo = self.overlap.echo && is_echo(&text, &self.being_said());
        let since = self.utterance.began().unwrap_or(self.now);
        self.forget_utterance();
        if !aside && !echo {
            self.queue_turn(text.into(), since);
        }
    }

    pub(super) fn forget_utterance(&mut self) {
        self.utterance.reset();
        self.sounds_complete = true;
        self.overlap = super::machine::Overlap::default();
        self.quiet_since = self.now;
    }

    fn queue_turn(&mut self, text: Arc<str>, since: Time) {
        let turn = self.new_turn_id();
        self.quiet_since = self.now;
        self.emit(Event::TurnCommitted {
            turn,
            text: text.clone(),
        });
        if self.reply.is_none() && self.queue.is_empty() && self.keep_speculation(turn, &text) {
            return;
        }
        self.drop_speculation();
        match self.queue.back_mut() {
            Some(Queued::Turn {
                turn: older, texts, ..
            }) => {
                let older = std::mem::replace(older, turn);
                texts.push(text);
                self.emit(Event::TurnSuperseded {
                    turn: older,
                    by: turn,
                });
            }
            _ => self.queue.push_back(Queued::Turn {
                turn,
                texts: vec![text],
                since,
            }),
        }
    }

    /// The final text does not come: the interim one has to do.
    pub(super) fn give_up_final(&mut self) {
        self.utterance.give_up_awaiting();
        let text = self.utterance.text();
        self.late_final = Some(text.clone()).filter(|text| !text.is_empty());
        self.sounds_complete = self.end_of_turn.sounds_complete(&text);
        self.commit_turn();
    }

    /// Speech without an end is a noise that the VAD takes for a voice, or a very long story: what
    /// was understood of it is answered.
    pub(super) fn give_up_speech(&mut self) {
        self.utterance.cut(self.now);
        if self.suspicion.is_some() {
            return self.dismiss_interruption();
        }
        self.commit_turn();
    }

    pub(super) fn listening_failed(&mut self, stage: Stage, failure: Failure) {
        self.emit(Event::StageFailed { stage, failure });
        self.utterance.cut(self.now);
        if self.suspicion.is_some() {
            self.dismiss_interruption();
        }
        if self.failed_again() {
            return;
        }
        self.push(Effect::RestartListening);
        let recent = |at: &Time| self.now.since(*at) < Self::APOLOGY_PAUSE;
        if self.reply.is_none() && self.apologised_at.as_ref().is_none_or(|at| !recent(at)) {
            self.apologise(self.options.phrases.cannot_hear.clone());
        }
    }

    pub(super) fn return_from_away(&mut self) {
        self.quiet_since = self.now;
        if self.user == UserState::Away {
            self.user = UserState::Listening;
            self.emit(Event::UserState {
                state: UserState::Listening,
            });
        }
    }
}
