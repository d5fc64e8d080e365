//! The languages Sfera speaks.

#[cfg(feature = "names")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod assets;
#[cfg(feature = "names")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod cities;
#[cfg(feature = "names")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod names;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod sounds;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod spelled_letters;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod spoken_numbers;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod terms;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod words;

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language of the conversation. Russian is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The ISO 639-1 code: `ru` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The Russian months as they stand after a day, from January: `3 января`.
    pub const MONTHS_RU: [&'static str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];

    /// The Russian form of a noun after a number: of `[час, часа, часов]`.
    #[must_use]
    pub const fn count_ru(number: i64, [one, few, many]: [&str; 3]) -> &str {
        match (number.unsigned_abs() % 10, number.unsigned_abs() % 100) {
            (_, 11..=14) => many,
            (1, _) => one,
            (2..=4, _) => few,
            _ => many,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is no language that Sfera speaks: use `ru` or `en`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language {0:?}: use ru or en")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Accepts a code with any region: `ru`, `ru-RU`, `en_GB`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.split(['-', '_']).next() {
            Some("ru") => Ok(Self::Ru),
            Some("en") => Ok(Self::En),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_the_number() {
        let form = |n| Language::count_ru(n, ["час", "часа", "часов"]);
        assert_eq!([1, 21, -1].map(form), ["час"; 3]);
        assert_eq!([2, 24, 103].map(form), ["часа"; 3]);
        assert_eq!([0, 5, 11, 12, 14, 111].map(form), ["часов"; 6]);
    }

    #[test]
    fn a_region_is_ignored_and_anything_else_refused() {
        assert_eq!("ru-RU".parse(), Ok(Language::Ru));
        assert_eq!("en_GB".parse(), Ok(Language::En));
        assert_eq!("xx".parse::<Language>(), Err(UnknownLanguage("xx".into())));
    }
}
