//! Qdrant through its real client, against a double of its server; the double against Qdrant's own Python
//! client; and, in the long tests, against the server that `QDRANT_HOST` names.

#![cfg(all(feature = "store-qdrant", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compared;
mod contract;
mod double;
mod points;

use double::{Double, Fault, Served};
use serde_json::{Map, json};
use sfera_agent::store::{
    CollectionSpec, Condition, DenseSpec, Filter, Point, QdrantOptions, QdrantStore, Query, Store,
    StoreError,
};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Code;
use uuid::Uuid;

const KEY: &str = "a-very-secret-key";

fn spec(name: &str) -> CollectionSpec {
    CollectionSpec {
        name: name.to_owned(),
        language: None,
        dense: Some(DenseSpec {
            model: "axes".to_owned(),
            dimension: 2,
        }),
    }
}

fn point(n: u128, text: &str) -> Point {
    let mut payload = Map::new();
    payload.insert("time".to_owned(), json!(n as i64));
    Point {
        id: Uuid::from_u128(n),
        text: text.to_owned(),
        dense: Some(vec![0.6, 0.8]),
        payload,
    }
}

fn query(text: &str) -> Query {
    Query {
        text: Some(text.to_owned()),
        dense: Some(vec![1.0, 0.0]),
        limit: 5,
        ..Query::default()
    }
}

fn store(server: &Served) -> QdrantStore {
    store_of_patience(server, Duration::from_secs(30))
}

/// A store that gives each request up after so long: what a busy machine delays is no fault.
fn store_of_patience(server: &Served, patience: Duration) -> QdrantStore {
    let mut options = QdrantOptions::new(&server.host).with_key(KEY);
    options.timeout = patience;
    QdrantStore::new(&options).unwrap()
}

async fn serve() -> Served {
    Double::with_key(KEY).serve().await
}

/// A server with one collection of one point, and what was asked until then forgotten.
async fn filled() -> (Served, QdrantStore) {
    let server = serve().await;
    let store = store(&server);
    store.setup(&spec("lessons")).await.unwrap();
    store
        .upsert("lessons", vec![point(1, "страх потери")])
        .await
        .unwrap();
    server.double.asked();
    (server, store)
}

#[tokio::test]
async fn a_search_is_one_request_once_the_collection_is_known() {
    let (server, store) = filled().await;
    for _ in 0..2 {
        let hits = store.search("lessons", &query("страх")).await.unwrap();
        assert_eq!(hits.len(), 1);
        assert!((hits[0].cosine.unwrap() - 0.6).abs() < 1e-4, "{hits:?}");
        assert!(hits[0].bm25.is_some());
    }
    assert_eq!(server.double.asked(), ["query_batch"; 2]);
    let between = Query {
        filter: Filter {
            must: vec![Condition::Between("time".to_owned(), 0, 5)],
        },
        ..query("страх")
    };
    for _ in 0..2 {
        assert_eq!(store.search("lessons", &between).await.unwrap().len(), 1);
    }
    assert_eq!(
        server.double.asked(),
        ["create_field_index", "query_batch", "query_batch"]
    );
}

#[tokio::test]
async fn what_another_program_made_is_left_alone() {
    let server = serve().await;
    let store = store(&server);
    server.double.make_foreign("theirs");
    let error = store.setup(&spec("theirs")).await.unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
    let missing = StoreError::NoCollection("theirs".to_owned());
    let written = store.upsert("theirs", vec![point(1, "страх")]).await;
    assert_eq!(written, Err(missing.clone()));
    assert_eq!(
        store.delete("theirs", &Filter::default()).await,
        Err(missing)
    );
    assert_eq!(store.collections().await.unwrap(), []);
    store.drop_collection("theirs").await.unwrap();
    server
        .double
        .look("theirs", |collection| assert!(collection.points.is_empty()));
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let (server, store) = filled().await;
    for (code, expected) in [
        (Code::Unauthenticated, StoreError::Refused),
        (Code::PermissionDenied, StoreError::Refused),
        (
            Code::NotFound,
            StoreError::NoCollection("lessons".to_owned()),
        ),
        (Code::DeadlineExceeded, StoreError::Unavailable),
        (Code::ResourceExhausted, StoreError::Unavailable),
        (Code::Aborted, StoreError::Unavailable),
        (Code::DataLoss, StoreError::Damaged("Qdrant".to_owned())),
    ] {
        store.search("lessons", &query("страх")).await.unwrap();
        server.double.fail(&[Fault::Code(code)]);
        let error = store.search("lessons", &query("страх")).await.unwrap_err();
        assert_eq!(error, expected, "{code:?}");
    }
    for code in [Code::InvalidArgument, Code::Unimplemented] {
        store.search("lessons", &query("страх")).await.unwrap();
        server.double.fail(&[Fault::Code(code)]);
        let error = store.search("lessons", &query("страх")).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{code:?}: {error}");
    }
}

#[tokio::test]
async fn a_fault_that_passes_is_not_noticed() {
    let (server, store) = filled().await;
    for code in [Code::Unavailable, Code::Internal, Code::Unknown] {
        server.double.fail(&[Fault::Code(code)]);
        assert_eq!(
            store
                .search("lessons", &query("страх"))
                .await
                .unwrap()
                .len(),
            1
        );
    }
    server.double.fail(&[
        Fault::Code(Code::Unavailable),
        Fault::Code(Code::Unavailable),
    ]);
    let error = store.search("lessons", &query("страх")).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
}

#[tokio::test]
async fn a_server_that_hangs_or_is_not_there_is_given_up_in_time() {
    let (server, _) = filled().await;
    let store = store_of_patience(&server, Duration::from_secs(1));
    store.search("lessons", &query("страх")).await.unwrap();
    server.double.fail(&[Fault::Hang, Fault::Hang]);
    let began = Instant::now();
    let error = store.search("lessons", &query("страх")).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(
        store
            .search("lessons", &query("страх"))
            .await
            .unwrap()
            .len(),
        1
    );

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let nobody = QdrantStore::new(&QdrantOptions::new(address)).unwrap();
    assert_eq!(nobody.collections().await, Err(StoreError::Unavailable));
}

#[tokio::test]
async fn the_wrong_key_is_told_and_none_is_shown() {
    let server = serve().await;
    for options in [
        QdrantOptions::new(&server.host).with_key("another"),
        QdrantOptions::new(&server.host),
    ] {
        let store = QdrantStore::new(&options).unwrap();
        assert_eq!(store.collections().await, Err(StoreError::Refused));
        assert_eq!(
            store.setup(&spec("lessons")).await,
            Err(StoreError::Refused)
        );
    }
    let options = QdrantOptions::new(&server.host).with_key(KEY);
    assert!(!format!("{options:?} {:?}", store(&server)).contains("secret"));
    for key in ["", "a\nb", "ключ"] {
        let refused = QdrantStore::new(&options.clone().with_key(key));
        assert_eq!(refused.map(|_| ()), Err(StoreError::Refused), "{key:?}");
    }
    let nowhere = QdrantStore::new(&QdrantOptions::new("a b"));
    assert!(matches!(nowhere.map(|_| ()), Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn a_set_up_that_was_cut_short_is_finished_by_the_next() {
    let server = serve().await;
    let store = store(&server);
    // The collection is made, its index is not.
    let passing = Fault::Code(Code::DeadlineExceeded);
    server.double.fail_call("create_field_index", passing);
    assert_eq!(
        store.setup(&spec("lessons")).await,
        Err(StoreError::Unavailable)
    );
    store.setup(&spec("lessons")).await.unwrap();
    store
        .upsert("lessons", vec![point(1, "страх")])
        .await
        .unwrap();
    let filter = Filter {
        must: vec![Condition::Is("title".to_owned(), "x".to_owned())],
    };
    assert_eq!(store.scroll("lessons", &filter, None, 5).await.unwrap(), []);
}
