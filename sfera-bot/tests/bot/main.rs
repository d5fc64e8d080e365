//! The bot against a double of the Bot API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what tests share is outside of any test function"
)]

mod buttons;
mod chatting;
mod course;
mod double;
mod keeping;
mod killing;
mod menus;
mod postgres;
mod reminding;
mod storing;
mod supporting;
mod toolbox;
mod webhook;
mod world;
