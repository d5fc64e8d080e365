use super::{
    Exchange, Extractor, Limits, Memory, MemoryError, Origin, Recollection, UserId,
    keeping::{Change, People, Shelf, prepare},
    record::Record,
};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

mod written;

/// A record is bounded far below this; what is larger was not written here.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// Memory in a folder, one JSON file a person.
///
/// A person's file is named by the SHA-256 of their id, so an id can hold anything. Each change
/// reads, changes and replaces the file under a lock that other sessions and other processes respect
/// (`locks/`, one of 256 by the first byte of the hash), writes to a new file, syncs and renames:
/// after a crash the file is the old one or the new one. A file that cannot be understood is reported
/// and left as it is. On Unix only the owner can read the files.
///
/// Names, cities, goals, instruments and so on are taken from what is said by rules for Russian and
/// English, with the words that say it and the time; what is said later holds. [`Limits`] says how much
/// is kept. Conversations that are over are summed up: by their topics, or by an [`Extractor`].
///
/// A future that is dropped leaves its work to end by itself.
///
/// ```
/// # use sfera_agent::memory::{Exchange, FileMemory, Memory, UserId};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let memory = FileMemory::open(folder.path()).await?;
/// let user = UserId::new("telegram:17");
/// let exchange = Exchange {
///     user: "Меня зовут Алекс".into(),
///     agent: "Рада знакомству!".into(),
///     ..Exchange::default()
/// };
/// memory.remember(&user, &exchange).await?;
/// assert_eq!(memory.recall(&user, "как меня зовут", 5).await?[0].text, "Алекс");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FileMemory(People<Files>);

impl FileMemory {
    /// Opens the memory in a folder, which is made if there is none.
    ///
    /// # Errors
    /// [`MemoryError::Unavailable`] if the folder cannot be made or written.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, MemoryError> {
        let files = Files::open(folder.into()).await?;
        prepare().await;
        Ok(Self(People::new(files)))
    }

    /// Keeps more or less.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self(self.0.limits(limits))
    }

    /// Has conversations that are over read by a model, in a task that ends with the last clone of this
    /// memory. Without one, and where the model fails, rules sum them up. Set [`FileMemory::limits`]
    /// before.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn extractor(self, extractor: Arc<dyn Extractor>) -> Self {
        Self(self.0.extractor(extractor))
    }

    /// Where the hosts of one machine remember people together, unless told otherwise: in the user's
    /// data folder. None where there is no home.
    #[must_use]
    pub fn usual_folder() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "sfera")?;
        Some(folders.data_dir().join("memory"))
    }

    pub(super) const fn files(&self) -> &Arc<Files> {
        self.0.shelf()
    }
}

#[async_trait]
impl Memory for FileMemory {
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

/// A folder of records.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    async fn open(folder: PathBuf) -> Result<Self, MemoryError> {
        let locks = folder.join("locks");
        blocking(move || fs::create_dir_all(locks).map_err(unavailable)).await?;
        Ok(Self { folder })
    }

    fn place(&self, user: &UserId) -> Place {
        let mut name = String::with_capacity(64);
        for byte in Sha256::digest(user.as_str()) {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        Place {
            lock: self.folder.join("locks").join(&name[..2]),
            file: self.folder.join(&name).with_extension("json"),
            new: self.folder.join(&name).with_extension("new"),
            user: user.as_str().to_owned(),
        }
    }

    /// Whether anything is kept of somebody.
    pub(super) async fn holds(&self, user: &UserId) -> Result<bool, MemoryError> {
        let place = self.place(user);
        blocking(move || place.file.try_exists().map_err(unavailable)).await
    }
}

#[async_trait]
impl Shelf for Files {
    async fn read(&self, user: &UserId) -> Result<Record, MemoryError> {
        let place = self.place(user);
        // Needs no lock: a file is replaced whole.
        blocking(move || place.read()).await
    }

    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
        limits: &Limits,
    ) -> Result<Vec<Recollection>, MemoryError> {
        let (place, query, limits) = (self.place(user), query.to_owned(), *limits);
        blocking(move || Ok(place.read()?.recall(&query, limit, &limits))).await
    }

    async fn change(&self, user: &UserId, change: Change) -> Result<(), MemoryError> {
        let place = self.place(user);
        blocking(move || {
            let _lock = place.lock()?;
            let before = place.read()?;
            let mut record = before.clone();
            change(&mut record);
            match record == before {
                true => Ok(()),
                false => place.write(&record).map_err(unavailable),
            }
        })
        .await
    }

    async fn clear(&self, user: &UserId) -> Result<(), MemoryError> {
        let place = self.place(user);
        blocking(move || {
            let _lock = place.lock()?;
            place.remove().map_err(unavailable)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MemoryError> + Send + 'static,
) -> Result<T, MemoryError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(MemoryError::Unavailable))
}

fn unavailable(error: io::Error) -> MemoryError {
    tracing::warn!(%error, "the memory on disk cannot be used");
    MemoryError::Unavailable
}

/// Where a person's files are.
struct Place {
    lock: PathBuf,
    file: PathBuf,
    new: PathBuf,
    user: String,
}

impl Place {
    /// Waits for the lock; it is released when the file is closed.
    fn lock(&self) -> Result<File, MemoryError> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(&self.lock);
        let lock = || {
            let file = file?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(unavailable)
    }

    fn read(&self) -> Result<Record, MemoryError> {
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Record::default()),
            Err(error) => return Err(unavailable(error)),
        };
        let changed = file.metadata().and_then(|data| data.modified());
        let changed = changed.map_err(unavailable)?;
        let mut text = String::new();
        let mut bounded = file.take(MAX_FILE_BYTES);
        match bounded.read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(self.damaged()),
            Err(error) => return Err(unavailable(error)),
        }
        written::record(&text, &self.user, changed).ok_or_else(|| self.damaged())
    }

    fn damaged(&self) -> MemoryError {
        MemoryError::Damaged(self.file.display().to_string())
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        let json = written::json(record, &self.user)?;
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.new)?;
        let written = file.write_all(&json).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A full disk must not keep half a file.
            let _ = fs::remove_file(&self.new);
            return Err(error);
        }
        fs::rename(&self.new, &self.file)?;
        self.sync_folder()
    }

    fn remove(&self) -> io::Result<()> {
        for path in [&self.file, &self.new] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.sync_folder()
    }

    /// A rename or a removal is on disk once its folder is. Elsewhere a folder cannot be opened.
    fn sync_folder(&self) -> io::Result<()> {
        match self.file.parent().map(Path::new) {
            Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
