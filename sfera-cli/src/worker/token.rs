//! `sfera token`: lets somebody into a room.

use crate::{
    cli::TokenArgs,
    config::{Sources, load},
    error::{Error, Exit, LiveKitProblem},
    output,
};
use sfera_agent::worker::{TokenOptions, mint};
use std::time::Duration;

const MINUTE: u64 = 60;

pub fn run(arguments: &TokenArgs, sources: &Sources) -> Result<Exit, Error> {
    let settings = load(sources)?;
    let server = super::server(&settings)?;
    let options = TokenOptions {
        room: arguments.room.clone(),
        identity: arguments.identity.clone(),
        name: arguments
            .name
            .clone()
            .unwrap_or_else(|| arguments.identity.clone()),
        ttl: Duration::from_secs(arguments.minutes * MINUTE),
        agent: arguments.agent.clone(),
        is_agent: false,
    };
    let token = mint(&server, &options)
        .map_err(|_| Error::LiveKit(LiveKitProblem::Unset("LIVEKIT_API_KEY")))?;
    let said = if arguments.json {
        serde_json::json!({ "url": server.url, "token": token.expose() }).to_string()
    } else {
        token.expose().to_owned()
    };
    output::print(said).map(|()| Exit::Fine)
}
