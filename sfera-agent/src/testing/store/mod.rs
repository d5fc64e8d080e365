//! What every [`Store`] must do.

mod filters;
mod searching;
mod setup;
mod sharing;
mod writing;

use crate::store::{CollectionSpec, Condition, DenseSpec, Filter, Point, Query, Store};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Numbers in the vectors of the suite.
const DIMENSION: usize = 4;

/// Checks a store through two doors to the same data: two connections, or twice the same one. It
/// makes collections whose names begin with `conformance-` and drops them again; others are left
/// alone.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn store_conformance(store: &dyn Store, other: &dyn Store) {
    for status in store.collections().await.unwrap() {
        if status.spec.name.starts_with("conformance-") {
            store.drop_collection(&status.spec.name).await.unwrap();
        }
    }
    setup::check(store, other).await;
    writing::check(store).await;
    filters::check(store).await;
    searching::check(store).await;
    sharing::check(store, other).await;
}

/// A collection of the suite with vectors.
fn spec(name: &str) -> CollectionSpec {
    CollectionSpec {
        name: format!("conformance-{name}"),
        language: None,
        dense: Some(DenseSpec {
            model: "axes".to_owned(),
            dimension: DIMENSION,
        }),
    }
}

/// The `n`th id, in order.
fn id(n: u16) -> Uuid {
    Uuid::from_u128(u128::from(n) << 96)
}

/// A point without vector and payload.
fn point(n: u16, text: &str) -> Point {
    Point {
        id: id(n),
        text: text.to_owned(),
        dense: None,
        payload: Map::new(),
    }
}

/// The same with a vector.
fn with_vector(mut point: Point, vector: [f32; DIMENSION]) -> Point {
    point.dense = Some(unit(vector));
    point
}

/// The same with something known of it.
fn with(mut point: Point, key: &str, value: impl Into<Value>) -> Point {
    point.payload.insert(key.to_owned(), value.into());
    point
}

fn unit(vector: [f32; DIMENSION]) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    vector.iter().map(|v| v / length).collect()
}

fn only(condition: Condition) -> Filter {
    Filter {
        must: vec![condition],
    }
}

fn by_words(text: &str) -> Query {
    Query {
        text: Some(text.to_owned()),
        limit: 10,
        ..Query::default()
    }
}

fn by_meaning(vector: [f32; DIMENSION]) -> Query {
    Query {
        dense: Some(unit(vector)),
        limit: 10,
        ..Query::default()
    }
}

/// The ids in a collection that a filter means.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn ids(store: &dyn Store, collection: &str, which: &Filter) -> Vec<Uuid> {
    let points = store.scroll(collection, which, None, 1_000).await.unwrap();
    points.into_iter().map(|point| point.id).collect()
}

/// The ids that a search finds, best first.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn found(store: &dyn Store, collection: &str, query: &Query) -> Vec<Uuid> {
    let hits = store.search(collection, query).await.unwrap();
    assert!(hits.len() <= query.limit, "more hits than the limit");
    assert!(
        hits.is_sorted_by(|a, b| a.score >= b.score),
        "the best hit comes first"
    );
    for hit in &hits {
        let numbers = [Some(hit.score), hit.cosine, hit.bm25];
        assert!(
            numbers.into_iter().flatten().all(f32::is_finite),
            "a score that is no number"
        );
    }
    hits.into_iter().map(|hit| hit.point.id).collect()
}
