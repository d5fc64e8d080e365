//! fastembed over ONNX Runtime, with a model of toy size (`data/toy_onnx`: a table of 18 words).

#![cfg(all(feature = "embed-fastembed", feature = "models", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sfera_agent::{
    embedding::{EmbedError, Embedder, FastEmbedder, FastEmbedderOptions, TextKind},
    models::Models,
    testing::embedder_conformance,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/toy_onnx")
}

/// ONNX Runtime, pulled if it is not there: 24 MB from the package index.
async fn library() -> PathBuf {
    let models = Models::open(None).unwrap();
    let path = models.pull("onnxruntime", &|_| {}).await;
    path.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn full_fastembed_runs_a_model_from_a_folder() {
    let library = library().await;
    let load = |options| FastEmbedder::load(&folder(), &library, options);
    let embedder = load(FastEmbedderOptions::new("toy")).unwrap();
    assert_eq!((embedder.model(), embedder.dimension()), ("toy", 8));
    embedder_conformance(&embedder).await;

    // What numpy says the mean of [CLS] риск на сделку [SEP] is.
    let expected = [
        -0.405518, 0.091842, -0.574356, -0.565189, -0.073589, -0.031252, -0.407562, 0.072785,
    ];
    let text = ["Риск на сделку".to_owned()];
    let vectors = embedder.embed(TextKind::Passage, &text).await.unwrap();
    assert!(near(&vectors[0], &expected), "{vectors:?}");

    let prefixed = FastEmbedderOptions {
        query_prefix: "query: ".into(),
        ..FastEmbedderOptions::new("toy")
    };
    let vectors = load(prefixed)
        .unwrap()
        .embed(TextKind::Query, &text)
        .await
        .unwrap();
    assert!(!near(&vectors[0], &expected), "the prefix is read");
    let first = FastEmbedderOptions {
        first_token: true,
        ..FastEmbedderOptions::new("toy")
    };
    let texts = [text[0].clone(), "тильт".to_owned()];
    let vectors = load(first)
        .unwrap()
        .embed(TextKind::Query, &texts)
        .await
        .unwrap();
    assert!(
        near(&vectors[0], &vectors[1]),
        "the first token is the same in all texts"
    );

    what_is_missing_is_named(&library);
}

fn what_is_missing_is_named(library: &Path) {
    let dir = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
    }
    let refused = |name: &str| {
        let loaded = FastEmbedder::load(dir.path(), library, FastEmbedderOptions::new("toy"));
        let Err(EmbedError::Model(named)) = loaded else {
            panic!("{loaded:?}")
        };
        assert!(named.ends_with(name), "{named}");
    };
    let folder_name = dir.path().file_name().unwrap().to_str().unwrap();
    fs::write(dir.path().join("model.onnx"), "no model").unwrap();
    refused(folder_name);
    fs::remove_file(dir.path().join("model.onnx")).unwrap();
    refused("model.onnx");
    fs::create_dir(dir.path().join("onnx")).unwrap();
    fs::copy(
        folder().join("model.onnx"),
        dir.path().join("onnx/model.onnx"),
    )
    .unwrap();
    fs::remove_file(dir.path().join("config.json")).unwrap();
    refused("config.json");
}

#[test]
fn a_library_that_is_none_is_named() {
    let library = folder().join("tokenizer.json");
    let loaded = FastEmbedder::load(&folder(), &library, FastEmbedderOptions::new("toy"));
    let named = EmbedError::Model(library.display().to_string());
    assert_eq!(loaded.map(|_| ()), Err(named));
}

fn near(left: &[f32], right: &[f32]) -> bool {
    left.iter().zip(right).all(|(l, r)| (l - r).abs() < 1e-4)
}
