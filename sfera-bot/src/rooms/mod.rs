//! The rooms of the bot: what each says and does.

pub mod admin;
pub mod asking;
pub mod chat;
pub mod course;
pub mod groups;
pub mod language;
pub mod links;
pub mod menu;
pub mod psychologist;
pub mod reminders;
pub mod sfera;
pub mod support;
pub mod toolbox;
