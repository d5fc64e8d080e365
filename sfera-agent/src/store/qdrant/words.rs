//! A text's words as Qdrant's sparse vector: the part of BM25 that needs one text only. The rest, how rare
//! a word is, Qdrant works out itself (its IDF modifier).

use crate::language::words::content_stems;
use qdrant_client::qdrant::SparseVector;
use std::collections::BTreeMap;
use uuid::Uuid;

/// BM25's usual numbers (those of SQLite's FTS5 too).
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Words of a usual text. Qdrant does not know how many its texts have; longer ones weigh less.
const USUAL_LENGTH: f32 = 100.0;
/// Words that are looked at in a query.
const MAX_QUERY: usize = 64;

/// What words weigh in a text that is kept; `None` if it has none.
pub(super) fn of_text(text: &str) -> Option<SparseVector> {
    let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
    let mut length = 0.0;
    for stem in content_stems(text) {
        *counts.entry(id(&stem)).or_default() += 1.0;
        length += 1.0;
    }
    let long = K1 * (1.0 - B + B * length / USUAL_LENGTH);
    vector(
        counts
            .into_iter()
            .map(|(id, count)| (id, count * (K1 + 1.0) / (count + long))),
    )
}

/// The words of a query, each once.
pub(super) fn of_query(text: &str) -> Option<SparseVector> {
    let words: BTreeMap<u32, f32> = content_stems(text)
        .take(MAX_QUERY)
        .map(|stem| (id(&stem), 1.0))
        .collect();
    vector(words.into_iter())
}

fn vector(weights: impl Iterator<Item = (u32, f32)>) -> Option<SparseVector> {
    let (indices, values): (Vec<_>, Vec<_>) = weights.unzip();
    (!indices.is_empty()).then_some(SparseVector { values, indices })
}

/// The same number for the same word everywhere and always. Two words of some ten thousand may share one;
/// texts are then found that do not hold the word.
fn id(stem: &str) -> u32 {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, stem.as_bytes()).as_u128() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_are_one_and_often_means_more_but_not_much() {
        let once = of_text("Страх потери.").unwrap();
        let twice = of_text("Страхом страха потери").unwrap();
        assert_eq!(once.indices, twice.indices);
        assert!(once.indices.is_sorted());
        let fear = once.indices.iter().position(|&n| n == id("страх")).unwrap();
        let ratio = twice.values[fear] / once.values[fear];
        assert!((1.1..1.6).contains(&ratio), "{ratio}");
        assert_eq!(of_query("страх, СТРАХ!").unwrap().values, [1.0]);
        assert_eq!(of_text("и в на ?!"), None);
        assert_eq!(of_query(""), None);
    }

    #[test]
    fn a_words_number_never_changes() {
        // Stored data depends on it.
        assert_eq!(id("etf"), 1_442_012_227);
        assert_eq!(id("2023"), 3_642_989_976);
        assert_eq!(id("страх"), 814_969_005);
    }
}
