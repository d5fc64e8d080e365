//! The bot against a double of the Bot API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "what tests share is outside of any test function"
)]

mod administering;
mod broadcasting;
mod budgets;
mod buttons;
mod calling;
mod calls_storing;
mod chatting;
mod contract;
mod course;
mod double;
mod forgetting;
mod groups;
mod keeping;
mod killing;
mod leaving;
mod lending;
#[path = "../../../sfera-agent/tests/livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with the library's tests")]
mod livekit_server;
mod loading;
mod managing;
#[path = "../../../sfera-agent/tests/mcp_server/mod.rs"]
mod mcp_server;
mod meanwhile;
mod menus;
mod minutes;
mod pacing;
mod page;
mod pictures;
#[path = "../../../sfera-agent/tests/qdrant/points.rs"]
#[allow(dead_code, reason = "shared with the library's tests")]
mod points;
mod postgres;
mod psychologist;
#[path = "../../../sfera-agent/tests/qdrant/double.rs"]
#[allow(dead_code, reason = "shared with the library's tests")]
mod qdrant;
mod reminding;
mod serving;
mod sharing;
mod storing;
mod supporting;
mod toolbox;
mod upgrading;
mod voice_notes;
mod voicing;
mod webhook;
mod world;
