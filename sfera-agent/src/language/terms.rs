//! A text as the terms it is searched by: stems, numbers as digits, tickers and names as they are
//! written. The same word gives the same term in a text and in a question about it, whoever wrote,
//! said or heard it.

use super::{
    Language,
    sounds::sound,
    spelled_letters::spelled,
    spoken_numbers::{Number, numbers},
    words::{is_stop_word, sound_alike, stem},
};
use std::{collections::HashSet, ops::Range};
use unicode_segmentation::UnicodeSegmentation;

/// Raised whenever a text gives other terms than before, so that stores index anew.
pub(crate) const TERMS_VERSION: i64 = 1;

/// Wants of a question that are looked at; a spoken question has fewer.
const MAX_WANTED: usize = 48;
/// Words of a question that are read.
const MAX_WORDS: usize = 256;
/// Words that belong together because nothing but a sign stands between them, at most.
const MAX_COMPOUND: usize = 6;

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

/// A word and where it stands.
struct Token<'a> {
    /// Lower case, `ё` as `е`.
    word: String,
    at: Range<usize>,
    /// What stands between it and the next one.
    gap: &'a str,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    for (start, word) in text.unicode_word_indices() {
        if let Some(last) = tokens.last_mut() {
            last.gap = text.get(last.at.end..start).unwrap_or_default();
        }
        tokens.push(Token {
            word: word.to_lowercase().replace('ё', "е").replace('’', "'"),
            at: start..start + word.len(),
            gap: "\n",
        });
    }
    tokens
}

impl Token<'_> {
    fn is_stop_word(&self) -> bool {
        is_stop_word(&self.word)
    }

    fn is_latin(&self) -> bool {
        self.word.chars().any(|c| c.is_ascii_alphabetic())
    }

    /// Whether only a space stands between it and the next word.
    fn is_followed(&self) -> bool {
        !self.gap.is_empty() && self.gap.chars().all(|c| c.is_whitespace() && c != '\n')
    }

    /// The whole and, if it has signs within, its parts: `33,30`, `API_KEY`.
    fn forms(&self) -> Vec<String> {
        let parts = self.word.split(|c: char| !c.is_alphanumeric());
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        let number = parts.iter().all(|part| is_number(part));
        let whole = parts.join(if number { "." } else { "" });
        let mut forms = vec![whole];
        if parts.len() > 1 {
            forms.extend(parts.into_iter().map(str::to_owned));
        }
        forms
    }

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

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
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

/// Words written as one.
fn joined<'t>(tokens: impl IntoIterator<Item = &'t Token<'t>>) -> String {
    let letters = tokens.into_iter().flat_map(|token| token.word.chars());
    letters.filter(|c| c.is_alphanumeric()).collect()
}

/// Words with one sign between them: `S&P`, «шорт-сквиз», `T+1`.
fn compounds(tokens: &[Token<'_>]) -> impl Iterator<Item = Range<usize>> {
    let joins = |t: &Token<'_>| matches!(t.gap, "&" | "+" | "/" | "-" | "‑" | "." | "_");
    runs(tokens, joins, |_| true)
}

/// Digits in groups of three: `400 000`.
fn grouped(tokens: &[Token<'_>]) -> impl Iterator<Item = Range<usize>> {
    let joins = |t: &Token<'_>| {
        matches!(t.gap, " " | "\u{a0}" | "\u{202f}" | "\u{2009}")
            && is_number(&t.word)
            && t.word.len() <= 3
    };
    let three = |t: &Token<'_>| is_number(&t.word) && t.word.len() == 3;
    runs(tokens, joins, three)
}

/// Runs of at least two words that go on with each other.
fn runs<'t, 'a>(
    tokens: &'t [Token<'a>],
    joins: impl Fn(&Token<'a>) -> bool + 't,
    goes_on: impl Fn(&Token<'a>) -> bool + 't,
) -> impl Iterator<Item = Range<usize>> + 't {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < tokens.len() {
            let start = at;
            at += 1;
            while at < tokens.len() && joins(&tokens[at - 1]) && goes_on(&tokens[at]) {
                at += 1;
            }
            if (2..=MAX_COMPOUND).contains(&(at - start)) {
                return Some(start..at);
            }
        }
        None
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether a question's every want is among a text's terms, exactly.
    fn exactly(text: &str, question: &str) -> bool {
        let terms = terms(text, None);
        let wanted = wanted(question, None);
        !wanted.is_empty()
            && wanted
                .iter()
                .all(|w| w.exact.iter().any(|e| terms.contains(e)))
    }

    fn roughly(text: &str, question: &str) -> bool {
        let terms = terms(text, None);
        let wanted = wanted(question, None);
        !wanted.is_empty() && wanted.iter().all(|w| w.forms().any(|f| terms.contains(f)))
    }

    #[test]
    fn numbers_meet_however_they_are_put() {
        for (text, question) in [
            ("за 2023 год", "за две тысячи двадцать третий год"),
            ("за 2023 год", "за двадцать третий год"),
            ("в 1998 году", "девяносто восьмой год"),
            ("двенадцать компаний", "12 компаний"),
            ("лимит 300 000 рублей", "триста тысяч рублей"),
            ("лимит 300 тысяч рублей", "триста тысяч рублей"),
            ("на 33,30 рубля", "33.30 рубля"),
            ("33,30 рубля", "тридцать три рубля тридцать"),
            ("ОФЗ 26238", "офз двадцать шесть двести тридцать восемь"),
            ("18 декабря", "восемнадцатого декабря"),
        ] {
            assert!(exactly(text, question), "{text}: {question}");
        }
        assert!(!exactly("в 2024 году", "двадцать четвёртого февраля"));
        assert!(!exactly("за 2022 год", "за две тысячи двадцать третий"));
    }

    #[test]
    fn tickers_and_names_meet_however_they_are_put() {
        for (text, question) in [
            ("индекс S&P 500", "индекс эс пэ пятьсот"),
            ("индекс S&P 500", "индекс s&p 500"),
            ("фонд LQDT", "фонд эл кью дэ тэ"),
            ("ИИС-3", "и и эс три"),
            ("режим T+1", "режим T+1"),
            ("SFERA_VOICE_MINUTES=30", "SFERA_VOICE_MINUTES"),
            ("вышел ETF", "etf"),
        ] {
            assert!(exactly(text, question), "{text}: {question}");
        }
        for (text, question) in [
            ("фонды SPY и VOO", "спай или воо"),
            ("акции GameStop", "акция гейм стоп"),
            ("сервер LiveKit", "лайв кит"),
            ("маржин-колл", "маржин колл"),
            ("ИИС-3", "иис 3"),
        ] {
            assert!(roughly(text, question), "{text}: {question}");
        }
    }

    #[test]
    fn a_language_stems_its_own_words_only() {
        assert_eq!(
            terms("losses сделки", Some(Language::En)),
            ["loss", "сделки"]
        );
        assert_eq!(
            terms("losses сделки", Some(Language::Ru)),
            ["losses", "~лсс", "сделк"]
        );
        assert_eq!(terms("Losses, сделки!", None), ["loss", "~лсс", "сделк"]);
    }

    #[test]
    fn talk_around_a_question_asks_for_nothing() {
        for text in ["", "и в на", "расскажи мне, пожалуйста", "?!"] {
            assert_eq!(wanted(text, None), [], "{text}");
        }
    }

    #[test]
    fn a_question_with_digits_reads_as_it_is_written() {
        assert_eq!(
            with_digits("сбер за две тысячи двадцать второй год, эс пэ пятьсот"),
            "сбер за 2022 год, эс пэ 500"
        );
        assert_eq!(with_digits("Страх"), "Страх");
        assert_eq!(with_digits(""), "");
    }

    proptest! {
        #[test]
        fn terms_hold_letters_and_digits_only(text in "\\PC{0,60}") {
            let wanted = wanted(&text, None);
            let forms = wanted.iter().flat_map(Wanted::forms).cloned();
            for term in terms(&text, None).into_iter().chain(forms) {
                let fine = |c: char| c.is_alphanumeric() || c == '.' || c == '~';
                prop_assert!(!term.is_empty() && term.chars().all(fine), "{:?}", term);
            }
            let _ = with_digits(&text);
        }

        #[test]
        fn a_text_has_all_that_it_asks_for(text in "[а-яa-z0-9 .,&-]{0,60}") {
            let terms = terms(&text, None);
            for wanted in wanted(&text, None) {
                prop_assert!(wanted.forms().any(|f| terms.contains(f)) || wanted.literal, "{:?}", wanted);
            }
        }
    }
}
