//! What every [`Embedder`] must do.

use crate::embedding::{Embedder, TextKind};
use futures::FutureExt;

/// Checks an embedder.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn embedder_conformance(embedder: &dyn Embedder) {
    assert!(!embedder.model().is_empty(), "a model without a name");
    assert!(embedder.dimension() > 0, "vectors without numbers");
    let texts = [
        "Тильт — это когда эмоции торгуют вместо тебя.",
        "risk",
        "",
        "   \n\t",
        "?!\0\u{202e}\u{1F600}",
        "<s> </s> <pad> [CLS]",
        "2023",
    ];
    let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
    for kind in [TextKind::Query, TextKind::Passage] {
        assert!(embedder.embed(kind, &[]).await.unwrap().is_empty());
        let together = embedder.embed(kind, &texts).await.unwrap();
        assert_eq!(together.len(), texts.len(), "one vector for each text");
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(vector.len(), embedder.dimension(), "{text:?}");
            let length = cosine(vector, vector);
            assert!((length - 1.0).abs() < 1e-3, "{text:?} has length² {length}");
            let alone = embedder
                .embed(kind, std::slice::from_ref(text))
                .await
                .unwrap();
            let alone = alone.first().unwrap();
            assert_near(alone, vector, &format!("{text:?} alone and among others"));
        }
        let mut turned = texts.clone();
        turned.reverse();
        let mut others = embedder.embed(kind, &turned).await.unwrap();
        others.reverse();
        for (vector, other) in together.iter().zip(&others) {
            assert_near(
                vector,
                other,
                "the order of the texts is the order of the vectors",
            );
        }
    }
    let first = embedder
        .embed(TextKind::Passage, &texts[..2])
        .await
        .unwrap();
    let differ = first.first() != first.get(1);
    assert!(differ, "texts that differ have vectors that differ");

    let long = ["Риск на сделку — один процент. ".repeat(4_000)];
    let long = embedder.embed(TextKind::Passage, &long).await.unwrap();
    assert_eq!(long.len(), 1, "a long text is cut, not refused");

    // A call that is dropped at once, and one dropped on its way, leave the next one alone.
    drop(embedder.embed(TextKind::Passage, &texts));
    assert!(
        embedder
            .embed(TextKind::Passage, &texts)
            .now_or_never()
            .is_none_or(|e| e.is_ok())
    );
    let (left, right) = tokio::join!(
        embedder.embed(TextKind::Query, &texts[..1]),
        embedder.embed(TextKind::Passage, &texts),
    );
    assert_eq!(
        (left.unwrap().len(), right.unwrap().len()),
        (1, texts.len())
    );
}

/// Of two vectors of unit length.
fn cosine(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

fn assert_near(left: &[f32], right: &[f32], what: &str) {
    let near = left.iter().zip(right).all(|(l, r)| (l - r).abs() < 1e-3);
    assert!(
        near && left.len() == right.len(),
        "{what}: the vectors differ"
    );
}
