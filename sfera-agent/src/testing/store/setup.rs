//! Collections: made, listed, refused, dropped.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]

use super::{by_words, point, spec};
use crate::{
    Language,
    store::{CollectionSpec, CollectionStatus, DenseSpec, Filter, Store, StoreError},
};

pub(super) async fn check(store: &dyn Store, other: &dyn Store) {
    twice_is_once(store, other).await;
    another_model_or_language_is_refused(store).await;
    odd_names_are_refused(store).await;
    what_is_not_there_is_named(store).await;
}

async fn listed(store: &dyn Store, name: &str) -> Option<CollectionStatus> {
    let all = store.collections().await.unwrap();
    assert!(
        all.is_sorted_by(|a, b| a.spec.name < b.spec.name),
        "collections come by name"
    );
    let found = all.into_iter().find(|status| status.spec.name == name);
    assert_eq!(
        store.collection(name).await.unwrap(),
        found,
        "one by itself is as in the list"
    );
    found
}

async fn twice_is_once(store: &dyn Store, other: &dyn Store) {
    let spec = spec("setup");
    store.setup(&spec).await.unwrap();
    store
        .upsert(&spec.name, vec![point(1, "Страх.")])
        .await
        .unwrap();
    store.setup(&spec).await.unwrap();
    other.setup(&spec).await.unwrap();
    let status = CollectionStatus {
        spec: spec.clone(),
        points: 1,
    };
    assert_eq!(listed(store, &spec.name).await, Some(status.clone()));
    assert_eq!(listed(other, &spec.name).await, Some(status));

    store.drop_collection(&spec.name).await.unwrap();
    store.drop_collection(&spec.name).await.unwrap();
    assert_eq!(listed(other, &spec.name).await, None);
    store.setup(&spec).await.unwrap();
    assert_eq!(listed(store, &spec.name).await.map(|s| s.points), Some(0));
    store.drop_collection(&spec.name).await.unwrap();
}

async fn another_model_or_language_is_refused(store: &dyn Store) {
    let made = spec("mismatch");
    store.setup(&made).await.unwrap();
    let dense = |model: &str, dimension| {
        Some(DenseSpec {
            model: model.to_owned(),
            dimension,
        })
    };
    let others = [
        CollectionSpec {
            dense: dense("another", 4),
            ..made.clone()
        },
        CollectionSpec {
            dense: dense("axes", 8),
            ..made.clone()
        },
        CollectionSpec {
            dense: None,
            ..made.clone()
        },
        CollectionSpec {
            language: Some(Language::Ru),
            ..made.clone()
        },
    ];
    for other in others {
        let error = store.setup(&other).await.unwrap_err();
        let StoreError::Mismatch {
            collection,
            has,
            wants,
        } = error
        else {
            unreachable!("{other:?} is refused with {error:?}");
        };
        assert_eq!(collection, made.name);
        assert_ne!(has, wants, "the sentence says what differs");
    }
    assert_eq!(
        listed(store, &made.name).await.map(|s| s.spec),
        Some(made.clone())
    );
    store.drop_collection(&made.name).await.unwrap();
}

async fn odd_names_are_refused(store: &dyn Store) {
    for name in [
        "",
        "Уроки",
        "a b",
        "a/b",
        "A",
        "a\"; --",
        ".a",
        "a.",
        "a.b.c",
        &"a".repeat(65),
    ] {
        let odd = CollectionSpec {
            name: name.to_owned(),
            ..spec("odd")
        };
        let error = store.setup(&odd).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{name:?}: {error}");
    }
    let empty = CollectionSpec {
        dense: Some(DenseSpec {
            model: "axes".to_owned(),
            dimension: 0,
        }),
        ..spec("odd")
    };
    let error = store.setup(&empty).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    let longest = CollectionSpec {
        name: format!("conformance-{}", "z".repeat(52)),
        ..spec("odd")
    };
    let part = CollectionSpec {
        name: format!("{}.questions", longest.name),
        ..longest.clone()
    };
    for spec in [longest, part] {
        store.setup(&spec).await.unwrap();
        store.drop_collection(&spec.name).await.unwrap();
    }
}

async fn what_is_not_there_is_named(store: &dyn Store) {
    let name = "conformance-nowhere";
    let all = Filter::default();
    let missing = StoreError::NoCollection(name.to_owned());
    let upserted = store.upsert(name, vec![point(1, "Страх.")]).await;
    assert_eq!(upserted.unwrap_err(), missing);
    assert_eq!(store.delete(name, &all).await.unwrap_err(), missing);
    let scrolled = store.scroll(name, &all, None, 1).await;
    assert_eq!(scrolled.unwrap_err(), missing);
    let searched = store.search(name, &by_words("страх")).await;
    assert_eq!(searched.unwrap_err(), missing);
    store.drop_collection(name).await.unwrap();
}
