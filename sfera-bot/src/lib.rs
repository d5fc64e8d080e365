//! The Telegram host of Sfera.
//!
//! An update goes one way: Telegram → `receive` → the inbox in `state` → `handling`, which hands it to
//! its room (`rooms`) → the outbox in `state` → `telegram` (the courier) → Telegram. What an LLM says is
//! written by `answers`. `web` serves the page and takes webhooks.

pub mod answers;
pub mod app;
pub mod broadcasts;
pub mod calls;
pub mod clock;
pub mod config;
pub mod crisis;
pub mod errands;
pub mod figures;
pub mod forgetting;
pub mod handling;
pub mod lanes;
pub mod mind;
pub mod receive;
pub mod reminding;
pub mod render;
pub mod rooms;
pub mod speech;
pub mod state;
pub mod telegram;
pub mod text;
pub mod voice;
pub mod web;
pub mod when;
