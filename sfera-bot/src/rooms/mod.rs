//! The rooms of the bot: what each says and does.

pub mod chat;
pub mod course;
pub mod language;
pub mod menu;
pub mod reminders;
pub mod sfera;
pub mod support;
pub mod toolbox;
