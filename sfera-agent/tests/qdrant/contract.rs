//! The contract of every store, over the double and over a real server.

use crate::{serve, store};
use sfera_agent::{
    store::{QdrantOptions, QdrantStore},
    testing::store_conformance,
};

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = serve().await;
    store_conformance(&store(&server), &store(&server)).await;
}

/// Ignored where `QDRANT_HOST` names no server; its collections `conformance-…` are made and dropped.
#[tokio::test]
async fn full_a_real_server_keeps_the_contract() {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (host, key) = (value("QDRANT_HOST"), value("QDRANT_API_KEY"));
    let options = QdrantOptions::of_environment(|name| match name {
        "QDRANT_HOST" => host.as_deref(),
        _ => key.as_deref(),
    });
    let Some(options) = options else {
        println!("skipped: QDRANT_HOST names no server");
        return;
    };
    let store = QdrantStore::new(&options).unwrap();
    let other = QdrantStore::new(&options).unwrap();
    store_conformance(&store, &other).await;
}
