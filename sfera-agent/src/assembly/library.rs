use crate::{
    embedding::Embedder,
    knowledge::{Knowledge, KnowledgeBase, KnowledgeBaseError},
    store::{SqliteStore, Store},
};
#[cfg(feature = "embed-e5")]
use crate::{
    embedding::{CacheEmbedder, E5, EmbedError},
    models::Models,
};
use std::{path::PathBuf, sync::Arc};

/// The collection of `sfera kb` where nothing else is named.
const COLLECTION: &str = "knowledge";

/// Where the hosts of one machine keep what can be searched together, unless told otherwise: in the
/// user's data folder. None where there is no home.
#[must_use]
pub fn usual_store() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "sfera")?;
    Some(folders.data_dir().join("sfera.db"))
}

/// Who finds by meaning in the process: multilingual-e5-small, if it was downloaded. Loading takes a
/// second or so, on a thread of its own.
///
/// # Errors
/// [`EmbedError::Model`] if the file is no good.
#[cfg(feature = "embed-e5")]
pub async fn embedder(models: &Models) -> Result<Option<Arc<dyn Embedder>>, EmbedError> {
    let Ok(file) = models.path("e5-small") else {
        return Ok(None);
    };
    let loaded = tokio::task::spawn_blocking(move || E5::load(&file)).await;
    let e5 = loaded.map_err(|_| EmbedError::Unavailable)??;
    Ok(Some(Arc::new(CacheEmbedder::new(Arc::new(e5)))))
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

/// A knowledge base that was set up, as conversations use it; `None` if there is none or it is empty.
///
/// # Errors
/// [`KnowledgeBaseError`] if its vectors are of another model, or the store fails.
pub async fn knowledge_base(
    store: Arc<dyn Store>,
    collection: &str,
    embedder: Option<Arc<dyn Embedder>>,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let all = store.collections().await?;
    let found = all
        .into_iter()
        .find(|status| status.spec.name == collection);
    if found.is_none_or(|status| status.points == 0) {
        return Ok(None);
    }
    let base = KnowledgeBase::open(store, collection, embedder).await?;
    Ok(Some(Arc::new(base.retriever())))
}

/// The knowledge base that `sfera kb` made on this machine, if there is one.
///
/// # Errors
/// Those of [`knowledge_base`] and [`embedder`].
#[cfg(feature = "embed-e5")]
pub async fn usual_knowledge(
    models: &Models,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let Some(file) = usual_store().filter(|file| file.is_file()) else {
        return Ok(None);
    };
    knowledge_in(Arc::new(SqliteStore::open(file).await?), models).await
}

/// The knowledge base that `sfera kb` made in a store, if there is one.
///
/// # Errors
/// Those of [`knowledge_base`] and [`embedder`].
#[cfg(feature = "embed-e5")]
pub async fn knowledge_in(
    store: Arc<dyn Store>,
    models: &Models,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let embedder = match knowledge_base_is_words(&*store, COLLECTION).await? {
        true => None,
        false => embedder(models).await?,
    };
    knowledge_base(store, COLLECTION, embedder).await
}
