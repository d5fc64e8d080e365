use super::{FORMAT_VERSION, RecordingError, file::PartFile, read};
use crate::{
    Language,
    turn::{Effect, Input, Time, TurnOptions},
};
use serde::{Deserialize, Serialize};
use std::{io, path::Path};

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`]; it also tells a recording from any other JSON file.
    #[serde(rename = "sfera_recording")]
    pub version: u32,
    /// Wall-clock time of [`Time::ZERO`].
    pub started: jiff::Timestamp,
    /// Language of the conversation.
    pub language: Language,
    /// The options the machine was made with.
    pub options: TurnOptions,
}

impl Header {
    /// The header of a session that begins at `started`.
    #[must_use]
    pub const fn new(started: jiff::Timestamp, options: TurnOptions) -> Self {
        Self {
            version: FORMAT_VERSION,
            started,
            language: options.language,
            options,
        }
    }
}

/// Any line but the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Microseconds since the session began.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub kind: LineKind,
}

/// What a line tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The machine was told this.
    Input(Input),
    /// The machine wanted this, in answer to the inputs before it.
    Effect(Effect),
    /// So many lines are missing here, because the writer could not keep up or the buffer was full.
    /// Such a recording can be drawn but not replayed past this line.
    Dropped(u64),
}

/// A whole recording in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What it is about.
    pub header: Header,
    /// What happened, in order. Line `n` of the file is `lines[n - 2]`.
    pub lines: Vec<Line>,
}

impl Recording {
    /// Reads a recording from a file.
    ///
    /// # Errors
    /// [`RecordingError`] if the file cannot be read or is no sound recording.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let file = std::fs::File::open(path)?;
        read::parse(io::BufReader::new(file))
    }

    /// Reads a recording from anything that gives lines.
    ///
    /// # Errors
    /// As [`Recording::read`].
    pub fn parse(reader: impl io::BufRead) -> Result<Self, RecordingError> {
        read::parse(reader)
    }

    /// Writes the recording to a file at once. The file appears whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = PartFile::create(path)?;
        file.line(&self.header)?;
        for line in &self.lines {
            file.line(line)?;
        }
        file.finish()
    }

    /// How many lines are missing in the middle.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let count = |line: &Line| match line.kind {
            LineKind::Dropped(n) => n,
            _ => 0,
        };
        self.lines.iter().map(count).sum()
    }
}
