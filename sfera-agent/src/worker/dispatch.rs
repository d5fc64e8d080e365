//! Asking for an agent, and seeing that it came.

use std::time::Duration;

use livekit_api::services::{
    ServerError, ServiceError, agent_dispatch::AgentDispatchClient, room::RoomClient,
};
use livekit_protocol::{CreateAgentDispatchRequest, ParticipantInfo, participant_info};
use tokio::time::{Instant, sleep, timeout};

use super::options::Server;

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
    /// The key is not the server's.
    #[error("the LiveKit server refuses the API key or its secret: check both")]
    Unauthorized,
    /// The server can't be reached or is in trouble.
    #[error("the LiveKit server can't be asked: {0}")]
    Server(String),
}

/// Asks for an agent in a room and waits until it is there. A room that does not exist is opened.
///
/// # Errors
/// [`DispatchError`]; a dispatch that nobody took within `wait` is taken back.
pub async fn dispatch(
    server: &Server,
    agent: &str,
    room: &str,
    metadata: &str,
    wait: Duration,
) -> Result<ParticipantInfo, DispatchError> {
    let (key, secret) = (server.key.as_str(), server.secret.expose());
    let dispatches = AgentDispatchClient::with_api_key(&http(&server.url), key, secret);
    let rooms = RoomClient::with_api_key(&http(&server.url), key, secret);
    let request = CreateAgentDispatchRequest {
        agent_name: agent.to_owned(),
        room: room.to_owned(),
        metadata: metadata.to_owned(),
        ..CreateAgentDispatchRequest::default()
    };
    let made = timeout(wait, dispatches.create_dispatch(request)).await;
    let made = made.map_err(|_| DispatchError::Server("it does not answer".to_owned()))??;
    let until = Instant::now() + wait;
    loop {
        let present = timeout(wait, rooms.list_participants(room)).await;
        let present =
            present.map_err(|_| DispatchError::Server("it does not answer".to_owned()))??;
        if let Some(agent) = present.into_iter().find(is_present_agent) {
            return Ok(agent);
        }
        if Instant::now() >= until {
            if let Err(error) = dispatches.delete_dispatch(made.id, room).await {
                tracing::warn!(%error, "a dispatch that nobody took could not be taken back");
            }
            return Err(DispatchError::NoAgent {
                agent: agent.to_owned(),
                waited: wait,
            });
        }
        sleep(LOOK).await;
    }
}

/// Closes a room, and with it what everybody in it is doing.
///
/// # Errors
/// [`DispatchError`].
pub async fn delete_room(server: &Server, room: &str) -> Result<(), DispatchError> {
    let (key, secret) = (server.key.as_str(), server.secret.expose());
    let rooms = RoomClient::with_api_key(&http(&server.url), key, secret);
    Ok(rooms.delete_room(room).await?)
}

fn is_present_agent(participant: &ParticipantInfo) -> bool {
    participant.kind == participant_info::Kind::Agent as i32
        && participant.state == participant_info::State::Active as i32
}

/// The server's API is where its signalling is.
pub(super) fn http(url: &str) -> String {
    url.replacen("ws", "http", 1)
}

impl From<ServiceError> for DispatchError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Twirp(ServerError::Twirp(code))
                if ["unauthenticated", "permission_denied"].contains(&code.code.as_str()) =>
            {
                Self::Unauthorized
            }
            // LiveKit refuses a key with a sentence, not with an error of its protocol.
            ServiceError::Twirp(ServerError::Request(error)) if error.is_decode() => {
                Self::Unauthorized
            }
            other => Self::Server(other.to_string()),
        }
    }
}
