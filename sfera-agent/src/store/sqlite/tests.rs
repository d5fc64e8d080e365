use super::*;
use crate::{
    store::{Condition, DenseSpec},
    testing::store_conformance,
};
use proptest::prelude::*;
use serde_json::Map;
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

const NAME: &str = "notes";

fn spec(dimension: usize) -> CollectionSpec {
    CollectionSpec {
        name: NAME.to_owned(),
        language: None,
        dense: Some(DenseSpec {
            model: "test".to_owned(),
            dimension,
        }),
    }
}

fn point(n: u128, text: &str) -> Point {
    Point {
        id: Uuid::from_u128(n),
        text: text.to_owned(),
        dense: None,
        payload: Map::new(),
    }
}

fn by_words(text: &str) -> Query {
    Query {
        text: Some(text.to_owned()),
        limit: 10,
        ..Query::default()
    }
}

async fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("new/store.db"))
        .await
        .unwrap();
    store.setup(&spec(2)).await.unwrap();
    (folder, store)
}

async fn best(store: &SqliteStore, text: &str) -> Option<u128> {
    let hits = store.search(NAME, &by_words(text)).await.unwrap();
    hits.first().map(|hit| hit.point.id.as_u128())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let (_folder, store) = store().await;
    store_conformance(&store, &store).await;
    let other = SqliteStore::open(store.path()).await.unwrap();
    store_conformance(&store, &other).await;
    // What is not the suite's is left alone.
    assert_eq!(store.collections().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_kept_is_there_after_opening_again() {
    let (_folder, store) = store().await;
    store
        .upsert(NAME, vec![point(1, "Страх потери")])
        .await
        .unwrap();
    let file = store.path().to_owned();
    drop(store);
    let store = SqliteStore::open(file).await.unwrap();
    assert_eq!(best(&store, "страх").await, Some(1));
}

#[tokio::test]
async fn misspelt_and_spoken_words_are_found() {
    let (_folder, store) = store().await;
    let texts = [
        "Мартингейл опасен",
        "Скользящий стоп",
        "Акции GameStop выросли",
        "Индекс S&P 500",
        "Фонд LQDT",
        "Дивиденды за 2023 год",
        "Маржин-колл",
    ];
    let points = (1..).zip(texts).map(|(n, text)| point(n, text));
    store.upsert(NAME, points.collect()).await.unwrap();
    for (question, n) in [
        ("мартенгейл", 1),
        ("скользяший стоп", 2),
        ("акции гейм стоп", 3),
        ("gamestpo", 3),
        ("эс пэ пятьсот", 4),
        ("эл кью дэ тэ", 5),
        ("за две тысячи двадцать третий", 6),
        ("за двадцать третий год", 6),
        ("маржинкол", 7),
    ] {
        assert_eq!(best(&store, question).await, Some(n), "{question}");
    }
    // Another number is another number.
    assert_eq!(best(&store, "2024").await, None);
    // Words that came later are known too.
    store
        .upsert(NAME, vec![point(9, "Психология")])
        .await
        .unwrap();
    assert_eq!(best(&store, "психалогия").await, Some(9));
    let gone = Filter {
        must: vec![Condition::Ids(vec![Uuid::from_u128(9)])],
    };
    store.delete(NAME, &gone).await.unwrap();
    assert_eq!(best(&store, "психалогия").await, None);
}

/// Everything that the store has on the disk.
fn on_disk(store: &SqliteStore) -> Vec<u8> {
    let folder = store.path().parent().unwrap();
    let files = fs::read_dir(folder).unwrap();
    files
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[tokio::test]
async fn deleted_bytes_are_gone_from_the_disk() {
    let (_folder, store) = store().await;
    let long = "Шифрограмма ".repeat(40);
    let points = (0..200).map(|n| {
        let mut one = point(n, &format!("Обычная запись о ксилофоне, номер {n}"));
        if n == 77 {
            one.text = format!("Ксенофонт{} живёт в Кыштыме", " и прочее".repeat(900));
            one.payload.insert("city".into(), "Кыштым-город".into());
            one.payload.insert("long".into(), long.clone().into());
            one.dense = Some(vec![0.6, 0.8]);
        }
        one
    });
    store.upsert(NAME, points.collect()).await.unwrap();
    let vector = vectors::stored(&[0.6, 0.8]);
    let secrets = [
        "Ксенофонт",
        "ксенофонт",
        "кыштым",
        "Кыштым-город",
        "Шифрограмма",
        "шифрограмм",
    ];
    let before = on_disk(&store);
    for secret in &secrets[..5] {
        assert!(holds(&before, secret.as_bytes()), "{secret}");
    }
    assert!(holds(&before, &vector));
    let city = Condition::Is("city".to_owned(), "Кыштым-город".to_owned());
    store
        .delete(NAME, &Filter { must: vec![city] })
        .await
        .unwrap();
    let after = on_disk(&store);
    for secret in secrets {
        assert!(!holds(&after, secret.as_bytes()), "{secret}");
    }
    assert!(!holds(&after, &vector));
    assert!(holds(&after, "Обычная".as_bytes()));
    assert_eq!(store.collections().await.unwrap()[0].points, 199);

    store.drop_collection(NAME).await.unwrap();
    let dropped = on_disk(&store);
    for gone in ["Обычная", "ксилофон", NAME] {
        assert!(!holds(&dropped, gone.as_bytes()), "{gone}");
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "no database at all ".repeat(100)).unwrap();
    let tables = folder.path().join("theirs.db");
    let other = Connection::open(&tables).unwrap();
    other
        .execute_batch("CREATE TABLE theirs (id INTEGER)")
        .unwrap();
    drop(other);
    for file in [notes, tables] {
        let before = fs::read(&file).unwrap();
        let foreign = StoreError::Foreign(file.display().to_string());
        assert_eq!(SqliteStore::open(&file).await.unwrap_err(), foreign);
        assert_eq!(fs::read(&file).unwrap(), before, "{file:?}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let damaged = StoreError::Damaged(file.display().to_string());
    let store = SqliteStore::open(&file).await.unwrap();
    store.setup(&spec(2)).await.unwrap();
    let points = (0..300).map(|n| point(n, "Страх потери и жадность"));
    store.upsert(NAME, points.collect()).await.unwrap();
    store
        .delete(
            NAME,
            &Filter {
                must: vec![Condition::Ids(vec![])],
            },
        )
        .await
        .unwrap();
    drop(store);
    let mut bytes = fs::read(&file).unwrap();
    for page in bytes.chunks_mut(4_096).skip(1) {
        page[..64].fill(0xa5);
    }
    fs::write(&file, bytes).unwrap();
    let error = match SqliteStore::open(&file).await {
        Ok(store) => store.search(NAME, &by_words("страх")).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error, damaged);
}

#[tokio::test]
async fn a_newer_file_is_refused() {
    let (_folder, store) = store().await;
    let file = store.path().to_owned();
    drop(store);
    let raw = Connection::open(&file).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert_eq!(error, StoreError::Newer(file.display().to_string()));
}

#[tokio::test]
async fn words_of_an_older_version_are_refused_until_they_are_renewed() {
    let (_folder, store) = store().await;
    store
        .upsert(NAME, vec![point(1, "Страх потери")])
        .await
        .unwrap();
    let raw = Connection::open(store.path()).unwrap();
    raw.execute_batch("UPDATE collection SET terms = 0; DELETE FROM words_1; DELETE FROM term")
        .unwrap();
    let error = store.search(NAME, &by_words("страх")).await.unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
    let error = store
        .upsert(NAME, vec![point(2, "Жадность")])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
    store.setup(&spec(2)).await.unwrap();
    assert_eq!(best(&store, "страх").await, Some(1));
    raw.execute_batch("UPDATE collection SET terms = 99")
        .unwrap();
    let error = store.setup(&spec(2)).await.unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
}

#[tokio::test]
async fn a_locked_file_is_waited_for_and_then_not_available() {
    let (_folder, store) = store().await;
    let hurried = SqliteStore::open_patient(store.path().to_owned(), Duration::from_millis(50))
        .await
        .unwrap();
    let mut raw = Connection::open(store.path()).unwrap();
    let lock = raw.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
    let lock = lock.unwrap();
    let error = hurried
        .upsert(NAME, vec![point(1, "Страх")])
        .await
        .unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
    // Who only reads need not wait.
    assert_eq!(best(&hurried, "страх").await, None);
    lock.rollback().unwrap();
    hurried.upsert(NAME, vec![point(1, "Страх")]).await.unwrap();
    assert_eq!(best(&store, "страх").await, Some(1));
}

#[tokio::test]
async fn a_full_disk_takes_nothing_of_a_call() {
    let (_folder, store) = store().await;
    store.upsert(NAME, vec![point(1, "Страх")]).await.unwrap();
    let limit = |pages: i64| {
        store.run(Use::Write, move |db, _| {
            let set = db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()));
            Ok(set?)
        })
    };
    limit(1).await.unwrap();
    let many = (2..500).map(|n| point(n, &"Жадность ".repeat(50)));
    let error = store.upsert(NAME, many.collect()).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
    assert_eq!(best(&store, "страх").await, Some(1));
    assert_eq!(best(&store, "жадность").await, None);
    assert_eq!(store.collections().await.unwrap()[0].points, 1);
    store
        .upsert(NAME, vec![point(2, "Жадность")])
        .await
        .unwrap();
    assert_eq!(best(&store, "жадность").await, Some(2));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it_and_a_missing_place_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = store().await;
    store.upsert(NAME, vec![point(1, "Страх")]).await.unwrap();
    for file in fs::read_dir(store.path().parent().unwrap()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let nowhere = folder.path().join("file/store.db");
    let error = SqliteStore::open(nowhere).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
}

/// What is done to a store.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8, Option<(i8, i8)>),
    Delete(u8),
    DeleteKind(u8),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let vector = prop::option::of((-9_i8..9, 1_i8..9));
    prop_oneof![
        4 => (0_u8..12, 0_u8..3, vector).prop_map(|(n, kind, vector)| Step::Put(n, kind, vector)),
        2 => (0_u8..12).prop_map(Step::Delete),
        1 => (0_u8..3).prop_map(Step::DeleteKind),
        2 => Just(Step::Look),
    ]
}

fn made(n: u8, kind: u8, vector: Option<(i8, i8)>) -> Point {
    let words = ["страх", "жадность", "дневник"];
    let mut point = point(u128::from(n), words[usize::from(kind) % 3]);
    point.payload.insert("kind".into(), u64::from(kind).into());
    point.dense = vector.map(|(x, y)| {
        let (x, y) = (f32::from(x), f32::from(y));
        vec![x / x.hypot(y), y / x.hypot(y)]
    });
    point
}

async fn play(steps: Vec<(bool, Step)>) {
    let (_folder, left) = store().await;
    let right = SqliteStore::open(left.path()).await.unwrap();
    let mut model = BTreeMap::<u8, (u8, Option<(i8, i8)>)>::new();
    for (is_left, step) in steps {
        let store = if is_left { &left } else { &right };
        match step {
            Step::Put(n, kind, vector) => {
                store
                    .upsert(NAME, vec![made(n, kind, vector)])
                    .await
                    .unwrap();
                model.insert(n, (kind, vector));
            }
            Step::Delete(n) => {
                let ids = Condition::Ids(vec![Uuid::from_u128(u128::from(n))]);
                store
                    .delete(NAME, &Filter { must: vec![ids] })
                    .await
                    .unwrap();
                model.remove(&n);
            }
            Step::DeleteKind(kind) => {
                let of_kind = i64::from(kind);
                let kinds = Condition::Between("kind".to_owned(), of_kind, of_kind);
                store
                    .delete(NAME, &Filter { must: vec![kinds] })
                    .await
                    .unwrap();
                model.retain(|_, (k, _)| *k != kind);
            }
            Step::Look => look(store, &model).await,
        }
    }
    look(&left, &model).await;
    look(&right, &model).await;
}

/// What a point is to be: which kind of text, and where its vector points.
type Made = (u8, Option<(i8, i8)>);

async fn look(store: &SqliteStore, model: &BTreeMap<u8, Made>) {
    let read = store
        .scroll(NAME, &Filter::default(), None, 100)
        .await
        .unwrap();
    let expected = model.iter().map(|(n, (kind, _))| made(*n, *kind, None));
    assert_eq!(read, expected.collect::<Vec<_>>());
    let query = vec![0.6, 0.8];
    let meaning = Query {
        dense: Some(query.clone()),
        limit: 100,
        ..Query::default()
    };
    let hits = store.search(NAME, &meaning).await.unwrap();
    let with_vector = model.iter().filter(|(_, (_, vector))| vector.is_some());
    assert_eq!(hits.len(), with_vector.count());
    for hit in hits {
        let n = hit.point.id.as_u128() as u8;
        let vector = made(n, model[&n].0, model[&n].1).dense.unwrap();
        let cosine = vector[0] * query[0] + vector[1] * query[1];
        assert!((hit.score - cosine).abs() < 1e-4, "{} {cosine}", hit.score);
    }
    for (kind, word) in (0..).zip(["страх", "жадность", "дневник"]) {
        let mut query = by_words(word);
        query.limit = 100;
        let hits = store.search(NAME, &query).await.unwrap();
        let of_kind = model.values().filter(|(k, _)| *k == kind).count();
        assert_eq!(hits.len(), of_kind, "{word}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn two_doors_show_what_was_done_through_either(
        steps in prop::collection::vec((any::<bool>(), step()), 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}
