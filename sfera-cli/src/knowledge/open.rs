//! Which store, which collection, who embeds.

use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
    models,
};
use sfera_agent::{
    assembly::{self, ReadyKnowledge},
    embedding::{EmbedError, Embedder, OpenAiEmbedderOptions, TextKind},
    knowledge::{FileKnowledge, Knowledge, KnowledgeBase, KnowledgeError},
    reranking::Reranker,
    store::{QdrantOptions, QdrantStore, SqliteStore, Store, StoreError},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

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
    let file = file.ok_or(KnowledgeProblem::NoHome)?;
    match file.is_dir() {
        true => Err(KnowledgeProblem::StoreFolder(file).into()),
        false => Ok(file),
    }
}

/// The same error with the name of what does not answer, where it is about that.
pub fn named(error: Error, settings: &Settings) -> Error {
    let named = match &error {
        Error::Knowledge(KnowledgeProblem::Store(StoreError::Unavailable)) => away(settings),
        Error::Knowledge(KnowledgeProblem::Embedding(EmbedError::Unavailable)) => {
            let server = settings.environment.get("EMBEDDING_BASE_URL");
            server.map(|server| KnowledgeProblem::EmbeddingServer(server.to_owned()))
        }
        _ => None,
    };
    named.map_or(error, Error::from)
}

fn away(settings: &Settings) -> Option<KnowledgeProblem> {
    let place = place(settings).ok()?;
    Some(match server(settings) {
        Some(_) => KnowledgeProblem::Server(place),
        None => KnowledgeProblem::Busy(place),
    })
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

/// Who embeds for a base that is to be made. It has to show that it can: a base is of no use without.
pub async fn tried_embedder(settings: &Settings) -> Result<Option<Arc<dyn Embedder>>, Error> {
    let embedder = embedder(settings).await?;
    if let Some(embedder) = &embedder {
        let tried = embedder.embed(TextKind::Query, &[WORD.to_owned()]).await;
        tried.map_err(KnowledgeProblem::Embedding)?;
    }
    Ok(embedder)
}

/// Any word.
const WORD: &str = "слово";

/// Whether there is somebody who could embed; no model is loaded to see that.
pub fn could_embed(settings: &Settings) -> bool {
    let server = OpenAiEmbedderOptions::of_environment(|name| settings.environment.get(name));
    let file = models::open(settings).and_then(|models| models.path("e5-small"));
    server.is_ok_and(|server| server.is_some()) || file.is_ok()
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

/// What a conversation looks things up in, if there is anything in it. A model that is not here is no
/// reason not to talk: words do.
pub async fn ready(settings: &Settings) -> Result<Option<ReadyKnowledge>, Error> {
    let ready = prepared(settings).await;
    ready.map_err(|error| named(error, settings))
}

async fn prepared(settings: &Settings) -> Result<Option<ReadyKnowledge>, Error> {
    let Some(store) = present(settings).await? else {
        return Ok(None);
    };
    let (name, embedder) = (collection(settings), embedder_for(&*store, settings).await?);
    Ok(assembly::knowledge_base(store, name, embedder, reranker(settings)?).await?)
}

/// The knowledge base as a conversation opens it, with all that may keep it from that; and the model of its
/// vectors where that is not here.
pub async fn examined(settings: &Settings) -> Result<(KnowledgeBase, Option<String>), Error> {
    let store = present_or_missing(settings).await?;
    let embedder = embedder_for(&*store, settings).await?;
    reranker(settings)?;
    Ok(assembly::searchable(store, collection(settings), embedder).await?)
}

/// A folder of Markdown, as a conversation reads it.
pub async fn folder(folder: &Path) -> Result<Arc<dyn Knowledge>, Error> {
    match FileKnowledge::open(folder).await {
        Ok(knowledge) => Ok(Arc::new(knowledge)),
        Err(KnowledgeError::Document(path)) => Err(unread(path.into(), folder).into()),
        Err(KnowledgeError::Unavailable) => Err(unread(folder.to_owned(), folder).into()),
    }
}

/// Why the folder, or something in it, cannot be read.
fn unread(path: PathBuf, folder: &Path) -> KnowledgeProblem {
    let looked = match path == folder || path.is_dir() {
        true => fs::read_dir(&path).map(drop),
        false => fs::File::open(&path).map(drop),
    };
    let why = looked.err().map(|error| error.kind());
    KnowledgeProblem::Unread(path, why)
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
    if store.collection(name).await?.is_some() {
        let embedder = embedder_for(&*store, settings).await?;
        return Ok((KnowledgeBase::open(store, name, embedder).await?, false));
    }
    let embedder = tried_embedder(settings).await?;
    let base = KnowledgeBase::setup(store, name, None, embedder).await?;
    Ok((base, true))
}
