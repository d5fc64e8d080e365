//! How far a passage can be trusted to answer a question, told without a language model.
//!
//! All numbers were fitted by logistic regression over `benches/knowledge`: `questions.jsonl` and the odd
//! numbers of `later.jsonl`, whose even numbers are there to test them. None depends on how large a base
//! is, or on how near to each other an embedding model puts all texts.

use super::Relevance;
use crate::language::terms::Wanted;

/// At which likelihood a passage answers. Of the questions without an answer in the fitted set one in
/// thirty gets one.
const ANSWERS: f32 = 0.5;
/// At which likelihood it is near.
const NEAR: f32 = 0.2;
/// At which likelihood it is worth the reading.
const PERHAPS: f32 = 0.01;

/// What a passage says of what is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Said {
    /// How much of it, 0 to 1.
    share: f32,
    met: usize,
    /// How often: a word in passing is not what a passage is about.
    occurrences: usize,
    /// Every number and every name.
    literal: bool,
}

impl Said {
    pub(super) fn of(wanted: &[Wanted], terms: &[String]) -> Self {
        let (mut met, mut occurrences, mut literal) = (0, 0, true);
        for wanted in wanted {
            let count = wanted.count_in(terms);
            literal &= count > 0 || !wanted.literal;
            met += usize::from(count > 0);
            occurrences += count;
        }
        Self {
            share: met as f32 / wanted.len().max(1) as f32,
            met,
            occurrences,
            literal,
        }
    }

    /// Whether it can be read out as the answer.
    pub(super) fn answers(&self) -> bool {
        let words = (1.0 + self.met as f32).ln();
        let times = (1.0 + self.occurrences as f32).ln();
        let odds = 3.62 * self.share + 1.00 * words + 1.68 * times - 6.59;
        self.literal && likelihood(odds) >= ANSWERS
    }
}

/// A passage that was found, with what its place depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) said: Said,
    /// Between question and passage, if both have a vector.
    pub(super) cosine: Option<f32>,
    /// 0 where none of the words was found.
    pub(super) bm25: f32,
}

/// What a model that read a passage thinks of it. A number or a name that is missing it may have
/// overlooked.
pub(super) fn reread(said: &Said, likely: f32) -> Option<Relevance> {
    relevance(said.literal && likely >= ANSWERS, likely)
}

/// How likely each is to answer, 0 to 1, and what it is to the question; those that are not worth the
/// reading have no [`Relevance`].
pub(super) fn judge(candidates: &[Candidate]) -> Vec<(f32, Option<Relevance>)> {
    let cosines: Vec<_> = candidates.iter().filter_map(|c| c.cosine).collect();
    let count = cosines.len().max(1) as f32;
    let mean = cosines.iter().sum::<f32>() / count;
    let variance = cosines.iter().map(|c| (c - mean).powi(2)).sum::<f32>() / count;
    let deviation = variance.sqrt().max(f32::EPSILON);
    let best = candidates.iter().map(|c| c.bm25).fold(0.0, f32::max);
    let one = |candidate: &Candidate| {
        let bm25 = if best > 0.0 {
            candidate.bm25 / best
        } else {
            0.0
        };
        let literal = f32::from(u8::from(candidate.said.literal));
        let share = candidate.said.share;
        let odds = if cosines.is_empty() {
            2.99 * bm25 + 4.29 * share + 1.79 * literal - 7.75
        } else {
            let apart = candidate.cosine.map_or(0.0, |c| (c - mean) / deviation);
            1.36 * apart + 2.39 * bm25 + 1.46 * share + 1.87 * literal - 8.34
        };
        let likely = likelihood(odds);
        (likely, relevance(candidate.said.answers(), likely))
    };
    candidates.iter().map(one).collect()
}

fn relevance(answers: bool, likely: f32) -> Option<Relevance> {
    match likely {
        _ if answers => Some(Relevance::Answers),
        NEAR.. => Some(Relevance::Near),
        PERHAPS.. => Some(Relevance::Perhaps),
        _ => None,
    }
}

fn likelihood(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::terms::{terms, wanted};

    fn said(question: &str, passage: &str) -> Said {
        Said::of(&wanted(question, None), &terms(passage, None))
    }

    const DIVIDENDS: &str =
        "Дивиденды SBER за 2023 год. За 2023 год SBER заплатил дивиденды, 33,30 рубля.";

    #[test]
    fn what_says_what_is_asked_answers() {
        assert!(said("Какие дивиденды SBER заплатил за 2023 год?", DIVIDENDS).answers());
        assert!(!said("Какой пирог испечь на дивиденды?", DIVIDENDS).answers());
    }

    #[test]
    fn another_number_or_name_is_no_answer() {
        assert!(!said("Какие дивиденды SBER заплатил за 2019 год?", DIVIDENDS).answers());
        assert!(!said("Какие дивиденды GAZP заплатил за 2023 год?", DIVIDENDS).answers());
    }

    #[test]
    fn meaning_stands_out_or_does_not_count() {
        let nothing = said("кофе", DIVIDENDS);
        let candidate = |cosine| Candidate {
            said: nothing,
            cosine,
            bm25: 0.0,
        };
        let alike = judge(&[candidate(Some(0.9)); 5]);
        assert!(alike.iter().all(|(_, relevance)| relevance.is_none()));
        let mut one = vec![candidate(Some(0.8)); 49];
        one.push(candidate(Some(0.9)));
        let judged = judge(&one);
        assert_eq!(judged[49].1, Some(Relevance::Near));
        assert_eq!(judged[0].1, None);
        assert_eq!(judge(&[candidate(None)])[0].1, None);
        assert!(judge(&[]).is_empty());
    }
}
