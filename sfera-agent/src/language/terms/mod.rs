//! A text as the terms it is searched by: stems, numbers as digits, tickers and names as they are
//! written. The same word gives the same term in a text and in a question about it, whoever wrote,
//! said or heard it.

#[cfg(test)]
mod tests;
mod token;

use super::{
    Language,
    sounds::sound,
    spelled_letters::spelled,
    spoken_numbers::{Number, numbers},
    words::{sound_alike, stem},
};
use std::collections::HashSet;
use token::{Token, compounds, grouped, joined, tokens};

/// Raised whenever a text gives other terms than before, so that stores index anew.
pub(crate) const TERMS_VERSION: i64 = 1;

/// Wants of a question that are looked at; a spoken question has fewer.
const MAX_WANTED: usize = 48;
/// Words of a question that are read.
const MAX_WORDS: usize = 256;

/// What a question asks for at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Any of these is what was asked for.
    pub(crate) exact: Vec<String>,
    /// Any of these is it if none of the others is known: by its sound, by its parts.
    pub(crate) alike: Vec<String>,
    /// A number or a name in Latin letters: nothing else will do.
    pub(crate) literal: bool,
}

/// The terms of a text that is kept, as often as they occur. They hold letters and digits of any
/// script, `.` within numbers and `~` before a sound.
pub(crate) fn terms(text: &str, language: Option<Language>) -> Vec<String> {
    let tokens = tokens(text);
    let mut terms = Vec::new();
    let numbers = spoken(&tokens);
    for number in &numbers {
        terms.extend(forms_of_number(number.value));
    }
    let said = |at: usize| numbers.iter().any(|n| n.words.contains(&at));
    for (at, token) in tokens.iter().enumerate() {
        if said(at) || token.is_stop_word() {
            continue;
        }
        terms.extend(token.forms().into_iter().map(|f| stemmed(&f, language)));
        if language != Some(Language::En) && token.is_latin() {
            terms.extend(sounding(&token.word));
        }
    }
    let compounds = compounds(&tokens);
    terms.extend(compounds.map(|run| stemmed(&joined(&tokens[run]), language)));
    terms.extend(grouped(&tokens).map(|run| joined(&tokens[run])));
    terms
}

/// What a question asks for, in its order.
pub(crate) fn wanted(question: &str, language: Option<Language>) -> Vec<Wanted> {
    let mut tokens = tokens(question);
    tokens.truncate(MAX_WORDS);
    let words: Vec<_> = tokens.iter().map(|t| t.word.as_str()).collect();
    let mut taken = HashSet::new();
    let mut wanted: Vec<(usize, Wanted)> = Vec::new();
    let numbers = spoken(&tokens);
    for run in spelled_runs(&words) {
        let mut exact: Vec<_> = run.readings;
        if let Some(number) = numbers.iter().find(|n| n.words.start == run.words.end) {
            let with: Vec<_> = exact
                .iter()
                .map(|r| format!("{r}{}", number.value))
                .collect();
            exact.extend(with);
        }
        let exact = exact.iter().map(|r| stemmed(r, language)).collect();
        taken.extend(run.words.clone());
        wanted.push((run.words.start, Wanted::literal(exact)));
    }
    let whole: Vec<_> = numbers
        .chunk_by(|a, b| a.words.end == b.words.start)
        .flat_map(|run| {
            let digits: String = run.iter().map(|n| n.value.to_string()).collect();
            run.iter()
                .map(move |_| (run.len() > 1).then(|| digits.clone()))
        })
        .collect();
    for (number, digits) in numbers.iter().zip(whole) {
        let mut exact = forms_of_number(number.value);
        exact.extend(year(number, tokens.get(number.words.end)));
        exact.extend(digits);
        taken.extend(number.words.clone());
        wanted.push((number.words.start, Wanted::literal(exact)));
    }
    for run in compounds(&tokens).chain(grouped(&tokens)) {
        let parts = &tokens[run.clone()];
        if run.clone().any(|at| taken.contains(&at)) || parts.iter().all(Token::is_stop_word) {
            continue;
        }
        let whole = joined(parts);
        wanted.push((
            run.start,
            Wanted {
                literal: is_literal(&whole),
                exact: vec![stemmed(&whole, language)],
                alike: parts
                    .iter()
                    .filter(|part| !part.is_stop_word())
                    .flat_map(Token::forms)
                    .map(|form| stemmed(&form, language))
                    .collect(),
            },
        ));
        taken.extend(run);
    }
    for (at, token) in tokens.iter().enumerate() {
        if !taken.contains(&at) && !token.is_stop_word() {
            let before = at.checked_sub(1).and_then(|b| tokens.get(b));
            wanted.push((at, token.wanted(before, tokens.get(at + 1), language)));
        }
    }
    wanted.sort_by_key(|(at, _)| *at);
    wanted.truncate(MAX_WANTED);
    wanted.into_iter().map(|(_, wanted)| wanted).collect()
}

/// A question with its numbers as digits, for readers of meaning.
pub(crate) fn with_digits(question: &str) -> String {
    let tokens = tokens(question);
    let (mut written, mut at) = (String::new(), 0);
    for number in spoken(&tokens) {
        let words = &tokens[number.words.clone()];
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            continue;
        };
        written += question.get(at..first.at.start).unwrap_or_default();
        let after = tokens.get(number.words.end);
        written += &year(&number, after).unwrap_or_else(|| number.value.to_string());
        at = last.at.end;
    }
    written + question.get(at..).unwrap_or_default()
}

impl Wanted {
    fn literal(exact: Vec<String>) -> Self {
        Self {
            exact,
            alike: Vec::new(),
            literal: true,
        }
    }

    /// How often a text with these terms says it: as it is, by its sound or its parts, or misspelt.
    pub(crate) fn count_in(&self, terms: &[String]) -> usize {
        let exactly = terms
            .iter()
            .filter(|term| self.forms().any(|form| form == *term))
            .count();
        if exactly > 0 {
            return exactly;
        }
        let word = |text: &str| text.chars().all(char::is_alphabetic);
        let exact = self.exact.iter().filter(|form| word(form));
        let like = |term: &String| exact.clone().any(|form| sound_alike(form, term));
        terms.iter().filter(|term| word(term) && like(term)).count()
    }

    /// Everything that may be what was asked for.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &String> {
        self.exact.iter().chain(&self.alike)
    }
}

impl Token<'_> {
    fn wanted(
        &self,
        before: Option<&Self>,
        after: Option<&Self>,
        language: Option<Language>,
    ) -> Wanted {
        let forms = self.forms();
        let literal = forms.first().is_some_and(|whole| is_literal(whole));
        let mut forms = forms.into_iter().map(|form| stemmed(&form, language));
        let exact: Vec<String> = forms.next().into_iter().collect();
        let mut alike: Vec<String> = forms.collect();
        if language != Some(Language::En) && !literal {
            alike.extend(exact.iter().flat_map(|stem: &String| sounding(stem)));
            let before = before.filter(|b| b.is_followed()).map(|b| (b, self));
            let after = after.filter(|_| self.is_followed()).map(|a| (self, a));
            for pair in before.into_iter().chain(after) {
                let pair = joined([pair.0, pair.1]);
                alike.push(stemmed(&pair, language));
                alike.extend(sounding(&pair));
            }
        }
        Wanted {
            exact,
            alike,
            literal,
        }
    }
}

/// A number, a ticker, a name of something in Latin letters or with digits in it.
fn is_literal(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_alphanumeric())
}

fn stemmed(word: &str, language: Option<Language>) -> String {
    let latin = !word.chars().any(|c| ('а'..='я').contains(&c));
    match language {
        Some(Language::Ru) if latin => word.to_owned(),
        Some(Language::En) if !latin => word.to_owned(),
        _ => stem(word),
    }
}

fn sounding(word: &str) -> Option<String> {
    sound(word).map(|sound| format!("~{sound}"))
}

/// Numbers in words, but for those that are mostly something else: «один из», «первый», «миллион».
fn spoken(tokens: &[Token<'_>]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut start = 0;
    for phrase in tokens.chunk_by(|a, _| a.is_followed() || a.gap == "-") {
        let words: Vec<_> = phrase.iter().map(|t| t.word.as_str()).collect();
        for mut number in numbers(&words) {
            let least = if number.ordinal { 10 } else { 2 };
            let scale = number.value >= 1_000 && !number.ordinal;
            if number.words.len() > 1 || (number.value >= least && !scale) {
                number.words = number.words.start + start..number.words.end + start;
                found.push(number);
            }
        }
        start += phrase.len();
    }
    found
}

/// 300000 may be written as «300 тысяч».
fn forms_of_number(value: u64) -> Vec<String> {
    let scales = [1_000_000_000, 1_000_000, 1_000];
    let scale = scales
        .into_iter()
        .find(|scale| value > *scale && value.is_multiple_of(*scale));
    let mantissa = scale.map(|scale| (value / scale).to_string());
    [value.to_string()].into_iter().chain(mantissa).collect()
}

/// «двадцать третий» is 2023 where no month follows.
fn year(number: &Number, after: Option<&Token<'_>>) -> Option<String> {
    let month = |t: &Token<'_>| Language::MONTHS_RU.contains(&t.word.as_str());
    if !number.ordinal || after.is_some_and(month) {
        return None;
    }
    match number.value {
        10..50 => Some((2_000 + number.value).to_string()),
        50..100 => Some((1_900 + number.value).to_string()),
        _ => None,
    }
}

/// Letters that were spelled, one for all runs that overlap.
fn spelled_runs(words: &[&str]) -> Vec<super::spelled_letters::Spelled> {
    let mut merged: Vec<super::spelled_letters::Spelled> = Vec::new();
    for run in spelled(words) {
        match merged.last_mut().filter(|m| run.words.start < m.words.end) {
            Some(last) => {
                last.words.end = last.words.end.max(run.words.end);
                last.readings.extend(run.readings);
            }
            None => merged.push(run),
        }
    }
    merged
}
