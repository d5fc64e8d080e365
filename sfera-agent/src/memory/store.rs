use super::{
    Exchange, Extractor, FileMemory, Limits, Memory, MemoryError, Origin, Recollection, UserId,
    file::Files,
    keeping::{Change, People, Shelf, prepare},
    record::{Entry, Record, Sort},
};
use crate::{
    embedding::{Embedder, TextKind},
    store::{CollectionSpec, Condition, DenseSpec, Filter, Hit, Point, Query, Store, StoreError},
};
use async_trait::async_trait;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    fmt::{self, Write as _},
    sync::Arc,
};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// The collection of all people.
const COLLECTION: &str = "memory";
/// Points brought by one call.
const PAGE: usize = 256;
/// What was said before that one answer may get.
const SAID: usize = 8;
/// Of these, what shares no word with the question and is only close to it.
const CLOSE: usize = 2;
/// Changes of people of one of so many groups wait for each other.
const GROUPS: usize = 64;
/// How often a deletion is looked after: somebody may have written meanwhile.
const DELETIONS: usize = 3;

/// Memory in a [`Store`], beside the knowledge base if need be: a Qdrant server, so that several machines
/// remember people together, or SQLite.
///
/// Exchanges, statements and summaries are points of the collection `memory`. A person's points carry
/// the SHA-256 of their id; every call to the store goes through one filter for it, and a point of
/// somebody else would not be believed. Points never change, so processes that write at the same time
/// lose nothing. With an [`Embedder`] what was said is found by its meaning too.
///
/// A future that is dropped may leave half of its work; doing it again does no harm.
///
/// ```
/// # use sfera_agent::{memory::{FileMemory, Memory, StoreMemory}, store::Store};
/// # use std::sync::Arc;
/// # async fn remember(store: Arc<dyn Store>) -> Result<(), Box<dyn std::error::Error>> {
/// let files = FileMemory::open("memory").await?;
/// let memory = StoreMemory::open(store, None).await?.taking_over(&files);
/// # let _: &dyn Memory = &memory;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StoreMemory(People<Shelves>);

impl StoreMemory {
    /// Sets up the collection where there is none.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] if it has vectors of another model, and whatever else the store says.
    pub async fn open(
        store: Arc<dyn Store>,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self, StoreError> {
        let dense = embedder.as_ref().map(|embedder| DenseSpec {
            model: embedder.model().to_owned(),
            dimension: embedder.dimension(),
        });
        let spec = CollectionSpec {
            name: COLLECTION.to_owned(),
            language: None,
            dense,
        };
        store.setup(&spec).await?;
        prepare().await;
        Ok(Self(People::new(Shelves {
            store,
            embedder,
            files: None,
            groups: Arc::new(std::array::from_fn(|_| Mutex::new(()))),
        })))
    }

    /// Takes over what files remember: a person's file goes into the store, and is deleted, when they are
    /// asked for first. The other way round nothing is taken over. Comes before all other settings.
    #[must_use]
    pub fn taking_over(self, files: &FileMemory) -> Self {
        let shelves = self.0.shelf().taking_over(files.files().clone());
        Self(People::new(shelves))
    }

    /// Keeps more or less.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self(self.0.limits(limits))
    }

    /// Has conversations that are over read by a model, in a task that ends with the last clone of this
    /// memory. Without one, and where the model fails, rules sum them up. Set [`StoreMemory::limits`]
    /// before.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn extractor(self, extractor: Arc<dyn Extractor>) -> Self {
        Self(self.0.extractor(extractor))
    }
}

#[async_trait]
impl Memory for StoreMemory {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        self.0.recall(user, query, limit).await
    }

    async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        self.0.known(user).await
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.0.remember(user, exchange).await
    }

    async fn conclude(&self, user: &UserId, conversation: &Origin) -> Result<(), MemoryError> {
        self.0.conclude(user, conversation).await
    }

    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        self.0.forget_kind(user, kind).await
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        self.0.forget(user).await
    }
}

/// All people's points.
#[derive(Clone)]
struct Shelves {
    store: Arc<dyn Store>,
    embedder: Option<Arc<dyn Embedder>>,
    files: Option<Arc<Files>>,
    groups: Arc<[Mutex<()>; GROUPS]>,
}

impl fmt::Debug for Shelves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelves").finish_non_exhaustive()
    }
}

/// A person as the store knows them. There is no way to a point but through here.
struct Owner {
    /// The SHA-256 of the id: ids may hold anything, and look alike.
    key: String,
    group: usize,
}

impl Owner {
    fn new(user: &UserId) -> Self {
        let digest = Sha256::digest(user.as_str());
        let mut key = String::with_capacity(64);
        for byte in digest {
            // Writing to a String cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        let group = usize::from(digest[0]) % GROUPS;
        Self { key, group }
    }

    /// This person's points, as far as they meet these conditions too.
    fn filter(&self, conditions: impl IntoIterator<Item = Condition>) -> Filter {
        let mine = Condition::Is("user".to_owned(), self.key.clone());
        Filter {
            must: std::iter::once(mine).chain(conditions).collect(),
        }
    }

    /// The entry in a point, if it is this person's.
    fn entry(&self, point: &Point) -> Result<Option<Entry>, MemoryError> {
        let text = |key: &str| point.payload.get(key).and_then(Value::as_str);
        if text("user") != Some(self.key.as_str()) {
            tracing::error!("the store answered with another user's point");
            return Ok(None);
        }
        let entry = text("entry").and_then(|json| serde_json::from_str(json).ok());
        entry.map(Some).ok_or_else(damaged)
    }

    fn point(&self, entry: &Entry) -> Point {
        // Plain data can always be written.
        let json = serde_json::to_string(entry).unwrap_or_default();
        let payload = [
            ("user", Value::from(self.key.clone())),
            ("sort", entry.sort().name().into()),
            ("at", entry.place.at.as_millisecond().into()),
            ("entry", json.into()),
        ];
        let payload = payload.map(|(key, value)| (key.to_owned(), value));
        Point {
            id: self.id(entry.id),
            text: entry.text(),
            dense: None,
            payload: Map::from_iter(payload),
        }
    }

    /// Two people may say the same at the same time.
    fn id(&self, entry: Uuid) -> Uuid {
        Uuid::new_v5(&entry, self.key.as_bytes())
    }
}

fn sort_is(sorts: &[Sort]) -> Condition {
    let names = sorts.iter().map(|sort| sort.name().to_owned());
    Condition::OneOf("sort".to_owned(), names.collect())
}

impl Shelves {
    fn taking_over(&self, files: Arc<Files>) -> Self {
        Self {
            files: Some(files),
            ..self.clone()
        }
    }

    async fn lock(&self, owner: &Owner) -> MutexGuard<'_, ()> {
        // A group is a remainder.
        self.groups[owner.group].lock().await
    }

    async fn entries(
        &self,
        owner: &Owner,
        conditions: impl IntoIterator<Item = Condition>,
    ) -> Result<Vec<Entry>, MemoryError> {
        let filter = owner.filter(conditions);
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.scroll(COLLECTION, &filter, after, PAGE).await;
            let page = page.map_err(told)?;
            for point in &page {
                entries.extend(owner.entry(point)?);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => return Ok(entries),
            }
        }
    }

    /// What files knew goes into the store; only then the file goes.
    async fn take_over(&self, user: &UserId, owner: &Owner) -> Result<(), MemoryError> {
        let Some(files) = &self.files else {
            return Ok(());
        };
        if !files.holds(user).await? {
            return Ok(());
        }
        let _lock = self.lock(owner).await;
        let record = files.read(user).await?;
        self.put(owner, record.entries()).await?;
        files.clear(user).await
    }

    async fn put(&self, owner: &Owner, entries: &[Entry]) -> Result<(), MemoryError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut points: Vec<_> = entries.iter().map(|entry| owner.point(entry)).collect();
        if let Some(embedder) = &self.embedder {
            let searched = |entry: &Entry| entry.sort() == Sort::Exchange;
            let places = entries.iter().enumerate().filter(|(_, e)| searched(e));
            let (places, texts): (Vec<_>, Vec<_>) = places.map(|(n, e)| (n, e.text())).unzip();
            match embedder.embed(TextKind::Passage, &texts).await {
                Ok(vectors) => {
                    for (place, vector) in places.into_iter().zip(vectors) {
                        if let Some(point) = points.get_mut(place) {
                            point.dense = Some(vector);
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "remembered by its words only"),
            }
        }
        self.store.upsert(COLLECTION, points).await.map_err(told)
    }

    /// What was said about a query, best first.
    async fn said_about(
        &self,
        owner: &Owner,
        query: &str,
    ) -> Result<Vec<Recollection>, MemoryError> {
        if query.trim().is_empty() {
            return Ok(Vec::new());
        }
        let query = Query {
            text: Some(query.to_owned()),
            dense: self.vector(query).await,
            filter: owner.filter([sort_is(&[Sort::Exchange])]),
            limit: SAID,
        };
        let hits = self.store.search(COLLECTION, &query).await.map_err(told)?;
        let mut close = 0..CLOSE;
        let about = |hit: &&Hit| hit.bm25.is_some() || close.next().is_some();
        let mut said = Vec::new();
        for hit in hits.iter().filter(about) {
            said.extend(owner.entry(&hit.point)?.as_ref().and_then(Entry::said));
        }
        Ok(said)
    }

    async fn vector(&self, query: &str) -> Option<Vec<f32>> {
        let embedder = self.embedder.as_ref()?;
        let vectors = embedder.embed(TextKind::Query, &[query.to_owned()]).await;
        match vectors {
            Ok(vectors) => vectors.into_iter().next(),
            Err(error) => {
                tracing::warn!(%error, "recalled by words only");
                None
            }
        }
    }
}

#[async_trait]
impl Shelf for Shelves {
    async fn read(&self, user: &UserId) -> Result<Record, MemoryError> {
        let owner = Owner::new(user);
        self.take_over(user, &owner).await?;
        Ok(Record::new(self.entries(&owner, []).await?))
    }

    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
        limits: &Limits,
    ) -> Result<Vec<Recollection>, MemoryError> {
        let owner = Owner::new(user);
        self.take_over(user, &owner).await?;
        let known = self.entries(&owner, [sort_is(&[Sort::Statement, Sort::Summary])]);
        let (known, said) = tokio::join!(known, self.said_about(&owner, query));
        Ok(Record::new(known?).recall_beside(query, said?, limit, limits))
    }

    async fn change(&self, user: &UserId, change: Change) -> Result<(), MemoryError> {
        let owner = Owner::new(user);
        self.take_over(user, &owner).await?;
        let _lock = self.lock(&owner).await;
        let mut record = Record::new(self.entries(&owner, []).await?);
        let before: HashSet<_> = record.entries().iter().map(|entry| entry.id).collect();
        change(&mut record);
        let mut after: HashMap<_, _> = record
            .into_entries()
            .into_iter()
            .map(|entry| (entry.id, entry))
            .collect();
        let gone = before.iter().filter(|id| !after.contains_key(*id));
        let gone: Vec<_> = gone.map(|id| owner.id(*id)).collect();
        after.retain(|id, _| !before.contains(id));
        let added: Vec<_> = after.into_values().collect();
        self.put(&owner, &added).await?;
        if gone.is_empty() {
            return Ok(());
        }
        let gone = owner.filter([Condition::Ids(gone)]);
        self.store.delete(COLLECTION, &gone).await.map_err(told)
    }

    async fn clear(&self, user: &UserId) -> Result<(), MemoryError> {
        let owner = Owner::new(user);
        let _lock = self.lock(&owner).await;
        if let Some(files) = &self.files {
            files.clear(user).await?;
        }
        let all = owner.filter([]);
        for _ in 0..DELETIONS {
            self.store.delete(COLLECTION, &all).await.map_err(told)?;
            let left = self.store.scroll(COLLECTION, &all, None, 1).await;
            if left.map_err(told)?.is_empty() {
                return Ok(());
            }
        }
        Err(MemoryError::Unavailable)
    }
}

fn damaged() -> MemoryError {
    MemoryError::Damaged(format!("the collection {COLLECTION}"))
}

fn told(error: StoreError) -> MemoryError {
    tracing::warn!(%error, "the memory's store does not answer");
    match error {
        StoreError::Damaged(what) => MemoryError::Damaged(what),
        _ => MemoryError::Unavailable,
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
