//! Okapi BM25 over stems, with tolerance for mis-heard words and a sense of what is off topic.

use crate::language::words::{content_stems, sound_alike};
use std::collections::HashMap;

// The usual constants of BM25 (Robertson and Zaragoza, 2009).
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Terms of a query that are looked at; a spoken question has fewer.
const MAX_TERMS: usize = 32;
/// The part of a query's weight that a chunk must cover. Chosen on the questions in this room's
/// tests: what is off topic stays below 0.3, what is on topic above 0.4.
const MIN_COVERAGE: f32 = 0.35;
/// What a word counts that only sounds like the query's.
const SOUND_ALIKE: f32 = 0.8;

/// An index of texts by their place of insertion.
#[derive(Debug, Default)]
pub(super) struct Index {
    terms: HashMap<String, Vec<Posting>>,
    lengths: Vec<f32>,
}

#[derive(Debug)]
struct Posting {
    chunk: usize,
    count: f32,
}

/// A chunk and its score, higher is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) chunk: usize,
    pub(super) score: f32,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    score: f32,
    covered: f32,
}

impl Index {
    /// Adds a text whose words count as often as its field says: `(text, weight)`.
    pub(super) fn add(&mut self, fields: &[(&str, f32)]) {
        let mut counts: HashMap<String, f32> = HashMap::new();
        for (text, weight) in fields {
            for stem in content_stems(text) {
                *counts.entry(stem).or_default() += weight;
            }
        }
        let chunk = self.lengths.len();
        self.lengths.push(counts.values().sum());
        for (stem, count) in counts {
            let postings = self.terms.entry(stem).or_default();
            postings.push(Posting { chunk, count });
        }
    }

    /// The best `limit` chunks about a query; none if the index has nothing about it.
    pub(super) fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        let mut terms: Vec<_> = content_stems(query).take(MAX_TERMS).collect();
        terms.sort_unstable();
        terms.dedup();
        let mut sums = HashMap::<usize, Sum>::new();
        let mut wanted = 0.0;
        for term in &terms {
            wanted += self.add_term(term, &mut sums);
        }
        let covered = sums
            .iter()
            .filter(|(_, s)| s.covered >= wanted * MIN_COVERAGE);
        let mut hits: Vec<_> = covered
            .map(|(&chunk, sum)| Hit {
                chunk,
                score: sum.score,
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
        hits.truncate(limit);
        hits
    }

    /// Adds a term's part to every chunk that has it, and answers how much it weighs in the query.
    fn add_term(&self, term: &str, sums: &mut HashMap<usize, Sum>) -> f32 {
        let Some((postings, likeness)) = self.postings(term) else {
            return self.idf(0);
        };
        let idf = self.idf(postings.len());
        let mean = self.lengths.iter().sum::<f32>() / self.lengths.len().max(1) as f32;
        for posting in postings {
            let length = self.lengths.get(posting.chunk).map_or(1.0, |l| l / mean);
            let saturated =
                posting.count * (K1 + 1.0) / (posting.count + K1 * (1.0 - B + B * length));
            let sum = sums.entry(posting.chunk).or_default();
            sum.score += idf * saturated * likeness;
            sum.covered += idf * likeness;
        }
        idf
    }

    /// Where a term occurs, or else the most frequent term that sounds like it.
    fn postings(&self, term: &str) -> Option<(&[Posting], f32)> {
        if let Some(postings) = self.terms.get(term) {
            return Some((postings, 1.0));
        }
        let alike = self.terms.iter().filter(|(t, _)| sound_alike(t, term));
        let best = alike.max_by(|(a, p), (b, q)| p.len().cmp(&q.len()).then(b.cmp(a)));
        best.map(|(_, postings)| (postings.as_slice(), SOUND_ALIKE))
    }

    /// How telling a term is that `chunks` chunks have. A term that none has counts as one that a
    /// single chunk has: talk around the question should not hide it.
    fn idf(&self, chunks: usize) -> f32 {
        let (all, having) = (self.lengths.len() as f32, chunks.max(1) as f32);
        (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(texts: &[&str]) -> Index {
        let mut index = Index::default();
        for text in texts {
            index.add(&[(text, 1.0)]);
        }
        index
    }

    fn found(index: &Index, query: &str) -> Vec<usize> {
        index
            .search(query, 10)
            .iter()
            .map(|hit| hit.chunk)
            .collect()
    }

    #[test]
    fn rare_words_weigh_more_than_common_ones() {
        let index = index(&["страх рынок", "жадность рынок", "рынок рынок рынок"]);
        assert_eq!(found(&index, "жадность и рынок").first(), Some(&1));
    }

    #[test]
    fn words_match_in_any_form_and_when_misheard() {
        let index = index(&["Психология трейдинга", "Налоги и отчётность"]);
        assert_eq!(found(&index, "о психологии"), [0]);
        assert_eq!(found(&index, "трединг"), [0]);
        assert_eq!(found(&index, "отчетности"), [1]);
    }

    #[test]
    fn a_query_mostly_about_other_things_finds_nothing() {
        let index = index(&["страх потери", "жадность", "дневник"]);
        assert!(found(&index, "рецепт борща со страхом и свёклой").is_empty());
        assert!(found(&index, "").is_empty());
        assert!(found(&index, "и в на").is_empty());
        assert!(found(&Index::default(), "страх").is_empty());
    }
}
