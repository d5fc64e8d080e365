//! Asking for an agent, and seeing that it came.

use std::time::Duration;

use livekit_api::services::{
    ServerError, ServerErrorCode, ServiceError, agent_dispatch::AgentDispatchClient,
    room::RoomClient,
};
use livekit_protocol::{
    AgentDispatch, CreateAgentDispatchRequest, Job, JobStatus, ParticipantInfo, participant_info,
};
use tokio::time::{sleep, timeout};

use super::{link::Link, options::Server};
use crate::io::room::JoinError;

/// How often the room is looked into while an agent is awaited.
const LOOK: Duration = Duration::from_millis(200);

/// Why no agent came, and what to do.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DispatchError {
    /// Nobody took the job in time.
    #[error("no agent named {agent:?} came within {} s: is its worker running, and has it room for another conversation?", waited.as_secs())]
    NoAgent {
        /// Who was asked for.
        agent: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The room was closed meanwhile, or somebody took the dispatch back; or there never was a room, and
    /// the server is one from before 1.8.3, which opens none.
    #[error("there is no such room, or the dispatch was taken back")]
    Gone,
    /// The server refuses, or can't be reached.
    #[error(transparent)]
    Refused(#[from] JoinError),
    /// The server says something else.
    #[error("the LiveKit server can't be asked: {0}")]
    Server(String),
}

/// Asks for an agent in a room and waits until it is there. A room that does not exist is opened, by
/// servers from 1.8.3 on.
///
/// Dropping the future leaves the dispatch, and an agent may come when nobody waits for it any more.
/// Who may give up holds a [`Dispatch`].
///
/// # Errors
/// [`DispatchError`]; the dispatch is taken back then.
pub async fn dispatch(
    server: &Server,
    agent: &str,
    room: &str,
    metadata: &str,
    wait: Duration,
) -> Result<ParticipantInfo, DispatchError> {
    let asked = Dispatch::ask(server, agent, room, metadata).await?;
    let came = asked.came(wait).await;
    if came.is_err()
        && let Err(error) = asked.take_back().await
    {
        tracing::warn!(%error, "a dispatch could not be taken back");
    }
    came
}

/// An agent that was asked for. Dropping this leaves the dispatch as it is; [`Dispatch::take_back`]
/// ends it, and with it the agent.
///
/// ```no_run
/// # async fn call(server: &sfera_agent::worker::Server, gave_up: impl Future<Output = ()>)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use sfera_agent::worker::Dispatch;
///
/// let dispatch = Dispatch::ask(server, "sfera", "room", "").await?;
/// tokio::select! {
///     agent = dispatch.came(std::time::Duration::from_secs(15)) => println!("{}", agent?.identity),
///     () = gave_up => dispatch.take_back().await?,
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Dispatch {
    api: Api,
    id: String,
    agent: String,
    room: String,
}

impl Dispatch {
    /// Asks for an agent in a room, 10 s at most. Dropping the future may leave a dispatch that nobody
    /// knows of: let it end, and take back what it gives.
    ///
    /// # Errors
    /// [`DispatchError`]. A server that did not answer in time may have taken it all the same.
    pub async fn ask(
        server: &Server,
        agent: &str,
        room: &str,
        metadata: &str,
    ) -> Result<Self, DispatchError> {
        let api = Api::of(server);
        let request = CreateAgentDispatchRequest {
            agent_name: agent.to_owned(),
            room: room.to_owned(),
            metadata: metadata.to_owned(),
            ..CreateAgentDispatchRequest::default()
        };
        let made = api.dispatches.create_dispatch(request).await;
        let made = api.understand_in(room, made).await?;
        Ok(Self {
            api,
            id: made.id,
            agent: agent.to_owned(),
            room: room.to_owned(),
        })
    }

    /// LiveKit's number of it, `AD_…`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits until the agent is there: the one that came for this dispatch, not another. Dropping the
    /// future changes nothing, and it may be asked again.
    ///
    /// # Errors
    /// [`DispatchError`]; the dispatch stays.
    pub async fn came(&self, wait: Duration) -> Result<ParticipantInfo, DispatchError> {
        let late = |_| DispatchError::NoAgent {
            agent: self.agent.clone(),
            waited: wait,
        };
        timeout(wait, self.watch()).await.map_err(late)?
    }

    async fn watch(&self) -> Result<ParticipantInfo, DispatchError> {
        loop {
            if let Some(agent) = self.look().await? {
                return Ok(agent);
            }
            sleep(LOOK).await;
        }
    }

    /// The agent, if it is there.
    async fn look(&self) -> Result<Option<ParticipantInfo>, DispatchError> {
        let found = self.api.dispatches.get_dispatch(&self.id, &self.room).await;
        let found = self.api.understand_in(&self.room, found).await?;
        let sent = agents_of(&found.ok_or(DispatchError::Gone)?);
        if sent.is_empty() {
            return Ok(None);
        }
        let present = self.api.rooms.list_participants(&self.room).await;
        let mut present = self.api.understand(present).await?.into_iter();
        Ok(present.find(|other| {
            other.state == participant_info::State::Active as i32 && sent.contains(&other.identity)
        }))
    }

    /// Takes it back: an agent that came leaves, another does not come. It takes 20 s at most.
    ///
    /// # Errors
    /// [`DispatchError`]; one that is gone already is none.
    pub async fn take_back(self) -> Result<(), DispatchError> {
        let dispatches = &self.api.dispatches;
        let taken = dispatches.delete_dispatch(&self.id, &self.room).await;
        match self.api.understand_in(&self.room, taken).await {
            Ok(_) | Err(DispatchError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Closes a room, and with it what everybody in it is doing.
///
/// # Errors
/// [`DispatchError`].
pub async fn delete_room(server: &Server, room: &str) -> Result<(), DispatchError> {
    let api = Api::of(server);
    let deleted = api.rooms.delete_room(room).await;
    api.understand(deleted).await
}

/// Who was sent into the room for a dispatch and may still be there.
fn agents_of(dispatch: &AgentDispatch) -> Vec<String> {
    let jobs = dispatch.state.iter().flat_map(|state| &state.jobs);
    jobs.filter_map(agent_of).collect()
}

fn agent_of(job: &Job) -> Option<String> {
    let state = job.state.clone().unwrap_or_default();
    if matches!(state.status(), JobStatus::JsSuccess | JobStatus::JsFailed) {
        return None;
    }
    Some(match state.participant_identity.as_str() {
        "" => super::identity(&job.id),
        identity => identity.to_owned(),
    })
}

/// The server's API.
#[derive(Debug)]
struct Api {
    server: Server,
    dispatches: AgentDispatchClient,
    rooms: RoomClient,
}

impl Api {
    fn of(server: &Server) -> Self {
        let (key, secret) = (server.key.as_str(), server.secret.expose());
        Self {
            dispatches: AgentDispatchClient::with_api_key(&server.url, key, secret),
            rooms: RoomClient::with_api_key(&server.url, key, secret),
            server: server.clone(),
        }
    }

    /// What the server means by an error.
    async fn understand<T>(&self, said: Result<T, ServiceError>) -> Result<T, DispatchError> {
        let error = match said {
            Ok(said) => return Ok(said),
            Err(ServiceError::Twirp(error)) => error,
            Err(error) => return Err(DispatchError::Server(error.to_string())),
        };
        Err(match &error {
            ServerError::Url(_) => JoinError::Url.into(),
            ServerError::Request(request) if request.is_timeout() => JoinError::Timeout.into(),
            ServerError::Request(request) if request.is_connect() => JoinError::Unreachable.into(),
            ServerError::Request(request) if request.is_builder() => JoinError::Url.into(),
            // An answer that is not the API's: the server refuses a key with a sentence, a proxy is in
            // trouble with a page. The client keeps neither that nor the status.
            ServerError::Request(request) if request.is_decode() => self.refusal(&error).await,
            ServerError::Twirp(said) => match said.code.as_str() {
                ServerErrorCode::NOT_FOUND => DispatchError::Gone,
                ServerErrorCode::UNAUTHENTICATED | ServerErrorCode::PERMISSION_DENIED => {
                    self.refusal(&error).await
                }
                _ => DispatchError::Server(error.to_string()),
            },
            _ => DispatchError::Server(error.to_string()),
        })
    }

    /// The same of what concerns one room. Where that is gone nobody answers, which the server takes for
    /// trouble of its own.
    async fn understand_in<T>(
        &self,
        room: &str,
        said: Result<T, ServiceError>,
    ) -> Result<T, DispatchError> {
        let understood = self.understand(said).await;
        if let Err(DispatchError::Server(_)) = understood
            && let Ok(rooms) = self.rooms.list_rooms(vec![room.to_owned()]).await
            && rooms.is_empty()
        {
            return Err(DispatchError::Gone);
        }
        understood
    }

    /// Why the server refuses, as it says to whoever comes as a worker with the same key.
    async fn refusal(&self, error: &ServerError) -> DispatchError {
        match Link::open(&self.server).await {
            Ok(link) => {
                link.close().await;
                DispatchError::Server(error.to_string())
            }
            Err(refused) => DispatchError::Refused(refused),
        }
    }
}
