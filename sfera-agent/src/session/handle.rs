use super::{Providers, SessionBuilder, SessionEvent, command::Command};
use crate::{
    playout::PlayoutReader,
    turn::{CloseReason, Input},
};
use std::fmt;
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;

/// Commands waiting for the session, at most; a host that sends more waits.
pub(super) const COMMANDS: usize = 32;
/// Events a slow reader may fall behind before it loses the oldest.
pub(super) const EVENTS: usize = 1_024;

/// A running conversation. Dropping it ends everything at once; [`SessionControl::close`] ends it
/// gracefully.
pub struct Session {
    control: SessionControl,
    playout: Option<PlayoutReader>,
    sender: broadcast::WeakSender<SessionEvent>,
    events: Option<broadcast::Receiver<SessionEvent>>,
    task: AbortOnDropHandle<CloseReason>,
}

impl Session {
    /// Begins to describe a session.
    #[must_use]
    pub fn builder(providers: Providers) -> SessionBuilder {
        SessionBuilder::new(providers)
    }

    pub(super) fn new(
        control: SessionControl,
        playout: PlayoutReader,
        sender: &broadcast::Sender<SessionEvent>,
        events: broadcast::Receiver<SessionEvent>,
        task: JoinHandle<CloseReason>,
    ) -> Self {
        let task = AbortOnDropHandle::new(task);
        Self {
            control,
            playout: Some(playout),
            sender: sender.downgrade(),
            events: Some(events),
            task,
        }
    }

    /// Everything that happens from the session's start (first call) or from now (later calls). A
    /// reader more than 1,024 events behind loses the oldest and is told how many. The stream ends
    /// with the session.
    pub fn events(&mut self) -> broadcast::Receiver<SessionEvent> {
        let later = || match self.sender.upgrade() {
            Some(sender) => sender.subscribe(),
            None => broadcast::channel(1).1,
        };
        self.events.take().unwrap_or_else(later)
    }

    /// Where the agent's voice comes out; there is one, so only the first call gives it. Until it is
    /// read, the agent waits for its listener.
    pub const fn playout(&mut self) -> Option<PlayoutReader> {
        self.playout.take()
    }

    /// A remote control, to be cloned at will.
    #[must_use]
    pub fn control(&self) -> SessionControl {
        self.control.clone()
    }

    /// Waits for the session's end. Dropping the future ends the session at once.
    ///
    /// # Errors
    /// [`SessionPanicked`] if the session itself failed; a mistake in Sfera.
    pub async fn closed(self) -> Result<CloseReason, SessionPanicked> {
        self.task.await.map_err(|_| SessionPanicked)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// The session's own task panicked: please report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session failed unexpectedly")]
pub struct SessionPanicked;

/// The session has ended; the command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session has ended")]
pub struct Ended;

/// Tells a session what to do. Each call waits while 32 commands are on their way; dropping its
/// future withdraws the command.
#[derive(Clone, Debug)]
pub struct SessionControl {
    commands: mpsc::Sender<Command>,
}

impl SessionControl {
    pub(super) const fn new(commands: mpsc::Sender<Command>) -> Self {
        Self { commands }
    }

    /// Says a text as soon as nobody else speaks. At most 32 texts wait; more are dropped.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn say(&self, text: impl Into<String>, interruptible: bool) -> Result<(), Ended> {
        self.send(Input::Say {
            text: text.into(),
            interruptible,
        })
        .await
    }

    /// Takes typed words as the user's turn; they interrupt the agent.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn type_text(&self, text: impl Into<String>) -> Result<(), Ended> {
        self.send(Input::Typed { text: text.into() }).await
    }

    /// Stops what is being said and prepared.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn interrupt(&self) -> Result<(), Ended> {
        self.send(Input::Interrupt).await
    }

    /// The same for the user, who asks by a tap or a key: what may not be interrupted goes on. Answers
    /// whether anything was stopped.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn user_interrupt(&self) -> Result<bool, Ended> {
        let (answer, stopped) = oneshot::channel();
        let command = Command::UserInterrupt(answer);
        self.commands.send(command).await.map_err(|_| Ended)?;
        stopped.await.map_err(|_| Ended)
    }

    /// Ends the session: with `drain` after what is being said, otherwise at once.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn close(&self, drain: bool) -> Result<(), Ended> {
        self.send(Input::Close { drain }).await
    }

    async fn send(&self, input: Input) -> Result<(), Ended> {
        let command = Command::Input(input);
        self.commands.send(command).await.map_err(|_| Ended)
    }
}
