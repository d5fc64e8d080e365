//! The rooms of the bot: what each says and does.

pub mod admin;
pub mod chat;
pub mod language;
pub mod menu;
pub mod sfera;
pub mod support;
