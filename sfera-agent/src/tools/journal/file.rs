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
};
use uuid::Uuid;

/// Lines that say nothing any more, before the file is written anew.
const STALE: usize = 500;
/// Bytes of another process's file that are read; one that is longer was not written here.
const MAX_FILE_BYTES: u64 = 64 << 20;
const ENDING: &str = "calls.jsonl";

/// A journal in a folder, as JSON lines, each synced to the disk before its call goes on.
///
/// Every process has a file of its own in the folder and holds a lock on it as long as it lives. A file
/// whose lock is free is that of a process that died: what it left open is taken over, in doubt. A line
/// that was cut off by the crash was never promised and is passed over. The file is written anew when
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
            let name = path.file_name().and_then(|name| name.to_str());
            if path == written.path || !name.is_some_and(|name| name.ends_with(ENDING)) {
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
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
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
    let new = path.with_extension(format!("{}.new", Uuid::new_v4()));
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
mod tests {
    use super::*;
    use crate::testing::journal_conformance;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn intent(n: u8) -> Intent {
        let user = UserId::new("alex");
        Intent::new(Some(&user), "order", &json!({ "n": n }), "заказать")
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let files = fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        journal_conformance(&FileJournal::open(folder.path()).await.unwrap()).await;
    }

    #[tokio::test]
    async fn what_a_living_process_runs_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = FileJournal::open(folder.path()).await.unwrap();
        first.begin(&intent(1), false).await.unwrap();
        let second = FileJournal::open(folder.path()).await.unwrap();
        let user = UserId::new("alex");
        assert_eq!(second.untold(&user).await, Ok(vec![]));
        assert!(!second.is_in_doubt(&intent(1)));
        drop(first);
        let doubts = second.untold(&user).await.unwrap();
        assert_eq!(doubts.len(), 1, "its process is gone: {doubts:?}");
        assert!(second.is_in_doubt(&intent(1)));
        assert_eq!(files(folder.path()).len(), 1, "its file was taken over");
    }

    #[tokio::test]
    async fn nothing_open_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::open(folder.path()).await.unwrap();
        let Ok(Begun::Run(key)) = journal.begin(&intent(1), false).await else {
            panic!("it did not begin");
        };
        journal.end(&key).await.unwrap();
        drop(journal);
        assert_eq!(files(folder.path()), [""; 0].map(PathBuf::from));
    }

    #[tokio::test]
    async fn the_file_does_not_grow() {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::open(folder.path()).await.unwrap();
        journal.begin(&intent(0), false).await.unwrap();
        for _ in 0..STALE {
            let Ok(Begun::Run(key)) = journal.begin(&intent(1), false).await else {
                panic!("it did not begin");
            };
            journal.end(&key).await.unwrap();
        }
        let lines = fs::read_to_string(&files(folder.path())[0]).unwrap();
        assert!(
            lines.lines().count() < STALE + 10,
            "{}",
            lines.lines().count()
        );
        drop(journal);
        let next = FileJournal::open(folder.path()).await.unwrap();
        assert!(next.is_in_doubt(&intent(0)));
    }

    #[tokio::test]
    async fn no_word_of_who_is_forgotten_stays_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::open(folder.path()).await.unwrap();
        let mut keys = Vec::new();
        for n in 0..4 {
            let Ok(Begun::Run(key)) = journal.begin(&intent(n), false).await else {
                panic!("it did not begin");
            };
            keys.push(key);
        }
        journal.end(&keys[0]).await.unwrap();
        journal.abandon(&keys[1]);
        let written = || fs::read_to_string(&files(folder.path())[0]).unwrap();
        assert!(written().contains("заказать") && written().contains("alex"));
        journal.forget(&UserId::new("alex")).await.unwrap();
        assert_eq!(written(), "");
        // Two of the calls ran meanwhile.
        journal.end(&keys[2]).await.unwrap();
        journal.abandon(&keys[3]);
        assert!(!written().contains("заказать") && !written().contains("alex"));
        drop(journal);
        assert_eq!(files(folder.path()), [""; 0].map(PathBuf::from));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let opened = FileJournal::open(file).await;
        assert_eq!(opened.err(), Some(JournalError::Unavailable));
    }

    /// What is done to a journal, by the numbers of the calls.
    #[derive(Clone, Copy, Debug)]
    enum Act {
        Begin(u8),
        End(u8),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![(0..6_u8).prop_map(Act::Begin), (0..6_u8).prop_map(Act::End)];
        proptest::collection::vec(act, 1..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However much of the file a crash has left, the calls whose beginning is whole and whose end
        /// is not are in doubt, and no others.
        #[test]
        fn every_crash_leaves_what_began_in_doubt(acts in acts(), cut in 0.0..1.0_f64) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let folder = tempfile::tempdir().unwrap();
                let journal = FileJournal::open(folder.path()).await.unwrap();
                let path = files(folder.path()).remove(0);
                // The length of the file after each act, and what was open then.
                let mut open: Vec<(u8, Arc<str>)> = Vec::new();
                let mut states = vec![(0, BTreeSet::new())];
                for act in acts {
                    match act {
                        Act::Begin(n) if open.iter().all(|(m, _)| *m != n) => {
                            let Ok(Begun::Run(key)) = journal.begin(&intent(n), false).await else {
                                panic!("{n} is in doubt");
                            };
                            open.push((n, key));
                        }
                        Act::End(n) => {
                            if let Some(at) = open.iter().position(|(m, _)| *m == n) {
                                journal.end(&open.remove(at).1).await.unwrap();
                            }
                        }
                        Act::Begin(_) => {}
                    }
                    let length = fs::metadata(&path).unwrap().len();
                    states.push((length, open.iter().map(|(n, _)| *n).collect()));
                }
                let whole = fs::read(&path).unwrap();
                let cut = (whole.len() as f64 * cut) as usize;
                let after = tempfile::tempdir().unwrap();
                let dead = after.path().join(format!("dead.{ENDING}"));
                fs::write(dead, &whole[..cut]).unwrap();
                let next = FileJournal::open(after.path()).await.unwrap();
                let left: BTreeSet<u8> = (0..6).filter(|n| next.is_in_doubt(&intent(*n))).collect();
                // A line is whole without its line break.
                let expected = states.iter().rfind(|(length, _)| *length <= cut as u64 + 1);
                assert_eq!(Some(&left), expected.map(|(_, open)| open));
            });
        }
    }
}
