//! Which store, which collection, who embeds.

use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
};
use sfera_agent::{
    assembly,
    embedding::Embedder,
    knowledge::{Knowledge, KnowledgeBase},
    store::{SqliteStore, Store, StoreError},
};
use std::{path::PathBuf, sync::Arc};

/// The collection of these settings.
pub fn collection(settings: &Settings) -> &str {
    let named = settings.config.knowledge.collection.as_deref();
    named.unwrap_or("knowledge")
}

/// The file of the embedded store.
pub fn store_file(settings: &Settings) -> Result<PathBuf, Error> {
    let named = settings.config.knowledge.store.clone();
    let file = named.or_else(assembly::usual_store);
    Ok(file.ok_or(KnowledgeProblem::NoHome)?)
}

/// The store of these settings, made if there is none.
pub async fn store(settings: &Settings) -> Result<Arc<dyn Store>, Error> {
    Ok(Arc::new(SqliteStore::open(store_file(settings)?).await?))
}

/// The store of these settings if there is one: looking into it is no reason to make it.
async fn present(settings: &Settings) -> Result<Option<Arc<dyn Store>>, Error> {
    match store_file(settings)?.is_file() {
        true => Ok(Some(store(settings).await?)),
        false => Ok(None),
    }
}

/// Who embeds: nobody where no model is there.
pub async fn embedder(_settings: &Settings) -> Result<Option<Arc<dyn Embedder>>, Error> {
    Ok(None)
}

/// What a conversation looks things up in, if there is anything in it.
pub async fn ready(settings: &Settings) -> Result<Option<Arc<dyn Knowledge>>, Error> {
    let Some(store) = present(settings).await? else {
        return Ok(None);
    };
    let embedder = embedder(settings).await?;
    Ok(assembly::knowledge_base(store, collection(settings), embedder).await?)
}

/// The knowledge base as it was set up, to search in it.
pub async fn existing(settings: &Settings) -> Result<KnowledgeBase, Error> {
    let (store, name) = (present_or_missing(settings).await?, collection(settings));
    Ok(KnowledgeBase::open(store, name, embedder(settings).await?).await?)
}

/// The knowledge base as it was set up, to look at what is in it: no model is loaded for that.
pub async fn browsed(settings: &Settings) -> Result<KnowledgeBase, Error> {
    let (store, name) = (present_or_missing(settings).await?, collection(settings));
    Ok(KnowledgeBase::browse(store, name).await?)
}

async fn present_or_missing(settings: &Settings) -> Result<Arc<dyn Store>, Error> {
    let missing = || StoreError::NoCollection(collection(settings).to_owned());
    Ok(present(settings).await?.ok_or_else(missing)?)
}

/// The knowledge base as it was set up, or set up now with what there is.
pub async fn existing_or_new(settings: &Settings) -> Result<(KnowledgeBase, bool), Error> {
    let (store, name) = (store(settings).await?, collection(settings));
    let embedder = embedder(settings).await?;
    let known = store.collections().await?;
    if known.iter().any(|status| status.spec.name == name) {
        return Ok((KnowledgeBase::open(store, name, embedder).await?, false));
    }
    Ok((
        KnowledgeBase::setup(store, name, None, embedder).await?,
        true,
    ))
}
