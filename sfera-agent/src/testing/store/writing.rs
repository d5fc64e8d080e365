//! Points: kept, replaced, read in order, deleted.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]

use super::{by_meaning, by_words, found, id, ids, only, point, spec, with, with_vector};
use crate::store::{Condition, Filter, Point, Store, StoreError};
use serde_json::json;

pub(super) async fn check(store: &dyn Store) {
    let spec = spec("writing");
    store.setup(&spec).await.unwrap();
    what_was_kept_comes_back(store, &spec.name).await;
    a_point_replaces_its_like(store, &spec.name).await;
    pages_follow_each_other(store, &spec.name).await;
    what_is_deleted_is_not_found(store, &spec.name).await;
    one_bad_vector_spoils_all(store, &spec.name).await;
    store.drop_collection(&spec.name).await.unwrap();
}

async fn clear(store: &dyn Store, collection: &str) {
    store.delete(collection, &Filter::default()).await.unwrap();
    assert!(ids(store, collection, &Filter::default()).await.is_empty());
}

async fn all(store: &dyn Store, collection: &str) -> Vec<Point> {
    let every = Filter::default();
    store.scroll(collection, &every, None, 1_000).await.unwrap()
}

async fn what_was_kept_comes_back(store: &dyn Store, collection: &str) {
    let odd = "Ноль \0, кавычки \"'; -- и \u{202e}\u{1F600}";
    let mut kept = with(point(1, odd), "title", odd);
    kept = with(kept, "место", 7);
    kept = with(kept, "deep", json!({"list": [1, 2.5, null, true]}));
    kept = with(kept, "least", i64::MIN);
    let empty = point(2, "");
    store
        .upsert(collection, vec![empty.clone(), kept.clone()])
        .await
        .unwrap();
    assert_eq!(all(store, collection).await, [kept, empty]);
    store.upsert(collection, Vec::new()).await.unwrap();
    clear(store, collection).await;
}

async fn a_point_replaces_its_like(store: &dyn Store, collection: &str) {
    let old = with_vector(point(1, "старый страх"), [1.0, 0.0, 0.0, 0.0]);
    let old = with(old, "version", 1);
    let new = with_vector(point(1, "новая жадность"), [0.0, 1.0, 0.0, 0.0]);
    let new = with(new, "version", 2);
    store
        .upsert(collection, vec![old.clone(), point(2, "дневник")])
        .await
        .unwrap();
    store.upsert(collection, vec![new.clone()]).await.unwrap();
    store.upsert(collection, vec![new.clone()]).await.unwrap();
    let read = all(store, collection).await;
    assert_eq!(read.len(), 2);
    assert_eq!((&read[0].text, &read[0].payload), (&new.text, &new.payload));
    assert!(
        found(store, collection, &by_words("страх"))
            .await
            .is_empty()
    );
    assert_eq!(
        found(store, collection, &by_words("жадность")).await,
        [id(1)]
    );
    let hits = store
        .search(collection, &by_meaning([1.0, 0.0, 0.0, 0.0]))
        .await
        .unwrap();
    assert!(
        hits.iter()
            .all(|h| h.cosine.is_some_and(|c| c.abs() < 1e-3))
    );
    let version = |n| only(Condition::Between("version".to_owned(), n, n));
    assert!(ids(store, collection, &version(1)).await.is_empty());
    assert_eq!(ids(store, collection, &version(2)).await, [id(1)]);

    // Without its vector it is found by its words only.
    store
        .upsert(collection, vec![point(1, "новая жадность")])
        .await
        .unwrap();
    let found = found(store, collection, &by_meaning([0.0, 1.0, 0.0, 0.0])).await;
    assert!(found.is_empty(), "{found:?}");
    // The last of equals counts.
    store
        .upsert(collection, vec![old, point(1, "последний")])
        .await
        .unwrap();
    assert_eq!(all(store, collection).await[0].text, "последний");
    clear(store, collection).await;
}

async fn pages_follow_each_other(store: &dyn Store, collection: &str) {
    let mut points: Vec<_> = (0..25).map(|n| point(n, "запись")).collect();
    points.reverse();
    store.upsert(collection, points).await.unwrap();
    let every = Filter::default();
    let (mut after, mut read) = (None, Vec::new());
    loop {
        let page = store.scroll(collection, &every, after, 10).await.unwrap();
        let Some(last) = page.last() else {
            break;
        };
        assert!(page.len() <= 10);
        after = Some(last.id);
        read.extend(page.into_iter().map(|p| p.id));
    }
    assert_eq!(read, (0..25).map(id).collect::<Vec<_>>());
    let none = store.scroll(collection, &every, None, 0).await.unwrap();
    assert!(none.is_empty());
    let some = only(Condition::Ids(vec![id(3), id(20), id(21), id(999)]));
    let page = store.scroll(collection, &some, Some(id(3)), 1).await;
    let page: Vec<_> = page.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(page, [id(20)]);
    clear(store, collection).await;
}

async fn what_is_deleted_is_not_found(store: &dyn Store, collection: &str) {
    let vector = [1.0, 1.0, 0.0, 0.0];
    let points = (0..6).map(|n| {
        let one = with_vector(point(n, "одинаковая запись"), vector);
        with(one, "half", if n < 3 { "first" } else { "second" })
    });
    store.upsert(collection, points.collect()).await.unwrap();
    let first = only(Condition::Is("half".to_owned(), "first".to_owned()));
    store.delete(collection, &first).await.unwrap();
    store.delete(collection, &first).await.unwrap();
    let one = only(Condition::Ids(vec![id(4), id(77)]));
    store.delete(collection, &one).await.unwrap();
    let left = [id(3), id(5)];
    assert_eq!(ids(store, collection, &Filter::default()).await, left);
    for query in [by_words("запись"), by_meaning(vector)] {
        let mut found = found(store, collection, &query).await;
        found.sort_unstable();
        assert_eq!(found, left);
    }
    let nothing = only(Condition::Ids(Vec::new()));
    store.delete(collection, &nothing).await.unwrap();
    assert_eq!(ids(store, collection, &Filter::default()).await, left);
    let status = store.collections().await.unwrap();
    let points = status.iter().find(|s| s.spec.name == collection);
    assert_eq!(points.map(|s| s.points), Some(2));
    clear(store, collection).await;
}

async fn one_bad_vector_spoils_all(store: &dyn Store, collection: &str) {
    let bad = [
        vec![1.0],
        vec![0.5; 5],
        Vec::new(),
        vec![f32::NAN, 0.0, 0.0, 1.0],
        vec![f32::INFINITY, 0.0, 0.0, 0.0],
        vec![0.0; 4],
        vec![3.0, 0.0, 0.0, 0.0],
    ];
    for vector in bad {
        let mut spoilt = point(2, "плохой вектор");
        spoilt.dense = Some(vector.clone());
        let points = vec![point(1, "хороший"), spoilt];
        let error = store.upsert(collection, points).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Invalid(_)),
            "{vector:?}: {error}"
        );
        let mut query = by_words("хороший");
        query.dense = Some(vector.clone());
        let error = store.search(collection, &query).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Invalid(_)),
            "{vector:?}: {error}"
        );
    }
    assert!(ids(store, collection, &Filter::default()).await.is_empty());

    let mut words = super::spec("words-only");
    words.dense = None;
    store.setup(&words).await.unwrap();
    let vector = with_vector(point(1, "вектор"), [1.0, 0.0, 0.0, 0.0]);
    let error = store.upsert(&words.name, vec![vector]).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    store
        .upsert(&words.name, vec![point(1, "слова")])
        .await
        .unwrap();
    assert_eq!(found(store, &words.name, &by_words("слово")).await, [id(1)]);
    let query = by_meaning([1.0, 0.0, 0.0, 0.0]);
    let error = store.search(&words.name, &query).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    store.drop_collection(&words.name).await.unwrap();
}
