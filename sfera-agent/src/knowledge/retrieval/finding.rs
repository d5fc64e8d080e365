//! What may answer: passages that are like the question, and passages that have a question like it.

use super::Retriever;
use crate::{
    knowledge::questions::kept,
    store::{Condition, Filter, Hit, Query, StoreError},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Passages that are judged. Most of what answers is among them: of the paraphrases that share no word
/// with their passage nine in ten.
const CANDIDATES: usize = 50;
/// Questions of passages that are looked at: with twice as many, no more was found.
const QUESTIONS: usize = 50;

/// A passage that may answer.
pub(super) struct Found {
    pub(super) hit: Hit,
    /// Its questions that are like the one that was asked, the nearest first.
    pub(super) questions: Vec<Hit>,
}

impl Retriever {
    pub(super) async fn found(
        &self,
        question: &str,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let query = Query {
            text: Some(question.to_owned()),
            dense: self.vector(question).await,
            filter: Filter::default(),
            limit: limit.max(CANDIDATES),
        };
        let passages = self.store.search(&self.collection, &query);
        let (hits, mut asked) = futures::future::join(passages, self.asked(&query)).await;
        let mut hits = hits?;
        let known: Vec<Uuid> = hits.iter().map(|hit| hit.point.id).collect();
        let others = asked.keys().copied().filter(|id| !known.contains(id));
        let others: Vec<Uuid> = others.collect();
        hits.extend(self.passages(others, query.dense).await?);
        let found = hits.into_iter().map(|hit| {
            let mut questions = asked.remove(&hit.point.id).unwrap_or_default();
            // Written while the passage changed.
            questions.retain(|question| kept::is_of(&question.point, &hit.point));
            Found { hit, questions }
        });
        Ok(found.collect())
    }

    /// Questions like this one, by the passage that answers them.
    async fn asked(&self, query: &Query) -> HashMap<Uuid, Vec<Hit>> {
        let query = Query {
            limit: QUESTIONS,
            ..query.clone()
        };
        let collection = kept::collection(&self.collection);
        let hits = match self.store.search(&collection, &query).await {
            Ok(hits) => hits,
            Err(StoreError::NoCollection(_)) => Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "passages are found without their questions");
                Vec::new()
            }
        };
        let mut asked = HashMap::<Uuid, Vec<Hit>>::new();
        for hit in hits {
            if let Some(passage) = kept::passage_of(&hit.point) {
                asked.entry(passage).or_default().push(hit);
            }
        }
        for questions in asked.values_mut() {
            let nearness = |hit: &Hit| hit.cosine.unwrap_or(f32::MIN);
            questions.sort_by(|a, b| nearness(b).total_cmp(&nearness(a)));
        }
        asked
    }

    /// Passages by their ids, with their cosines if there is a vector to compare them with. Those that
    /// are gone are left out.
    async fn passages(
        &self,
        mut ids: Vec<Uuid>,
        vector: Option<Vec<f32>>,
    ) -> Result<Vec<Hit>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // The same order in every run.
        ids.sort_unstable();
        let limit = ids.len();
        let filter = Filter {
            must: vec![Condition::Ids(ids)],
        };
        if vector.is_some() {
            let query = Query {
                text: None,
                dense: vector,
                filter,
                limit,
            };
            return self.store.search(&self.collection, &query).await;
        }
        let points = self.store.scroll(&self.collection, &filter, None, limit);
        let hits = points.await?.into_iter().map(|point| Hit {
            point,
            score: 0.0,
            cosine: None,
            bm25: None,
        });
        Ok(hits.collect())
    }
}
