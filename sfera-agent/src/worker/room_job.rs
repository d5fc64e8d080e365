//! The job of an agent: a conversation in a room.

use std::time::Duration;

use async_trait::async_trait;
use livekit_api::services::room::RoomClient;
use livekit_protocol::participant_info;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    dispatch::delete_room,
    job::{Job, JobFailed, JobRunner},
    options::Server,
};
use crate::{
    io::room::{Address, AgentRoom, CallerInfo, RoomEnd, RoomOptions},
    session::{Session, SessionBuilder},
    turn::CloseReason,
};

/// An agent in a room where nobody comes leaves after this.
const LONELY: Duration = Duration::from_secs(60);
/// How long a question to the server's API may take at the end of a conversation.
const ASKING: Duration = Duration::from_secs(5);

/// What is held with one caller.
pub struct Conversation {
    /// The session, not yet started.
    pub session: SessionBuilder,
    /// What the agent says first.
    pub greeting: Option<String>,
}

/// Why there was no conversation, or why it broke off.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum HoldError {
    /// Nobody came in time.
    #[error("nobody came into the room")]
    NobodyCame,
    /// The session could not begin.
    #[error(transparent)]
    NotReady(JobFailed),
    /// The conversation broke off.
    #[error("the conversation broke off: {}", reason(*.0))]
    BrokeOff(RoomEnd),
}

impl From<HoldError> for JobFailed {
    fn from(error: HoldError) -> Self {
        Self(error.to_string())
    }
}

/// Jobs that are conversations: each joins its room, waits for its caller and talks. When the last
/// human has left, the room is closed, in whatever way the job ended.
///
/// `begin` makes the session for a caller; it is asked once a caller, and all of them share what it holds.
pub struct RoomJobs<F> {
    server: Server,
    options: RoomOptions,
    begin: F,
}

impl<F> RoomJobs<F>
where
    F: Fn(&Job, &CallerInfo) -> Result<Conversation, JobFailed> + Send + Sync + 'static,
{
    /// Jobs of a server. A job for one participant serves that one, whatever `options` say.
    pub fn new(server: Server, options: RoomOptions, begin: F) -> Self {
        Self {
            server,
            options,
            begin,
        }
    }

    /// Closes a room in which no human is left: other agents would wait in it for nobody.
    async fn close_if_empty(&self, room: &str) {
        let (key, secret) = (self.server.key.as_str(), self.server.secret.expose());
        let rooms = RoomClient::with_api_key(&self.server.url, key, secret);
        let Ok(Ok(present)) = timeout(ASKING, rooms.list_participants(room)).await else {
            return;
        };
        if present
            .iter()
            .any(|other| other.kind != participant_info::Kind::Agent as i32)
        {
            return;
        }
        match timeout(ASKING, delete_room(&self.server, room)).await {
            Ok(Ok(())) => tracing::debug!(room, "closed: nobody is left in it"),
            Ok(Err(error)) => tracing::debug!(room, %error, "not closed"),
            Err(_) => tracing::debug!(room, "not closed: the server does not answer"),
        }
    }
}

#[async_trait]
impl<F> JobRunner for RoomJobs<F>
where
    F: Fn(&Job, &CallerInfo) -> Result<Conversation, JobFailed> + Send + Sync + 'static,
{
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        let address = Address::new(&job.url, job.token.expose());
        let mut options = self.options.clone();
        options.caller = job.participant.clone().or(options.caller);
        if !job.agent_name.is_empty() {
            options.agent_name = Some(job.agent_name.clone());
        }
        let joined = tokio::select! {
            joined = AgentRoom::join(&address, options) => joined,
            () = job.stop.cancelled() => return Ok(()),
        };
        let room = joined.map_err(|error| JobFailed(error.to_string()))?;
        let begin = |caller: &CallerInfo| (self.begin)(&job, caller);
        Ok(hold(room, LONELY, begin, job.stop.clone(), job.cut.clone()).await?)
    }

    async fn clear_up(&self, job: &Job) {
        self.close_if_empty(&job.room).await;
    }
}

/// Waits for a caller, `patience` at most, and holds a conversation to its end, in a room or a job. Who
/// is still there when the caller has left gets a conversation of their own. `begin` makes the session
/// once a caller is known. `stop` lets the agent finish its sentence; `cut` does not, and keeps what was
/// said and remembered so far. Dropping the future ends everything at once.
///
/// # Errors
/// [`HoldError`].
pub async fn hold(
    mut room: AgentRoom,
    patience: Duration,
    mut begin: impl FnMut(&CallerInfo) -> Result<Conversation, JobFailed>,
    stop: CancellationToken,
    cut: CancellationToken,
) -> Result<(), HoldError> {
    let held = loop {
        let held = hold_one(&mut room, patience, &mut begin, &stop, &cut).await;
        if held != Ok(RoomEnd::CallerLeft) || !room.is_somebody_left() {
            break held;
        }
    };
    room.leave().await;
    held.and_then(outcome)
}

/// One conversation, with whoever is there next.
async fn hold_one(
    room: &mut AgentRoom,
    patience: Duration,
    begin: &mut impl FnMut(&CallerInfo) -> Result<Conversation, JobFailed>,
    stop: &CancellationToken,
    cut: &CancellationToken,
) -> Result<RoomEnd, HoldError> {
    let caller = tokio::select! {
        caller = timeout(patience, room.wait_for_caller()) => caller,
        () = stop.cancelled() => return Ok(RoomEnd::Stopped),
        () = cut.cancelled() => return Ok(RoomEnd::Stopped),
    };
    match caller {
        Ok(Ok(caller)) => {
            let session = start(room, &caller, begin).await?;
            Ok(talk(room, session, stop, cut).await)
        }
        Ok(Err(end)) => Ok(end),
        Err(_) => Err(HoldError::NobodyCame),
    }
}

async fn start(
    room: &mut AgentRoom,
    caller: &CallerInfo,
    begin: &mut impl FnMut(&CallerInfo) -> Result<Conversation, JobFailed>,
) -> Result<Session, HoldError> {
    let unready = |why: String| HoldError::NotReady(JobFailed(why));
    let Conversation { session, greeting } = begin(caller).map_err(HoldError::NotReady)?;
    let input = room
        .input()
        .ok_or_else(|| unready("the caller is heard already".to_owned()))?;
    let session = session
        .start(input)
        .map_err(|error| unready(error.to_string()))?;
    if let Some(greeting) = greeting
        && session.control().say(&greeting, true).await.is_err()
    {
        return Err(unready("the session ended before it began".to_owned()));
    }
    Ok(session)
}

/// Talks until the conversation is over, or cut off.
async fn talk(
    room: &mut AgentRoom,
    session: Session,
    stop: &CancellationToken,
    cut: &CancellationToken,
) -> RoomEnd {
    let control = session.control();
    let mut talking = std::pin::pin!(room.converse(session, stop));
    tokio::select! {
        end = &mut talking => return end,
        () = cut.cancelled() => {}
    }
    // The session ends in order, but not after the sentence it is at. An error means that it has ended.
    let _ended = control.close(false).await;
    talking.await
}

/// What the end of a conversation means.
const fn outcome(end: RoomEnd) -> Result<(), HoldError> {
    match end {
        RoomEnd::SessionBroke
        | RoomEnd::Session(CloseReason::TooManyFailures)
        | RoomEnd::ConnectionLost
        | RoomEnd::ServerShutdown
        | RoomEnd::DuplicateIdentity => Err(HoldError::BrokeOff(end)),
        RoomEnd::Stopped
        | RoomEnd::Session(CloseReason::Requested)
        | RoomEnd::CallerLeft
        | RoomEnd::RoomClosed
        | RoomEnd::AlreadyServed
        | RoomEnd::Removed => Ok(()),
    }
}

const fn reason(end: RoomEnd) -> &'static str {
    match end {
        RoomEnd::SessionBroke => "the session failed unexpectedly",
        RoomEnd::Session(_) => "too many failures in a row",
        RoomEnd::ConnectionLost => "the connection to the room was lost",
        RoomEnd::ServerShutdown => "the server shut down",
        RoomEnd::DuplicateIdentity => "another participant came with the agent's identity",
        RoomEnd::AlreadyServed => "another agent was in the room before",
        RoomEnd::Stopped | RoomEnd::CallerLeft | RoomEnd::RoomClosed | RoomEnd::Removed => {
            "it was ended"
        }
    }
}
