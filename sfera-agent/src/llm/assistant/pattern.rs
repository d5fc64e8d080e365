//! Phrases with slots, matched against words as they were heard.

use crate::language::words::{sound_alike, stem, words};
use std::collections::BTreeMap;
use unicode_segmentation::UnicodeSegmentation;

/// Words a `*` skips, at most.
const GAP: usize = 3;
/// Words a slot takes, at most.
const SLOT: usize = 4;

/// Words of an utterance that are looked at.
const WORDS: usize = 100;

/// What the slots of a phrase hold.
pub(super) type Slots = BTreeMap<String, String>;

/// A word as heard and its stem.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    word: String,
    stem: String,
    /// As it is written, with what stands before the next word.
    written: String,
}

impl Heard {
    /// The words of a text that are no fillers.
    pub(super) fn words(text: &str, fillers: &[String]) -> Vec<Self> {
        let starts: Vec<_> = text.unicode_word_indices().map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let written = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| &text[*start..end]);
        let said = words(text).zip(written);
        said.filter(|(word, _)| !fillers.contains(word))
            .take(WORDS)
            .map(|(word, written)| Self {
                stem: stem(&word),
                word,
                written: written.to_owned(),
            })
            .collect()
    }

    /// Whether the word is one of these, in any form.
    pub(super) fn is_any(&self, stems: &[String]) -> bool {
        stems.iter().any(|stem| sound_alike(&self.stem, stem))
    }
}

/// A phrase of a data file.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Term>);

#[derive(Clone, Debug)]
enum Term {
    /// One of these stems.
    Word(Vec<String>),
    Gap,
    /// Its name, and whether it takes any number of words, as they are written.
    Slot(String, bool),
}

impl Pattern {
    /// Reads a phrase; nothing if it is empty.
    pub(super) fn new(phrase: &str) -> Option<Self> {
        let mut terms = Vec::new();
        for token in phrase.split_whitespace() {
            if token == "*" {
                terms.push(Term::Gap);
            } else if let Some(slot) = token.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
                let name = slot.trim_end_matches('+');
                terms.push(Term::Slot(name.to_owned(), name != slot));
            } else {
                let stems = token.split('|').map(|alternative| {
                    let lower = alternative.to_lowercase().replace('ё', "е");
                    stem(&lower)
                });
                terms.push(Term::Word(stems.collect()));
            }
        }
        (!terms.is_empty()).then_some(Self(terms))
    }

    /// The slots if the phrase occurs in `said`; with `whole`, only if it is all that was said.
    pub(super) fn matches(&self, said: &[Heard], whole: bool) -> Option<Slots> {
        let starts = if whole { 1 } else { said.len() };
        let tails = (0..starts).filter_map(|start| said.get(start..));
        let mut found = tails.filter_map(|tail| rest_matches(&self.0, tail, whole));
        found.next()
    }
}

fn rest_matches(terms: &[Term], said: &[Heard], whole: bool) -> Option<Slots> {
    let Some((term, rest)) = terms.split_first() else {
        return (said.is_empty() || !whole).then(Slots::new);
    };
    match term {
        Term::Word(stems) => {
            let (word, after) = said.split_first()?;
            let same = word.is_any(stems);
            same.then(|| rest_matches(rest, after, whole)).flatten()
        }
        Term::Gap => {
            let most = GAP.min(said.len());
            (0..=most).find_map(|n| rest_matches(rest, said.get(n..)?, whole))
        }
        Term::Slot(name, any) => {
            let most = if *any {
                said.len()
            } else {
                SLOT.min(said.len())
            };
            // The last slot takes all it can, others as little as they must.
            let mut lengths: Vec<_> = (1..=most).collect();
            if rest.is_empty() {
                lengths.reverse();
            }
            lengths.into_iter().find_map(|n| {
                let mut slots = rest_matches(rest, said.get(n..)?, whole)?;
                let taken = said.get(..n)?;
                let value = if *any { written(taken) } else { heard(taken) };
                slots.insert(name.clone(), value);
                Some(slots)
            })
        }
    }
}

fn heard(said: &[Heard]) -> String {
    let words = said.iter().map(|heard| heard.word.as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// The words as they are written; what stands behind the last one is no part of it.
fn written(said: &[Heard]) -> String {
    let text: String = said.iter().map(|heard| heard.written.as_str()).collect();
    let ending = |c: char| c.is_whitespace() || ".,!?…".contains(c);
    text.trim_end_matches(ending).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(phrase: &str, said: &str, whole: bool) -> Option<Vec<(String, String)>> {
        let said = Heard::words(said, &["ну".into()]);
        let found = Pattern::new(phrase).unwrap().matches(&said, whole);
        found.map(|slots| slots.into_iter().collect())
    }

    fn slot(name: &str, value: &str) -> Option<Vec<(String, String)>> {
        Some(vec![(name.into(), value.into())])
    }

    #[test]
    fn words_match_in_any_form_anywhere_and_misheard() {
        assert_eq!(
            slots("погода", "Ну, какая пагода в Москве?", false),
            Some(vec![])
        );
        assert_eq!(slots("погода", "о погоде расскажи", false), Some(vec![]));
        assert_eq!(slots("меня зовут", "меня завут", false), Some(vec![]));
        assert_eq!(slots("который|какой час", "какой час", false), Some(vec![]));
        assert_eq!(slots("привет", "привет всем", true), None);
        assert_eq!(slots("привет", "ну привет", true), Some(vec![]));
        assert_eq!(slots("привет", "", false), None);
    }

    #[test]
    fn slots_take_the_words_between() {
        assert_eq!(
            slots("курс {asset}", "курс бит коина", false),
            slot("asset", "бит коина")
        );
        let said = "погода сегодня вечером в Нижнем Новгороде";
        let found = slots("погода * в {city}", said, false);
        assert_eq!(found, slot("city", "нижнем новгороде"));
        assert_eq!(
            slots("{asset} стоит", "сколько стоит", false),
            slot("asset", "сколько")
        );
        assert_eq!(
            slots(
                "погода * в {city}",
                "погода раз два три четыре в москве",
                false
            ),
            None
        );
    }

    #[test]
    fn a_slot_with_a_plus_takes_all_as_it_is_written() {
        let said = "Найди в сети, ну, кто придумал S&P 500 и язык C++, пожалуйста!";
        let query = slot("query", "кто придумал S&P 500 и язык C++, пожалуйста");
        assert_eq!(slots("найди в сети {query+}", said, false), query);
        let said = "найди один два три четыре пять шесть в сети";
        let query = slot("query", "один два три четыре пять шесть");
        assert_eq!(slots("найди {query+} в сети", said, false), query);
        assert_eq!(slots("найди {query+}", "найди", false), None);
    }

    #[test]
    fn an_empty_phrase_is_none() {
        assert!(Pattern::new("  ").is_none());
    }
}
