//! Every sentence a user sees, in Russian and English, in one place.
//!
//! The catalogue is a set of typed methods on [`Text`], written side by side in both languages. A
//! missing translation or a misspelt placeholder does not compile; help texts, which are looked up by
//! the argument's name, are checked by a test.

use sfera_agent::Language;

mod config;
mod doctor;
mod document;
mod help;
mod knowledge;
mod livekit;
mod locale;
mod mcp;
mod memory;
mod models;
mod problem;
mod scenario;
mod talk;
mod usage;

pub use locale::interface_language;

/// The catalogue in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub Language);

impl Text {
    /// One of two literals, by language.
    const fn pick(self, ru: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Ru => ru,
            Language::En => en,
        }
    }
}

/// Writes a method per sentence: `name(arguments) { ru: "…", en: "…" }`. Arguments are anything that
/// can be displayed and are named in the sentences in braces.
macro_rules! sentences {
    ($( $(#[$doc:meta])* $name:ident ( $($arg:ident),* ) { ru: $ru:literal, en: $en:literal $(,)? } )*) => {
        impl $crate::text::Text {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self $(, $arg: impl std::fmt::Display)*) -> String {
                    match self.0 {
                        sfera_agent::Language::Ru => format!($ru),
                        sfera_agent::Language::En => format!($en),
                    }
                }
            )*
        }
    };
}
use sentences;
