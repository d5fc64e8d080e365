use super::*;
use crate::{
    embedding::EmbedError,
    memory::{ExtractError, Recollection},
    testing::{MemoryStore, memory_conformance},
};
use proptest::prelude::*;

fn said(user: impl Into<String>) -> Exchange {
    Exchange {
        user: user.into(),
        agent: "Хорошо.".into(),
        ..Exchange::default()
    }
}

async fn memory() -> (Arc<MemoryStore>, StoreMemory) {
    let store = Arc::new(MemoryStore::default());
    let memory = StoreMemory::open(store.clone(), None).await.unwrap();
    (store, memory)
}

fn texts(found: Vec<Recollection>) -> Vec<String> {
    found.into_iter().map(|it| it.text).collect()
}

/// The number of letters as an angle.
struct Length;

#[async_trait]
impl Embedder for Length {
    fn model(&self) -> &str {
        "length"
    }

    fn dimension(&self) -> usize {
        2
    }

    async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if texts.iter().any(|text| text.contains("сломайся")) {
            return Err(EmbedError::Unavailable);
        }
        let angle = |text: &String| (text.chars().count() as f32 / 100.0).min(1.5);
        let unit = |angle: f32| vec![angle.cos(), angle.sin()];
        Ok(texts.iter().map(angle).map(unit).collect())
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let (store, memory) = memory().await;
    memory_conformance(&memory).await;
    assert_eq!(store.points(COLLECTION), []);
}

#[tokio::test]
async fn it_keeps_the_contract_with_vectors_too() {
    let store = Arc::new(MemoryStore::default());
    let memory = StoreMemory::open(store.clone(), Some(Arc::new(Length)));
    memory_conformance(&memory.await.unwrap()).await;
    let other = StoreMemory::open(store, None).await;
    assert!(matches!(other, Err(StoreError::Mismatch { .. })));
}

#[tokio::test]
async fn what_has_no_vector_is_found_by_its_words() {
    let store = Arc::new(MemoryStore::default());
    let memory = StoreMemory::open(store, Some(Arc::new(Length)));
    let memory = memory.await.unwrap();
    let user = UserId::new("alex");
    memory
        .remember(&user, &said("тильт, сломайся"))
        .await
        .unwrap();
    for query in ["тильт", "тильт сломайся"] {
        let found = memory.recall(&user, query, 5).await.unwrap();
        assert_eq!(texts(found), ["тильт, сломайся — Хорошо."]);
    }
}

#[tokio::test]
async fn what_is_forgotten_is_no_longer_in_the_store() {
    let (store, memory) = memory().await;
    let (alex, olga) = (UserId::new("alex"), UserId::new("olga"));
    for user in [&alex, &olga] {
        memory
            .remember(user, &said("Меня зовут Саша"))
            .await
            .unwrap();
    }
    memory.forget(&alex).await.unwrap();
    let key = Owner::new(&olga).key;
    let left = store.points(COLLECTION);
    assert!(
        left.iter()
            .all(|point| point.payload["user"] == key.as_str())
    );
    assert_eq!(left.len(), 2);
    store.fail_after(0);
    assert_eq!(memory.forget(&olga).await, Err(MemoryError::Unavailable));
    let refused = memory.remember(&olga, &said("Меня зовут Оля")).await;
    assert_eq!(refused, Err(MemoryError::Unavailable));
}

#[tokio::test]
async fn a_store_that_mixes_people_up_is_not_believed() {
    let (store, memory) = memory().await;
    let (alex, olga) = (UserId::new("alex"), UserId::new("olga"));
    memory
        .remember(&alex, &said("Меня зовут Саша"))
        .await
        .unwrap();
    let owner = Owner::new(&olga);
    for point in store.points(COLLECTION) {
        assert_eq!(owner.entry(&point), Ok(None));
    }
    let mut point = store.points(COLLECTION).remove(0);
    point.payload["entry"] = "{".into();
    assert_eq!(Owner::new(&alex).entry(&point), Err(damaged()));
}

#[tokio::test]
async fn what_files_remember_is_taken_over_once_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileMemory::open(folder.path()).await.unwrap();
    let user = UserId::new("alex");
    files
        .remember(&user, &said("Меня зовут Алекс"))
        .await
        .unwrap();
    files
        .remember(&user, &said("вчера поймал тильт"))
        .await
        .unwrap();
    let (store, memory) = memory().await;
    let memory = memory.taking_over(&files);
    store.fail_after(0);
    assert_eq!(memory.known(&user).await, Err(MemoryError::Unavailable));
    store.recover();
    assert_eq!(
        files.known(&user).await.unwrap().len(),
        1,
        "it is still there"
    );
    let found = memory.recall(&user, "тильт", 5).await.unwrap();
    assert_eq!(texts(found), ["Алекс", "вчера поймал тильт — Хорошо."]);
    assert_eq!(files.known(&user).await.unwrap(), []);
    let other = UserId::new("other");
    files
        .remember(&other, &said("Меня зовут Олег"))
        .await
        .unwrap();
    memory.forget(&other).await.unwrap();
    assert_eq!(files.known(&other).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_side_by_side_lose_nothing() {
    let store = Arc::new(MemoryStore::default());
    let user = UserId::new("alex");
    let mut sessions = tokio::task::JoinSet::new();
    for session in 0..6 {
        // Each with locks of its own, as in another process.
        let memory = StoreMemory::open(store.clone(), None).await.unwrap();
        let user = user.clone();
        sessions.spawn(async move {
            for n in 0..5 {
                let words = format!("Запомни, что сделка номер{session}x{n}.");
                memory.remember(&user, &said(words)).await.unwrap();
            }
        });
    }
    while let Some(done) = sessions.join_next().await {
        done.unwrap();
    }
    let memory = StoreMemory::open(store, None).await.unwrap();
    assert_eq!(memory.known(&user).await.unwrap().len(), 30);
}

/// Answers what it is told to.
struct Scripted(Result<super::super::Digest, ExtractError>);

#[async_trait]
impl Extractor for Scripted {
    async fn digest(&self, _: &[String]) -> Result<super::super::Digest, ExtractError> {
        self.0.clone()
    }
}

#[tokio::test]
async fn a_model_reads_what_is_over_and_rules_do_where_it_cannot() {
    let origin = Origin {
        host: Some("voice".into()),
        conversation: Some("1".into()),
        at: None,
    };
    let user = UserId::new("alex");
    for (answer, expected) in [
        (
            Ok(super::super::Digest {
                findings: Vec::new(),
                summary: Some("О тильте.".into()),
            }),
            "О тильте.",
        ),
        (
            Err(ExtractError::Unavailable),
            "Темы: вчера, поймал, тильт.",
        ),
    ] {
        let (_, memory) = memory().await;
        let memory = memory.extractor(Arc::new(Scripted(answer)));
        let exchange = Exchange {
            origin: origin.clone(),
            ..said("вчера поймал тильт")
        };
        memory.remember(&user, &exchange).await.unwrap();
        memory.conclude(&user, &origin).await.unwrap();
        assert_eq!(texts(memory.known(&user).await.unwrap()), [expected]);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Tell(usize),
    Forget(usize),
    ForgetNotes(usize),
    Ask(usize),
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    let odd = prop::sample::select(vec![
        "", "a", "a/", "a/b", "A", "é", "e\u{301}", "%", "_", "a%", "\0",
    ]);
    let id = prop_oneof![".{0,12}", odd.prop_map(str::to_owned)];
    prop::collection::hash_set(id, 2..5).prop_map(|ids| ids.into_iter().collect())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..5_usize).prop_map(Step::Tell),
        1 => (0..5_usize).prop_map(Step::Forget),
        1 => (0..5_usize).prop_map(Step::ForgetNotes),
        2 => (0..5_usize).prop_map(Step::Ask),
    ];
    prop::collection::vec(step, 1..25)
}

/// Whatever people do in turn, each sees their own words only, and all of them.
async fn nobody_sees_another(memory: &dyn Memory, ids: &[String], steps: &[Step]) {
    let mut told = vec![HashSet::new(); ids.len()];
    for (step, n) in steps.iter().zip(0..) {
        let (Step::Tell(who) | Step::Forget(who) | Step::ForgetNotes(who) | Step::Ask(who)) = step;
        let who = who % ids.len();
        let user = UserId::new(ids[who].as_str());
        match step {
            Step::Tell(_) => {
                let secret = format!("тайна{who}номер{n}");
                let words = format!("Запомни, что {secret} моя");
                memory.remember(&user, &said(words)).await.unwrap();
                told[who].insert(secret);
            }
            Step::Forget(_) => {
                memory.forget(&user).await.unwrap();
                told[who].clear();
            }
            Step::ForgetNotes(_) => {
                memory.forget_kind(&user, "note").await.unwrap();
                told[who].clear();
            }
            Step::Ask(_) => {}
        }
        let all = memory.known(&user).await.unwrap();
        let query = format!("тайна{}номер{n} моя", (who + 1) % ids.len());
        let found = memory.recall(&user, &query, 100).await.unwrap();
        let seen = all.iter().chain(&found).flat_map(|it| {
            let words = it.text.split(|c: char| !c.is_alphanumeric());
            words
                .filter(|word| word.starts_with("тайна"))
                .map(str::to_owned)
        });
        let seen: HashSet<_> = seen.collect();
        assert_eq!(seen, told[who], "{:?} after {step:?}", ids[who]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_user_never_reads_anothers_memory(ids in ids(), steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (_, in_store) = memory().await;
            nobody_sees_another(&in_store, &ids, &steps).await;
            let folder = tempfile::tempdir().unwrap();
            let in_files = FileMemory::open(folder.path()).await.unwrap();
            nobody_sees_another(&in_files, &ids, &steps).await;
        });
    }
}
// For sfera-agent/src/memory/store/tests.rs, once `SqliteStore` is on the same branch.
#[cfg(feature = "store-sqlite")]
mod in_sqlite {
    use super::*;
    use crate::store::SqliteStore;

    #[tokio::test]
    async fn it_keeps_the_contract_and_what_is_forgotten_is_gone_from_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let store = Arc::new(SqliteStore::open(&file).await.unwrap());
        let memory = StoreMemory::open(store, None).await.unwrap();
        memory_conformance(&memory).await;
        let user = UserId::new("alex");
        memory
            .remember(&user, &said("Меня зовут Навуходоносор"))
            .await
            .unwrap();
        let on_disk = || {
            let files = std::fs::read_dir(folder.path()).unwrap();
            let all = files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
            let all: Vec<u8> = all.collect();
            let name = "навуходоносор".as_bytes();
            let large = "Навуходоносор".as_bytes();
            all.windows(name.len())
                .any(|bytes| bytes == name || bytes == large)
        };
        assert!(on_disk());
        memory.forget(&user).await.unwrap();
        assert!(!on_disk());
    }
}
