//! Passages of a store that answer a question.

use super::{
    Knowledge, KnowledgeError, Passage, Relevance, point,
    relevance::{Candidate, Said, judge, reread},
};
use crate::{
    Language,
    embedding::{Embedder, TextKind},
    language::terms::{Wanted, terms, wanted, with_digits},
    reranking::Reranker,
    store::{Filter, Hit, Query, Store, StoreError},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Hits that are judged. Most of what answers is among them: of the paraphrases that share no word with
/// their passage nine in ten.
const CANDIDATES: usize = 50;
/// How many of them a reranker reads.
const REREAD: usize = 20;

/// The knowledge base of a collection: passages are found by their words and, with an embedder, by
/// their meaning, both rankings fused; the best are weighed once more by all that is known of them, and each
/// is told what it is to the question.
///
/// Numbers, letters and names are understood as they are said («двадцать третий год», «эс пэ
/// пятьсот»), and a passage without a number or name that is asked for is no answer. If the embedder does not answer, words alone are looked for. Dropping the future of a
/// search gives it up.
pub struct Retriever {
    store: Arc<dyn Store>,
    embedder: Option<Arc<dyn Embedder>>,
    reranker: Option<(Arc<dyn Reranker>, Duration)>,
    collection: String,
    language: Option<Language>,
}

/// A point that was found and judged.
pub(super) struct Judged {
    pub(super) hit: Hit,
    said: Said,
    /// How likely it answers, 0 to 1.
    pub(super) likely: f32,
    /// None where it is not worth the reading.
    pub(super) relevance: Option<Relevance>,
}

impl Retriever {
    /// Looks in a collection of a store; `embedder` and `language` are those it was made with.
    pub fn new(
        store: Arc<dyn Store>,
        embedder: Option<Arc<dyn Embedder>>,
        collection: impl Into<String>,
        language: Option<Language>,
    ) -> Self {
        Self {
            store,
            embedder,
            reranker: None,
            collection: collection.into(),
            language,
        }
    }

    /// Lets a model read the best 20 of what was found and judge them anew. Where it fails, or the whole
    /// search takes longer than `patience`, the first judgement stays.
    #[must_use]
    pub fn reranked(mut self, reranker: Arc<dyn Reranker>, patience: Duration) -> Self {
        self.reranker = Some((reranker, patience));
        self
    }

    async fn vector(&self, question: &str) -> Option<Vec<f32>> {
        let embedder = self.embedder.as_ref()?;
        let texts = [with_digits(question)];
        match embedder.embed(TextKind::Query, &texts).await {
            Ok(mut vectors) => vectors.pop(),
            Err(error) => {
                tracing::warn!(%error, "a question is looked for by its words only");
                None
            }
        }
    }

    /// Everything that was found, the likeliest answer first.
    pub(super) async fn judged(
        &self,
        question: &str,
        limit: usize,
    ) -> Result<Vec<Judged>, StoreError> {
        let begun = Instant::now();
        let wanted = wanted(question, self.language);
        // Nothing but small talk is no question.
        if limit == 0 || wanted.is_empty() {
            return Ok(Vec::new());
        }
        let query = Query {
            text: Some(question.to_owned()),
            dense: self.vector(question).await,
            filter: Filter::default(),
            limit: limit.max(CANDIDATES),
        };
        let hits = self.store.search(&self.collection, &query).await?;
        let candidates: Vec<_> = hits
            .iter()
            .map(|hit| self.candidate(hit, &wanted))
            .collect();
        let found = hits.into_iter().zip(&candidates).zip(judge(&candidates));
        let mut judged: Vec<_> = found
            .map(|((hit, candidate), (likely, relevance))| Judged {
                hit,
                said: candidate.said,
                likely,
                relevance,
            })
            .collect();
        // Stable: of equals, the store's first stays first.
        judged.sort_by(|a, b| b.likely.total_cmp(&a.likely));
        Ok(self.reread(question, judged, begun).await)
    }

    async fn reread(&self, question: &str, mut judged: Vec<Judged>, begun: Instant) -> Vec<Judged> {
        let Some((reranker, patience)) = &self.reranker else {
            return judged;
        };
        let best = judged.iter().take(REREAD);
        let texts: Vec<_> = best.map(|judged| judged.hit.point.text.clone()).collect();
        let scores = match timeout_at(begun + *patience, reranker.rerank(question, &texts)).await {
            Ok(Ok(scores)) if scores.len() == texts.len() => scores,
            Ok(Ok(_)) => {
                tracing::warn!("the reranker does not judge every passage");
                return judged;
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "passages stay as they were judged before");
                return judged;
            }
            Err(_) => {
                tracing::warn!(?patience, "the reranker is too slow");
                return judged;
            }
        };
        for (judged, likely) in judged.iter_mut().zip(scores) {
            judged.likely = likely;
            judged.relevance = reread(&judged.said, likely);
        }
        // What was not read stays behind what was.
        if let Some(read) = judged.get_mut(..texts.len()) {
            read.sort_by(|a, b| b.likely.total_cmp(&a.likely));
        }
        judged
    }

    fn candidate(&self, hit: &Hit, wanted: &[Wanted]) -> Candidate {
        Candidate {
            said: Said::of(wanted, &terms(&hit.point.text, self.language)),
            cosine: hit.cosine,
            bm25: hit.bm25.unwrap_or(0.0),
        }
    }
}

impl fmt::Debug for Retriever {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Retriever");
        let debug = debug.field("collection", &self.collection);
        debug
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Knowledge for Retriever {
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Passage>, KnowledgeError> {
        let judged = match self.judged(query, limit).await {
            Ok(judged) => judged,
            Err(StoreError::NoCollection(_)) => return Ok(Vec::new()),
            Err(error) => {
                tracing::warn!(%error, "the knowledge base does not answer");
                return Err(KnowledgeError::Unavailable);
            }
        };
        let passages = judged.into_iter().filter_map(|judged| {
            let relevance = judged.relevance?;
            Some(point::passage(&judged.hit.point, judged.likely, relevance))
        });
        Ok(passages.take(limit).collect())
    }
}

#[cfg(all(test, feature = "test-util", feature = "store-sqlite"))]
mod tests {
    use super::*;
    use crate::{
        embedding::EmbedError,
        knowledge::PATH_SEPARATOR,
        reranking::RerankError,
        store::{CollectionSpec, DenseSpec, Point, SqliteStore},
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
}
