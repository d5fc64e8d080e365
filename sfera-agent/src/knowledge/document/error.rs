use super::Format;
use std::{io, path::PathBuf};

/// A file, or a line of it, that could not be read. All others are not touched by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct DocumentError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it, and where.
    pub problem: DocumentProblem,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentProblem {
    /// The system does not let us read it.
    #[error("cannot be read ({0})")]
    Unreadable(io::ErrorKind),
    /// It ends in nothing we know: convert it.
    #[error("is no Markdown, text, HTML, PDF, DOCX or JSONL")]
    UnknownFormat,
    /// It, or what is packed in it, is larger than this many MiB: split it.
    #[error("holds more than {0} MiB; split it")]
    TooLarge(u64),
    /// It is in another encoding, first seen at this byte: save it as UTF-8.
    #[error("is not UTF-8 at byte {0}; save it as UTF-8")]
    NotUtf8(usize),
    /// It is not what its name says, or is damaged; `place` is where that was seen.
    #[error("is damaged or no {format} ({place})")]
    Damaged {
        /// What it should be.
        format: Format,
        /// Part, byte or page.
        place: String,
    },
    /// It opens with a password only: save it without.
    #[error("is encrypted; save it without a password")]
    Encrypted,
    /// It has no text; a PDF perhaps only pictures of it: recognise them first.
    #[error("has no text in it; a scan must be recognised first")]
    NoText,
    /// It is a folder that is not there, or without a file in it, from which files were taken before: what
    /// was taken stays until it is removed.
    #[error("is not there, or nothing is in it; what was taken from it stays")]
    Deserted,
    /// A line is wrong; the others were read.
    #[error("line {line}: {wrong}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        wrong: LineProblem,
    },
}

/// What is wrong with a line of JSONL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// It is no JSON; this column is where that shows.
    #[error("no JSON (column {0})")]
    NoJson(usize),
    /// It is JSON, but no object.
    #[error("no JSON object")]
    NoObject,
    /// It has no `text`, or an empty one.
    #[error("no \"text\"")]
    NoText,
    /// This key holds something other than a text.
    #[error("\"{0}\" is no text")]
    NotText(&'static str),
    /// It is longer than this many MiB.
    #[error("longer than {0} MiB")]
    TooLong(usize),
}
