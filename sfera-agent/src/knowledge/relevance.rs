//! How far a passage can be trusted to answer a question, told without a language model.
//!
//! All numbers were fitted by logistic regression over `benches/knowledge`: `questions.jsonl` and the odd
//! numbers of `later.jsonl`, whose even numbers are there to test them; those for passages with questions
//! of their own with the questions of `expected.jsonl`. None depends on how large a base is, or on how near
//! to each other an embedding model puts all texts.

use super::Relevance;
use crate::language::terms::Wanted;

/// At which likelihood a passage answers. Of the questions without an answer in the fitted set one in
/// thirty gets one.
const ANSWERS: f32 = 0.5;
/// At which likelihood it is near.
const NEAR: f32 = 0.2;
/// At which likelihood it is near, and may answer, where passages have questions: something is always like
/// one of them. At 0.2 half of the questions without an answer in the fitted set were near to something, at
/// 0.5 a quarter.
const NEAR_WITH_QUESTIONS: f32 = 0.5;
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

    /// As a number.
    fn literal(&self) -> f32 {
        f32::from(u8::from(self.literal))
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
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) said: Said,
    /// Between question and passage, if both have a vector.
    pub(super) cosine: Option<f32>,
    /// 0 where none of the words was found.
    pub(super) bm25: f32,
    /// How often each thing that is asked for occurs in the passage and in the questions it was found by.
    pub(super) told: Vec<usize>,
    /// Between the question that was asked and those, the nearest first.
    pub(super) questions: Vec<Option<f32>>,
}

/// What a model that read a passage thinks of it. A number or a name that is missing it may have
/// overlooked.
pub(super) fn reread(said: &Said, likely: f32) -> Option<Relevance> {
    relevance(said.literal && likely >= ANSWERS, likely, NEAR)
}

/// How likely each is to answer, 0 to 1, and what it is to the question; those that are not worth the
/// reading have no [`Relevance`].
pub(super) fn judge(candidates: &[Candidate]) -> Vec<(f32, Option<Relevance>)> {
    let asked = candidates.iter().any(|c| !c.questions.is_empty());
    let (odds, near) = match asked {
        true => (odds_with_questions(candidates), NEAR_WITH_QUESTIONS),
        false => (odds_of_passages(candidates), NEAR),
    };
    let judged = candidates.iter().zip(odds).map(|(candidate, odds)| {
        let likely = likelihood(odds);
        let answers = candidate.said.answers() && (likely >= near || !asked);
        (likely, relevance(answers, likely, near))
    });
    judged.collect()
}

/// Where passages have no questions.
fn odds_of_passages(candidates: &[Candidate]) -> Vec<f32> {
    let cosines = Spread::of(candidates.iter().filter_map(|c| c.cosine));
    let best = candidates.iter().map(|c| c.bm25).fold(0.0, f32::max);
    let one = |candidate: &Candidate| {
        let bm25 = share_of(candidate.bm25, best);
        let (share, literal) = (candidate.said.share, candidate.said.literal());
        match &cosines {
            None => 2.99 * bm25 + 4.29 * share + 1.79 * literal - 7.75,
            Some(cosines) => {
                let apart = candidate.cosine.map_or(0.0, |c| cosines.apart(c));
                1.36 * apart + 2.39 * bm25 + 1.46 * share + 1.87 * literal - 8.34
            }
        }
    };
    candidates.iter().map(one).collect()
}

/// Where they have: words are weighed by how few of the candidates have them, wherever they stand.
fn odds_with_questions(candidates: &[Candidate]) -> Vec<f32> {
    let cosines = Spread::of(candidates.iter().filter_map(|c| c.cosine));
    let all = candidates.iter().flat_map(|c| &c.questions);
    let asked = Spread::of(all.copied().flatten());
    let words = words(candidates);
    let best = words.iter().copied().fold(0.0, f32::max);
    let with_questions = |candidate: &Candidate, words: f32| {
        let words = share_of(words, best);
        let met = candidate.told.iter().filter(|&&count| count > 0).count();
        let share = met as f32 / candidate.told.len().max(1) as f32;
        let literal = candidate.said.literal();
        let Some(asked) = &asked else {
            return 4.51 * share + 4.62 * words + 1.32 * literal - 8.84;
        };
        let apart = candidate.cosine.zip(cosines.as_ref());
        let apart = apart.map_or(0.0, |(cosine, cosines)| cosines.apart(cosine));
        let near = asked.apart(nearness(candidate, asked.least));
        0.42 * apart + 0.88 * near + 2.30 * share + 3.54 * words + 1.66 * literal - 8.13
    };
    let one = |((candidate, words), without): ((&Candidate, f32), f32)| {
        let with = with_questions(candidate, words);
        // It has none that are near, or none yet.
        match candidate.questions.is_empty() {
            true => f32::midpoint(with, without),
            false => with,
        }
    };
    let without = odds_of_passages(candidates);
    candidates.iter().zip(words).zip(without).map(one).collect()
}

/// How near a passage's two nearest questions are; those that were not found are as far as any.
fn nearness(candidate: &Candidate, least: f32) -> f32 {
    let found = candidate.questions.iter().copied().flatten();
    let mut two = found.chain([least, least]).take(2);
    let both = two.next().unwrap_or(least) + two.next().unwrap_or(least);
    both / 2.0
}

/// BM25 among the candidates, without regard to length.
fn words(candidates: &[Candidate]) -> Vec<f32> {
    /// How soon one more occurrence counts no more.
    const K: f32 = 1.2;
    let kinds = candidates.first().map_or(0, |c| c.told.len());
    let rarity: Vec<f32> = (0..kinds)
        .map(|at| {
            let has = |c: &&Candidate| c.told.get(at).is_some_and(|&count| count > 0);
            let with = candidates.iter().filter(has).count() as f32;
            let without = candidates.len() as f32 - with;
            (1.0 + (without + 0.5) / (with + 0.5)).ln()
        })
        .collect();
    let one = |candidate: &Candidate| {
        let counts = candidate.told.iter().map(|&count| count as f32);
        let terms = counts.zip(&rarity);
        terms.map(|(n, rare)| rare * n * (K + 1.0) / (n + K)).sum()
    };
    candidates.iter().map(one).collect()
}

/// How numbers lie.
struct Spread {
    mean: f32,
    deviation: f32,
    least: f32,
}

impl Spread {
    fn of(numbers: impl Iterator<Item = f32>) -> Option<Self> {
        let numbers: Vec<f32> = numbers.collect();
        let count = numbers.len() as f32;
        let least = numbers.iter().copied().reduce(f32::min)?;
        let mean = numbers.iter().sum::<f32>() / count;
        let variance = numbers.iter().map(|n| (n - mean).powi(2)).sum::<f32>() / count;
        Some(Self {
            mean,
            deviation: variance.sqrt().max(f32::EPSILON),
            least,
        })
    }

    /// By how many deviations a number stands out.
    fn apart(&self, number: f32) -> f32 {
        (number - self.mean) / self.deviation
    }
}

fn share_of(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn relevance(answers: bool, likely: f32, near: f32) -> Option<Relevance> {
    match likely {
        _ if answers => Some(Relevance::Answers),
        _ if likely >= near => Some(Relevance::Near),
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
            told: vec![0],
            questions: Vec::new(),
        };
        let alike = judge(&vec![candidate(Some(0.9)); 5]);
        assert!(alike.iter().all(|(_, relevance)| relevance.is_none()));
        let mut one = vec![candidate(Some(0.8)); 49];
        one.push(candidate(Some(0.9)));
        let judged = judge(&one);
        assert_eq!(judged[49].1, Some(Relevance::Near));
        assert_eq!(judged[0].1, None);
        assert_eq!(judge(&[candidate(None)])[0].1, None);
        assert!(judge(&[]).is_empty());
    }

    #[test]
    fn a_question_that_was_expected_makes_up_for_words_that_are_missing() {
        let candidate = |told, questions: &[f32]| Candidate {
            said: said("кофе", DIVIDENDS),
            cosine: Some(0.85),
            bm25: 0.0,
            told: vec![told],
            questions: questions.iter().copied().map(Some).collect(),
        };
        let mut candidates = vec![candidate(0, &[0.85]); 20];
        candidates.push(candidate(1, &[0.95, 0.93]));
        let judged = judge(&candidates);
        assert_eq!(judged[20].1, Some(Relevance::Near), "{judged:?}");
        assert!(judged[0].0 < judged[20].0);
        let wordless = |told| Candidate {
            cosine: None,
            questions: vec![None],
            ..candidate(told, &[])
        };
        let judged = judge(&[wordless(0), wordless(2), wordless(0)]);
        assert!(judged[1].0 > judged[0].0, "{judged:?}");
    }
}
