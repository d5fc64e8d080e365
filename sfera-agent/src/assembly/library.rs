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

/// The collection of `sfera kb` where nothing else is named.
const COLLECTION: &str = "knowledge";
/// How long a reranker may take, of the 150 ms that a turn gives its knowledge.
const RERANKING: Duration = Duration::from_millis(100);

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
/// [`EmbedError::Model`] if the file or a variable is no good, and what [`OpenAiEmbedder::new`] says.
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
    let all = store.collections().await?;
    let mut all = all.into_iter().map(|status| status.spec);
    let found = all.find(|spec| spec.name == collection);
    Ok(found.is_none_or(|spec| spec.dense.is_none()))
}

/// A knowledge base in which a reranker, if there is one, reads what was found.
#[must_use]
pub fn reranked(base: KnowledgeBase, reranker: Option<Arc<dyn Reranker>>) -> KnowledgeBase {
    match reranker {
        Some(reranker) => base.reranked(reranker, RERANKING),
        None => base,
    }
}

/// A knowledge base that was set up, as conversations use it; `None` if there is none or it is empty.
///
/// # Errors
/// [`KnowledgeBaseError`] if its vectors are of another model, or the store fails.
pub async fn knowledge_base(
    store: Arc<dyn Store>,
    collection: &str,
    embedder: Option<Arc<dyn Embedder>>,
    reranker: Option<Arc<dyn Reranker>>,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let all = store.collections().await?;
    let found = all
        .into_iter()
        .find(|status| status.spec.name == collection);
    if found.is_none_or(|status| status.points == 0) {
        return Ok(None);
    }
    let base = KnowledgeBase::open(store, collection, embedder).await?;
    Ok(Some(Arc::new(reranked(base, reranker).retriever())))
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
    knowledge_base(store, COLLECTION, embedder, reranker).await
}
