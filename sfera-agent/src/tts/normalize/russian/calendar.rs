//! Dates, years and times of day.

use super::{
    super::{
        lexer::{Date, Token},
        number::{Case, Gender, Ordinal, ordinal},
        units::Unit,
    },
    Speaker,
};
use crate::Language;

const HOUR: Unit = Unit {
    gender: Gender::Masculine,
    forms: ["час", "часа", "часов"],
};
const MINUTE: Unit = Unit {
    gender: Gender::Feminine,
    forms: ["минута", "минуты", "минут"],
};
/// After these words a date stands in the nominative.
const NOMINATIVE_AFTER: &[&str] = &["сегодня", "завтра", "вчера", "это", "дата", "послезавтра"];

impl Speaker<'_, '_> {
    pub(super) fn date_case(&self) -> Ordinal {
        if NOMINATIVE_AFTER.contains(&self.previous.as_str()) {
            Ordinal::Oje
        } else {
            Ordinal::Ogo
        }
    }

    pub(super) fn date(&mut self, date: Date, day: Ordinal) {
        self.say(&ordinal(date.day, day));
        self.say(Language::MONTHS_RU[(date.month - 1) % 12]);
        if let Some(year) = date.year {
            self.say(&ordinal(year, Ordinal::Ogo));
            self.say("года");
        }
    }

    pub(super) fn time(&mut self, hour: u64, minute: u64) {
        let case = match self.case_here() {
            Case::Nominative if matches!(self.previous.as_str(), "с" | "к") => Case::Genitive,
            case => case,
        };
        self.count(hour, case, HOUR);
        if minute > 0 {
            self.count(minute, case, MINUTE);
        }
    }

    /// «3 марта», «3–5 марта 2026 года», «2026 год», «2020–2025 гг.».
    pub(super) fn dated(&mut self, at: usize) -> Option<usize> {
        let first = self.small(at)?;
        let (second, next) = match self.range_end(at + 1) {
            Some(end) => (Some(self.small(end)?), end + 1),
            None => (None, at + 1),
        };
        let noun_at = self.skip_space(next);
        let Some(Token::Word(noun)) = self.get(noun_at) else {
            return None;
        };
        let noun = noun.to_lowercase();
        let last = second.unwrap_or(first);
        if Language::MONTHS_RU.contains(&noun.as_str())
            && (1..=31).contains(&first)
            && (1..=31).contains(&last)
        {
            let case = self.date_case();
            self.say(&ordinal(first, case));
            if let Some(second) = second {
                self.pause(',');
                self.say(&ordinal(second, case));
            }
            self.say(&noun);
            return Some(self.year_after(noun_at + 1));
        }
        if !(1_000..=2_999).contains(&last) {
            return None;
        }
        let (form, noun, dot) = self.year_noun(&noun, noun_at)?;
        self.say(&ordinal(first, form));
        if let Some(second) = second {
            self.pause(',');
            self.say(&ordinal(second, form));
        }
        self.say(noun);
        Some(noun_at + 1 + usize::from(dot))
    }

    /// The form of the year before its noun, the noun to say, and whether its dot is to be skipped.
    pub(super) fn year_noun(&self, noun: &str, at: usize) -> Option<(Ordinal, &'static str, bool)> {
        let dot = self.is_sign(at + 1, ".") && !self.sentence_ends(at + 2);
        Some(match noun {
            "год" => (Ordinal::Yj, "год", false),
            "года" => (Ordinal::Ogo, "года", false),
            "году" => (Ordinal::Om, "году", false),
            "годом" => (Ordinal::Ym, "годом", false),
            "годы" => (Ordinal::Yj, "годы", false),
            "годов" => (Ordinal::Yh, "годов", false),
            "годах" => (Ordinal::Yh, "годах", false),
            "гг" => (Ordinal::Yj, "годы", dot),
            "г" if self.previous == "в" => (Ordinal::Om, "году", dot),
            "г" => (Ordinal::Ogo, "года", dot),
            _ => return None,
        })
    }

    pub(super) fn sentence_ends(&self, at: usize) -> bool {
        match self.get(self.skip_space(at)) {
            None | Some(Token::Line) => true,
            Some(Token::Word(word)) => word.starts_with(char::is_uppercase),
            _ => false,
        }
    }

    /// A year after a month, with or without «года» or «г.».
    pub(super) fn year_after(&mut self, at: usize) -> usize {
        let year_at = self.skip_space(at);
        let Some(year) = self
            .small(year_at)
            .filter(|year| (1_000..=2_999).contains(year))
        else {
            return at;
        };
        self.say(&ordinal(year, Ordinal::Ogo));
        self.say("года");
        let noun_at = self.skip_space(year_at + 1);
        match self.get(noun_at) {
            Some(Token::Word("года")) => noun_at + 1,
            Some(Token::Word("г")) => {
                let dot = self.is_sign(noun_at + 1, ".") && !self.sentence_ends(noun_at + 2);
                noun_at + 1 + usize::from(dot)
            }
            _ => year_at + 1,
        }
    }
}
