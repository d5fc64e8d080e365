//! What is found, by words, by meaning and by both.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]

use super::{by_meaning, by_words, found, id, point, spec, unit, with_vector};
use crate::store::{Hit, Query, Store};

const TEXTS: [&str; 6] = [
    "Индекс S&P 500\nВ индекс входят пятьсот крупнейших компаний, за ним следует ETF с тикером SPY.",
    "Дивиденды SBER\nЗа 2023 год банк заплатил 33,30 рубля на акцию.",
    "Дивиденды SBER\nЗа 2022 год банк заплатил 25 рублей на акцию.",
    "Страх потери\nСтрах заставляет закрывать прибыльные сделки слишком рано.",
    "Keeping a journal\nWriting down losses keeps a trader honest.",
    "Дневник сделок\nЗаписывайте каждую сделку. Запись короткая, запись честная.",
];

pub(super) async fn check(store: &dyn Store) {
    let spec = spec("searching");
    store.setup(&spec).await.unwrap();
    assert!(
        found(store, &spec.name, &by_words("страх"))
            .await
            .is_empty()
    );
    let nothing = by_meaning([1.0, 0.0, 0.0, 0.0]);
    assert!(found(store, &spec.name, &nothing).await.is_empty());
    let points = TEXTS.iter().zip(0..).map(|(text, n): (_, u16)| {
        let mut vector = [0.1; 4];
        vector[usize::from(n) % 4] = 1.0 + f32::from(n);
        with_vector(point(n, text), vector)
    });
    store.upsert(&spec.name, points.collect()).await.unwrap();
    words_are_found_in_any_form(store, &spec.name).await;
    exact_tokens_are_found(store, &spec.name).await;
    meaning_is_an_angle(store, &spec.name).await;
    both_are_fused(store, &spec.name).await;
    empty_queries_find_nothing(store, &spec.name).await;
    store.drop_collection(&spec.name).await.unwrap();
}

async fn hits(store: &dyn Store, collection: &str, query: &Query) -> Vec<Hit> {
    store.search(collection, query).await.unwrap()
}

async fn words_are_found_in_any_form(store: &dyn Store, collection: &str) {
    for (query, best) in [
        ("страхом", 3),
        ("СТРАХА!", 3),
        ("прибыльная сделка закрыта", 3),
        ("короткой записью", 5),
        ("a loss in journals", 4),
        ("крупнейшая компания", 0),
    ] {
        let found = found(store, collection, &by_words(query)).await;
        assert_eq!(found.first(), Some(&id(best)), "{query}");
    }
    assert!(
        found(store, collection, &by_words("рецепт борща"))
            .await
            .is_empty()
    );
    let hits = hits(store, collection, &by_words("дивиденды банка")).await;
    assert_eq!(hits.len(), 2);
    for hit in hits {
        assert!(hit.bm25.is_some_and(|score| score > 0.0), "{hit:?}");
        assert_eq!(hit.cosine, None, "nothing to compare with");
        assert_eq!(hit.point.dense, None);
        assert!(TEXTS.contains(&hit.point.text.as_str()));
    }
    let rarer = hits_of(store, collection, "заплатил в 2023").await;
    assert_eq!(rarer.first(), Some(&id(1)), "a rarer word weighs more");
    let mut one = by_words("дивиденды");
    one.limit = 1;
    assert_eq!(found(store, collection, &one).await.len(), 1);
}

async fn hits_of(store: &dyn Store, collection: &str, text: &str) -> Vec<uuid::Uuid> {
    found(store, collection, &by_words(text)).await
}

async fn exact_tokens_are_found(store: &dyn Store, collection: &str) {
    for (query, best) in [
        ("ETF", 0),
        ("etf", 0),
        ("SPY", 0),
        ("S&P 500", 0),
        ("2023", 1),
        ("2022", 2),
        ("33,30", 1),
        ("SBER 2022", 2),
    ] {
        let found = hits_of(store, collection, query).await;
        assert_eq!(found.first(), Some(&id(best)), "{query}");
    }
    assert_eq!(hits_of(store, collection, "SBER").await.len(), 2);
    assert!(hits_of(store, collection, "2019").await.is_empty());
}

async fn meaning_is_an_angle(store: &dyn Store, collection: &str) {
    let query = by_meaning([0.0, 0.0, 0.0, 1.0]);
    let hits = hits(store, collection, &query).await;
    assert_eq!(hits.len(), TEXTS.len(), "everything has an angle");
    assert_eq!(hits[0].point.id, id(3));
    for hit in &hits {
        let n = hit.point.id.as_u128() >> 96;
        let mut vector = [0.1; 4];
        vector[n as usize % 4] = 1.0 + n as f32;
        let cosine = unit(vector)[3];
        assert!(
            hit.cosine.is_some_and(|c| (c - cosine).abs() < 1e-3),
            "{hit:?} instead of {cosine}"
        );
        assert_eq!(hit.bm25, None);
    }
    let few = Query { limit: 2, ..query };
    assert_eq!(found(store, collection, &few).await.len(), 2);
}

async fn both_are_fused(store: &dyn Store, collection: &str) {
    // The second is best by words, the first of its meaning: what both know comes first.
    let query = Query {
        text: Some("дивиденды 2023".to_owned()),
        ..by_meaning([0.0, 1.0, 0.0, 0.0])
    };
    let hits = hits(store, collection, &query).await;
    assert_eq!(hits.len(), TEXTS.len());
    let by_id = |n| hits.iter().find(|hit| hit.point.id == id(n)).unwrap();
    assert!(hits[0].point.id == id(1), "{hits:?}");
    for n in [1, 2] {
        assert!(by_id(n).bm25.is_some_and(|b| b > 0.0) && by_id(n).cosine.is_some());
    }
    assert_eq!(by_id(5).bm25, None);
    assert!(by_id(5).cosine.is_some_and(|c| c > 0.9));
    // 1 ÷ (60 + place) in each ranking: first by words, second by meaning.
    let fused = 1.0 / 61.0 + 1.0 / 62.0;
    assert!((hits[0].score - fused).abs() < 1e-5, "{:?}", hits[0]);
    // What only one of the two has is found too.
    let words = Query {
        text: Some("рецепт борща".to_owned()),
        ..by_meaning([0.0, 0.0, 1.0, 0.0])
    };
    assert_eq!(found(store, collection, &words).await.first(), Some(&id(2)));
}

async fn empty_queries_find_nothing(store: &dyn Store, collection: &str) {
    let empty = Query {
        limit: 10,
        ..Query::default()
    };
    assert!(found(store, collection, &empty).await.is_empty());
    for odd in [
        "",
        "   ",
        "?!",
        "и в на",
        "\"",
        "\" OR \"страх",
        "*",
        "NEAR(",
        "\0\u{202e}\u{1F600}",
        "text : (",
    ] {
        let query = by_words(odd);
        let hits = hits(store, collection, &query).await;
        let quoted = odd.contains("страх");
        assert_eq!(hits.is_empty(), !quoted, "{odd:?}");
    }
    let long = "страх ".repeat(20_000);
    assert_eq!(hits_of(store, collection, &long).await, [id(3)]);
    for query in [
        by_words("страх"),
        by_meaning([1.0, 0.0, 0.0, 0.0]),
        Query::default(),
    ] {
        let none = Query { limit: 0, ..query };
        assert!(found(store, collection, &none).await.is_empty());
    }
}
