//! Two doors to one store, writers side by side, and calls that nobody waits for.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]

use super::{by_meaning, by_words, found, id, ids, only, point, spec, with, with_vector};
use crate::store::{Condition, Filter, Store};
use futures::{FutureExt, future};

/// Calls of each writer.
const WRITES: u16 = 12;
/// Points of each call.
const BATCH: u16 = 4;

pub(super) async fn check(store: &dyn Store, other: &dyn Store) {
    let spec = spec("sharing");
    store.setup(&spec).await.unwrap();
    what_one_writes_the_other_finds(store, other, &spec.name).await;
    writers_side_by_side_lose_nothing(store, other, &spec.name).await;
    a_call_that_is_dropped_does_all_or_nothing(store, other, &spec.name).await;
    store.drop_collection(&spec.name).await.unwrap();
}

async fn what_one_writes_the_other_finds(store: &dyn Store, other: &dyn Store, name: &str) {
    let (words, meaning) = (by_words("страх"), by_meaning([1.0, 0.0, 0.0, 0.0]));
    let vector = [1.0, 0.0, 0.0, 0.0];
    // Both have looked before anything is there.
    for door in [store, other] {
        assert!(found(door, name, &meaning).await.is_empty());
    }
    for n in 1..4 {
        let one = with_vector(point(n, "страх"), vector);
        let (writer, reader) = if n % 2 == 0 {
            (other, store)
        } else {
            (store, other)
        };
        writer.upsert(name, vec![one]).await.unwrap();
        for query in [&words, &meaning] {
            assert_eq!(found(reader, name, query).await.len(), usize::from(n));
        }
    }
    let moved = with_vector(point(1, "жадность"), [0.0, 1.0, 0.0, 0.0]);
    other.upsert(name, vec![moved]).await.unwrap();
    let last = found(store, name, &meaning).await.pop();
    assert_eq!(last, Some(id(1)), "an old vector was compared");
    assert_eq!(found(store, name, &words).await.len(), 2);
    let gone = only(Condition::Ids(vec![id(2), id(3)]));
    other.delete(name, &gone).await.unwrap();
    assert_eq!(found(store, name, &meaning).await, [id(1)]);
    assert!(found(store, name, &words).await.is_empty());
    store.delete(name, &Filter::default()).await.unwrap();
    assert!(found(other, name, &meaning).await.is_empty());
}

async fn writers_side_by_side_lose_nothing(store: &dyn Store, other: &dyn Store, name: &str) {
    let write = |door, first: u16| async move {
        let door: &dyn Store = door;
        for call in 0..WRITES {
            let points = (0..BATCH).map(|n| point(first + call * BATCH + n, "запись"));
            door.upsert(name, points.collect()).await.unwrap();
        }
    };
    let each = WRITES * BATCH;
    future::join4(
        write(store, 0),
        write(other, each),
        write(store, 2 * each),
        write(other, 3 * each),
    )
    .await;
    let every = ids(store, name, &Filter::default()).await;
    assert_eq!(every, (0..4 * each).map(id).collect::<Vec<_>>());
    store.delete(name, &Filter::default()).await.unwrap();
}

async fn a_call_that_is_dropped_does_all_or_nothing(
    store: &dyn Store,
    other: &dyn Store,
    name: &str,
) {
    for n in 0..10 {
        let points = (0..BATCH).map(|k| with(point(n * BATCH + k, "запись"), "call", i64::from(n)));
        // One poll, and nobody waits any more.
        let _ = store.upsert(name, points.collect()).now_or_never();
        let _ = other.search(name, &by_words("запись")).now_or_never();
        let _ = other.collections().now_or_never();
    }
    for n in 0..10 {
        let call = only(Condition::Between("call".to_owned(), n, n));
        let kept = ids(other, name, &call).await.len();
        assert!(kept == 0 || kept == usize::from(BATCH), "{kept} of {BATCH}");
    }
    // The doors are open still.
    store
        .upsert(name, vec![point(999, "последняя")])
        .await
        .unwrap();
    assert_eq!(found(other, name, &by_words("последний")).await, [id(999)]);
}
