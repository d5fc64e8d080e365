use super::{Exchange, Memory, MemoryError, Recollection, UserId, record::Record};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
};

/// A record is bounded far below this; what is larger was not written here.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// Memory in a folder, one JSON file a person.
///
/// A person's file is named by the SHA-256 of their id, so an id can hold anything. Each change
/// reads, changes and replaces the file under a lock that other sessions and other processes respect
/// (`locks/`, one of 256 by the first byte of the hash), writes to a new file, syncs and renames:
/// after a crash the file is the old one or the new one. A file that cannot be understood is reported
/// and left as it is. Names, cities, goals and so on are taken from what is said by rules for Russian
/// and English; the last 100 exchanges are kept. On Unix only the owner can read the files.
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
/// let exchange = Exchange { user: "Меня зовут Алекс".into(), agent: "Рада знакомству!".into() };
/// memory.remember(&user, &exchange).await?;
/// assert_eq!(memory.recall(&user, "как меня зовут", 5).await?[0].text, "Алекс");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FileMemory {
    folder: PathBuf,
}

impl FileMemory {
    /// Opens the memory in a folder, which is made if there is none.
    ///
    /// # Errors
    /// [`MemoryError::Unavailable`] if the folder cannot be made or written.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, MemoryError> {
        let memory = Self {
            folder: folder.into(),
        };
        let locks = memory.folder.join("locks");
        blocking(move || fs::create_dir_all(locks).map_err(unavailable)).await?;
        Ok(memory)
    }

    /// Where the hosts of one machine remember people together, unless told otherwise: in the user's
    /// data folder. None where there is no home.
    #[must_use]
    pub fn usual_folder() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "sfera")?;
        Some(folders.data_dir().join("memory"))
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
}

#[async_trait]
impl Memory for FileMemory {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        let place = self.place(user);
        let query = query.to_owned();
        // Needs no lock: a file is replaced whole.
        blocking(move || {
            let record = place.read()?;
            Ok(record.map_or_else(Vec::new, |r| r.recall(&query, limit)))
        })
        .await
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        let place = self.place(user);
        let exchange = exchange.clone();
        blocking(move || {
            let _lock = place.lock()?;
            let mut record = place.read()?.unwrap_or_else(|| Record::new(&place.user));
            record.remember(&exchange);
            place.write(&record).map_err(unavailable)
        })
        .await
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
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

    fn read(&self) -> Result<Option<Record>, MemoryError> {
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unavailable(error)),
        };
        let mut text = String::new();
        let mut bounded = file.take(MAX_FILE_BYTES);
        match bounded.read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(self.damaged()),
            Err(error) => return Err(unavailable(error)),
        }
        match serde_json::from_str::<Record>(&text) {
            Ok(record) if record.version == Record::VERSION && record.user == self.user => {
                Ok(Some(record))
            }
            _ => Err(self.damaged()),
        }
    }

    fn damaged(&self) -> MemoryError {
        MemoryError::Damaged(self.file.display().to_string())
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        let json = serde_json::to_vec_pretty(record)?;
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
mod tests {
    use super::*;
    use crate::testing::memory_conformance;

    fn said(user: impl Into<String>) -> Exchange {
        Exchange {
            user: user.into(),
            agent: "Хорошо.".into(),
        }
    }

    async fn texts(memory: &FileMemory, user: &UserId, query: &str) -> Vec<String> {
        let found = memory.recall(user, query, 1_000).await.unwrap();
        found.into_iter().map(|r| r.text).collect()
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let memory = FileMemory::open(folder.path().join("new/deep"))
            .await
            .unwrap();
        memory_conformance(&memory).await;
    }

    #[tokio::test]
    async fn another_process_that_opens_the_folder_later_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let user = UserId::new("alex");
        let memory = FileMemory::open(folder.path()).await.unwrap();
        memory
            .remember(&user, &said("Меня зовут Алекс"))
            .await
            .unwrap();
        let memory = FileMemory::open(folder.path()).await.unwrap();
        assert_eq!(texts(&memory, &user, "").await, ["Алекс"]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sessions_of_one_person_side_by_side_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let user = UserId::new("alex");
        let mut sessions = tokio::task::JoinSet::new();
        for session in 0..8 {
            let memory = FileMemory::open(folder.path()).await.unwrap();
            let user = user.clone();
            sessions.spawn(async move {
                for n in 0..5 {
                    let exchange = said(format!("сделка номер{session}x{n}"));
                    memory.remember(&user, &exchange).await.unwrap();
                }
            });
        }
        while let Some(done) = sessions.join_next().await {
            done.unwrap();
        }
        let memory = FileMemory::open(folder.path()).await.unwrap();
        assert_eq!(texts(&memory, &user, "сделка").await.len(), 40);
    }

    #[tokio::test]
    async fn a_damaged_file_is_reported_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let memory = FileMemory::open(folder.path()).await.unwrap();
        let user = UserId::new("alex");
        memory
            .remember(&user, &said("Меня зовут Алекс"))
            .await
            .unwrap();
        let file = memory.place(&user).file;
        let whole = fs::read(&file).unwrap();
        for damaged in [&whole[..whole.len() / 2], b"", b"\xff\xfe", b"{}"] {
            fs::write(&file, damaged).unwrap();
            let expected = MemoryError::Damaged(file.display().to_string());
            assert_eq!(memory.recall(&user, "", 5).await, Err(expected.clone()));
            assert_eq!(memory.remember(&user, &said("x")).await, Err(expected));
            assert_eq!(fs::read(&file).unwrap(), damaged);
        }
        let other = UserId::new("other");
        memory
            .remember(&other, &said("Меня зовут Ольга"))
            .await
            .unwrap();
        memory.forget(&user).await.unwrap();
        assert_eq!(texts(&memory, &user, "").await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_leftover_of_a_crash_does_no_harm_and_is_forgotten_too() {
        let folder = tempfile::tempdir().unwrap();
        let memory = FileMemory::open(folder.path()).await.unwrap();
        let user = UserId::new("alex");
        let place = memory.place(&user);
        fs::write(&place.new, "{\"half").unwrap();
        memory
            .remember(&user, &said("Меня зовут Алекс"))
            .await
            .unwrap();
        assert_eq!(texts(&memory, &user, "").await, ["Алекс"]);
        fs::write(&place.new, "{\"half").unwrap();
        memory.forget(&user).await.unwrap();
        let left = fs::read_dir(folder.path()).unwrap();
        let names: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["locks"]);
    }

    #[tokio::test]
    async fn an_id_that_looks_like_a_path_stays_in_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let memory = FileMemory::open(outer.path().join("memory")).await.unwrap();
        for id in ["../../evil", "/etc/passwd", "a\0b", "", &"x".repeat(10_000)] {
            let user = UserId::new(id);
            memory
                .remember(&user, &said("Меня зовут Ева"))
                .await
                .unwrap();
            assert_eq!(texts(&memory, &user, "").await, ["Ева"]);
        }
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = FileMemory::open(file).await.unwrap_err();
        assert_eq!(error, MemoryError::Unavailable);
    }
}
