//! What is asked and answered. Fields that OpenAI sends and others leave out are optional.

use crate::embedding::{EmbedError, normalize};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) input: &'a [String],
    pub(super) encoding_format: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Option<usize>,
    embedding: Vec<f32>,
}

/// The vectors in the order of the texts, of unit length.
pub(super) fn vectors(
    answer: &[u8],
    count: usize,
    dimension: usize,
) -> Result<Vec<Vec<f32>>, EmbedError> {
    let answer: Answer = serde_json::from_slice(answer).map_err(|_| EmbedError::Protocol)?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for (n, item) in answer.data.into_iter().enumerate() {
        let length = item.embedding.len();
        if length != dimension {
            tracing::warn!(
                length,
                dimension,
                "the embedding model has vectors of another length"
            );
            return Err(EmbedError::Protocol);
        }
        let place = vectors.get_mut(item.index.unwrap_or(n));
        *place.ok_or(EmbedError::Protocol)? = normalize(item.embedding);
    }
    let vectors: Option<Vec<_>> = vectors.into_iter().collect();
    vectors.ok_or(EmbedError::Protocol)
}
