//! What is asked and answered.

use crate::reranking::RerankError;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) query: &'a str,
    pub(super) documents: &'a [String],
    pub(super) top_n: usize,
    pub(super) return_documents: bool,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    relevance_score: f32,
}

/// The numbers in the order of the texts, from 0 to 1. llama.cpp answers with the model's own numbers,
/// which are log odds.
pub(super) fn likelihoods(answer: &[u8], count: usize) -> Result<Vec<f32>, RerankError> {
    let answer: Answer = serde_json::from_slice(answer).map_err(|_| RerankError::Protocol)?;
    let mut scores: Vec<Option<f32>> = vec![None; count];
    for item in answer.results {
        let place = scores.get_mut(item.index).ok_or(RerankError::Protocol)?;
        *place = Some(item.relevance_score).filter(|score| score.is_finite());
    }
    let scores: Option<Vec<f32>> = scores.into_iter().collect();
    let scores = scores.ok_or(RerankError::Protocol)?;
    let odds = scores.iter().any(|score| !(0.0..=1.0).contains(score));
    let likelihood = |score: f32| {
        if odds {
            1.0 / (1.0 + (-score).exp())
        } else {
            score
        }
    };
    Ok(scores.into_iter().map(likelihood).collect())
}
