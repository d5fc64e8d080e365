//! Points in one file on this machine's disk.

mod attributes;
mod connection;
mod error;
mod reading;
mod schema;
mod searching;
#[cfg(all(test, feature = "test-util"))]
mod tests;
mod vectors;
mod vocabulary;
mod writing;

use super::{CollectionSpec, CollectionStatus, Filter, Hit, Point, Query, Store, StoreError};
use async_trait::async_trait;
use connection::{Connections, Use};
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;
use vectors::Vectors;
use vocabulary::Vocabularies;

/// How long another process's change is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// Points in one SQLite file, for one machine: words by FTS5 and its `bm25()`, meaning by an exact
/// scan of all vectors, which are kept in memory at one byte a number.
///
/// A call's changes to text, payload, vector and words are one transaction, synced to the disk before
/// it is answered. Any number of processes may use the file at the same time; they wait for each
/// other, 5 s at most, and see each other's changes in the next search. What is deleted is overwritten in the file, and the log beside it (`-wal`) is emptied. On Unix
/// only the owner can read the files.
///
/// A search by meaning takes time in proportion to the points; `make bench ARGS="--bench store"`
/// measures it. Of a question's terms the rarest are taken first, until 10,000 points have them.
///
/// A future that is dropped leaves its work to end by itself.
///
/// ```
/// # use sfera_agent::store::{CollectionSpec, Point, Query, SqliteStore, Store};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = SqliteStore::open(folder.path().join("knowledge.db")).await?;
/// store.setup(&CollectionSpec { name: "notes".into(), language: None, dense: None }).await?;
/// let fear = Point {
///     id: uuid::Uuid::from_u128(1),
///     text: "Страх заставляет закрывать сделку рано.".into(),
///     dense: None,
///     payload: Default::default(),
/// };
/// store.upsert("notes", vec![fear.clone()]).await?;
/// let query = Query { text: Some("что делать со страхом".into()), limit: 3, ..Query::default() };
/// assert_eq!(store.search("notes", &query).await?[0].point, fear);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteStore {
    connections: Arc<Connections>,
    kept: Arc<Kept>,
}

/// What is kept in memory of the collections that were searched.
#[derive(Debug, Default)]
struct Kept {
    vectors: Vectors,
    vocabularies: Vocabularies,
}

impl Kept {
    fn forget(&self, collection: i64) {
        self.vectors.forget(collection);
        self.vocabularies.forget(collection);
    }
}

impl SqliteStore {
    /// Points up to which a search takes a few hundredths of a second; beyond, a Qdrant server is the better
    /// store. `make bench ARGS="--bench store"` measures it.
    pub const COMFORTABLE: u64 = 100_000;

    /// Opens the store in a file, which is made if there is none, with its folder.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the file cannot be made or opened, [`StoreError::Foreign`] if it
    /// is no store, [`StoreError::Damaged`] if it was one, [`StoreError::Newer`] if a newer version of
    /// Sfera has written it.
    pub async fn open(file: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::open_patient(file.into(), BUSY).await
    }

    /// Waits so long for other processes.
    async fn open_patient(file: PathBuf, patience: Duration) -> Result<Self, StoreError> {
        let store = Self {
            connections: Arc::new(Connections::new(file, patience)),
            kept: Arc::default(),
        };
        store.run(Use::Write, |_, _| Ok(())).await?;
        Ok(store)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.connections.path()
    }

    /// Works on a thread that may block, with a connection of its own.
    async fn run<T: Send + 'static>(
        &self,
        usage: Use,
        work: impl FnOnce(&mut Connection, &Kept) -> Result<T, error::Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let kept = Arc::clone(&self.kept);
        let connections = Arc::clone(&self.connections);
        connections
            .run(usage, move |connection| work(connection, &kept))
            .await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn setup(&self, spec: &CollectionSpec) -> Result<(), StoreError> {
        spec.check()?;
        let spec = spec.clone();
        self.run(Use::Write, move |db, _| writing::setup(db, &spec))
            .await
    }

    async fn collections(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        self.run(Use::Read, |db, _| reading::collections(db)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<(), StoreError> {
        let name = collection.to_owned();
        self.run(Use::Write, move |db, kept| {
            if let Some(id) = writing::drop_collection(db, &name)? {
                kept.forget(id);
            }
            Ok(())
        })
        .await
    }

    async fn upsert(&self, collection: &str, points: Vec<Point>) -> Result<(), StoreError> {
        let name = collection.to_owned();
        self.run(Use::Write, move |db, _| writing::upsert(db, &name, points))
            .await
    }

    async fn delete(&self, collection: &str, which: &Filter) -> Result<(), StoreError> {
        let (name, which) = (collection.to_owned(), which.clone());
        self.run(Use::Write, move |db, _| writing::delete(db, &name, &which))
            .await
    }

    async fn scroll(
        &self,
        collection: &str,
        which: &Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Point>, StoreError> {
        let (name, which) = (collection.to_owned(), which.clone());
        self.run(Use::Read, move |db, _| {
            reading::scroll(db, &name, &which, after, limit)
        })
        .await
    }

    async fn search(&self, collection: &str, query: &Query) -> Result<Vec<Hit>, StoreError> {
        let (name, query) = (collection.to_owned(), query.clone());
        self.run(Use::Read, move |db, kept| {
            searching::search(db, kept, &name, &query)
        })
        .await
    }
}
