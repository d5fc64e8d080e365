mod questions;

use super::*;
use crate::{
    embedding::TextKind,
    knowledge::{DocumentError, DocumentProblem, Format, parse},
    store::Filter,
    testing::MemoryStore,
};
use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use uuid::Uuid;

/// Counts what it embeds.
#[derive(Default)]
struct Lengths(AtomicUsize);

#[async_trait]
impl Embedder for Lengths {
    fn model(&self) -> &str {
        "lengths"
    }

    fn dimension(&self) -> usize {
        2
    }

    async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        let long = |text: &String| if text.len() > 100 { 1.0 } else { 0.0 };
        Ok(texts.iter().map(|t| vec![long(t), 1.0 - long(t)]).collect())
    }
}

struct Desk {
    folder: tempfile::TempDir,
    store: Arc<MemoryStore>,
    base: KnowledgeBase,
}

impl Desk {
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        let base = KnowledgeBase::setup(store.clone(), "knowledge", None, None).await;
        Self {
            folder: tempfile::tempdir().unwrap(),
            store,
            base: base.unwrap(),
        }
    }

    fn put(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, file: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(file)
    }

    async fn ingest(&self) -> Ingested {
        let folder = self.folder.path().to_owned();
        self.base.ingest(&[folder], &|_| {}).await.unwrap()
    }

    async fn titles(&self) -> Vec<(String, u64, bool)> {
        let list = self.base.list().await.unwrap();
        let row = |d: DocumentSummary| (d.title, d.passages, d.complete);
        list.into_iter().map(row).collect()
    }

    /// Everything that is kept.
    fn kept(&self) -> BTreeMap<Uuid, String> {
        let points = self.store.points("knowledge").into_iter();
        points
            .map(|p| (p.id, format!("{} {:?}", p.text, p.payload)))
            .collect()
    }
}

/// An article of sections with so many sentences each.
fn article(title: &str, sections: &[(&str, usize)]) -> String {
    let mut text = format!("# {title}\n\n");
    for (section, sentences) in sections {
        text += &format!("## {section}\n\n");
        for number in 0..*sentences {
            text += &format!("Правило номер {number} из раздела {section} о терпении и риске. ");
        }
        text += "\n\n";
    }
    text
}

#[tokio::test]
async fn a_second_ingest_writes_nothing_and_a_third_only_what_changed() {
    let desk = Desk::new().await;
    desk.put(
        "a.md",
        &article("Риск", &[("Счёт", 30), ("День", 30), ("Год", 3)]),
    );
    desk.put("in/b.txt", "Страх мешает ждать.");
    let first = desk.ingest().await;
    assert_eq!((first.files, first.unchanged, first.deleted), (2, 0, 0));
    assert!(first.written > 5, "{first:?}");
    desk.store.written();

    let second = desk.ingest().await;
    assert_eq!((second.unchanged, second.written), (2, 0));
    assert!(desk.store.written().is_empty());

    let before = desk.kept();
    desk.put(
        "a.md",
        &article("Риск", &[("Счёт", 30), ("День", 31), ("Год", 3)]),
    );
    let third = desk.ingest().await;
    assert_eq!((third.files, third.unchanged), (2, 1));
    let untouched = desk
        .kept()
        .iter()
        .filter(|(id, text)| before.get(id) == Some(text))
        .count();
    assert!(
        untouched + 3 >= before.len(),
        "{untouched} of {}",
        before.len()
    );
    // A passage or two at the end of the section, and the seal.
    assert!(third.written <= 4, "{third:?}");
    assert_eq!(
        desk.titles()
            .await
            .iter()
            .filter(|(_, _, whole)| *whole)
            .count(),
        2
    );
}

#[tokio::test]
async fn what_is_gone_is_removed_and_what_is_elsewhere_stays() {
    let desk = Desk::new().await;
    let kept = desk.put("a/a.md", "# А\n\nПервое.");
    let gone = desk.put("b/b.md", "# Б\n\nВторое.");
    desk.ingest().await;
    fs::remove_file(&gone).unwrap();
    let only_a = desk.base.ingest(&[desk.path("a")], &|_| {}).await.unwrap();
    assert_eq!((only_a.gone, only_a.problems.len()), (0, 0));
    let b = desk.base.ingest(&[gone], &|_| {}).await.unwrap();
    assert_eq!((b.gone, b.deleted, b.problems.len()), (1, 1, 0));
    assert_eq!(desk.titles().await, [("А".to_owned(), 1, true)]);
    let nowhere = desk
        .base
        .ingest(&[desk.path("c.md")], &|_| {})
        .await
        .unwrap();
    assert_eq!(nowhere.problems[0].file, desk.path("c.md"));
    assert_eq!(
        desk.base.remove(&kept.display().to_string()).await.unwrap(),
        1
    );
    assert!(desk.titles().await.is_empty());
    assert_eq!(desk.ingest().await.written, 1);
}

#[tokio::test]
async fn what_was_in_a_folder_that_is_not_there_stays_until_it_is_removed() {
    let desk = Desk::new().await;
    desk.put("a/a.md", "# А\n\nПервое.");
    desk.put("a/in/b.md", "# Б\n\nВторое.");
    desk.put("c.md", "# В\n\nТретье.");
    desk.ingest().await;
    let file = desk.path("a");
    fs::rename(&file, desk.path(".moved")).unwrap();
    let deserted = DocumentError {
        file: file.clone(),
        problem: DocumentProblem::Deserted,
    };
    for _ in ["it is not there", "it is empty"] {
        let done = desk.base.ingest(std::slice::from_ref(&file), &|_| {}).await;
        let nothing = Ingested {
            problems: vec![deserted.clone()],
            ..Ingested::default()
        };
        assert_eq!(done.unwrap(), nothing);
        fs::create_dir_all(&file).unwrap();
    }
    for nowhere in ["", "a", "/no/folder"] {
        assert_eq!(desk.base.remove(nowhere).await.unwrap(), 0);
    }
    let folder = file.display().to_string();
    assert_eq!(desk.base.remove(&folder).await.unwrap(), 2);
    assert_eq!(desk.titles().await, [("В".to_owned(), 1, true)]);
    let done = desk.base.ingest(&[file], &|_| {}).await.unwrap();
    assert_eq!(done, Ingested::default());
}

#[tokio::test]
async fn a_file_without_text_is_named_and_nothing_of_it_stays() {
    let desk = Desk::new().await;
    for (file, empty) in [("a.md", "# А\n"), ("b.txt", ""), ("c.jsonl", "\n")] {
        let (path, text) = (desk.path(file), "{\"text\": \"Первое.\"}\n");
        desk.put(file, text);
        assert_eq!(desk.ingest().await.written, 1);
        desk.put(file, empty);
        let done = desk.ingest().await;
        assert_eq!(done.deleted, 1, "{done:?}");
        let told = done.problems.last().map(|problem| &problem.file);
        assert_eq!(told, Some(&path), "{done:?}");
        let all_empty = |error: &DocumentError| error.problem == DocumentProblem::NoText;
        assert!(done.problems.iter().all(all_empty), "{done:?}");
    }
    assert!(desk.titles().await.is_empty());
}

#[tokio::test]
async fn what_has_nothing_to_do_with_a_query_is_left_out() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let embedder = Arc::new(Lengths::default());
    let base = KnowledgeBase::setup(store, "k", None, Some(embedder));
    let base = base.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for title in ["Риск", "Страх", "Стоп"] {
        let text = format!("# {title}\n\nПравило.");
        fs::write(folder.path().join(format!("{title}.md")), text).unwrap();
    }
    let folder = folder.path().to_owned();
    base.ingest(&[folder], &|_| {}).await.unwrap();
    // All of them are as near as any.
    assert!(base.search("абракадабра", 5).await.unwrap().is_empty());
    let found = base.search("страх", 5).await.unwrap();
    let titles: Vec<_> = found.iter().map(|f| f.passage.title.as_str()).collect();
    assert_eq!(titles, ["Страх"]);
}

#[tokio::test]
async fn a_bad_file_is_named_and_costs_the_others_nothing() {
    let desk = Desk::new().await;
    desk.put("a.md", "# А\n\nПервое.");
    desk.put("b.docx", "no archive");
    desk.put(
        "c.jsonl",
        "{\"text\":\"Второе.\"}\n{oops\n{\"text\":\"Третье.\"}\n",
    );
    fs::write(desk.path("d.txt"), [0xcf, 0xf0, 0xe8]).unwrap();
    let done = desk.ingest().await;
    let said: Vec<_> = done.problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0].ends_with("b.docx: is damaged or no DOCX (ZIP)"),
        "{said:?}"
    );
    assert!(
        said[1].ends_with("c.jsonl: line 2: no JSON (column 2)"),
        "{said:?}"
    );
    assert_eq!(done.problems[2].problem, DocumentProblem::NotUtf8(0));
    assert_eq!(done.written, 3);
    // As long as a line is wrong it is told of, and nothing is written again.
    desk.store.written();
    assert_eq!(desk.ingest().await.problems.len(), 3);
    assert!(desk.store.written().is_empty());
    // What was known of a file that is broken now stays.
    fs::write(desk.path("a.md"), [0xff]).unwrap();
    assert_eq!(desk.ingest().await.deleted, 0);
    assert_eq!(desk.titles().await.len(), 2);
}

/// What is to be kept of a file.
fn planned(file: &Path, text: &str) -> BTreeMap<Uuid, String> {
    let documents = parse(Format::Markdown, file, text.as_bytes()).documents;
    let chunking = Chunking::default();
    let digest = plan::digest(text.as_bytes(), chunking);
    let origin = file.display().to_string();
    let points = plan::points("knowledge", &origin, &digest, &documents, chunking);
    points
        .into_iter()
        .map(|p| (p.id, format!("{} {:?}", p.text, p.payload)))
        .collect()
}

#[tokio::test]
async fn whatever_write_was_the_last_one_the_next_ingest_ends_in_the_same_state() {
    let old = article("Риск", &[("Счёт", 80), ("День", 300), ("Год", 4)]);
    let new = article(
        "Правила",
        &[("Счёт", 80), ("День", 20), ("Месяц", 300), ("Год", 4)],
    );
    let mut interrupted = 0;
    for writes in 0..12 {
        // The file changes, the ingest dies, and then the change is taken back or not.
        for last in [&old, &new] {
            let desk = Desk::new().await;
            desk.put("a.md", &old);
            desk.ingest().await;
            let path = desk.put("a.md", &new);
            desk.store.fail_after(writes);
            let dead = desk.base.ingest(std::slice::from_ref(&path), &|_| {}).await;
            interrupted += usize::from(dead.is_err());
            desk.store.recover();
            fs::write(&path, last).unwrap();
            desk.ingest().await;
            let wanted = planned(&path, last);
            assert_eq!(desk.kept(), wanted, "after {writes} writes");
            assert_eq!(desk.ingest().await.unchanged, 1);
        }
    }
    assert!(interrupted >= 8, "{interrupted}");
}

#[tokio::test]
async fn two_ingests_at_once_are_harmless() {
    let desk = Desk::new().await;
    for number in 0..20 {
        desk.put(
            &format!("{number}.md"),
            &article(&format!("Статья {number}"), &[("А", 20)]),
        );
    }
    let (one, other) = tokio::join!(desk.ingest(), desk.ingest());
    assert!(one.problems.is_empty() && other.problems.is_empty());
    let list = desk.titles().await;
    assert_eq!(list.len(), 20);
    assert!(list.iter().all(|(_, _, whole)| *whole));
    assert_eq!(desk.ingest().await.unchanged, 20);
}

#[tokio::test]
async fn an_export_can_be_ingested_and_is_the_same() {
    let desk = Desk::new().await;
    desk.put(
        "a.md",
        &article("Риск", &[("Счёт › день", 40), ("Счёт", 40)]),
    );
    desk.put("b.txt", "Одно и то же.\n\nДругое.");
    desk.put("c.jsonl", "{\"title\":\"Т\",\"text\":\"Раздел.\",\"url\":\"https://x\",\"tag\":1}\n{\"title\":\"Т\",\"text\":\"Раздел.\",\"url\":\"https://x\"}\n");
    desk.ingest().await;
    let mut file = Vec::new();
    let exported = desk.base.export(&mut file).await.unwrap();
    let other = Desk::new().await;
    other.put("export.jsonl", std::str::from_utf8(&file).unwrap());
    other.ingest().await;
    let ids = |desk: &Desk| desk.kept().into_keys().collect::<Vec<_>>();
    assert_eq!(exported, ids(&desk).len() as u64);
    assert_eq!(ids(&other), ids(&desk));
    let mut again = Vec::new();
    other.base.export(&mut again).await.unwrap();
    assert_eq!(again, file);
    let found = other.base.search("раздел", 1).await.unwrap();
    assert_eq!(found[0].url.as_deref(), Some("https://x"));
}

#[tokio::test]
async fn only_what_is_written_is_embedded_and_another_model_is_refused() {
    let store: Arc<MemoryStore> = Arc::default();
    let embedder = Arc::new(Lengths::default());
    let base = KnowledgeBase::setup(
        store.clone(),
        "k",
        Some(Language::Ru),
        Some(embedder.clone()),
    );
    let base = base.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.md"), article("Риск", &[("А", 100)])).unwrap();
    let paths = [folder.path().to_owned()];
    let done = base.ingest(&paths, &|_| {}).await.unwrap();
    assert_eq!(embedder.0.load(Ordering::Relaxed) as u64, done.written);
    base.ingest(&paths, &|_| {}).await.unwrap();
    assert_eq!(embedder.0.load(Ordering::Relaxed) as u64, done.written);
    assert!(store.points("k").iter().all(|p| p.dense.is_some()));
    assert!(!base.search("правило", 2).await.unwrap().is_empty());

    let without = KnowledgeBase::open(store.clone(), "k", None).await;
    assert!(matches!(without, Err(KnowledgeBaseError::Model(model)) if model == "lengths"));
    let browsed = KnowledgeBase::browse(store.clone(), "k").await.unwrap();
    assert_eq!(browsed.list().await.unwrap().len(), 1);
    let refused = browsed.ingest(&paths, &|_| {}).await;
    assert!(matches!(refused, Err(KnowledgeBaseError::Model(_))));
    let missing = KnowledgeBase::open(store.clone(), "other", None).await;
    assert!(matches!(
        missing,
        Err(KnowledgeBaseError::Store(StoreError::NoCollection(_)))
    ));
    let changed = KnowledgeBase::setup(store.clone(), "k", Some(Language::Ru), None).await;
    assert!(matches!(
        changed,
        Err(KnowledgeBaseError::Store(StoreError::Mismatch { .. }))
    ));
    KnowledgeBase::setup(store.clone(), "words", None, None)
        .await
        .unwrap();
    let words = KnowledgeBase::open(store, "words", Some(embedder))
        .await
        .unwrap();
    assert_eq!(words.status().await.unwrap().spec.dense, None);
}

#[tokio::test]
async fn progress_tells_files_and_passages() {
    let desk = Desk::new().await;
    desk.put("a.md", &article("Риск", &[("А", 400)]));
    desk.put("b.md", "Б.");
    let seen = std::sync::Mutex::new(Vec::new());
    let tell = |p: IngestProgress<'_>| {
        let name = p.file.file_name().map(Path::new).map(Path::to_owned);
        seen.lock()
            .unwrap()
            .push((name.unwrap(), p.done, p.files, p.written));
    };
    let folder = desk.folder.path().to_owned();
    let done = desk.base.ingest(&[folder], &tell).await.unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.first(), Some(&("a.md".into(), 0, 2, 0)));
    assert_eq!(seen.last(), Some(&("b.md".into(), 1, 2, done.written)));
    assert!(seen.len() > 4 && seen.is_sorted_by_key(|s| s.3), "{seen:?}");
}

#[cfg(feature = "store-sqlite")]
#[tokio::test]
async fn the_embedded_store_keeps_the_same_and_conversations_find_it() {
    use crate::{store::SqliteStore, testing::knowledge_conformance};
    let desk = Desk::new().await;
    desk.put("a.md", &article("Риск", &[("Счёт", 40), ("День", 3)]));
    desk.put(
        "b.jsonl",
        "{\"title\":\"Борщ\",\"text\":\"Свёклу варят час.\",\"n\":{\"b\":1,\"a\":[2]}}\n",
    );
    desk.ingest().await;
    let file = desk.folder.path().join(".store.db");
    let open = async || {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await.unwrap());
        KnowledgeBase::setup(store, "knowledge", Some(Language::Ru), None)
            .await
            .unwrap()
    };
    let folder = [desk.folder.path().to_owned()];
    let first = open().await.ingest(&folder, &|_| {}).await.unwrap();
    assert_eq!(first.written, desk.kept().len() as u64);
    // Another process, as it were.
    let base = open().await;
    let again = base.ingest(&folder, &|_| {}).await.unwrap();
    assert_eq!((again.unchanged, again.written, again.deleted), (2, 0, 0));
    let mut ids = Vec::new();
    base.each(&Filter::default(), |point| ids.push(point.id))
        .await
        .unwrap();
    assert_eq!(ids, desk.kept().into_keys().collect::<Vec<_>>());

    knowledge_conformance(&base.retriever(), "правило о терпении", "погода в Париже").await;
    desk.put("a.md", &article("Риск", &[("Счёт", 41)]));
    let changed = base.ingest(&folder, &|_| {}).await.unwrap();
    assert!(changed.written <= 3 && changed.deleted >= 2, "{changed:?}");
    let list = base.list().await.unwrap();
    assert!(list.iter().all(|document| document.complete), "{list:?}");
    assert_eq!(
        base.remove(&list[0].source).await.unwrap(),
        list[0].passages
    );
    assert_eq!(base.list().await.unwrap().len(), 1);
}
