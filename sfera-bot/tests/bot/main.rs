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
mod buttons;
mod chatting;
mod course;
mod double;
mod groups;
mod keeping;
mod killing;
mod loading;
mod managing;
mod menus;
mod pictures;
mod postgres;
mod psychologist;
mod reminding;
mod storing;
mod supporting;
mod toolbox;
mod voice_notes;
mod webhook;
mod world;
