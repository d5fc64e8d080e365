use super::*;
use crate::knowledge::{
    QuestionError, QuestionWriter,
    questions::kept::{self, Author},
};
use std::sync::Mutex;

/// Asks in two ways for what a passage is called, or fails.
#[derive(Default)]
struct Writer {
    asked: Mutex<Vec<String>>,
    fails: Option<QuestionError>,
}

#[async_trait]
impl QuestionWriter for Writer {
    async fn questions(&self, passage: &Passage) -> Result<Vec<String>, QuestionError> {
        if let Some(error) = self.fails {
            return Err(error);
        }
        let title = passage.title.clone();
        self.asked.lock().unwrap().push(title.clone());
        Ok(vec![
            format!("Зачем {title}?"),
            format!("Кому нужен {title}?"),
        ])
    }
}

impl Writer {
    fn failing(error: QuestionError) -> Self {
        Self {
            fails: Some(error),
            ..Self::default()
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Desk {
    async fn write(&self, writer: &Writer) -> Result<QuestionsWritten, KnowledgeBaseError> {
        let only = Unasked::Only;
        self.base.write_questions(writer, only, &|_| {}).await
    }

    /// Every question, and whether its passage is there.
    fn questions(&self) -> BTreeMap<String, bool> {
        let kept = self.kept();
        let points = self.store.points("knowledge.questions").into_iter();
        let known = |p: &crate::store::Point| kept.contains_key(&kept::passage_of(p).unwrap());
        points.map(|p| (p.text.clone(), known(&p))).collect()
    }
}

const TITLES: [&str; 3] = ["Риск", "Страх", "Стоп"];

async fn three() -> Desk {
    let desk = Desk::new().await;
    for title in TITLES {
        desk.put(
            &format!("{title}.md"),
            &format!("# {title}\n\nПравило о нём."),
        );
    }
    desk.ingest().await;
    desk
}

#[tokio::test]
async fn each_passage_is_asked_about_once_and_again_when_it_changes() {
    let desk = three().await;
    let writer = Writer::default();
    let seen = Mutex::new(Vec::new());
    let tell = |p: QuestionProgress| seen.lock().unwrap().push((p.done, p.passages));
    let written = desk.base.write_questions(&writer, Unasked::Only, &tell);
    let written = written.await.unwrap();
    let all = QuestionsWritten {
        passages: 3,
        questions: 6,
        ..QuestionsWritten::default()
    };
    assert_eq!(written, all);
    assert_eq!(*seen.lock().unwrap(), [(0, 3), (1, 3), (2, 3), (3, 3)]);
    assert_eq!(desk.base.questions().await.unwrap(), 6);
    assert_eq!(desk.write(&writer).await.unwrap().had, 3);
    assert_eq!(writer.asked(), 3);

    desk.put("Страх.md", "# Страх\n\nДругое правило о нём.");
    desk.ingest().await;
    assert_eq!(desk.base.questions().await.unwrap(), 4);
    let again = desk.write(&writer).await.unwrap();
    assert_eq!((again.passages, again.had), (1, 2));
    fs::remove_file(desk.path("Стоп.md")).unwrap();
    desk.ingest().await;
    assert!(desk.questions().values().all(|known| *known));
    assert_eq!(desk.questions().len(), 4);

    let anew = Writer::default();
    let all = desk.base.write_questions(&anew, Unasked::AndAsked, &|_| {});
    assert_eq!(all.await.unwrap().passages, 2);
    assert_eq!((anew.asked(), desk.questions().len()), (2, 4));
    let store: Arc<dyn Store> = desk.store.clone();
    let discarded = KnowledgeBase::discard(&*store, "knowledge").await;
    assert_eq!(discarded, Ok(2));
    assert!(store.collections().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_passage_is_found_by_what_it_is_asked_for() {
    let desk = three().await;
    assert!(desk.base.search("нужен", 3).await.unwrap().is_empty());
    desk.write(&Writer::default()).await.unwrap();
    let all = desk.base.search("нужен", 3).await.unwrap();
    assert_eq!(all.len(), 3, "only their questions have the word");
    for title in TITLES {
        let asked = format!("кому нужен {title}");
        let found = desk.base.search(&asked, 3).await.unwrap();
        assert_eq!(found[0].passage.title, title);
    }
}

#[tokio::test]
async fn whatever_write_was_the_last_one_the_next_call_does_what_is_left() {
    for writes in 0..10 {
        let desk = three().await;
        let writer = Writer::default();
        desk.store.fail_after(writes);
        let dead = desk.write(&writer).await;
        desk.store.recover();
        let written = desk.write(&writer).await.unwrap();
        assert_eq!(desk.questions().len(), 6, "{dead:?}");
        assert_eq!(written.had + written.passages, 3);
        // The same for a passage that goes while the store dies.
        fs::remove_file(desk.path("Риск.md")).unwrap();
        desk.store.fail_after(writes);
        let _dead = desk
            .base
            .ingest(&[desk.folder.path().to_owned()], &|_| {})
            .await;
        desk.store.recover();
        desk.ingest().await;
        assert!(desk.questions().values().all(|known| *known));
        assert_eq!(desk.questions().len(), 4);
    }
}

#[tokio::test]
async fn a_passage_of_another_title_is_another_one() {
    let desk = three().await;
    desk.write(&Writer::default()).await.unwrap();
    desk.put("Страх.md", "# Жадность\n\nПравило о нём.");
    desk.ingest().await;
    assert!(!desk.questions().contains_key("Зачем Страх?"));
    let again = desk.write(&Writer::default()).await.unwrap();
    assert_eq!((again.passages, again.had), (1, 2));
    assert!(desk.questions().contains_key("Зачем Жадность?"));
}

#[tokio::test]
async fn questions_that_came_before_their_passage_are_not_taken_for_lost() {
    let desk = three().await;
    desk.write(&Writer::default()).await.unwrap();
    let passage = crate::store::Point {
        id: Uuid::nil(),
        text: "Ещё не записан".into(),
        dense: None,
        payload: serde_json::Map::new(),
    };
    for (author, question) in [(Author::Document, "Принёс?"), (Author::Writer, "Придумал?")]
    {
        let points = kept::points(&passage, author, &[question.to_owned()]);
        desk.store
            .upsert("knowledge.questions", points)
            .await
            .unwrap();
    }
    desk.write(&Writer::default()).await.unwrap();
    let left = desk.questions();
    assert_eq!(left.get("Принёс?"), Some(&false));
    assert!(!left.contains_key("Придумал?"));
}

#[tokio::test]
async fn a_writer_that_cannot_be_reached_is_an_error_and_single_failures_are_counted() {
    let desk = three().await;
    let refused = desk
        .write(&Writer::failing(QuestionError::Unauthorized))
        .await;
    assert!(matches!(
        refused,
        Err(KnowledgeBaseError::Questions(QuestionError::Unauthorized))
    ));
    for number in 0..7 {
        desk.put(&format!("{number}.md"), &format!("# {number}\n\nПравило."));
    }
    desk.ingest().await;
    for error in [QuestionError::Unavailable, QuestionError::Protocol] {
        let failed = desk.write(&Writer::failing(error)).await;
        assert!(matches!(failed, Err(KnowledgeBaseError::Questions(e)) if e == error));
    }
    // Where something was ever written, the rest may have nothing to be asked about.
    desk.write(&Writer::default()).await.unwrap();
    for number in 0..7 {
        desk.put(
            &format!("{number}.md"),
            &format!("# {number}\n\nОглавление."),
        );
    }
    desk.ingest().await;
    let silent = desk.write(&Writer::failing(QuestionError::Protocol)).await;
    assert_eq!(silent.unwrap().without, 7);
    let three = three().await;
    let silent = three.write(&Writer::failing(QuestionError::Protocol)).await;
    let none = QuestionsWritten {
        without: 3,
        ..QuestionsWritten::default()
    };
    assert_eq!(silent.unwrap(), none);
    assert_eq!(three.write(&Writer::default()).await.unwrap().passages, 3);
}

#[tokio::test]
async fn of_a_section_that_is_cut_the_first_passage_has_the_questions() {
    let desk = Desk::new().await;
    let text = "Правило о терпении и риске. ".repeat(100);
    let line =
        format!("{{\"title\":\"Риск\",\"text\":\"{text}\",\"questions\":\"Много ли терять?\"}}\n");
    desk.put("a.jsonl", &line);
    assert!(desk.ingest().await.written > 2);
    assert_eq!(desk.base.questions().await.unwrap(), 1);
}

#[tokio::test]
async fn a_document_can_bring_its_questions_and_an_export_takes_all_along() {
    let desk = Desk::new().await;
    let line = |questions: &str| {
        format!("{{\"title\":\"Риск\",\"text\":\"Процент.\",\"questions\":{questions}}}\n")
    };
    desk.put(
        "a.jsonl",
        &line("[\"Много ли терять?\",\"Как уберечься?\"]"),
    );
    desk.put("b.md", "# Страх\n\nОн мешает.");
    desk.ingest().await;
    assert_eq!(desk.questions().len(), 2);
    assert_eq!(desk.write(&Writer::default()).await.unwrap().had, 1);
    assert_eq!(desk.questions().len(), 4);
    let writer = Writer::default();
    let anew = desk
        .base
        .write_questions(&writer, Unasked::AndAsked, &|_| {});
    let anew = anew.await.unwrap();
    // What belongs to a document stays.
    assert_eq!((anew.had, anew.passages), (1, 1));
    assert_eq!(desk.questions().len(), 4);

    let mut file = Vec::new();
    desk.base.export(&mut file).await.unwrap();
    let other = Desk::new().await;
    other.put("export.jsonl", std::str::from_utf8(&file).unwrap());
    other.ingest().await;
    assert_eq!(other.questions(), desk.questions());

    desk.put("a.jsonl", &line("\"Сколько?\""));
    desk.ingest().await;
    let left: Vec<_> = desk.questions().into_keys().collect();
    assert_eq!(left, ["Зачем Страх?", "Кому нужен Страх?", "Сколько?"]);
}
