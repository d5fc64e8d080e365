#[cfg(feature = "rerank-http")]
use crate::reranking::{RerankError, RerankServer, RerankServerOptions};
use crate::{
    embedding::Embedder,
    knowledge::{Knowledge, KnowledgeBase, KnowledgeBaseError},
    reranking::Reranker,
    store::{SqliteStore, Store},
};
#[cfg(all(feature = "embed-e5", feature = "embed-openai"))]
use crate::{
    embedding::{CacheEmbedder, E5, EmbedError, OpenAiEmbedder, OpenAiEmbedderOptions},
    models::Models,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The collection of `sfera kb` where nothing else is named.
const COLLECTION: &str = "knowledge";
/// How long a reranker may take, of the 150 ms that a turn gives its knowledge.
const RERANKING: Duration = Duration::from_millis(100);
/// How long a start may take longer for a quick first answer.
const WARMING: Duration = Duration::from_secs(3);
/// What hardly any text says: for a word that is not there all words are read, too.
const WARMING_QUESTION: &str = "разминка";

/// Where the hosts of one machine keep what can be searched together, unless told otherwise: in the
/// user's data folder. None where there is no home.
#[must_use]
pub fn usual_store() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "sfera")?;
    Some(folders.data_dir().join("sfera.db"))
}

/// Who finds by meaning: the server that the environment names ([`OpenAiEmbedderOptions::of_environment`]),
/// else multilingual-e5-small in the process, if it was downloaded. Loading takes a second or so, on a
/// thread of its own.
///
/// # Errors
/// What [`OpenAiEmbedderOptions::of_environment`], [`OpenAiEmbedder::new`] and [`E5::load`] say.
#[cfg(all(feature = "embed-e5", feature = "embed-openai"))]
pub async fn embedder<'a>(
    models: &Models,
    get: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Arc<dyn Embedder>>, EmbedError> {
    let embedder: Arc<dyn Embedder> = match OpenAiEmbedderOptions::of_environment(get)? {
        Some(server) => Arc::new(OpenAiEmbedder::new(server)?),
        None => {
            let Ok(file) = models.path("e5-small") else {
                return Ok(None);
            };
            let loaded = tokio::task::spawn_blocking(move || E5::load(&file)).await;
            Arc::new(loaded.map_err(|_| EmbedError::Unavailable)??)
        }
    };
    Ok(Some(Arc::new(CacheEmbedder::new(embedder))))
}

/// Who reads what was found: the server that the environment names
/// ([`RerankServerOptions::of_environment`]), if it names one.
///
/// # Errors
/// What [`RerankServer::new`] says.
#[cfg(feature = "rerank-http")]
pub fn reranker<'a>(
    get: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Arc<dyn Reranker>>, RerankError> {
    let server = RerankServerOptions::of_environment(get)?;
    let server = server.map(RerankServer::new).transpose()?;
    Ok(server.map(|server| Arc::new(server) as Arc<dyn Reranker>))
}

/// Whether a knowledge base can be searched by its words only; then nobody need embed.
///
/// # Errors
/// [`KnowledgeBaseError`] if the store fails.
pub async fn knowledge_base_is_words(
    store: &dyn Store,
    collection: &str,
) -> Result<bool, KnowledgeBaseError> {
    let found = store.collection(collection).await?;
    Ok(found.is_none_or(|status| status.spec.dense.is_none()))
}

/// A knowledge base in which a reranker, if there is one, reads what was found.
#[must_use]
pub fn reranked(base: KnowledgeBase, reranker: Option<Arc<dyn Reranker>>) -> KnowledgeBase {
    match reranker {
        Some(reranker) => base.reranked(reranker, RERANKING),
        None => base,
    }
}

/// A knowledge base that was set up, to search in: by words alone where the model of its vectors is not
/// here, which is named then.
///
/// # Errors
/// [`KnowledgeBaseError::Store`] if it was not set up, or the store fails.
pub async fn searchable(
    store: Arc<dyn Store>,
    collection: &str,
    embedder: Option<Arc<dyn Embedder>>,
) -> Result<(KnowledgeBase, Option<String>), KnowledgeBaseError> {
    match KnowledgeBase::open(store.clone(), collection, embedder).await {
        Err(KnowledgeBaseError::Model(model)) => {
            let by_words = KnowledgeBase::browse(store, collection).await?;
            Ok((by_words, Some(model)))
        }
        opened => Ok((opened?, None)),
    }
}

/// Searches once before anybody asks: the first search of a process reads what later ones find in memory,
/// and wakes the embedding model, for which a turn has no time. No reranker is asked for that.
async fn warm_up(base: &KnowledgeBase) {
    match timeout(WARMING, base.search(WARMING_QUESTION, 1)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the knowledge base is not warmed up"),
        Err(_) => tracing::debug!("the knowledge base takes long to warm up"),
    }
}

/// What conversations look things up in.
pub struct ReadyKnowledge {
    /// Who finds.
    pub knowledge: Arc<dyn Knowledge>,
    /// The model of its vectors where that is not here: words are all it is searched by.
    pub lacking: Option<String>,
}

/// A knowledge base that was set up, as conversations use it; `None` if there is none or it is empty. Where
/// the model of its vectors is not here, that is logged, and it is searched by words, as [`searchable`]. It
/// was searched once, so that the first question is answered as quickly as the next; that takes 3 s at
/// most.
///
/// # Errors
/// [`KnowledgeBaseError`] if the store fails.
pub async fn knowledge_base(
    store: Arc<dyn Store>,
    collection: &str,
    embedder: Option<Arc<dyn Embedder>>,
    reranker: Option<Arc<dyn Reranker>>,
) -> Result<Option<ReadyKnowledge>, KnowledgeBaseError> {
    let found = store.collection(collection).await?;
    if found.is_none_or(|status| status.points == 0) {
        return Ok(None);
    }
    let (base, lacking) = searchable(store, collection, embedder).await?;
    if let Some(model) = &lacking {
        tracing::warn!(
            model,
            "the knowledge base is searched by words only: name its model in EMBEDDING_…, or get the \
             embedded one (sfera models pull e5-small)"
        );
    }
    warm_up(&base).await;
    let knowledge = Arc::new(reranked(base, reranker).retriever());
    Ok(Some(ReadyKnowledge { knowledge, lacking }))
}

/// The knowledge base that `sfera kb` made on this machine, if there is one.
///
/// # Errors
/// Those of [`knowledge_base`] and [`embedder`].
#[cfg(all(
    feature = "embed-e5",
    feature = "embed-openai",
    feature = "rerank-http"
))]
pub async fn usual_knowledge<'a>(
    models: &Models,
    get: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let Some(file) = usual_store().filter(|file| file.is_file()) else {
        return Ok(None);
    };
    knowledge_in(Arc::new(SqliteStore::open(file).await?), models, get).await
}

/// The knowledge base that `sfera kb` made in a store, if there is one. A reranker that cannot be used is
/// logged and left out.
///
/// # Errors
/// Those of [`knowledge_base`] and [`embedder`].
#[cfg(all(
    feature = "embed-e5",
    feature = "embed-openai",
    feature = "rerank-http"
))]
pub async fn knowledge_in<'a>(
    store: Arc<dyn Store>,
    models: &Models,
    get: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let reranker = reranker(&get).unwrap_or_else(|error| {
        tracing::warn!(%error, "there is no reranker");
        None
    });
    let embedder = match knowledge_base_is_words(&*store, COLLECTION).await? {
        true => None,
        false => embedder(models, &get).await?,
    };
    let ready = knowledge_base(store, COLLECTION, embedder, reranker).await?;
    Ok(ready.map(|ready| ready.knowledge))
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        embedding::{EmbedError, TextKind},
        store::{CollectionSpec, DenseSpec, Point},
        testing::MemoryStore,
    };
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::time::Instant;
    use uuid::Uuid;

    /// Takes long for its first text.
    struct Cold {
        first: Duration,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Embedder for Cold {
        fn model(&self) -> &'static str {
            "cold"
        }

        fn dimension(&self) -> usize {
            1
        }

        async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
            if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
                tokio::time::sleep(self.first).await;
            }
            Ok(vec![vec![1.0]; texts.len()])
        }
    }

    /// A store with a passage, or with nothing.
    async fn store(passages: u128) -> Arc<MemoryStore> {
        let store = Arc::new(MemoryStore::default());
        let spec = CollectionSpec {
            name: COLLECTION.into(),
            language: None,
            dense: Some(DenseSpec {
                model: "cold".into(),
                dimension: 1,
            }),
        };
        store.setup(&spec).await.unwrap();
        let point = |number| Point {
            id: Uuid::from_u128(number),
            text: "Страх мешает ждать.".into(),
            dense: Some(vec![1.0]),
            payload: Default::default(),
        };
        let points = (0..passages).map(point).collect();
        store.upsert(COLLECTION, points).await.unwrap();
        store
    }

    /// How often a knowledge base had its model embed before it was ready, and after how many seconds.
    async fn check(passages: u128, first: u64, expected: (usize, u64)) {
        let cold = Arc::new(Cold {
            first: Duration::from_secs(first),
            asked: AtomicUsize::new(0),
        });
        let store = store(passages).await;
        let begun = Instant::now();
        let base = knowledge_base(store, COLLECTION, Some(cold.clone()), None).await;
        let (ready, took) = (base.unwrap(), begun.elapsed().as_secs());
        assert_eq!((cold.asked.load(Ordering::Relaxed), took), expected);
        assert_eq!(ready.is_some(), passages > 0);
        if let Some(ready) = ready {
            let begun = Instant::now();
            let found = ready.knowledge.search("Что мешает ждать?", 5);
            found.await.unwrap();
            assert_eq!(cold.asked.load(Ordering::Relaxed), 2);
            assert!(begun.elapsed() < Duration::from_millis(1));
        }
    }

    #[tokio::test]
    async fn without_the_model_of_its_vectors_it_is_searched_by_words() {
        let (_, lacking) = searchable(store(1).await, COLLECTION, None).await.unwrap();
        assert_eq!(lacking.as_deref(), Some("cold"));
        let base = knowledge_base(store(1).await, COLLECTION, None, None).await;
        assert!(base.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_question_finds_a_warm_model_and_no_start_waits_for_ever() {
        check(1, 1, (1, 1)).await;
        check(1, 3_600, (1, WARMING.as_secs())).await;
        check(0, 1, (0, 0)).await;
    }
}
