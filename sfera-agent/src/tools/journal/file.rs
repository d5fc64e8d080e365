use super::{
    Begun, Doubt, Intent, Journal, JournalError,
    book::{Book, Line},
};
use crate::memory::UserId;
use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};
use uuid::Uuid;

/// Lines that say nothing any more, before the file is written anew.
const STALE: usize = 500;
/// Bytes of another process's file that are read; one that is longer was not written here.
const MAX_FILE_BYTES: u64 = 64 << 20;
const ENDING: &str = "calls.jsonl";
/// What a file is called before it is put in its place.
const NEW: &str = ".new";
/// Nobody writes at one for longer: its process died in the middle.
const HALF_WRITTEN: Duration = Duration::from_secs(60);

/// A journal in a folder, as JSON lines, each synced to the disk before its call goes on.
///
/// Every process has a file of its own in the folder and holds a lock on it as long as it lives. A file
/// whose lock is free is that of a process that died: what it left open is taken over, in doubt. A line
/// that was cut off by the crash was never promised and is passed over; a file that was being written anew
/// is deleted by whoever looks a minute later. The file is written anew when
/// 500 of its lines are stale; at most 1000 calls are open, and a doubt is forgotten after a week. On
/// Unix only the owner can read the files. No arguments are kept, only what the tool says the call
/// does ([`super::super::Tool::action`]).
///
/// Cloning shares it.
#[derive(Clone, Debug)]
pub struct FileJournal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    /// What is known. Held for moments only, never while the disk works.
    book: Mutex<Book>,
    /// Held while the disk works.
    file: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    path: PathBuf,
    lines: usize,
}

impl FileJournal {
    /// Opens the journal in a folder, which is made if there is none.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`] if the folder cannot be made or written.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let folder = folder.into();
        let open = move || {
            fs::create_dir_all(&folder)?;
            let path = folder.join(format!("{}.{ENDING}", Uuid::new_v4()));
            let written = Written {
                file: create(&path, &[])?,
                path,
                lines: 0,
            };
            let shared = Shared {
                folder,
                book: Mutex::default(),
                file: Mutex::new(written),
            };
            shared.inherit()?;
            Ok(shared)
        };
        let shared = Arc::new(blocking(open).await?);
        Ok(Self { shared })
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> io::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let shared = self.shared.clone();
        blocking(move || work(&shared)).await
    }
}

#[async_trait]
impl Journal for FileJournal {
    async fn begin(&self, intent: &Intent, again: bool) -> Result<Begun, JournalError> {
        let intent = intent.clone();
        let begin = move |shared: &Shared| {
            // Held from the question to the line, so that two callers cannot have one key.
            let mut written = shared.written();
            let begun = shared.book().begin(&intent, again, Timestamp::now());
            let (line, begun) = match begun {
                Ok(begun) => begun,
                Err(error) => return Ok(Err(error)),
            };
            if let Some(line) = line {
                written.append(&line)?;
                shared.book().read(line, true);
            }
            Ok(Ok(begun))
        };
        self.work(begin).await?
    }

    async fn end(&self, key: &str) -> Result<(), JournalError> {
        let line = Line::End { key: key.into() };
        self.work(move |shared| shared.write(line)).await
    }

    fn abandon(&self, key: &str) {
        self.shared.book().abandon(key);
    }

    fn is_in_doubt(&self, intent: &Intent) -> bool {
        self.shared.book().doubt(intent).is_some()
    }

    async fn untold(&self, user: &UserId) -> Result<Vec<Doubt>, JournalError> {
        let user = user.clone();
        let untold = move |shared: &Shared| {
            shared.inherit()?;
            Ok(shared.book().untold(&user))
        };
        self.work(untold).await
    }

    async fn told(&self, keys: &[Arc<str>]) -> Result<(), JournalError> {
        let keys = keys.to_vec();
        let told = move |shared: &Shared| {
            keys.into_iter()
                .try_for_each(|key| shared.write(Line::Told { key }))
        };
        self.work(told).await
    }

    async fn forget(&self, user: &UserId) -> Result<(), JournalError> {
        let user = user.clone();
        let forget = move |shared: &Shared| {
            shared.inherit()?;
            let mut written = shared.written();
            let lines = {
                let mut book = shared.book();
                book.forget(&user);
                book.lines()
            };
            // Lines of calls that ended hold words too.
            written.replace(&lines)
        };
        self.work(forget).await
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, line: Line) -> io::Result<()> {
        let mut written = self.written();
        written.append(&line)?;
        self.book().read(line, true);
        let lines = {
            let mut book = self.book();
            let stale = written.lines > book.len() * 2 + STALE;
            stale.then(|| {
                book.forget_old(Timestamp::now());
                book.lines()
            })
        };
        match lines {
            Some(lines) => written.replace(&lines),
            None => Ok(()),
        }
    }

    /// Takes over what processes that died have left.
    fn inherit(&self) -> io::Result<()> {
        let mut written = self.written();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name.contains(".calls.") && name.ends_with(NEW) {
                sweep(&path)?;
            }
            if path == written.path || !name.ends_with(ENDING) {
                continue;
            }
            let Some((left, _lock)) = read_dead(&path)? else {
                continue;
            };
            let lines = {
                let mut book = self.book();
                let left = book.inherit(left);
                let old = book.forget_old(Timestamp::now());
                (left || old).then(|| book.lines())
            };
            if let Some(lines) = lines {
                written.replace(&lines)?;
            }
            // Only now: whoever crashes in between leaves both, under the same keys.
            remove(&path)?;
        }
        Ok(())
    }
}

impl Drop for Shared {
    /// Whoever leaves nothing open leaves no file.
    fn drop(&mut self) {
        if self.book().len() == 0 {
            // If it stays, the next process takes it over.
            let _ = fs::remove_file(&self.written().path);
        }
    }
}

impl Written {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut json = serde_json::to_vec(line)?;
        json.push(b'\n');
        let before = self.file.metadata()?.len();
        let synced = self
            .file
            .write_all(&json)
            .and_then(|()| self.file.sync_data());
        if synced.is_err() {
            // A full disk must not keep half a line, which would swallow the next one.
            let _ = self.file.set_len(before);
        }
        synced?;
        self.lines += 1;
        Ok(())
    }

    /// Puts a file with these lines alone in the place of this one.
    fn replace(&mut self, lines: &[Line]) -> io::Result<()> {
        self.file = create(&self.path, lines)?;
        self.lines = lines.len();
        Ok(())
    }
}

/// Makes a file that is locked before anybody can see it.
fn create(path: &Path, lines: &[Line]) -> io::Result<File> {
    let new = path.with_extension(format!("{}{NEW}", Uuid::new_v4()));
    let mut options = OpenOptions::new();
    options.create_new(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&new)?;
    let fill = || {
        file.try_lock().map_err(io::Error::from)?;
        for line in lines {
            let mut json = serde_json::to_vec(line)?;
            json.push(b'\n');
            (&file).write_all(&json)?;
        }
        file.sync_all()?;
        fs::rename(&new, path)?;
        sync_folder(path)
    };
    let filled: io::Result<()> = fill();
    if filled.is_err() {
        let _ = fs::remove_file(&new);
    }
    filled.map(|()| file)
}

/// Deletes what a process left half written; the file it was to replace is still there.
fn sweep(path: &Path) -> io::Result<()> {
    let modified = match fs::metadata(path) {
        Ok(about) => about.modified()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let age = SystemTime::now().duration_since(modified);
    match age.is_ok_and(|age| age > HALF_WRITTEN) {
        true => remove(path),
        false => Ok(()),
    }
}

/// Deletes a file, unless somebody else did.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A rename is safe when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// What a process that died has left, and the lock on it; nothing while it lives.
fn read_dead(path: &Path) -> io::Result<Option<(Book, File)>> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Another process may have taken it over between the two.
    if file.try_lock().is_err() || !path.exists() {
        return Ok(None);
    }
    let mut book = Book::default();
    let mut lines = BufReader::new((&file).take(MAX_FILE_BYTES));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        match serde_json::from_slice::<Line>(&line) {
            Ok(line) => book.read(line, false),
            Err(error) => {
                tracing::warn!(%error, "a line of the journal of calls cannot be read");
            }
        }
        line.clear();
    }
    Ok(Some((book, file)))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, JournalError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.unwrap_or_else(|_| Err(io::Error::other("the work was cut off")));
    done.map_err(|error| {
        tracing::warn!(%error, "the journal of calls on disk cannot be used");
        JournalError::Unavailable
    })
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
