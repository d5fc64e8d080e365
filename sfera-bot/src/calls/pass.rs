use super::{AGENT, identity};
use crate::state::User;
use livekit_api::access_token::{AccessToken, AccessTokenError, VideoGrants};
use livekit_protocol::{RoomAgentDispatch, RoomConfiguration};
use sfera_agent::worker::{Secret, Server};
use std::time::Duration;

/// How long a pass opens the room; whoever is in it stays longer.
pub const PASS: Duration = Duration::from_secs(120);

/// What lets a user into their room.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Where the room is.
    pub server_url: String,
    /// The token.
    pub token: Secret,
    /// The room's name.
    pub room: String,
}

/// Opens one room to one user: to speak, hear and write, and for nothing else. Whoever opens the room
/// with it brings the agent.
pub(super) fn mint(
    server: &Server,
    user: &User,
    room: String,
    metadata: &str,
) -> Result<Pass, AccessTokenError> {
    let grants = VideoGrants {
        room_join: true,
        room: room.clone(),
        can_publish: Some(true),
        can_publish_sources: vec!["microphone".to_owned()],
        can_subscribe: Some(true),
        can_publish_data: Some(true),
        can_update_own_metadata: Some(false),
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(&server.key, server.secret.expose())
        .with_identity(identity(user.id).as_str())
        .with_name(&user.name)
        .with_ttl(PASS)
        .with_grants(grants)
        .with_room_config(configuration(metadata))
        .to_jwt()?;
    Ok(Pass {
        server_url: server.url.clone(),
        token: Secret::new(token),
        room,
    })
}

/// Of a room for one user and an agent; a place is left for the user's second window, which takes over.
fn configuration(metadata: &str) -> RoomConfiguration {
    RoomConfiguration {
        max_participants: 3,
        empty_timeout: 30,
        departure_timeout: 20,
        agents: vec![RoomAgentDispatch {
            agent_name: AGENT.to_owned(),
            metadata: metadata.to_owned(),
            ..RoomAgentDispatch::default()
        }],
        ..RoomConfiguration::default()
    }
}
