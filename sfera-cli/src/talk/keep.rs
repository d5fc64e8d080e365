//! What `--record` keeps of a session: its events, its sound, its picture.

use super::{line::TwoSided, print::Form};
use crate::{
    error::{Error, FileError},
    output::{self, OutputFile},
    replay,
    text::Text,
};
use sfera_agent::session::timeline;
use std::path::{Path, PathBuf};

/// The files of one session, if they are wanted.
pub struct Kept {
    recording: Option<PathBuf>,
}

impl Kept {
    /// Finds names nobody has taken in a folder: `session-1.jsonl` and so on.
    pub fn begin(folder: Option<&Path>) -> Result<Self, FileError> {
        let Some(folder) = folder else {
            return Ok(Self { recording: None });
        };
        // Fails now rather than after the conversation.
        OutputFile::create(&folder.join("session.jsonl"))?;
        let mut names = (1_u32..).map(|number| folder.join(format!("session-{number}.jsonl")));
        Ok(Self {
            recording: names.find(|name| !name.exists()),
        })
    }

    /// Where the events go.
    pub fn recording(&self) -> Option<&Path> {
        self.recording.as_deref()
    }

    /// Writes the sound, if there is any, and draws the picture, once the recording is complete.
    pub fn finish(self, sound: Option<TwoSided>, text: Text, form: Form) -> Result<(), Error> {
        let Some(path) = self.recording else {
            return Ok(());
        };
        if let Some(sound) = sound {
            sound.write(&path.with_extension("wav"))?;
        }
        let picture = timeline::draw_in(&replay::read(&path)?, text.0);
        OutputFile::write(&path.with_extension("svg"), picture.as_bytes())?;
        if form == Form::Lines {
            output::line(text.kept_in(path.display()))?;
        }
        Ok(())
    }
}
