//! What every [`Reranker`] must do.

use crate::reranking::Reranker;

/// Checks a reranker with three texts.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn reranker_conformance(reranker: &dyn Reranker) {
    let texts = ["Риск на сделку не более процента.", "Кофе пьют утром.", ""];
    let texts = texts.map(str::to_owned);
    let scores = reranker.rerank("сколько рисковать", &texts).await.unwrap();
    assert_eq!(scores.len(), texts.len(), "a number for each text");
    for score in &scores {
        assert!((0.0..=1.0).contains(score), "no likelihood: {score}");
    }
    let again = reranker.rerank("сколько рисковать", &texts).await.unwrap();
    assert_eq!(scores, again, "the same question gets the same answer");
    assert_eq!(reranker.rerank("сколько", &[]).await.unwrap(), [0.0; 0]);
}
