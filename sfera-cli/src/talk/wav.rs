//! Reads a question.

use crate::error::{FileError, FileProblem};
use sfera_agent::{
    audio::Frame,
    io::{WavError, WavReader},
};
use std::{io, path::Path, time::Duration};

/// The longest question: whoever asks for longer has probably named another file.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Reads a whole WAV file.
pub fn read(path: &Path) -> Result<Frame, FileError> {
    if path.is_dir() {
        return Err(FileError::new(path, FileProblem::Folder));
    }
    let open = || -> Result<Frame, Result<WavError, FileProblem>> {
        let reader = WavReader::open(path).map_err(Ok)?;
        let length = reader.duration();
        if length > LONGEST {
            let minutes = |length: Duration| length.as_secs() / 60;
            return Err(Err(FileProblem::TooLong {
                minutes: minutes(length),
                limit: minutes(LONGEST),
            }));
        }
        reader.read_all().map_err(Ok)
    };
    let frame = open().map_err(|problem| match problem {
        Err(problem) => FileError::new(path, problem),
        Ok(error) => explain(path, &error),
    })?;
    match frame.samples() {
        [] => Err(FileError::new(path, FileProblem::EmptyWav)),
        _ => Ok(frame),
    }
}

/// What is wrong with a WAV file.
pub fn explain(path: &Path, error: &WavError) -> FileError {
    let problem = match error {
        WavError::NotFound => FileProblem::NotFound,
        WavError::Denied => FileProblem::Denied,
        WavError::Empty => FileProblem::EmptyWav,
        WavError::NotWav | WavError::Damaged | WavError::NoChannels | WavError::TooLong => {
            FileProblem::NotWav
        }
        WavError::Truncated { promised, found } => FileProblem::CutWav {
            promised: promised.as_secs_f32(),
            found: found.as_secs_f32(),
        },
        WavError::Unsupported => FileProblem::UnsupportedWav,
        WavError::Rate(rate) => FileProblem::WavRate(rate.0),
        WavError::NoSpace => FileProblem::DiskFull,
        WavError::Io(kind) => return FileError::io(path, &io::Error::from(*kind)),
    };
    FileError::new(path, problem)
}
