//! Noticing that files have changed.

use super::walk::walk;
use notify_debouncer_mini::{
    DebounceEventResult, Debouncer, new_debouncer,
    notify::{RecommendedWatcher, RecursiveMode},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::{sync::mpsc, task::spawn_blocking};

/// How long files must be left alone before somebody is told: editors write in several steps.
const QUIET: Duration = Duration::from_millis(300);

/// Tells when something in files and folders has changed. For development: whoever has many files
/// ingests them when they are ready.
pub struct Watch {
    paths: Vec<PathBuf>,
    seen: Seen,
    changes: mpsc::Receiver<()>,
    _watcher: Debouncer<RecommendedWatcher>,
}

/// Each file's length and when it was written. Reading a file is an event too, so events alone would
/// make an ingest its own reason.
type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// The system does not let us watch this path; the text names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be watched", .0.display())]
pub struct WatchError(pub PathBuf);

impl Watch {
    /// Begins to watch. What changes from now on is told.
    ///
    /// # Errors
    /// [`WatchError`] names the path that is missing or cannot be watched.
    pub async fn begin(paths: Vec<PathBuf>) -> Result<Self, WatchError> {
        let (tell, changes) = mpsc::channel(1);
        let first = paths.first().cloned().unwrap_or_default();
        let heard = move |_: DebounceEventResult| {
            // Full is as good: it is about to be looked at.
            let _full = tell.try_send(());
        };
        let watcher = new_debouncer(QUIET, heard).map_err(|_| WatchError(first))?;
        let watcher = watching(watcher, &paths)?;
        let seen = look(paths.clone()).await;
        Ok(Self {
            paths,
            seen,
            changes,
            _watcher: watcher,
        })
    }

    /// Waits until a file has come, gone or changed. Dropping the future loses nothing.
    pub async fn changed(&mut self) {
        while self.changes.recv().await.is_some() {
            let seen = look(self.paths.clone()).await;
            if seen != self.seen {
                self.seen = seen;
                return;
            }
        }
        std::future::pending().await
    }
}

fn watching(
    mut watcher: Debouncer<RecommendedWatcher>,
    paths: &[PathBuf],
) -> Result<Debouncer<RecommendedWatcher>, WatchError> {
    for path in paths {
        if !path.exists() {
            return Err(WatchError(path.clone()));
        }
        // An editor puts a new file in the old one's place, so a file is watched by its folder.
        let folder = if path.is_dir() {
            path.as_path()
        } else {
            path.parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
        };
        let watched = watcher.watcher().watch(folder, RecursiveMode::Recursive);
        watched.map_err(|_| WatchError(path.clone()))?;
    }
    Ok(watcher)
}

async fn look(paths: Vec<PathBuf>) -> Seen {
    let look = move || {
        let files = paths.iter().flat_map(|path| walk(path).files);
        files
            .filter_map(|file| {
                let metadata = fs::metadata(&file).ok()?;
                Some((file, (metadata.len(), metadata.modified().ok())))
            })
            .collect()
    };
    spawn_blocking(look).await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_told_and_reading_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        fs::write(&file, "Раз").unwrap();
        let mut watch = Watch::begin(vec![folder.path().to_owned()]).await.unwrap();
        fs::read(&file).unwrap();
        fs::write(folder.path().join("b.txt"), "Два").unwrap();
        watch.changed().await;
        let known: Vec<_> = watch.seen.keys().filter_map(|f| f.file_name()).collect();
        assert_eq!(known, ["a.md", "b.txt"]);
        fs::remove_file(&file).unwrap();
        watch.changed().await;
        assert_eq!(watch.seen.len(), 1);
        for missing in ["x.md", "no/where/x.md"].map(|file| folder.path().join(file)) {
            let refused = Watch::begin(vec![missing.clone()]).await;
            assert_eq!(refused.err(), Some(WatchError(missing)));
        }
    }
}
