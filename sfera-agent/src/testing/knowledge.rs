//! What every [`Knowledge`] must do.

use crate::knowledge::Knowledge;

/// Checks a knowledge base that has something about `known` and nothing about `unknown`.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn knowledge_conformance(knowledge: &dyn Knowledge, known: &str, unknown: &str) {
    let found = knowledge.search(known, 5).await.unwrap();
    assert!(!found.is_empty(), "nothing was found about {known:?}");
    assert!(found.len() <= 5, "more passages than the limit");
    assert!(
        found.is_sorted_by(|a, b| a.score >= b.score),
        "the best passage comes first"
    );
    for passage in &found {
        assert!(!passage.text.trim().is_empty(), "an empty passage");
        assert!(passage.score.is_finite(), "a score that is no number");
    }
    let one = knowledge.search(known, 1).await.unwrap();
    assert_eq!(one.len(), 1, "the limit is kept");
    assert_eq!(one.first(), found.first(), "a smaller limit keeps the best");
    let nothing = knowledge.search(unknown, 5).await.unwrap();
    assert!(nothing.is_empty(), "{unknown:?} found {nothing:?}");
    assert!(knowledge.search(known, 0).await.unwrap().is_empty());
    for odd in ["", "   ", "?!", "\0\u{202e}\u{1F600}"] {
        assert!(
            knowledge.search(odd, 5).await.unwrap().is_empty(),
            "{odd:?}"
        );
    }
    let long = known.repeat(2_000);
    assert!(knowledge.search(&long, 3).await.unwrap().len() <= 3);
    let (left, right) = tokio::join!(knowledge.search(known, 5), knowledge.search(known, 5));
    assert_eq!(left, right, "searches side by side answer the same");
}
