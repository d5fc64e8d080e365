//! An agent in a room.

use super::{
    Address, JoinError, RoomEnd, RoomOptions,
    attendant::{Attendant, News},
    connection::Connection,
    conversation::Conversation,
    interrupting::Interrupting,
    preconnect::Splice,
    publish::Microphone,
    state::{Shown, keep},
    subscribe::Ear,
    text::{LINES, in_order},
};
#[cfg(feature = "aec")]
use crate::audio::NoiseSuppressor;
use crate::{
    audio::Frame,
    io::INPUT_QUEUE,
    session::{Session, SessionControl},
    turn::AgentState,
};
use livekit::prelude::{LocalParticipant, RemoteParticipant};
use std::{collections::HashMap, fmt, sync::Arc};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Read lines and recordings on their way to the session, at most.
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
    /// Which time that they are in the room: another one each time they come.
    presence: String,
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
            presence: participant.sid().into(),
            track: String::new(),
        }
    }

    /// What is known of somebody after what was known before: their track, if it was theirs and they
    /// did not leave in between.
    pub(super) fn after(mut self, known: Option<Self>) -> Self {
        let same = known.filter(|known| known.presence == self.presence);
        if let Some(known) = same {
            self.track = known.track;
        }
        self
    }
}

/// A room that an agent is in, heard and watched from the first moment. Dropping it leaves the room;
/// a host that ends then awaits [`farewells`](super::farewells).
pub struct AgentRoom {
    pub(super) connection: Connection,
    pub(super) microphone: Microphone,
    pub(super) options: Arc<RoomOptions>,
    input: Option<mpsc::Receiver<Frame>>,
    /// Tells who hears next.
    next_sessions: mpsc::Sender<mpsc::Sender<Frame>>,
    pub(super) typed: mpsc::Receiver<String>,
    pub(super) caller: watch::Receiver<Option<CallerInfo>>,
    /// The conversation that is held now.
    session: watch::Sender<Option<SessionControl>>,
    /// Whether the caller left for good and that ended the conversation.
    pub(super) over: watch::Sender<bool>,
    somebody_left: watch::Receiver<bool>,
    pub(super) audible: watch::Receiver<bool>,
    pub(super) shown: watch::Sender<Shown>,
    pub(super) end: watch::Receiver<Option<RoomEnd>>,
    /// They end with the room.
    _tasks: JoinSet<()>,
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
        let (called, caller) = watch::channel(None);
        let held = watch::Sender::new(None);
        if options.interrupt {
            let interrupting = Interrupting::new(caller.clone(), held.subscribe());
            interrupting.method().register(&participant);
        }
        options.rpc.register(&participant);
        warn_of_missing_grants(&participant);
        let options = Arc::new(options);
        let mut tasks = JoinSet::new();
        let (track, tracks) = watch::channel(None);
        let (recordings, recorded) = mpsc::channel(WAITING);
        let (session, input) = mpsc::channel(INPUT_QUEUE);
        let (sessions, next_sessions) = mpsc::channel(1);
        let (begun, lines) = mpsc::channel(LINES);
        let (typing, typed) = mpsc::channel(WAITING);
        let over = watch::Sender::new(false);
        let (leaving, somebody_left) = watch::channel(false);
        let (hearing, audible) = watch::channel(false);
        let (ending, end) = watch::channel(None);
        let shown = watch::Sender::new(Shown::FIRST);
        let news = News {
            track,
            recordings,
            lines: begun,
            caller: called,
            over: over.clone(),
            somebody_left: leaving,
            audible: hearing,
            shown: shown.clone(),
            end: ending,
        };
        tasks.spawn(Attendant::new(connection.room(), events, options.clone(), news).run());
        tasks.spawn(in_order(lines, typing));
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
                next_sessions,
                rate,
                #[cfg(feature = "aec")]
                noise: NoiseSuppressor::new(options.noise),
            }
            .run(),
        );
        let published = Microphone::publish(&participant, options.output_rate, 0, false).await;
        let microphone = match published {
            Ok(microphone) => microphone,
            Err(error) => {
                connection.leave().await;
                return Err(error);
            }
        };
        Ok(Self {
            connection,
            microphone,
            options,
            input: Some(input),
            next_sessions: sessions,
            typed,
            caller,
            session: held,
            over,
            somebody_left,
            audible,
            shown,
            end,
            _tasks: tasks,
        })
    }

    /// What the session is to hear: the caller, 20 ms at a time. Only the first call for each
    /// conversation gives it.
    pub const fn input(&mut self) -> Option<mpsc::Receiver<Frame>> {
        self.input.take()
    }

    /// The caller, if one is there.
    #[must_use]
    pub fn caller(&self) -> Option<CallerInfo> {
        self.caller.borrow().clone()
    }

    /// Whether somebody else is there whom the agent could serve, now that the caller left for good
    /// and that ended the conversation ([`AfterLeave::Close`](super::AfterLeave)).
    #[must_use]
    pub fn is_somebody_left(&self) -> bool {
        *self.somebody_left.borrow()
    }

    /// Waits for a caller; after [`AgentRoom::converse`] for the next one, with whom everything begins
    /// anew. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The [`RoomEnd`] if the room ended before one came.
    pub async fn wait_for_caller(&mut self) -> Result<CallerInfo, RoomEnd> {
        self.begin_anew().await;
        let mut end = self.end.clone();
        tokio::select! {
            caller = self.caller.wait_for(Option::is_some) => {
                let caller = caller.ok().and_then(|caller| caller.clone());
                caller.ok_or(RoomEnd::ConnectionLost)
            }
            end = ended(&mut end) => Err(end),
        }
    }

    /// Gets ready for another conversation, if the last one is over.
    async fn begin_anew(&mut self) {
        if !*self.over.borrow() {
            return;
        }
        while self.typed.try_recv().is_ok() {}
        let (session, input) = mpsc::channel(INPUT_QUEUE);
        // Nobody hears any more when the room has ended.
        let _ended = self.next_sessions.send(session).await;
        self.input = Some(input);
        self.shown
            .send_modify(|shown| shown.state = AgentState::Initializing);
        self.over.send_replace(false);
    }

    /// Leaves without a conversation.
    pub async fn leave(self) {
        self.connection.leave().await;
    }

    /// Holds the conversation until the session, the room or the host ends it, then leaves. `stop`
    /// lets the agent finish what it is saying, a minute at most, if somebody hears it. Dropping the
    /// future ends everything at once.
    pub async fn run(mut self, session: Session, stop: CancellationToken) -> RoomEnd {
        let end = self.converse(session, &stop).await;
        self.leave().await;
        end
    }

    /// The same without leaving. After [`RoomEnd::CallerLeft`] a host may go on with a conversation
    /// of its own for the next person, so that nobody stays in a silent room:
    ///
    /// ```no_run
    /// # use sfera_agent::{io::room::{AgentRoom, CallerInfo, RoomEnd}, session::Session};
    /// # use tokio_util::sync::CancellationToken;
    /// # async fn serve(
    /// #     mut room: AgentRoom,
    /// #     begin: impl Fn(&mut AgentRoom, CallerInfo) -> Session,
    /// #     stop: CancellationToken,
    /// # ) {
    /// while let Ok(caller) = room.wait_for_caller().await {
    ///     let session = begin(&mut room, caller);
    ///     let end = room.converse(session, &stop).await;
    ///     if end != RoomEnd::CallerLeft || !room.is_somebody_left() {
    ///         break;
    ///     }
    /// }
    /// room.leave().await;
    /// # }
    /// ```
    pub async fn converse(&mut self, session: Session, stop: &CancellationToken) -> RoomEnd {
        self.session.send_replace(Some(session.control()));
        let end = Conversation::new(self, session).hold(stop).await;
        self.session.send_replace(None);
        end
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn info(identity: &str, presence: &str, track: &str) -> CallerInfo {
        CallerInfo {
            identity: identity.into(),
            name: String::new(),
            metadata: String::new(),
            attributes: HashMap::new(),
            presence: presence.into(),
            track: track.into(),
        }
    }

    #[test]
    fn a_caller_has_the_track_that_was_heard_of_them_and_nobody_elses() {
        let alex = || info("alex", "PA_1", "TR_1");
        let still_there = info("alex", "PA_1", "").after(Some(alex()));
        assert_eq!(still_there.track, "TR_1");
        for next in [info("boris", "PA_2", ""), info("alex", "PA_3", "")] {
            assert_eq!(next.clone().after(Some(alex())), next);
        }
        assert_eq!(info("alex", "PA_1", "").after(None).track, "");
    }
}
