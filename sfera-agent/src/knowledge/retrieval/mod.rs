//! Passages of a store that answer a question.

mod finding;

use super::{
    Knowledge, KnowledgeError, Passage, Relevance, point,
    relevance::{Candidate, Said, judge, reread},
};
use crate::{
    Language,
    embedding::{Embedder, TextKind},
    language::terms::{Wanted, terms, wanted, with_digits},
    reranking::Reranker,
    store::{Hit, Store, StoreError},
};
use async_trait::async_trait;
use finding::Found;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How many of them a reranker reads.
const REREAD: usize = 20;

/// The knowledge base of a collection: passages are found by their words and, with an embedder, by
/// their meaning, both rankings fused, and in the same way by the questions that were written for them;
/// the best are weighed once more by all that is known of them, and each is told what it is to the
/// question.
///
/// Numbers, letters and names are understood as they are said («двадцать третий год», «эс пэ
/// пятьсот»), and a passage without a number or name that is asked for is no answer. If the embedder does
/// not answer, words alone are looked for. Dropping the future of a search gives it up.
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
        let found = self.found(question, limit).await?;
        let candidates = found.iter().map(|found| self.candidate(found, &wanted));
        let candidates: Vec<_> = candidates.collect();
        let judgements = candidates.iter().zip(judge(&candidates));
        let mut judged: Vec<_> = found
            .into_iter()
            .zip(judgements)
            .map(|(found, (candidate, (likely, relevance)))| Judged {
                hit: found.hit,
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

    fn candidate(&self, found: &Found, wanted: &[Wanted]) -> Candidate {
        let mut told = terms(&found.hit.point.text, self.language);
        let said = Said::of(wanted, &told);
        let questions = found.questions.iter().map(|hit| hit.point.text.as_str());
        told.extend(questions.flat_map(|text| terms(text, self.language)));
        Candidate {
            said,
            cosine: found.hit.cosine,
            bm25: found.hit.bm25.unwrap_or(0.0),
            told: wanted.iter().map(|one| one.count_in(&told)).collect(),
            questions: found.questions.iter().map(|hit| hit.cosine).collect(),
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
mod tests;
