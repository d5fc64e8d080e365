//! When the machine wants to be woken.

use super::{
    FalseInterruption, Machine, Time, UserState,
    machine::Suspicion,
    reply::{LlmPhase, Reply},
};
use std::{sync::Arc, time::Duration};

/// What is due at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The silence was long enough: the turn is over.
    EndOfTurn,
    /// The final text does not come.
    FinalText,
    /// The VAD hears speech without an end.
    Speech,
    /// Speech was long enough to interrupt by itself.
    ConfirmInterruption,
    /// Nothing was recognised: a false alarm.
    DismissInterruption,
    /// The LLM is silent.
    Llm,
    /// The LLM is silent about a turn that is not even over.
    Speculation,
    /// The tool does not answer.
    Tool(Arc<str>),
    /// The tool is slow.
    Filler,
    /// Nobody says yes.
    Consent,
    /// The voice or playout does not move.
    Playout,
    /// Playout does not answer that it was cleared.
    Clearing,
    /// The user is silent for long.
    Away,
}

impl Machine {
    /// How long playout may take to clear. It answers at once; this only guards against a driver
    /// that lost the answer.
    const CLEARING: Duration = Duration::from_secs(1);

    pub(super) fn next_timer(&self) -> Option<(Time, Timer)> {
        let watchdog = &self.options.watchdog;
        let tool = || {
            let (since, id) = self.ledger.oldest_running()?;
            Some((since + watchdog.tool, Timer::Tool(id)))
        };
        let speech = || Some((self.utterance.speaking? + watchdog.speech, Timer::Speech));
        let llm = |reply: Option<&Reply>, timer| match reply?.llm {
            LlmPhase::Running(since) => Some((since + watchdog.llm, timer)),
            LlmPhase::Idle => None,
        };
        [
            self.turn_timer(),
            self.suspicion_timer(),
            self.playout_timer(),
            self.away_timer(),
            self.consent_timer(),
            self.filler_at().map(|at| (at, Timer::Filler)),
            speech(),
            tool(),
            llm(self.reply.as_ref(), Timer::Llm),
            llm(self.speculation.as_ref(), Timer::Speculation),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
    }

    fn turn_timer(&self) -> Option<(Time, Timer)> {
        if self.utterance.speaking.is_some() || self.suspicion.is_some() {
            return None;
        }
        let ended = self.utterance.ended?;
        if self.utterance.awaiting > 0 {
            return Some((ended + self.endpointer.final_timeout(), Timer::FinalText));
        }
        let delay = self.endpointer.delay(self.sounds_complete);
        self.utterance
            .has_text()
            .then_some((ended + delay, Timer::EndOfTurn))
    }

    fn suspicion_timer(&self) -> Option<(Time, Timer)> {
        let Suspicion { since, ended } = self.suspicion?;
        match (self.options.interruption.false_alarm, ended) {
            (FalseInterruption::ResumeAfter(_), None) => None,
            (FalseInterruption::ResumeAfter(wait), Some(ended)) => {
                Some((ended + wait, Timer::DismissInterruption))
            }
            (FalseInterruption::Never, None) => {
                let at = since + self.options.interruption.min_speech;
                Some((at, Timer::ConfirmInterruption))
            }
            (FalseInterruption::Never, Some(ended)) => Some((
                ended + self.endpointer.final_timeout(),
                Timer::DismissInterruption,
            )),
        }
    }

    fn playout_timer(&self) -> Option<(Time, Timer)> {
        let reply = self.reply.as_ref()?;
        if let Some((_, since)) = reply.ending {
            return Some((since + Self::CLEARING, Timer::Clearing));
        }
        let waits = self.suspicion.is_none() && !reply.all_played();
        waits.then_some((
            reply.playout_at + self.options.watchdog.playout,
            Timer::Playout,
        ))
    }

    fn consent_timer(&self) -> Option<(Time, Timer)> {
        let asked = self.asked.as_ref()?;
        let silent = self.reply.is_none()
            && self.queued_answer().is_none()
            && self.utterance.is_settled()
            && !self.utterance.has_text();
        silent.then_some((asked.since + self.options.consent, Timer::Consent))
    }

    fn away_timer(&self) -> Option<(Time, Timer)> {
        let silence = self.options.user_away?;
        let present = self.user != UserState::Away && self.is_quiet();
        present.then_some((self.quiet_since + silence, Timer::Away))
    }
}
