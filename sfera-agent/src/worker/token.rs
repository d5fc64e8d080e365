//! Tokens that let somebody into a room.

use std::time::Duration;

use livekit_api::access_token::{AccessToken, VideoGrants};
use livekit_protocol::{RoomAgentDispatch, RoomConfiguration};

use super::options::{Secret, Server};

/// The secret is empty or unusable.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the API key or its secret is empty: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET")]
pub struct NoKey;

/// Whom a token is for.
#[derive(Clone, Debug)]
pub struct TokenOptions {
    /// The room it opens.
    pub room: String,
    /// Who comes; unique in the room.
    pub identity: String,
    /// As they are called.
    pub name: String,
    /// How long it is good for.
    pub ttl: Duration,
    /// An agent that is asked for when the room is opened by this token. A room that is open already
    /// gets none by it: use [`dispatch`](super::dispatch).
    pub agent: Option<String>,
    /// The token is an agent's own.
    pub is_agent: bool,
}

/// Makes a token.
///
/// # Errors
/// [`NoKey`].
pub fn mint(server: &Server, options: &TokenOptions) -> Result<Secret, NoKey> {
    if server.key.is_empty() || server.secret.expose().is_empty() {
        return Err(NoKey);
    }
    let grants = VideoGrants {
        room_join: true,
        room: options.room.clone(),
        agent: options.is_agent,
        // Without it the server says yes to attributes, and keeps none.
        can_update_own_metadata: options.is_agent.then_some(true),
        ..VideoGrants::default()
    };
    let mut token = AccessToken::with_api_key(&server.key, server.secret.expose())
        .with_identity(&options.identity)
        .with_name(&options.name)
        .with_ttl(options.ttl)
        .with_grants(grants);
    if options.is_agent {
        token = token.with_kind("agent");
    }
    if let Some(agent) = &options.agent {
        token = token.with_room_config(RoomConfiguration {
            agents: vec![RoomAgentDispatch {
                agent_name: agent.clone(),
                ..RoomAgentDispatch::default()
            }],
            ..RoomConfiguration::default()
        });
    }
    token.to_jwt().map(Secret::new).map_err(|_| NoKey)
}

/// What lets a worker register.
pub(super) fn worker(server: &Server) -> Result<Secret, NoKey> {
    if server.key.is_empty() || server.secret.expose().is_empty() {
        return Err(NoKey);
    }
    let grants = VideoGrants {
        agent: true,
        ..VideoGrants::default()
    };
    AccessToken::with_api_key(&server.key, server.secret.expose())
        .with_grants(grants)
        .to_jwt()
        .map(Secret::new)
        .map_err(|_| NoKey)
}
