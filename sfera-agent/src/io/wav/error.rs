use crate::audio::UnsupportedRate;
use std::{io, time::Duration};

/// Why a WAV file cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// There is no such file.
    #[error("the WAV file does not exist")]
    NotFound,
    /// The file or folder may not be opened.
    #[error("no permission to open the WAV file")]
    Denied,
    /// The file is something else.
    #[error("this is not a WAV file")]
    NotWav,
    /// The file has a header and nothing to hear.
    #[error("the WAV file holds no sound")]
    Empty,
    /// The header promises more than there is.
    #[error("the WAV file is cut off: its header promises {promised:.1?}, it holds {found:.1?}")]
    Truncated {
        /// How long the sound should be.
        promised: Duration,
        /// How long it is.
        found: Duration,
    },
    /// The samples are compressed, or of a kind nobody uses for speech.
    #[error("the WAV file is compressed or of an unusual kind; save it as 16-bit PCM")]
    Unsupported,
    /// The header says zero channels.
    #[error("the WAV file has no channels")]
    NoChannels,
    /// The header contradicts itself.
    #[error("the WAV file's header is damaged")]
    Damaged,
    /// The rate is out of range.
    #[error("the WAV file's rate is out of range: {0}")]
    Rate(#[from] UnsupportedRate),
    /// The disk is full; nothing was left behind.
    #[error("no space left on the disk for the WAV file")]
    NoSpace,
    /// A WAV file ends at 4 GiB.
    #[error("the recording is longer than a WAV file can be (4 GiB)")]
    TooLong,
    /// Anything else that can happen to a file.
    #[error("the WAV file cannot be read or written: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            kind => Self::Io(kind),
        }
    }
}

impl From<hound::Error> for WavError {
    fn from(error: hound::Error) -> Self {
        match error {
            hound::Error::IoError(error) => error.into(),
            hound::Error::FormatError("file contains zero channels") => Self::NoChannels,
            hound::Error::FormatError(
                "bits per sample is not 32" | "bits per sample is not 8 or 16",
            )
            | hound::Error::Unsupported
            | hound::Error::TooWide
            | hound::Error::InvalidSampleFormat => Self::Unsupported,
            hound::Error::FormatError(_) | hound::Error::UnfinishedSample => Self::Damaged,
        }
    }
}
