//! A text's words as Qdrant's sparse vector: the part of BM25 that needs one text only. The rest, how rare
//! a word is, Qdrant works out itself (its IDF modifier).

use crate::{
    Language,
    language::terms::{terms, wanted},
};
use qdrant_client::qdrant::SparseVector;
use std::collections::BTreeMap;
use uuid::Uuid;

/// BM25's usual numbers (those of SQLite's FTS5 too).
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Words of a usual text. Qdrant does not know how many its texts have; longer ones weigh less.
const USUAL_LENGTH: f32 = 100.0;
/// What a word weighs that only sounds like the one that was asked for, or is a part of it.
const ALIKE: f32 = 0.5;

/// What words weigh in a text that is kept; `None` if it has none.
pub(super) fn of_text(text: &str, language: Option<Language>) -> Option<SparseVector> {
    let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
    let mut length = 0.0;
    for term in terms(text, language) {
        *counts.entry(id(&term)).or_default() += 1.0;
        length += 1.0;
    }
    let long = K1 * (1.0 - B + B * length / USUAL_LENGTH);
    vector(
        counts
            .into_iter()
            .map(|(id, count)| (id, count * (K1 + 1.0) / (count + long))),
    )
}

/// What a query asks for, each once.
pub(super) fn of_query(text: &str, language: Option<Language>) -> Option<SparseVector> {
    let mut words: BTreeMap<u32, f32> = BTreeMap::new();
    for wanted in wanted(text, language) {
        for term in &wanted.alike {
            words.entry(id(term)).or_insert(ALIKE);
        }
        for term in &wanted.exact {
            words.insert(id(term), 1.0);
        }
    }
    vector(words.into_iter())
}

fn vector(weights: impl Iterator<Item = (u32, f32)>) -> Option<SparseVector> {
    let (indices, values): (Vec<_>, Vec<_>) = weights.unzip();
    (!indices.is_empty()).then_some(SparseVector { values, indices })
}

/// The same number for the same word everywhere and always. Two words of some ten thousand may share one;
/// texts are then found that do not hold the word.
fn id(term: &str) -> u32 {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, term.as_bytes()).as_u128() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_are_one_and_often_means_more_but_not_much() {
        let once = of_text("Страх потери.", None).unwrap();
        let twice = of_text("Страхом страха потери", None).unwrap();
        assert_eq!(once.indices, twice.indices);
        assert!(once.indices.is_sorted());
        let fear = once.indices.iter().position(|&n| n == id("страх")).unwrap();
        let ratio = twice.values[fear] / once.values[fear];
        assert!((1.1..1.6).contains(&ratio), "{ratio}");
        let asked = of_query("страх, СТРАХ!", None).unwrap();
        assert_eq!(
            asked.values.iter().filter(|&&weight| weight == 1.0).count(),
            1
        );
        let digits = of_query("за две тысячи двадцать третий год", None).unwrap();
        assert!(digits.indices.contains(&id("2023")));
        assert_eq!(of_text("и в на ?!", None), None);
        assert_eq!(of_query("", None), None);
    }

    #[test]
    fn a_words_number_never_changes() {
        // Stored data depends on it.
        assert_eq!(id("etf"), 1_442_012_227);
        assert_eq!(id("2023"), 3_642_989_976);
        assert_eq!(id("страх"), 814_969_005);
    }
}
