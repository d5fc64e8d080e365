//! The course of a call: what happens is printed, and something in it is waited for.

use crate::{
    error::{Error, LiveKitProblem},
    output,
    text::Text,
};
use sfera_agent::{
    io::room::{CallerEvent, CaptionForm, RoomEnd, Speaker},
    turn::AgentState,
};
use std::time::Duration;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};

/// An agent that has been listening for so long has said what it says first, or says nothing. It may
/// listen for a moment before that.
const QUIET: Duration = Duration::from_secs(1);

/// What has happened so far in a call.
pub struct Course {
    events: broadcast::Receiver<CallerEvent>,
    /// What the agent is doing, once it said so.
    agent: Option<AgentState>,
    text: Text,
}

impl Course {
    pub const fn new(events: broadcast::Receiver<CallerEvent>, text: Text) -> Self {
        Self {
            events,
            agent: None,
            text,
        }
    }

    /// Waits for something. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Why the call ended before.
    pub async fn until(&mut self, wanted: impl Fn(&CallerEvent) -> bool) -> Result<(), Error> {
        while !wanted(&self.next().await?) {}
        Ok(())
    }

    /// Waits for the end of the call, and gives its reason.
    pub async fn until_over(&mut self) -> Error {
        loop {
            if let Err(over) = self.next().await {
                return over;
            }
        }
    }

    /// Waits until the agent does this. Ready at once if it does.
    ///
    /// # Errors
    /// Why the call ended before.
    pub async fn until_state(&mut self, state: AgentState) -> Result<(), Error> {
        while self.agent != Some(state) {
            self.next().await?;
        }
        Ok(())
    }

    /// Waits until the agent has said what it says first, and listens.
    ///
    /// # Errors
    /// Why the call ended before.
    pub async fn until_greeted(&mut self) -> Result<(), Error> {
        loop {
            self.until_state(AgentState::Listening).await?;
            let begins = self.until(|event| {
                matches!(event, CallerEvent::AgentState(state) if *state != AgentState::Listening)
            });
            match timeout(QUIET, begins).await {
                Ok(begun) => begun?,
                Err(_quiet) => return Ok(()),
            }
        }
    }

    /// The next thing that happens; printed, if a person wants to know.
    async fn next(&mut self) -> Result<CallerEvent, Error> {
        let over = |end| Error::LiveKit(LiveKitProblem::BrokeOff(end));
        let event = loop {
            match self.events.recv().await {
                Ok(event) => break event,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err(over(RoomEnd::ConnectionLost)),
            }
        };
        if let Some(line) = line(&event, self.text) {
            output::line(line)?;
        }
        match &event {
            CallerEvent::Ended(end) => return Err(over(*end)),
            CallerEvent::AgentState(state) => self.agent = Some(*state),
            CallerEvent::AgentLeft => self.agent = None,
            _ => {}
        }
        Ok(event)
    }
}

/// What a person at a terminal wants to know.
fn line(event: &CallerEvent, text: Text) -> Option<String> {
    Some(match event {
        CallerEvent::AgentJoined { identity } => text.call_agent_came(identity),
        CallerEvent::AgentLeft => text.call_agent_left(),
        CallerEvent::Reconnecting => text.call_reconnecting(),
        CallerEvent::Reconnected => text.call_reconnected(),
        CallerEvent::Caption(caption)
            if caption.is_final && caption.form == CaptionForm::Stream =>
        {
            let words = &caption.text;
            match &caption.speaker {
                Speaker::Agent => text.call_agent_said(words),
                Speaker::Me => text.call_i_said(words),
                Speaker::Other(who) => format!("{who}: {words}"),
            }
        }
        CallerEvent::Ended(_) => text.call_ended(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::Language;
    use tokio::time::{Instant, advance, sleep};

    fn course() -> (broadcast::Sender<CallerEvent>, Course) {
        let (events, seen) = broadcast::channel(16);
        (events, Course::new(seen, Text(Language::En)))
    }

    /// How long the greeting is waited for where the agent does this, each after so many ms.
    async fn greeted_after(script: &[(u64, AgentState)]) -> u64 {
        let (events, mut course) = course();
        let began = Instant::now();
        let agent = async {
            for (wait, state) in script {
                sleep(Duration::from_millis(*wait)).await;
                events.send(CallerEvent::AgentState(*state)).unwrap();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            greeted = course.until_greeted() => greeted.unwrap(),
            () = agent => {}
        }
        began.elapsed().as_millis() as u64
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_does_not_fall_into_the_greeting() {
        use AgentState::{Listening, Speaking, Thinking};
        let at_once = [(0, Thinking), (10, Speaking), (2_000, Listening)];
        assert_eq!(greeted_after(&at_once).await, 3_010);
        let listens_before = [
            (0, Listening),
            (300, Thinking),
            (10, Speaking),
            (2_000, Listening),
        ];
        assert_eq!(greeted_after(&listens_before).await, 3_310);
        assert_eq!(
            greeted_after(&[(500, Listening)]).await,
            1_500,
            "no greeting"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_agent_did_before_it_was_waited_for_counts() {
        let (events, mut course) = course();
        let state = |state| events.send(CallerEvent::AgentState(state)).unwrap();
        state(AgentState::Listening);
        tokio::select! {
            _over = course.until_over() => panic!("nothing ended"),
            () = advance(Duration::from_millis(1)) => {}
        }
        let listens = course.until_state(AgentState::Listening);
        timeout(QUIET, listens).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_call_that_ends_says_why() {
        let (events, mut course) = course();
        let ended = CallerEvent::Ended(RoomEnd::RoomClosed);
        events.send(ended).unwrap();
        let over = course.until(|_| false).await.unwrap_err();
        assert_eq!(
            over.sentence(Text(Language::En)).unwrap(),
            "The room was closed before the conversation was over."
        );
        assert_eq!(over.exit(), crate::error::Exit::Runtime);
        drop(events);
        let over = course.until_over().await;
        assert_eq!(
            over.sentence(Text(Language::En)).unwrap(),
            "The connection to the room was lost and could not be repaired."
        );
    }
}
