//! `sfera room`: a call to an agent in a LiveKit room, or an agent without a dispatch.

mod call;
mod course;
mod ears;

use crate::{
    cli::RoomCommand,
    config::{Sources, load},
    error::{Error, Exit},
    signal,
    text::Text,
};
use sfera_agent::{
    io::room::Address,
    worker::{Server, TokenOptions, mint},
};
use std::time::Duration;

/// A token for one call.
const TTL: Duration = Duration::from_secs(3600);

pub fn run(command: &RoomCommand, sources: &Sources, text: Text) -> Result<Exit, Error> {
    let settings = load(sources)?;
    crate::log::begin(&settings.environment);
    match command {
        RoomCommand::Call(arguments) => signal::run(call::call(arguments, &settings, text))?,
        RoomCommand::Join(arguments) => {
            signal::run(crate::worker::join(arguments, &settings, text))?
        }
    }
}

/// Where a room is, and a token made for it on the spot.
pub fn address(
    server: &Server,
    room: &str,
    identity: &str,
    is_agent: bool,
) -> Result<Address, Error> {
    let options = TokenOptions {
        room: room.to_owned(),
        identity: identity.to_owned(),
        name: identity.to_owned(),
        ttl: TTL,
        agent: None,
        is_agent,
    };
    let token = mint(server, &options).map_err(|_| crate::worker::no_key())?;
    Ok(Address::new(&server.url, token.expose()))
}
