use crate::{
    embedding::Embedder,
    knowledge::{Knowledge, KnowledgeBase, KnowledgeBaseError, Retriever},
    store::{SqliteStore, Store},
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
    let retriever: Retriever = base.retriever();
    Ok(Some(Arc::new(retriever)))
}

/// The knowledge base that `sfera kb` made on this machine, if there is one.
///
/// # Errors
/// Those of [`knowledge_base`].
pub async fn usual_knowledge(
    embedder: Option<Arc<dyn Embedder>>,
) -> Result<Option<Arc<dyn Knowledge>>, KnowledgeBaseError> {
    let Some(file) = usual_store().filter(|file| file.is_file()) else {
        return Ok(None);
    };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(file).await?);
    knowledge_base(store, COLLECTION, embedder).await
}
