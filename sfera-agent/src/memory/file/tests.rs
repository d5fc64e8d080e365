use super::*;
use crate::testing::memory_conformance;

fn said(user: impl Into<String>) -> Exchange {
    Exchange {
        user: user.into(),
        agent: "Хорошо.".into(),
        ..Exchange::default()
    }
}

async fn texts(memory: &FileMemory, user: &UserId, query: &str) -> Vec<String> {
    let found = memory.recall(user, query, 1_000).await.unwrap();
    found.into_iter().map(|r| r.text).collect()
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(folder.path().join("new/deep"))
        .await
        .unwrap();
    memory_conformance(&memory).await;
}

#[tokio::test]
async fn another_process_that_opens_the_folder_later_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let user = UserId::new("alex");
    let memory = FileMemory::open(folder.path()).await.unwrap();
    memory
        .remember(&user, &said("Меня зовут Алекс"))
        .await
        .unwrap();
    let memory = FileMemory::open(folder.path()).await.unwrap();
    assert_eq!(texts(&memory, &user, "").await, ["Алекс"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_one_person_side_by_side_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let user = UserId::new("alex");
    let mut sessions = tokio::task::JoinSet::new();
    for session in 0..8 {
        let memory = FileMemory::open(folder.path()).await.unwrap();
        let user = user.clone();
        sessions.spawn(async move {
            for n in 0..5 {
                let exchange = said(format!("сделка номер{session}x{n}"));
                memory.remember(&user, &exchange).await.unwrap();
            }
        });
    }
    while let Some(done) = sessions.join_next().await {
        done.unwrap();
    }
    let memory = FileMemory::open(folder.path()).await.unwrap();
    let memory = memory.limits(Limits {
        recall_tokens: 10_000,
        ..Limits::default()
    });
    assert_eq!(texts(&memory, &user, "сделка").await.len(), 40);
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(folder.path()).await.unwrap();
    let user = UserId::new("alex");
    memory
        .remember(&user, &said("Меня зовут Алекс"))
        .await
        .unwrap();
    let file = memory.files().place(&user).file;
    let whole = fs::read(&file).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"", b"\xff\xfe", b"{}"] {
        fs::write(&file, damaged).unwrap();
        let expected = MemoryError::Damaged(file.display().to_string());
        assert_eq!(memory.recall(&user, "", 5).await, Err(expected.clone()));
        assert_eq!(memory.remember(&user, &said("x")).await, Err(expected));
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    let other = UserId::new("other");
    memory
        .remember(&other, &said("Меня зовут Ольга"))
        .await
        .unwrap();
    memory.forget(&user).await.unwrap();
    assert_eq!(texts(&memory, &user, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_leftover_of_a_crash_does_no_harm_and_is_forgotten_too() {
    let folder = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(folder.path()).await.unwrap();
    let user = UserId::new("alex");
    let place = memory.files().place(&user);
    fs::write(&place.new, "{\"half").unwrap();
    memory
        .remember(&user, &said("Меня зовут Алекс"))
        .await
        .unwrap();
    assert_eq!(texts(&memory, &user, "").await, ["Алекс"]);
    fs::write(&place.new, "{\"half").unwrap();
    memory.forget(&user).await.unwrap();
    let left = fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["locks"]);
}

#[tokio::test]
async fn an_id_that_looks_like_a_path_stays_in_the_folder() {
    let outer = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(outer.path().join("memory")).await.unwrap();
    for id in ["../../evil", "/etc/passwd", "a\0b", "", &"x".repeat(10_000)] {
        let user = UserId::new(id);
        memory
            .remember(&user, &said("Меня зовут Ева"))
            .await
            .unwrap();
        assert_eq!(texts(&memory, &user, "").await, ["Ева"]);
    }
    assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FileMemory::open(file).await.unwrap_err();
    assert_eq!(error, MemoryError::Unavailable);
}

#[tokio::test]
async fn a_file_of_the_first_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(folder.path()).await.unwrap();
    let user = UserId::new("alex");
    let first = r#"{
        "version": 1,
        "user": "alex",
        "facts": [{"kind": "city", "value": "Казань"}, {"kind": "name", "value": "Алекс"}],
        "exchanges": [{"user": "вчера поймал тильт", "agent": "Бывает."}]
    }"#;
    let file = memory.files().place(&user).file;
    fs::write(&file, first).unwrap();
    let all = ["Алекс", "Казань", "вчера поймал тильт — Бывает."];
    assert_eq!(texts(&memory, &user, "тильт").await, all);
    let exchange = said("я живу в Москве");
    memory.remember(&user, &exchange).await.unwrap();
    let all = ["Алекс", "Москва", "вчера поймал тильт — Бывает."];
    assert_eq!(texts(&memory, &user, "тильт").await, all);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("\"version\": 2"), "{written}");
}

#[tokio::test]
async fn time_is_what_the_clock_says_and_a_pause_ends_a_conversation() {
    use jiff::Timestamp;
    use std::sync::Mutex;
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let clock = {
        let now = now.clone();
        Arc::new(move || *now.lock().unwrap())
    };
    let memory = FileMemory::open(folder.path()).await.unwrap();
    let memory = FileMemory(memory.0.clock(clock));
    let user = UserId::new("alex");
    memory
        .remember(&user, &said("вчера поймал тильт"))
        .await
        .unwrap();
    let began = *now.lock().unwrap();
    *now.lock().unwrap() += jiff::SignedDuration::from_hours(2);
    memory
        .remember(&user, &said("меня зовут Алекс"))
        .await
        .unwrap();
    let known = memory.known(&user).await.unwrap();
    let [name, summary] = known.as_slice() else {
        panic!("{known:?}");
    };
    assert_eq!(name.provenance.as_ref().unwrap().at, *now.lock().unwrap());
    assert_eq!(summary.text, "Темы: вчера, поймал, тильт.");
    assert!(summary.is_summary());
    assert_eq!(summary.provenance.as_ref().unwrap().at, began);
}
