//! Agents and callers in rooms of a real server.
#![cfg(all(feature = "livekit", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod livekit_server;
#[path = "../official_client/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod official_client;

mod admin;
mod ending;
#[cfg(feature = "aec")]
mod hearing;
mod interrupting;
mod official;
mod refusing;
mod staying;
mod talking;
mod world;
