//! The bot against a double of the Bot API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what tests share is outside of any test function"
)]

mod calling;
mod calls_storing;
mod chatting;
mod contract;
mod double;
mod killing;
#[path = "../../../sfera-agent/tests/livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with the library's tests")]
mod livekit_server;
mod menus;
mod page;
mod postgres;
mod serving;
mod storing;
mod supporting;
mod webhook;
mod world;
