use crate::store::{
    CollectionSpec, CollectionStatus, Condition, Contents, Filter, Hit, Invalid, Point, Query,
    Store, StoreError,
};
use async_trait::async_trait;
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// A [`Store`] in memory, which can fail when it is told to. It finds words as they are written, and
/// vectors by their cosine.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    collections: BTreeMap<String, Collection>,
    writes: Vec<Uuid>,
    writes_left: Option<usize>,
}

#[derive(Debug)]
struct Collection {
    spec: CollectionSpec,
    points: BTreeMap<Uuid, Point>,
}

impl MemoryStore {
    /// Becomes unavailable after so many more calls that write: as if the process had been killed.
    pub fn fail_after(&self, writes: usize) {
        self.state().writes_left = Some(writes);
    }

    /// Is available again.
    pub fn recover(&self) {
        self.state().writes_left = None;
    }

    /// The ids that were written since it was asked last, in order.
    pub fn written(&self) -> Vec<Uuid> {
        std::mem::take(&mut self.state().writes)
    }

    /// Every point of a collection, by id.
    #[must_use]
    pub fn points(&self, collection: &str) -> Vec<Point> {
        let state = self.state();
        let found = state.collections.get(collection);
        found.map_or_else(Vec::new, |c| c.points.values().cloned().collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn collection(&mut self, name: &str) -> Result<&mut Collection, StoreError> {
        let found = self.collections.get_mut(name);
        found.ok_or_else(|| StoreError::NoCollection(name.to_owned()))
    }

    fn write(&mut self) -> Result<(), StoreError> {
        match &mut self.writes_left {
            Some(0) => return Err(StoreError::Unavailable),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(())
    }
}

fn meets(point: &Point, which: &Filter) -> bool {
    let text = |key: &str| point.payload.get(key).and_then(|v| v.as_str());
    which.must.iter().all(|condition| match condition {
        Condition::Is(key, wanted) => text(key) == Some(wanted.as_str()),
        Condition::OneOf(key, wanted) => {
            text(key).is_some_and(|text| wanted.iter().any(|w| w == text))
        }
        Condition::Between(key, from, to) => {
            let number = point.payload.get(key).and_then(|v| v.as_i64());
            number.is_some_and(|n| (*from..=*to).contains(&n))
        }
        Condition::Ids(ids) => ids.contains(&point.id),
    })
}

fn words(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn hit(point: &Point, query: &Query) -> Option<Hit> {
    let wanted = words(query.text.as_deref().unwrap_or_default());
    let shared = words(&point.text).intersection(&wanted).count();
    let bm25 = (shared > 0).then_some(shared as f32);
    let cosine = query.dense.as_ref().zip(point.dense.as_ref());
    let cosine = cosine.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>());
    let score = bm25.unwrap_or(0.0) + cosine.unwrap_or(0.0);
    let mut point = point.clone();
    point.dense = None;
    (bm25.is_some() || cosine.is_some()).then_some(Hit {
        point,
        score,
        cosine,
        bm25,
    })
}

fn contents(spec: &CollectionSpec) -> Contents {
    Contents::Points {
        language: spec.language,
        dense: spec.dense.clone(),
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn setup(&self, spec: &CollectionSpec) -> Result<(), StoreError> {
        let mut state = self.state();
        let collection = state.collections.entry(spec.name.clone());
        let collection = collection.or_insert_with(|| Collection {
            spec: spec.clone(),
            points: BTreeMap::new(),
        });
        if collection.spec != *spec {
            return Err(StoreError::Mismatch {
                collection: spec.name.clone(),
                has: contents(&collection.spec),
                wants: contents(spec),
            });
        }
        Ok(())
    }

    async fn collections(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        let state = self.state();
        let all = state.collections.values().map(|c| CollectionStatus {
            spec: c.spec.clone(),
            points: c.points.len() as u64,
        });
        Ok(all.collect())
    }

    async fn drop_collection(&self, collection: &str) -> Result<(), StoreError> {
        self.state().collections.remove(collection);
        Ok(())
    }

    async fn upsert(&self, collection: &str, points: Vec<Point>) -> Result<(), StoreError> {
        let mut state = self.state();
        state.write()?;
        let dense = state.collection(collection)?.spec.dense.clone();
        for point in &points {
            let dimension = point.dense.as_ref().map(Vec::len);
            if dimension.is_some() && dimension != dense.as_ref().map(|dense| dense.dimension) {
                return Err(Invalid::Dimension(dimension.unwrap_or_default()).into());
            }
        }
        state.writes.extend(points.iter().map(|point| point.id));
        let collection = state.collection(collection)?;
        let points = points.into_iter().map(|point| (point.id, point));
        collection.points.extend(points);
        Ok(())
    }

    async fn delete(&self, collection: &str, which: &Filter) -> Result<(), StoreError> {
        let mut state = self.state();
        state.write()?;
        let collection = state.collection(collection)?;
        collection.points.retain(|_, point| !meets(point, which));
        Ok(())
    }

    async fn scroll(
        &self,
        collection: &str,
        which: &Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Point>, StoreError> {
        let mut state = self.state();
        let points = state.collection(collection)?.points.values();
        let behind = points.filter(|p| after.is_none_or(|after| p.id > after));
        let meant = behind.filter(|point| meets(point, which));
        Ok(meant.take(limit).cloned().collect())
    }

    async fn search(&self, collection: &str, query: &Query) -> Result<Vec<Hit>, StoreError> {
        let mut state = self.state();
        let points = state.collection(collection)?.points.values();
        let meant = points.filter(|point| meets(point, &query.filter));
        let mut hits: Vec<_> = meant.filter_map(|point| hit(point, query)).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(query.limit);
        Ok(hits)
    }
}
