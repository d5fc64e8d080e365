//! Watches a session while things are said to it: which answer belongs to which of them.

use super::{Conversation, call::Call, print::Printer, scenario::Outcome};
use crate::{error::Error, signal};
use sfera_agent::{
    session::{SessionEvent, SessionEventKind},
    turn::{AgentState, Event, ReplyEnd, TurnId, UserState},
};
use std::{collections::HashMap, future::Future, pin::pin, time::Duration};
use tokio::time::{Instant, sleep_until};

/// How long it may take, once all was said, until it counts as speech at all.
const NOTICING: Duration = Duration::from_secs(3);

/// How long it may take until speech is understood: long, because a busy machine recognises slowly.
const UNDERSTANDING: Duration = Duration::from_secs(60);

/// How long an answer may take to come to its end.
const ANSWERING: Duration = Duration::from_secs(90);

/// A session being watched.
pub struct Watch {
    /// The session.
    pub call: Call,
    /// What was seen of it.
    pub seen: Conversation,
    /// What each step begun so far led to.
    pub outcomes: Vec<Outcome>,
    /// Everything that was heard, in order.
    pub heard: Vec<String>,
    printer: Printer,
    /// The step of each turn, and whether it still waits for its answer.
    turns: HashMap<TurnId, (usize, bool)>,
    speaking_since: Option<Instant>,
    /// Whether the user was heard speaking in the newest step.
    noticed: bool,
}

impl Watch {
    /// Watches a session from its beginning.
    pub fn new(call: Call, printer: Printer) -> Self {
        Self {
            call,
            seen: Conversation::default(),
            outcomes: Vec::new(),
            heard: Vec::new(),
            printer,
            turns: HashMap::new(),
            speaking_since: None,
            noticed: false,
        }
    }

    /// What happens from now on belongs to a new step.
    pub fn begin_step(&mut self) {
        self.outcomes.push(Outcome::default());
        self.speaking_since = None;
        self.noticed = false;
    }

    /// Whether the newest step was answered and the agent is silent.
    pub fn answered(&self) -> bool {
        let step = self.outcomes.len().wrapping_sub(1);
        let mut own = self.turns.values().filter(|(of, _)| *of == step).peekable();
        self.silent() && own.peek().is_some() && own.all(|(_, waiting)| !waiting)
    }

    /// Whether something was understood in the newest step.
    pub fn understood(&self) -> bool {
        let step = self.outcomes.len().wrapping_sub(1);
        self.turns.values().any(|(of, _)| *of == step)
    }

    /// Watches until the newest step is answered. Says whether it was.
    pub async fn answer(&mut self) -> Result<bool, Error> {
        let noticed = |watch: &Self| watch.noticed || watch.understood();
        if !self.until(NOTICING, noticed).await? {
            return Ok(false);
        }
        let understood = self.until(UNDERSTANDING, Self::understood).await?;
        Ok(understood && self.until(ANSWERING, Self::answered).await?)
    }

    /// Whether nobody speaks and nothing is being prepared.
    pub fn silent(&self) -> bool {
        let agent = matches!(self.seen.agent, AgentState::Listening | AgentState::Idle);
        agent && self.seen.user != UserState::Speaking
    }

    /// Whether the answer to the newest step has been audible for so long.
    pub fn speaking_for(&self, time: Duration) -> bool {
        self.speaking_since
            .is_some_and(|since| since.elapsed() >= time)
    }

    /// Does something while watching.
    pub async fn during(&mut self, work: impl Future<Output = ()>) -> Result<(), Error> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                () = &mut work => return Ok(()),
                event = self.call.event() => match event {
                    Some(event) => self.observe(&event)?,
                    None => return Ok(()),
                },
                () = signal::interrupted() => return Err(Error::Interrupted),
            }
        }
    }

    /// Watches until something is so, but no longer than `limit`. Says whether it came to be so.
    pub async fn until(
        &mut self,
        limit: Duration,
        so: impl Fn(&Self) -> bool,
    ) -> Result<bool, Error> {
        let deadline = Instant::now() + limit;
        loop {
            if so(self) {
                return Ok(true);
            }
            // Some conditions come true by time alone.
            let look = (Instant::now() + Duration::from_millis(50)).min(deadline);
            tokio::select! {
                event = self.call.event() => match event {
                    Some(event) => self.observe(&event)?,
                    None => return Ok(so(self)),
                },
                () = sleep_until(look) => if look == deadline {
                    return Ok(so(self));
                },
                () = signal::interrupted() => return Err(Error::Interrupted),
            }
        }
    }

    fn observe(&mut self, event: &SessionEvent) -> Result<(), Error> {
        self.seen.observe(event);
        self.printer.event(event, &self.seen)?;
        if let SessionEventKind::Turn(event) = &event.kind {
            self.attribute(event);
        }
        Ok(())
    }

    fn attribute(&mut self, event: &Event) {
        let Some(newest) = self.outcomes.len().checked_sub(1) else {
            return;
        };
        match event {
            Event::TurnCommitted { turn, .. } => {
                self.turns.insert(*turn, (newest, true));
            }
            Event::UserState {
                state: UserState::Speaking,
            } => self.noticed = true,
            Event::TurnSuperseded { turn, .. } => self.settle(*turn),
            Event::AgentTranscript { .. } if self.speaking_since.is_none() => {
                self.speaking_since = Some(Instant::now());
            }
            Event::InterruptionConfirmed => self.outcomes[newest].interrupted = true,
            Event::StageFailed { .. } => self.outcomes[newest].failed = true,
            Event::ReplyEnded {
                turn, heard, end, ..
            } => {
                let step = turn.and_then(|turn| self.turns.get(&turn));
                let step = step.map_or(newest, |(step, _)| *step);
                let outcome = &mut self.outcomes[step];
                outcome.failed |= *end == ReplyEnd::Failed;
                outcome.heard = format!("{} {heard}", outcome.heard).trim().to_owned();
                self.heard.push(heard.to_string());
                if let Some(turn) = turn {
                    self.settle(*turn);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, turn: TurnId) {
        if let Some((_, waiting)) = self.turns.get_mut(&turn) {
            *waiting = false;
        }
    }
}
