use super::{FORMAT_VERSION, Header, Line, Recording};
use serde::Deserialize;
use std::io::{self, BufRead, Read};

/// The longest line that is read: a history of this size is not a conversation any more.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("the recording cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file has no line at all.
    #[error("the recording is empty")]
    Empty,
    /// The first line is not the header of a recording.
    #[error("this is no recording of Sfera: its first line is no recording header")]
    NotARecording,
    /// A newer or older Sfera wrote it.
    #[error("the recording has format version {found}; this Sfera reads version {FORMAT_VERSION}")]
    Version {
        /// The version of the file.
        found: u32,
    },
    /// A line is cut off or is not what a recording holds.
    #[error("line {line} of the recording is damaged: {source}")]
    Damaged {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line is longer than any line of a recording.
    #[error("line {line} of the recording is longer than 16 MiB")]
    TooLong {
        /// Its number, from 1.
        line: usize,
    },
    /// Time goes back.
    #[error("line {line} of the recording is earlier than the line before it")]
    OutOfOrder {
        /// Its number, from 1.
        line: usize,
    },
}

/// Just enough of a header to know whether the rest can be understood.
#[derive(Deserialize)]
struct VersionOnly {
    sfera_recording: u32,
}

pub(super) fn parse(mut reader: impl BufRead) -> Result<Recording, RecordingError> {
    let mut bytes = Vec::new();
    let header = match next_line(&mut reader, &mut bytes, 1)? {
        Some(text) => header(text)?,
        None => return Err(RecordingError::Empty),
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut number = 2;
    while let Some(text) = next_line(&mut reader, &mut bytes, number)? {
        let line: Line = serde_json::from_slice(text).map_err(|source| damaged(number, source))?;
        if lines.last().is_some_and(|last| last.at > line.at) {
            return Err(RecordingError::OutOfOrder { line: number });
        }
        lines.push(line);
        number += 1;
    }
    Ok(Recording { header, lines })
}

fn header(text: &[u8]) -> Result<Header, RecordingError> {
    let version: VersionOnly =
        serde_json::from_slice(text).map_err(|_| RecordingError::NotARecording)?;
    let found = version.sfera_recording;
    if found != FORMAT_VERSION {
        return Err(RecordingError::Version { found });
    }
    serde_json::from_slice(text).map_err(|source| damaged(1, source))
}

const fn damaged(line: usize, source: serde_json::Error) -> RecordingError {
    RecordingError::Damaged { line, source }
}

fn next_line<'a>(
    reader: &mut impl BufRead,
    bytes: &'a mut Vec<u8>,
    number: usize,
) -> Result<Option<&'a [u8]>, RecordingError> {
    bytes.clear();
    let read = reader.take(MAX_LINE_BYTES).read_until(b'\n', bytes)?;
    if read as u64 == MAX_LINE_BYTES && bytes.last() != Some(&b'\n') {
        return Err(RecordingError::TooLong { line: number });
    }
    Ok((read > 0).then_some(bytes.trim_ascii_end()))
}
