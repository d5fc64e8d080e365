//! One request for both rankings, and one answer of both.

use super::{
    point,
    spec::{DENSE, WORDS},
    words,
};
use crate::store::{CollectionSpec, Hit, Query, fusion};
use qdrant_client::qdrant::{
    self as wire, BatchResult, DenseVector, PayloadIncludeSelector, QueryBatchPoints,
    QueryBatchResponse, QueryPoints, VectorInput, VectorsSelector, WithPayloadSelector,
    WithVectorsSelector, query, vector_input, with_payload_selector, with_vectors_selector,
};
use std::collections::HashMap;
use uuid::Uuid;

/// What is asked and how the answers are put together.
pub(super) struct Search<'a> {
    collection: &'a str,
    dense: Option<&'a Vec<f32>>,
    words: Option<wire::SparseVector>,
    filter: wire::Filter,
    /// Whether two rankings were asked for, even if one of them is empty.
    both: bool,
    limit: usize,
}

impl<'a> Search<'a> {
    /// `None` if nothing can be found.
    pub(super) fn new(spec: &'a CollectionSpec, query: &'a Query) -> Option<Self> {
        let text = query.text.as_deref();
        let words = text.and_then(|text| words::of_query(text, spec.language));
        let empty = query.limit == 0 || (words.is_none() && query.dense.is_none());
        (!empty).then_some(())?;
        Some(Self {
            collection: &spec.name,
            dense: query.dense.as_ref(),
            words,
            filter: point::filter(&query.filter)?,
            both: query.text.is_some() && query.dense.is_some(),
            limit: query.limit,
        })
    }

    pub(super) fn request(&self) -> QueryBatchPoints {
        let dense = self.dense.map(|data| {
            let vector = DenseVector { data: data.clone() };
            self.ranking(DENSE, vector_input::Variant::Dense(vector))
        });
        let words = self.words.as_ref().map(|words| QueryPoints {
            // What is found by words is compared by meaning here.
            with_vectors: self.dense.map(|_| vectors()),
            ..self.ranking(WORDS, vector_input::Variant::Sparse(words.clone()))
        });
        QueryBatchPoints {
            collection_name: self.collection.to_owned(),
            query_points: dense.into_iter().chain(words).collect(),
            ..QueryBatchPoints::default()
        }
    }

    fn ranking(&self, using: &str, nearest: vector_input::Variant) -> QueryPoints {
        let depth = if self.both {
            fusion::depth(self.limit)
        } else {
            self.limit
        };
        QueryPoints {
            collection_name: self.collection.to_owned(),
            query: Some(wire::Query {
                variant: Some(query::Variant::Nearest(VectorInput {
                    variant: Some(nearest),
                })),
            }),
            using: Some(using.to_owned()),
            filter: Some(self.filter.clone()),
            limit: Some(depth as u64),
            with_payload: Some(payload()),
            ..QueryPoints::default()
        }
    }

    /// The best hits; `None` if the answer is none of this request or of our points.
    pub(super) fn hits(self, answer: QueryBatchResponse) -> Option<Vec<Hit>> {
        let mut answers = answer.result.into_iter();
        let (mut hits, mut rankings) = (HashMap::new(), Vec::new());
        if self.dense.is_some() {
            let ranking = read(answers.next()?, &mut hits, |hit, score, _| {
                hit.cosine = Some(score)
            });
            rankings.push(ranking?);
        }
        if self.words.is_some() {
            let ranking = read(answers.next()?, &mut hits, |hit, score, vector| {
                hit.bm25 = Some(score);
                let cosine = self
                    .dense
                    .zip(vector)
                    .map(|(left, right)| dot(left, &right));
                hit.cosine = hit.cosine.or(cosine);
            });
            rankings.push(ranking?);
        }
        let ranked = match (self.both, rankings.pop()) {
            (false, Some(only)) => {
                let score = |hit: &Hit| hit.cosine.or(hit.bm25).unwrap_or_default();
                only.into_iter()
                    .filter_map(|id| Some((id, score(hits.get(&id)?))))
                    .collect()
            }
            (_, last) => fusion::fuse(&rankings.into_iter().chain(last).collect::<Vec<_>>()),
        };
        let best = ranked.into_iter().take(self.limit);
        let best = best.filter_map(|(id, score)| {
            let hit = hits.remove(&id)?;
            Some(Hit { score, ..hit })
        });
        Some(best.collect())
    }
}

/// One ranking in its order; what it says of a hit is noted by `note`.
fn read(
    answer: BatchResult,
    hits: &mut HashMap<Uuid, Hit>,
    note: impl Fn(&mut Hit, f32, Option<Vec<f32>>),
) -> Option<Vec<Uuid>> {
    let mut ranking = Vec::new();
    for scored in answer.result {
        let point = point::of_wire(scored.id, scored.payload)?;
        ranking.push(point.id);
        let hit = hits.entry(point.id).or_insert_with(|| Hit {
            point,
            score: 0.0,
            cosine: None,
            bm25: None,
        });
        note(hit, scored.score, point::dense_of(scored.vectors));
    }
    Some(ranking)
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

/// What is wanted of a point's payload.
pub(super) fn payload() -> WithPayloadSelector {
    let fields = vec![point::TEXT.to_owned(), point::PAYLOAD.to_owned()];
    let include = PayloadIncludeSelector { fields };
    WithPayloadSelector {
        selector_options: Some(with_payload_selector::SelectorOptions::Include(include)),
    }
}

fn vectors() -> WithVectorsSelector {
    let include = VectorsSelector {
        names: vec![DENSE.to_owned()],
    };
    WithVectorsSelector {
        selector_options: Some(with_vectors_selector::SelectorOptions::Include(include)),
    }
}
