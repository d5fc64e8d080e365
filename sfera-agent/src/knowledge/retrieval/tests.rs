use super::*;
use crate::{
    embedding::EmbedError,
    knowledge::{
        PATH_SEPARATOR,
        questions::kept::{self, Author},
    },
    reranking::RerankError,
    store::{CollectionSpec, DenseSpec, Filter, Point, SqliteStore},
    testing::knowledge_conformance,
};
use tempfile::TempDir;
use uuid::Uuid;

const TEXTS: [(&str, &str, &str); 5] = [
    (
        "Страх",
        "Страх потери",
        "Страх мешает ждать, и прибыль мала.",
    ),
    (
        "Дивиденды",
        "SBER за 2022 год",
        "За 2022 год банк заплатил 25 рублей.",
    ),
    (
        "Дивиденды",
        "SBER за 2023 год",
        "За 2023 год банк заплатил 33,30 рубля.",
    ),
    (
        "Индексы",
        "Индекс S&P 500",
        "В индекс S&P 500 входят пятьсот компаний.",
    ),
    ("Diary", "Trade diary", "Write down each trade."),
];

/// Its vectors say how much of a text is about fear.
struct Fear {
    broken: bool,
}

#[async_trait]
impl Embedder for Fear {
    fn model(&self) -> &'static str {
        "fear"
    }

    fn dimension(&self) -> usize {
        2
    }

    async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if self.broken {
            return Err(EmbedError::Unavailable);
        }
        let vector = |text: &String| match text.to_lowercase().contains("страх") {
            true => vec![1.0, 0.0],
            false => vec![0.0, 1.0],
        };
        Ok(texts.iter().map(vector).collect())
    }
}

async fn retriever(embedder: Option<Fear>) -> (TempDir, Retriever) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db"))
        .await
        .unwrap();
    let spec = CollectionSpec {
        name: "knowledge".into(),
        language: None,
        dense: embedder.as_ref().map(|e| DenseSpec {
            model: e.model().into(),
            dimension: e.dimension(),
        }),
    };
    store.setup(&spec).await.unwrap();
    let mut points = Vec::new();
    for (n, (title, section, text)) in (0..).zip(TEXTS) {
        let text = format!("{title}{PATH_SEPARATOR}{section}\n{text}");
        let dense = spec.dense.as_ref().map(|_| match n {
            0 => vec![1.0, 0.0],
            _ => vec![0.0, 1.0],
        });
        let mut payload = serde_json::Map::new();
        payload.insert("title".into(), title.into());
        payload.insert(
            "section".into(),
            format!("Глава{PATH_SEPARATOR}{section}").into(),
        );
        let id = Uuid::from_u128(n);
        points.push(Point {
            id,
            text,
            dense,
            payload,
        });
    }
    store.upsert("knowledge", points).await.unwrap();
    let embedder = embedder.map(|e| Arc::new(e) as Arc<dyn Embedder>);
    let retriever = Retriever::new(Arc::new(store), embedder, "knowledge", None);
    (folder, retriever)
}

async fn best(retriever: &Retriever, question: &str) -> Option<String> {
    let found = retriever.search(question, 3).await.unwrap();
    found.into_iter().next().and_then(|passage| passage.section)
}

#[tokio::test]
async fn it_keeps_the_contract() {
    for embedder in [None, Some(Fear { broken: false })] {
        let (_folder, retriever) = retriever(embedder).await;
        knowledge_conformance(&retriever, "страх", "рецепт борща").await;
        knowledge_conformance(&retriever, "a trade diary", "weather in Paris").await;
    }
}

#[tokio::test]
async fn spoken_questions_find_their_passage() {
    let (_folder, retriever) = retriever(Some(Fear { broken: false })).await;
    for (question, section) in [
        ("что делать со страхом потери", "Страх потери"),
        (
            "сколько заплатил сбер за двадцать третий год",
            "SBER за 2023 год",
        ),
        ("сбер за две тысячи двадцать второй", "SBER за 2022 год"),
        ("расскажи про индекс эс пэ пятьсот", "Индекс S&P 500"),
    ] {
        assert_eq!(
            best(&retriever, question).await.as_deref(),
            Some(section),
            "{question}"
        );
    }
    let found = retriever.search("страх потери", 1).await.unwrap();
    assert_eq!(found[0].title, "Страх");
    assert_eq!(found[0].text, TEXTS[0].2);
}

#[tokio::test]
async fn another_number_or_name_is_no_answer() {
    let (_folder, retriever) = retriever(Some(Fear { broken: false })).await;
    for question in [
        "сколько заплатил SBER за 2019 год",
        "сколько заплатил GAZP за 2023 год",
        "какие дивиденды за две тысячи девятнадцатый год",
        "привет",
        "спасибо, всё хорошо",
    ] {
        let found = retriever.search(question, 3).await.unwrap();
        let answers = |passage: &Passage| passage.relevance == Relevance::Answers;
        assert!(!found.iter().any(answers), "{question}: {found:?}");
    }
}

/// Likes a text the better, the shorter it is; or does not answer.
struct Brevity(Option<Duration>);

#[async_trait]
impl Reranker for Brevity {
    async fn rerank(&self, _: &str, texts: &[String]) -> Result<Vec<f32>, RerankError> {
        match self.0 {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(RerankError::Unavailable),
        }
        let likely = texts.iter().map(|text| 10.0 / (10.0 + text.len() as f32));
        Ok(likely.collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_reranker_has_the_last_word_if_it_is_quick() {
    let patience = Duration::from_millis(100);
    let question = "сколько заплатил SBER за 2023 год";
    for (reranker, first) in [
        (Brevity(Some(Duration::ZERO)), "Diary"),
        (Brevity(Some(Duration::from_secs(1))), "SBER за 2023 год"),
        (Brevity(None), "SBER за 2023 год"),
    ] {
        let (_folder, retriever) = retriever(Some(Fear { broken: false })).await;
        let retriever = retriever.reranked(Arc::new(reranker), patience);
        let judged = retriever.judged(question, 5).await.unwrap();
        assert_eq!(judged.len(), TEXTS.len(), "nothing is lost");
        let best = &judged[0].hit.point.text;
        assert!(best.contains(first), "{best}");
    }
}

#[tokio::test]
async fn without_vectors_words_are_enough_and_without_a_collection_nothing_is_found() {
    let (_folder, mut retriever) = retriever(Some(Fear { broken: true })).await;
    let found = best(&retriever, "страх потери").await;
    assert_eq!(found.as_deref(), Some("Страх потери"));
    retriever.collection = "another".to_owned();
    assert_eq!(best(&retriever, "страх потери").await, None);
}

/// A question that is known to be asked about the passage of this number, as everybody asks it.
async fn expect(retriever: &Retriever, passage: u128, question: &str) {
    let everything = Filter::default();
    let points = retriever.store.scroll("knowledge", &everything, None, 100);
    let points = points.await.unwrap();
    let passage = points.iter().find(|p| p.id == Uuid::from_u128(passage));
    let questions = [question.to_owned()];
    let mut kept = kept::points(passage.unwrap(), Author::Writer, &questions);
    for point in &mut kept {
        point.dense = retriever.vector(question).await;
    }
    let spec = CollectionSpec {
        name: kept::collection("knowledge"),
        language: None,
        dense: kept[0].dense.as_ref().map(|vector| DenseSpec {
            model: "fear".into(),
            dimension: vector.len(),
        }),
    };
    retriever.store.setup(&spec).await.unwrap();
    retriever.store.upsert(&spec.name, kept).await.unwrap();
}

#[tokio::test]
async fn a_passage_without_a_word_of_the_question_is_found_by_one_like_it() {
    for embedder in [None, Some(Fear { broken: false })] {
        let (_folder, retriever) = retriever(embedder).await;
        let question = "почему я рано закрываю сделки";
        assert_ne!(
            best(&retriever, question).await.as_deref(),
            Some("Страх потери")
        );
        expect(&retriever, 0, "Отчего я так рано закрываю сделки?").await;
        let found = best(&retriever, question).await;
        assert_eq!(found.as_deref(), Some("Страх потери"));
        // Who has none is found as before.
        let other = best(&retriever, "сколько заплатил сбер за двадцать третий год").await;
        assert_eq!(other.as_deref(), Some("SBER за 2023 год"));
        knowledge_conformance(&retriever, question, "рецепт борща").await;
    }
}
