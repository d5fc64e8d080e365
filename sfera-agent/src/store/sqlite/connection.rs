use super::{error::Failure, schema};
use crate::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};
use tokio::sync::Semaphore;

/// Calls that read at the same time; more wait.
const READERS: usize = 8;
/// Changing to a write-ahead log does not wait by itself.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSES: usize = 250;
/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// Open connections to one file.
#[derive(Debug)]
pub(super) struct Connections {
    file: PathBuf,
    patience: Duration,
    idle: Mutex<Vec<Connection>>,
    readers: Semaphore,
    /// SQLite has one writer anyway; so they wait in order, and without asking again and again.
    writer: Semaphore,
}

impl Connections {
    pub(super) fn new(file: PathBuf, patience: Duration) -> Self {
        Self {
            file,
            patience,
            idle: Mutex::default(),
            readers: Semaphore::new(READERS),
            writer: Semaphore::new(1),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        usage: Use,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connections = Arc::clone(self);
        let places = match usage {
            Use::Read => &self.readers,
            Use::Write => &self.writer,
        };
        // Never closed.
        let place = places
            .acquire()
            .await
            .map_err(|_| StoreError::Unavailable)?;
        place.forget();
        let taken = Place {
            connections: Arc::clone(self),
            usage,
        };
        let done = tokio::task::spawn_blocking(move || {
            // Given back when the work has ended, not when nobody waits for it any more.
            let _taken = taken;
            let result = connections.with(work);
            result.map_err(|failure| failure.told_of(&connections.file))
        });
        done.await.unwrap_or(Err(StoreError::Unavailable))
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let result = work(&mut connection);
        if !result.as_ref().is_err_and(Failure::spoils_connection) {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(connection);
        }
        result
    }

    fn open(&self) -> Result<Connection, Failure> {
        create(&self.file).map_err(|error| {
            tracing::warn!(%error, file = %self.file.display(), "the store cannot be opened");
            StoreError::Unavailable
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let mut connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.patience)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // A file that is not ours stays as it is; all else that is wrong is waited for below.
        if let Err(told @ Failure::Told(_)) = schema::recognise(&mut connection, &self.file) {
            return Err(told);
        }
        keep_a_log(&connection)?;
        // Synced at every commit: what was answered survives a power cut too. Deleted bytes are
        // overwritten, and nothing is sorted in files of its own.
        connection.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;",
        )?;
        schema::ensure(&mut connection, &self.file)?;
        Ok(connection)
    }
}

/// A call's place among those that may work.
struct Place {
    connections: Arc<Connections>,
    usage: Use,
}

impl Drop for Place {
    fn drop(&mut self) {
        match self.usage {
            Use::Read => self.connections.readers.add_permits(1),
            Use::Write => self.connections.writer.add_permits(1),
        }
    }
}

/// The file and its folder; what is there stays as it is.
fn create(file: &Path) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

fn keep_a_log(connection: &Connection) -> Result<(), Failure> {
    for _ in 0..PAUSES {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match mode.map_err(Failure::from) {
            Err(busy) if busy.code() == Some(ErrorCode::DatabaseBusy) => thread::sleep(PAUSE),
            Err(other) => return Err(other),
            Ok::<String, _>(mode) if mode == "wal" => return Ok(()),
            Ok(_) => break,
        }
    }
    Err(StoreError::Unavailable.into())
}
