//! An agent in a room.

use super::{
    Address, JoinError, RoomEnd, RoomOptions,
    attendant::{Attendant, News},
    connection::Connection,
    conversation::Conversation,
    preconnect::Splice,
    publish::Microphone,
    state::{Shown, keep},
    subscribe::Ear,
};
#[cfg(feature = "aec")]
use crate::audio::NoiseSuppressor;
use crate::{audio::Frame, io::INPUT_QUEUE, session::Session};
use livekit::prelude::{LocalParticipant, RemoteParticipant};
use std::{collections::HashMap, fmt, sync::Arc};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Lines and recordings on their way to the session, at most.
const WAITING: usize = 4;

/// Whom the agent talks with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerInfo {
    /// Unique in the room.
    pub identity: String,
    /// As they are called; may be empty.
    pub name: String,
    /// What the host attached to them.
    pub metadata: String,
    /// What the host, or they themselves, attached to them.
    pub attributes: HashMap<String, String>,
    /// Their microphone's track, once it is heard; empty before.
    pub(super) track: String,
}

impl CallerInfo {
    pub(super) fn of(participant: &RemoteParticipant) -> Self {
        Self {
            identity: participant.identity().into(),
            name: participant.name(),
            metadata: participant.metadata(),
            attributes: participant.attributes(),
            track: String::new(),
        }
    }
}

/// A room that an agent is in, heard and watched from the first moment. Dropping it leaves the room.
pub struct AgentRoom {
    pub(super) connection: Connection,
    pub(super) microphone: Microphone,
    pub(super) options: Arc<RoomOptions>,
    input: Option<mpsc::Receiver<Frame>>,
    pub(super) typed: mpsc::Receiver<String>,
    pub(super) caller: watch::Receiver<Option<CallerInfo>>,
    pub(super) audible: watch::Receiver<bool>,
    pub(super) shown: watch::Sender<Shown>,
    pub(super) end: watch::Receiver<Option<RoomEnd>>,
    /// The tasks of the room. They end with it.
    pub(super) tasks: JoinSet<()>,
}

impl AgentRoom {
    /// Joins, publishes the agent's track and shows it as initializing. Dropping the future gives up
    /// and leaves.
    ///
    /// # Errors
    /// [`JoinError`]; nothing is left running then.
    pub async fn join(address: &Address, options: RoomOptions) -> Result<Self, JoinError> {
        let (connection, events) = Connection::open(address).await?;
        let participant = connection.participant();
        options.rpc.register(&participant);
        warn_of_missing_grants(&participant);
        let options = Arc::new(options);
        let mut tasks = JoinSet::new();
        let (track, tracks) = watch::channel(None);
        let (recordings, recorded) = mpsc::channel(WAITING);
        let (session, input) = mpsc::channel(INPUT_QUEUE);
        let (typing, typed) = mpsc::channel(WAITING);
        let (called, caller) = watch::channel(None);
        let (hearing, audible) = watch::channel(false);
        let (ending, end) = watch::channel(None);
        let shown = watch::Sender::new(Shown::FIRST);
        let news = News {
            track,
            recordings,
            typed: typing,
            caller: called,
            audible: hearing,
            shown: shown.clone(),
            end: ending,
        };
        tasks.spawn(Attendant::new(connection.room(), events, options.clone(), news).run());
        tasks.spawn(show(
            participant.clone(),
            options.clone(),
            shown.subscribe(),
        ));
        let rate = options.heard_rate();
        tasks.spawn(
            Ear {
                tracks,
                recordings: recorded,
                splice: Splice::new(rate, options.preconnect_wait, options.preconnect_age),
                session,
                rate,
                #[cfg(feature = "aec")]
                noise: NoiseSuppressor::new(options.noise),
            }
            .run(),
        );
        let microphone = Microphone::publish(&participant, options.output_rate, 0, false).await?;
        Ok(Self {
            connection,
            microphone,
            options,
            input: Some(input),
            typed,
            caller,
            audible,
            shown,
            end,
            tasks,
        })
    }

    /// What the session is to hear: the caller, 20 ms at a time. Only the first call gives it.
    pub const fn input(&mut self) -> Option<mpsc::Receiver<Frame>> {
        self.input.take()
    }

    /// The caller, if one is there.
    #[must_use]
    pub fn caller(&self) -> Option<CallerInfo> {
        self.caller.borrow().clone()
    }

    /// Waits for a caller. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The [`RoomEnd`] if the room ended before one came.
    pub async fn wait_for_caller(&mut self) -> Result<CallerInfo, RoomEnd> {
        let mut end = self.end.clone();
        tokio::select! {
            caller = self.caller.wait_for(Option::is_some) => {
                let caller = caller.ok().and_then(|caller| caller.clone());
                caller.ok_or(RoomEnd::ConnectionLost)
            }
            end = ended(&mut end) => Err(end),
        }
    }

    /// Leaves without a conversation.
    pub async fn leave(self) {
        self.connection.leave().await;
    }

    /// Holds the conversation until the session, the room or the host ends it, then leaves. `stop`
    /// lets the agent finish what it is saying, a minute at most, if somebody hears it. Dropping the
    /// future ends everything at once.
    pub async fn run(self, session: Session, stop: CancellationToken) -> RoomEnd {
        Conversation::new(self, session).hold(stop).await
    }
}

impl fmt::Debug for AgentRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentRoom")
            .field("connection", &self.connection)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Why the room ended, once it has.
pub(super) async fn ended(end: &mut watch::Receiver<Option<RoomEnd>>) -> RoomEnd {
    let end = end.wait_for(Option::is_some).await;
    end.ok()
        .and_then(|end| *end)
        .unwrap_or(RoomEnd::ConnectionLost)
}

/// Keeps the attributes up to date.
async fn show(
    participant: LocalParticipant,
    options: Arc<RoomOptions>,
    shown: watch::Receiver<Shown>,
) {
    let set = |shown: Shown| {
        let attributes = shown.attributes(options.agent_name.as_deref());
        let participant = participant.clone();
        async move {
            let set = participant.set_attributes(attributes).await;
            if let Err(error) = &set {
                tracing::warn!(%error, "the agent's state could not be shown");
            }
            set.is_ok()
        }
    };
    keep(shown, set).await;
}

/// The server accepts attributes without the grant, and keeps none.
fn warn_of_missing_grants(participant: &LocalParticipant) {
    if participant
        .permission()
        .is_some_and(|allowed| !allowed.can_update_metadata)
    {
        tracing::warn!(
            "the token lacks canUpdateOwnMetadata: front ends will not see what the agent is doing"
        );
    }
}
