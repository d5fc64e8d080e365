//! What LiveKit says of rooms.

use super::{AGENT, Presence};
use livekit_api::services::{ServiceResult, agent_dispatch::AgentDispatchClient, room::RoomClient};
use livekit_protocol::{
    JobStatus, ParticipantInfo,
    participant_info::{Kind, State},
};
use sfera_agent::worker::{Dispatch, DispatchError, Server, delete_room};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// How long LiveKit may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// LiveKit does not answer, or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the LiveKit server cannot be asked")]
pub(super) struct Unreachable;

/// The rooms of a server.
pub(super) struct Rooms {
    server: Server,
    rooms: RoomClient,
    dispatches: AgentDispatchClient,
}

impl Rooms {
    pub(super) fn new(server: Server) -> Self {
        let (key, secret) = (server.key.as_str(), server.secret.expose());
        Self {
            rooms: RoomClient::with_api_key(&server.url, key, secret),
            dispatches: AgentDispatchClient::with_api_key(&server.url, key, secret),
            server,
        }
    }

    pub(super) const fn server(&self) -> &Server {
        &self.server
    }

    /// Which of these rooms there are.
    pub(super) async fn living(&self, rooms: Vec<String>) -> Result<HashSet<String>, Unreachable> {
        let living = answer(self.rooms.list_rooms(rooms)).await?;
        Ok(living.into_iter().map(|room| room.name).collect())
    }

    /// Who is in a room.
    pub(super) async fn look(&self, room: &str) -> Result<Presence, Unreachable> {
        if !self.living(vec![room.to_owned()]).await?.contains(room) {
            return Ok(Presence::default());
        }
        self.look_into(room).await
    }

    /// Who is in a room that there is.
    pub(super) async fn look_into(&self, room: &str) -> Result<Presence, Unreachable> {
        let present = answer(self.rooms.list_participants(room)).await?;
        let of_kind = |agents: bool| {
            let there = present.iter().filter(|other| is_there(other));
            there.filter(|other| is_agent(other) == agents).count()
        };
        Ok(Presence {
            exists: true,
            callers: of_kind(false),
            agents: of_kind(true),
        })
    }

    /// Whether an agent was sent into a room and did not end yet.
    pub(super) async fn is_agent_coming(&self, room: &str) -> Result<bool, Unreachable> {
        let dispatches = answer(self.dispatches.list_dispatch(room)).await?;
        let jobs = dispatches.iter().flat_map(|dispatch| &dispatch.state);
        let mut states = jobs
            .flat_map(|state| &state.jobs)
            .filter_map(|job| job.state.as_ref());
        Ok(states.any(|job| matches!(job.status(), JobStatus::JsPending | JobStatus::JsRunning)))
    }

    /// Asks for an agent in a room, without waiting for it.
    pub(super) async fn ask_for_agent(
        &self,
        room: &str,
        metadata: &str,
    ) -> Result<(), DispatchError> {
        let asked = Dispatch::ask(&self.server, AGENT, room, metadata).await?;
        tracing::debug!(dispatch = asked.id(), "an agent was asked for");
        Ok(())
    }

    /// Closes a room.
    pub(super) async fn close(&self, room: &str) -> Result<(), DispatchError> {
        delete_room(&self.server, room).await
    }
}

fn is_there(other: &ParticipantInfo) -> bool {
    other.state != State::Disconnected as i32
}

fn is_agent(other: &ParticipantInfo) -> bool {
    other.kind == Kind::Agent as i32
}

async fn answer<T>(asked: impl Future<Output = ServiceResult<T>>) -> Result<T, Unreachable> {
    match timeout(ANSWER, asked).await {
        Ok(Ok(said)) => Ok(said),
        Ok(Err(error)) => {
            tracing::warn!(%error, "LiveKit refuses");
            Err(Unreachable)
        }
        Err(_) => {
            tracing::warn!("LiveKit does not answer");
            Err(Unreachable)
        }
    }
}
