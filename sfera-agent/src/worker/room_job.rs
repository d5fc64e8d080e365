//! The job of an agent: a conversation in a room.

use std::time::Duration;

use async_trait::async_trait;
use livekit_api::services::room::RoomClient;
use livekit_protocol::participant_info;
use tokio::time::timeout;

use super::{
    dispatch::{delete_room, http},
    job::{Job, JobFailed, JobRunner},
    options::Server,
};
use crate::{
    io::room::{Address, AgentRoom, CallerInfo, RoomEnd, RoomOptions},
    session::{Session, SessionBuilder},
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

/// Jobs that are conversations: each joins its room, waits for its caller and talks. When the last
/// human has left, the room is closed.
///
/// `begin` makes the session for a caller; it is asked once a job, and all of them share what it holds.
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

    async fn talk(&self, job: &Job, mut room: AgentRoom) -> Result<(), JobFailed> {
        let caller = tokio::select! {
            caller = timeout(LONELY, room.wait_for_caller()) => caller,
            () = job.stop.cancelled() => {
                room.leave().await;
                return Ok(());
            }
        };
        let caller = match caller {
            Ok(Ok(caller)) => caller,
            Ok(Err(end)) => {
                room.leave().await;
                return outcome(end);
            }
            Err(_) => {
                room.leave().await;
                return Err(JobFailed("nobody came into the room".to_owned()));
            }
        };
        match self.start(job, &caller, &mut room).await {
            Ok(session) => outcome(room.run(session, job.stop.clone()).await),
            Err(error) => {
                room.leave().await;
                Err(error)
            }
        }
    }

    async fn start(
        &self,
        job: &Job,
        caller: &CallerInfo,
        room: &mut AgentRoom,
    ) -> Result<Session, JobFailed> {
        let Conversation { session, greeting } = (self.begin)(job, caller)?;
        let input = room
            .input()
            .ok_or_else(|| JobFailed("the caller is heard already".to_owned()))?;
        let session = session
            .start(input)
            .map_err(|error| JobFailed(error.to_string()))?;
        if let Some(greeting) = greeting
            && session.control().say(&greeting, true).await.is_err()
        {
            return Err(JobFailed("the session ended before it began".to_owned()));
        }
        Ok(session)
    }

    /// Closes a room in which no human is left: other agents would wait in it for nobody.
    async fn close_if_empty(&self, room: &str) {
        let (key, secret) = (self.server.key.as_str(), self.server.secret.expose());
        let rooms = RoomClient::with_api_key(&http(&self.server.url), key, secret);
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
        let joined = AgentRoom::join(&address, options).await;
        let room = joined.map_err(|error| JobFailed(error.to_string()))?;
        let ended = self.talk(&job, room).await;
        self.close_if_empty(&job.room).await;
        ended
    }
}

/// What the end of a conversation means for the job.
fn outcome(end: RoomEnd) -> Result<(), JobFailed> {
    match end {
        RoomEnd::SessionBroke => Err(JobFailed("the session broke unexpectedly".to_owned())),
        RoomEnd::ConnectionLost => Err(JobFailed("the connection to the room was lost".to_owned())),
        RoomEnd::DuplicateIdentity => Err(JobFailed(
            "another participant came with the agent's identity".to_owned(),
        )),
        _ => Ok(()),
    }
}
