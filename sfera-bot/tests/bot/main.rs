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
mod chatting;
mod double;
mod killing;
mod loading;
mod managing;
mod menus;
mod postgres;
mod storing;
mod supporting;
mod webhook;
mod world;
