//! The bot against a double of the Bot API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what tests share is outside of any test function"
)]

mod administering;
mod broadcasting;
mod budgets;
mod chatting;
mod double;
mod groups;
mod killing;
mod loading;
mod managing;
mod menus;
mod pictures;
mod postgres;
mod psychologist;
mod storing;
mod supporting;
mod voice_notes;
mod webhook;
mod world;
