//! Passages of a store that answer a question.

use super::{Knowledge, KnowledgeError, Passage};
use crate::{
    Language,
    embedding::{Embedder, TextKind},
    language::terms::{wanted, with_digits},
    store::{Filter, Hit, Query, Store, StoreError},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc};

/// What stands between the headings above a passage.
const PATH_SEPARATOR: &str = " › ";

/// The knowledge base of a collection: passages are found by their words and, with an embedder, by
/// their meaning, both rankings fused.
///
/// Numbers, letters and names are understood as they are said («двадцать третий год», «эс пэ
/// пятьсот»). If the embedder does not answer, words alone are looked for. Dropping the future of a
/// search gives it up.
pub struct Retriever {
    store: Arc<dyn Store>,
    embedder: Option<Arc<dyn Embedder>>,
    collection: String,
    language: Option<Language>,
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
            collection: collection.into(),
            language,
        }
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
        // Nothing but small talk is no question.
        if limit == 0 || wanted(query, self.language).is_empty() {
            return Ok(Vec::new());
        }
        let query = Query {
            text: Some(query.to_owned()),
            dense: self.vector(query).await,
            filter: Filter::default(),
            limit,
        };
        match self.store.search(&self.collection, &query).await {
            Ok(hits) => Ok(hits.into_iter().map(passage).collect()),
            Err(StoreError::NoCollection(_)) => Ok(Vec::new()),
            Err(error) => {
                tracing::warn!(%error, "the knowledge base does not answer");
                Err(KnowledgeError::Unavailable)
            }
        }
    }
}

fn passage(hit: Hit) -> Passage {
    let known = |key: &str| hit.point.payload.get(key).and_then(|value| value.as_str());
    let section = known("section").and_then(|path| path.rsplit(PATH_SEPARATOR).next());
    let text = &hit.point.text;
    Passage {
        title: known("title").unwrap_or_default().to_owned(),
        section: section.map(str::to_owned),
        // The first line is what stands above it.
        text: text
            .split_once('\n')
            .map_or(text.as_str(), |(_, body)| body)
            .to_owned(),
        score: hit.score,
    }
}
