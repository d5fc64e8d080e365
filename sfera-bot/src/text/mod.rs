//! Everything the bot says, in Russian and English.

mod admin;
mod broadcast;
mod calculating;
mod chat;
mod course;
mod errands;
mod groups;
mod media;
mod menu;
mod program;
mod psychologist;
mod reminders;
mod support;
mod toolbox;
mod web;

pub use admin::is_admin_entry;
pub use menu::Entry;

use sfera_agent::Language;

/// What the bot says in a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub Language);

impl Text {
    /// One of two, by language.
    const fn either<'a>(self, ru: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Ru => ru,
            Language::En => en,
        }
    }
}
