//! A knowledge base in a store: files are ingested, searched, listed, exported and removed.

mod catalog;
mod export;
mod ingest;
mod plan;
mod questions;
mod walk;
#[cfg(feature = "ingest-watch")]
mod watch;

pub use catalog::DocumentSummary;
pub use ingest::{IngestProgress, Ingested};
pub use questions::{QuestionProgress, QuestionsWritten, Unasked};
#[cfg(feature = "ingest-watch")]
pub use watch::{Watch, WatchError};

use super::{Chunking, Passage, QuestionError, Retriever, point};
use crate::{
    Language,
    embedding::{EmbedError, Embedder},
    reranking::Reranker,
    store::{CollectionSpec, CollectionStatus, DenseSpec, Invalid, Store, StoreError},
};
use std::{io, sync::Arc, time::Duration};

/// A collection of passages in a store, and who embeds them.
///
/// All state is in the store. Whatever ends a call, its future dropped or the process killed, what was
/// written stays, and the same call goes on from there. Two processes at once do no harm.
///
/// ```
/// # #[cfg(feature = "test-util")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use sfera_agent::testing::MemoryStore;
/// use sfera_agent::{knowledge::KnowledgeBase, store::Store};
/// use std::sync::Arc;
///
/// # let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("risk.md"), "# Риск\n\nНе более процента на сделку.")?;
/// let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
/// let knowledge = KnowledgeBase::setup(store, "knowledge", None, None).await?;
/// let ingested = knowledge.ingest(&[folder.path().to_owned()], &|_| {}).await?;
/// assert_eq!(ingested.written, 1);
/// let found = knowledge.search("процента", 3).await?;
/// assert_eq!(found[0].passage.title, "Риск");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "test-util"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct KnowledgeBase {
    store: Arc<dyn Store>,
    embedder: Option<Arc<dyn Embedder>>,
    spec: CollectionSpec,
    chunking: Chunking,
    reranker: Option<(Arc<dyn Reranker>, Duration)>,
}

/// A passage that was found, and the document it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What was found.
    pub passage: Passage,
    /// Path or URL of its document.
    pub source: String,
    /// Where people can read it.
    pub url: Option<String>,
}

impl KnowledgeBase {
    /// Makes the collection, with vectors if there is an embedder, and opens it.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] if it exists and is another one.
    pub async fn setup(
        store: Arc<dyn Store>,
        collection: &str,
        language: Option<Language>,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self, KnowledgeBaseError> {
        let spec = CollectionSpec {
            name: collection.to_owned(),
            language,
            dense: embedder.as_deref().map(|embedder| DenseSpec {
                model: embedder.model().to_owned(),
                dimension: embedder.dimension(),
            }),
        };
        // A dot is for what belongs to a collection.
        if collection.contains('.') {
            return Err(StoreError::from(Invalid::Name(spec.name)).into());
        }
        store.setup(&spec).await?;
        let base = Self::over(store, spec, embedder);
        base.renew_questions().await?;
        Ok(base)
    }

    /// Opens a collection as it was set up: one without vectors needs no embedder, and uses none.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`] if it was not set up; [`KnowledgeBaseError::Model`] if its vectors
    /// are of another model.
    pub async fn open(
        store: Arc<dyn Store>,
        collection: &str,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self, KnowledgeBaseError> {
        let spec = spec_of(&*store, collection).await?;
        let Some(dense) = &spec.dense else {
            return Ok(Self::over(store, spec, None));
        };
        match embedder {
            Some(embedder)
                if embedder.model() == dense.model && embedder.dimension() == dense.dimension =>
            {
                Ok(Self::over(store, spec, Some(embedder)))
            }
            _ => Err(KnowledgeBaseError::Model(dense.model.clone())),
        }
    }

    /// Opens a collection to list, export or remove what is in it, which needs no embedder. Nothing can
    /// be ingested if it has vectors, and it is searched by words alone.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`] if it was not set up.
    pub async fn browse(
        store: Arc<dyn Store>,
        collection: &str,
    ) -> Result<Self, KnowledgeBaseError> {
        let spec = spec_of(&*store, collection).await?;
        Ok(Self::over(store, spec, None))
    }

    fn over(
        store: Arc<dyn Store>,
        spec: CollectionSpec,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Self {
        Self {
            store,
            embedder,
            spec,
            chunking: Chunking::default(),
            reranker: None,
        }
    }

    /// Cuts documents in another way from now on. What was ingested before is cut anew with the next
    /// ingest.
    #[must_use]
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.chunking = chunking;
        self
    }

    /// Lets a model read what was found, as [`Retriever::reranked`] does.
    #[must_use]
    pub fn reranked(mut self, reranker: Arc<dyn Reranker>, patience: Duration) -> Self {
        self.reranker = Some((reranker, patience));
        self
    }

    /// As it was set up.
    #[must_use]
    pub const fn spec(&self) -> &CollectionSpec {
        &self.spec
    }

    /// The best passages about a query, the likeliest answer first: those that conversations find, and
    /// none that have nothing to do with it.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn search(
        &self,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Found>, KnowledgeBaseError> {
        let judged = self.retriever().judged(query, limit).await?;
        let found = judged.into_iter().filter_map(|judged| {
            let point = &judged.hit.point;
            Some(Found {
                passage: point::passage(point, judged.likely, judged.relevance?),
                source: text_of(point, point::key::SOURCE),
                url: point::url(point).map(str::to_owned),
            })
        });
        Ok(found.take(limit).collect())
    }

    /// What conversations look things up with.
    #[must_use]
    pub fn retriever(&self) -> Retriever {
        let (name, language) = (self.spec.name.clone(), self.spec.language);
        let retriever = Retriever::new(self.store.clone(), self.embedder.clone(), name, language);
        match self.reranker.clone() {
            Some((reranker, patience)) => retriever.reranked(reranker, patience),
            None => retriever,
        }
    }

    /// What the collection is and holds.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn status(&self) -> Result<CollectionStatus, KnowledgeBaseError> {
        let found = self.store.collection(&self.spec.name).await?;
        Ok(found.ok_or_else(|| StoreError::NoCollection(self.spec.name.clone()))?)
    }
}

async fn spec_of(store: &dyn Store, collection: &str) -> Result<CollectionSpec, StoreError> {
    let found = store.collection(collection).await?;
    let found = found.ok_or_else(|| StoreError::NoCollection(collection.to_owned()))?;
    Ok(found.spec)
}

fn text_of(point: &crate::store::Point, key: &str) -> String {
    let text = point::string(&point.payload, key);
    text.unwrap_or_default().to_owned()
}

/// Why the knowledge base did not do it.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeBaseError {
    /// The store did not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The texts got no vectors.
    #[error(transparent)]
    Embedding(#[from] EmbedError),
    /// Its vectors are of this model, which is not here: get it, or set the collection up anew.
    #[error("the knowledge base needs the embedding model {0}")]
    Model(String),
    /// Nobody writes questions; what was written is kept, and the same call goes on from there.
    #[error(transparent)]
    Questions(#[from] QuestionError),
    /// The export cannot be written.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
