//! Which store, which collection, who embeds.

use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
    models,
};
use sfera_agent::{
    assembly,
    embedding::Embedder,
    knowledge::{Knowledge, KnowledgeBase},
    reranking::Reranker,
    store::{QdrantOptions, QdrantStore, SqliteStore, Store, StoreError},
};
use std::{path::PathBuf, sync::Arc};

/// The collection of these settings.
pub fn collection(settings: &Settings) -> &str {
    let named = settings.config.knowledge.collection.as_deref();
    named.unwrap_or("knowledge")
}

/// Where the store is, for people.
pub fn place(settings: &Settings) -> Result<String, Error> {
    match settings.environment.get("QDRANT_HOST") {
        Some(host) => Ok(host.to_owned()),
        None => Ok(store_file(settings)?.display().to_string()),
    }
}

/// The file of the embedded store.
fn store_file(settings: &Settings) -> Result<PathBuf, Error> {
    let named = settings.config.knowledge.store.clone();
    let file = named.or_else(assembly::usual_store);
    Ok(file.ok_or(KnowledgeProblem::NoHome)?)
}

fn server(settings: &Settings) -> Option<QdrantOptions> {
    QdrantOptions::of_environment(|name| settings.environment.get(name))
}

/// The store of these settings: the server that is named, else a file, made if there is none.
pub async fn store(settings: &Settings) -> Result<Arc<dyn Store>, Error> {
    if let Some(server) = server(settings) {
        return Ok(Arc::new(QdrantStore::new(&server)?));
    }
    Ok(Arc::new(SqliteStore::open(store_file(settings)?).await?))
}

/// The store of these settings if there is one: looking into it is no reason to make it.
async fn present(settings: &Settings) -> Result<Option<Arc<dyn Store>>, Error> {
    match server(settings).is_some() || store_file(settings)?.is_file() {
        true => Ok(Some(store(settings).await?)),
        false => Ok(None),
    }
}

async fn present_or_missing(settings: &Settings) -> Result<Arc<dyn Store>, Error> {
    let missing = || StoreError::NoCollection(collection(settings).to_owned());
    Ok(present(settings).await?.ok_or_else(missing)?)
}

/// Whether so many passages and questions are more than the embedded store is quick with.
pub fn crowded(settings: &Settings, points: u64) -> bool {
    server(settings).is_none() && points > SqliteStore::COMFORTABLE
}

/// Who embeds: nobody where no model is there.
pub async fn embedder(settings: &Settings) -> Result<Option<Arc<dyn Embedder>>, Error> {
    let get = |name: &str| settings.environment.get(name);
    let embedder = assembly::embedder(&models::open(settings)?, get).await;
    Ok(embedder.map_err(KnowledgeProblem::Embedding)?)
}

/// Who embeds for a collection that is there: a model is loaded only if it is needed.
async fn embedder_for(
    store: &dyn Store,
    settings: &Settings,
) -> Result<Option<Arc<dyn Embedder>>, Error> {
    match assembly::knowledge_base_is_words(store, collection(settings)).await? {
        true => Ok(None),
        false => embedder(settings).await,
    }
}

/// Who reads what was found, if the settings name somebody.
fn reranker(settings: &Settings) -> Result<Option<Arc<dyn Reranker>>, Error> {
    let reranker = assembly::reranker(|name| settings.environment.get(name));
    Ok(reranker.map_err(KnowledgeProblem::Reranking)?)
}

/// What a conversation looks things up in, if there is anything in it.
pub async fn ready(settings: &Settings) -> Result<Option<Arc<dyn Knowledge>>, Error> {
    let Some(store) = present(settings).await? else {
        return Ok(None);
    };
    let embedder = embedder_for(&*store, settings).await?;
    let reranker = reranker(settings)?;
    Ok(assembly::knowledge_base(store, collection(settings), embedder, reranker).await?)
}

/// The knowledge base as it was set up, to search in it.
pub async fn existing(settings: &Settings) -> Result<KnowledgeBase, Error> {
    let base = writable(settings).await?;
    Ok(assembly::reranked(base, reranker(settings)?))
}

/// The knowledge base as it was set up, to write into it: who rereads what was found is not needed for
/// that.
pub async fn writable(settings: &Settings) -> Result<KnowledgeBase, Error> {
    let store = present_or_missing(settings).await?;
    let embedder = embedder_for(&*store, settings).await?;
    Ok(KnowledgeBase::open(store, collection(settings), embedder).await?)
}

/// The knowledge base as it was set up, to look at what is in it: no model is loaded for that.
pub async fn browsed(settings: &Settings) -> Result<KnowledgeBase, Error> {
    let store = present_or_missing(settings).await?;
    Ok(KnowledgeBase::browse(store, collection(settings)).await?)
}

/// The knowledge base as it was set up, or set up now with what there is; and whether it is new.
pub async fn existing_or_new(settings: &Settings) -> Result<(KnowledgeBase, bool), Error> {
    let (store, name) = (store(settings).await?, collection(settings));
    let known = store.collections().await?;
    if known.iter().any(|status| status.spec.name == name) {
        let embedder = embedder_for(&*store, settings).await?;
        return Ok((KnowledgeBase::open(store, name, embedder).await?, false));
    }
    let embedder = embedder(settings).await?;
    let base = KnowledgeBase::setup(store, name, None, embedder).await?;
    Ok((base, true))
}
