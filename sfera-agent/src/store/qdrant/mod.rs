//! A Qdrant server: one's own or its cloud.

mod address;
mod error;
mod point;
mod search;
mod spec;
mod words;

use super::{
    CollectionSpec, CollectionStatus, Filter, Hit, Invalid, Point, Query, Store, StoreError,
};
use async_trait::async_trait;
use qdrant_client::{
    Qdrant, QdrantError,
    config::QdrantConfig,
    qdrant::{
        CollectionInfo, CountPoints, CreateFieldIndexCollection, DeletePoints, FieldType,
        PointsOperationResponse, PointsSelector, ScrollPoints, UpdateStatus, UpsertPoints,
        points_selector,
    },
};
use spec::Description;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Points of one request: some megabytes, where a server takes 32.
const BATCH: usize = 256;
/// Keys of whole numbers that get an index, in all collections; filters on more work, but slower.
const MAX_INDEXES: usize = 256;

/// Where the server is.
#[derive(Clone)]
pub struct QdrantOptions {
    /// A host, `host:port` or a URL. Port 6334 (gRPC) where none is named, or 6333.
    pub host: String,
    /// The key, if the server wants one. Not shown by `Debug`.
    pub key: Option<Arc<str>>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long a connection may take.
    pub connect: Duration,
}

impl QdrantOptions {
    /// A server without a key that answers within 5 s and can be reached within 2 s.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            key: None,
            timeout: Duration::from_secs(5),
            connect: Duration::from_secs(2),
        }
    }

    /// Sets the key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The server that `QDRANT_HOST` and `QDRANT_API_KEY` name; none where the first is not set.
    pub fn of_environment<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let mut options = Self::new(get("QDRANT_HOST")?);
        options.key = get("QDRANT_API_KEY").map(Into::into);
        Some(options)
    }
}

impl fmt::Debug for QdrantOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantOptions")
            .field("host", &self.host)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("timeout", &self.timeout)
            .field("connect", &self.connect)
            .finish()
    }
}

/// Points in a Qdrant server, 1.16 or newer, by gRPC. Shared by any number of processes.
///
/// What a collection is stands in its metadata; collections that other programs made are neither listed nor
/// touched. Texts are stemmed here; Qdrant weighs the words (its IDF) and compares the vectors. A search
/// by both is one request. What is deleted leaves the server's disk when it next tidies up.
///
/// A hit that is far down in one of the two rankings of a search by both may lack that one's number.
/// Filters on whole numbers are exact up to 2⁵³.
pub struct QdrantStore {
    client: Qdrant,
    /// What is known of collections: searches do not ask for it each time.
    specs: Mutex<HashMap<String, Arc<Description>>>,
    /// Collections with the paths that have an index.
    indexed: Mutex<HashSet<(String, String)>>,
}

impl QdrantStore {
    /// Prepares the connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if the host is no address, [`StoreError::Refused`] if the key cannot be
    /// a key.
    pub fn new(options: &QdrantOptions) -> Result<Self, StoreError> {
        let invalid = || StoreError::from(Invalid::Address);
        let mut config =
            QdrantConfig::from_url(&address::address(&options.host).ok_or_else(invalid)?);
        config.timeout = options.timeout;
        config.connect_timeout = options.connect;
        // It would print to the standard output.
        config.check_compatibility = false;
        if let Some(key) = &options.key {
            if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(StoreError::Refused);
            }
            config.api_key = Some(key.to_string());
        }
        Ok(Self {
            client: Qdrant::new(config).map_err(|_| invalid())?,
            specs: Mutex::default(),
            indexed: Mutex::default(),
        })
    }

    async fn info(&self, collection: &str) -> Result<CollectionInfo, StoreError> {
        let info = self.client.collection_info(collection).await;
        let info = info.map_err(|error| error::outward(error, collection))?;
        info.result.ok_or(StoreError::Unavailable)
    }

    /// What the collection is, asked of the server.
    async fn spec(&self, collection: &str) -> Result<Arc<Description>, StoreError> {
        let info = self.info(collection).await;
        let description = match info {
            Ok(info) => spec::read(&info),
            Err(error) => {
                self.forget(collection);
                return Err(error);
            }
        };
        // What another program made is not ours to write to.
        let Some(description) = description.map(Arc::new) else {
            self.forget(collection);
            return Err(StoreError::NoCollection(collection.to_owned()));
        };
        lock(&self.specs).insert(collection.to_owned(), description.clone());
        Ok(description)
    }

    /// What the collection is, as far as this process knows.
    async fn known_spec(&self, collection: &str) -> Result<Arc<Description>, StoreError> {
        let known = lock(&self.specs).get(collection).cloned();
        match known {
            Some(spec) => Ok(spec),
            None => self.spec(collection).await,
        }
    }

    fn forget(&self, collection: &str) {
        lock(&self.specs).remove(collection);
        lock(&self.indexed).retain(|(known, _)| known != collection);
    }

    /// What an error means; what is known of the collection may be no longer true.
    fn refused(&self, error: QdrantError, collection: &str) -> StoreError {
        let error = error::outward(error, collection);
        if matches!(error, StoreError::NoCollection(_) | StoreError::Invalid(_)) {
            self.forget(collection);
        }
        error
    }

    async fn index(&self, collection: &str, path: &str, kind: FieldType) -> Result<(), StoreError> {
        let request = CreateFieldIndexCollection {
            collection_name: collection.to_owned(),
            wait: Some(true),
            field_name: path.to_owned(),
            field_type: Some(kind.into()),
            ..CreateFieldIndexCollection::default()
        };
        let made = self.client.create_field_index(request).await;
        self.completed(made, collection)
    }

    fn completed(
        &self,
        answer: Result<PointsOperationResponse, QdrantError>,
        collection: &str,
    ) -> Result<(), StoreError> {
        let answer = answer.map_err(|error| self.refused(error, collection))?;
        let done = answer
            .result
            .is_some_and(|r| r.status() == UpdateStatus::Completed);
        done.then_some(()).ok_or(StoreError::Unavailable)
    }

    /// Makes the filter fast, and possible where a server refuses filters without an index.
    async fn index_numbers(&self, collection: &str, filter: &Filter) {
        for path in point::number_paths(filter) {
            let key = (collection.to_owned(), path);
            let wanted = {
                let indexed = lock(&self.indexed);
                !indexed.contains(&key) && indexed.len() < MAX_INDEXES
            };
            if wanted {
                match self.index(collection, &key.1, FieldType::Integer).await {
                    Ok(()) => {
                        lock(&self.indexed).insert(key);
                    }
                    // Whoever may only read does without.
                    Err(error) => tracing::debug!(%error, collection, "an index could not be made"),
                }
            }
        }
    }

    async fn count(&self, collection: &str) -> Result<u64, StoreError> {
        let request = CountPoints {
            collection_name: collection.to_owned(),
            exact: Some(true),
            ..CountPoints::default()
        };
        let counted = self.client.count(request).await;
        let counted = counted.map_err(|error| error::outward(error, collection))?;
        counted
            .result
            .map(|result| result.count)
            .ok_or(StoreError::Unavailable)
    }
}

#[async_trait]
impl Store for QdrantStore {
    async fn setup(&self, spec: &CollectionSpec) -> Result<(), StoreError> {
        spec.check()?;
        let name = &spec.name;
        let info = match self.info(name).await {
            Err(StoreError::NoCollection(_)) => {
                // Whoever was faster may have made something else: compared below.
                let made = self.client.create_collection(spec::creation(spec)?).await;
                match (made, self.info(name).await) {
                    (_, Ok(info)) => info,
                    (Err(error), Err(_)) => return Err(error::outward(error, name)),
                    (Ok(_), Err(error)) => return Err(error),
                }
            }
            info => info?,
        };
        match spec::read(&info) {
            Some(has) => {
                has.spec.check_against(spec)?;
                has.check_terms()?;
            }
            None => return Err(spec::foreign(spec)),
        }
        if !info.payload_schema.contains_key(point::TERMS) {
            self.index(name, point::TERMS, FieldType::Keyword).await?;
        }
        Ok(())
    }

    async fn collections(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        let listed = self.client.list_collections().await;
        let listed = listed.map_err(|error| error::outward(error, ""))?;
        let mut collections = Vec::new();
        for name in listed.collections.into_iter().map(|one| one.name) {
            // What is another program's, or was dropped meanwhile, is left out.
            collections.extend(self.collection(&name).await?);
        }
        collections.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        Ok(collections)
    }

    async fn collection(&self, name: &str) -> Result<Option<CollectionStatus>, StoreError> {
        let status = async {
            let spec = self.spec(name).await?.spec.clone();
            let points = self.count(name).await?;
            Ok(CollectionStatus { spec, points })
        };
        match status.await {
            Err(StoreError::NoCollection(_)) => Ok(None),
            status => status.map(Some),
        }
    }

    async fn drop_collection(&self, collection: &str) -> Result<(), StoreError> {
        let dropped = match self.spec(collection).await {
            Ok(_) => self.client.delete_collection(collection).await,
            Err(StoreError::NoCollection(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.forget(collection);
        dropped
            .map(|_| ())
            .map_err(|error| error::outward(error, collection))
    }

    async fn upsert(&self, collection: &str, points: Vec<Point>) -> Result<(), StoreError> {
        // Asked anew each time: vectors of another model must never be mixed in.
        let description = self.spec(collection).await?;
        description.check_terms()?;
        let spec = &description.spec;
        for vector in points.iter().filter_map(|point| point.dense.as_ref()) {
            spec.check_vector(vector)?;
        }
        // The last of equals counts.
        let mut seen = HashSet::new();
        let last = points
            .into_iter()
            .rev()
            .filter(|point| seen.insert(point.id));
        let mut points: Vec<_> = last
            .map(|point| point::to_wire(point, spec.language))
            .collect();
        while !points.is_empty() {
            let request = UpsertPoints {
                collection_name: collection.to_owned(),
                wait: Some(true),
                points: points.split_off(points.len().saturating_sub(BATCH)),
                ..UpsertPoints::default()
            };
            let kept = self.client.upsert_points(request).await;
            self.completed(kept, collection)?;
        }
        Ok(())
    }

    async fn delete(&self, collection: &str, which: &Filter) -> Result<(), StoreError> {
        self.spec(collection).await?;
        let Some(filter) = point::filter(which) else {
            return Ok(());
        };
        self.index_numbers(collection, which).await;
        let request = DeletePoints {
            collection_name: collection.to_owned(),
            wait: Some(true),
            points: Some(PointsSelector {
                points_selector_one_of: Some(points_selector::PointsSelectorOneOf::Filter(filter)),
            }),
            ..DeletePoints::default()
        };
        let deleted = self.client.delete_points(request).await;
        self.completed(deleted, collection)
    }

    async fn scroll(
        &self,
        collection: &str,
        which: &Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Point>, StoreError> {
        self.known_spec(collection).await?;
        let offset = match after {
            None => None,
            Some(after) => match after.as_u128().checked_add(1) {
                Some(next) => Some(point::id(Uuid::from_u128(next))),
                None => return Ok(Vec::new()),
            },
        };
        let (Some(filter), 1..) = (point::filter(which), limit) else {
            return Ok(Vec::new());
        };
        self.index_numbers(collection, which).await;
        let request = ScrollPoints {
            collection_name: collection.to_owned(),
            filter: Some(filter),
            offset,
            limit: Some(limit.try_into().unwrap_or(u32::MAX)),
            with_payload: Some(search::payload()),
            ..ScrollPoints::default()
        };
        let read = self.client.scroll(request).await;
        let read = read.map_err(|error| self.refused(error, collection))?;
        let points = read
            .result
            .into_iter()
            .map(|p| point::of_wire(p.id, p.payload));
        points.collect::<Option<_>>().ok_or_else(damaged)
    }

    async fn search(&self, collection: &str, query: &Query) -> Result<Vec<Hit>, StoreError> {
        let description = self.known_spec(collection).await?;
        let spec = &description.spec;
        if let Some(vector) = &query.dense {
            spec.check_vector(vector)?;
        }
        let Some(search) = search::Search::new(spec, query) else {
            return Ok(Vec::new());
        };
        self.index_numbers(collection, &query.filter).await;
        let answer = self.client.query_batch(search.request()).await;
        let answer = answer.map_err(|error| self.refused(error, collection))?;
        search.hits(answer).ok_or_else(damaged)
    }
}

impl fmt::Debug for QdrantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantStore").finish_non_exhaustive()
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged("Qdrant".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
