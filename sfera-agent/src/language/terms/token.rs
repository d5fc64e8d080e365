//! The words of a text and what stands between them.

use crate::language::words::is_stop_word;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Words that belong together because nothing but a sign stands between them, at most.
const MAX_COMPOUND: usize = 6;

/// A word and where it stands.
pub(super) struct Token<'a> {
    /// Lower case, `ё` as `е`.
    pub(super) word: String,
    pub(super) at: Range<usize>,
    /// What stands between it and the next one.
    pub(super) gap: &'a str,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
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
    pub(super) fn is_stop_word(&self) -> bool {
        is_stop_word(&self.word)
    }

    pub(super) fn is_latin(&self) -> bool {
        self.word.chars().any(|c| c.is_ascii_alphabetic())
    }

    /// Whether only a space stands between it and the next word.
    pub(super) fn is_followed(&self) -> bool {
        !self.gap.is_empty() && self.gap.chars().all(|c| c.is_whitespace() && c != '\n')
    }

    /// The whole and, if it has signs within, its parts: `33,30`, `API_KEY`.
    pub(super) fn forms(&self) -> Vec<String> {
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
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

/// Words written as one.
pub(super) fn joined<'t>(tokens: impl IntoIterator<Item = &'t Token<'t>>) -> String {
    let letters = tokens.into_iter().flat_map(|token| token.word.chars());
    letters.filter(|c| c.is_alphanumeric()).collect()
}

/// Words with one sign between them: `S&P`, «шорт-сквиз», `T+1`.
pub(super) fn compounds(tokens: &[Token<'_>]) -> impl Iterator<Item = Range<usize>> {
    let joins = |t: &Token<'_>| matches!(t.gap, "&" | "+" | "/" | "-" | "‑" | "." | "_");
    runs(tokens, joins, |_| true)
}

/// Digits in groups of three: `400 000`.
pub(super) fn grouped(tokens: &[Token<'_>]) -> impl Iterator<Item = Range<usize>> {
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
