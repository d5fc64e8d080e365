//! Everything the bot says, in Russian and English.

mod chat;
mod menu;
mod program;
mod support;
mod web;

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
