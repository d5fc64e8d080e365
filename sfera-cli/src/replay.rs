//! `sfera replay`: a recorded session's inputs through the turn machine once more.

use crate::{
    cli::ReplayArgs,
    error::{Error, Exit, FileError, FileProblem},
    output::{self, OutputFile},
    text::Text,
};
use sfera_agent::session::{
    recording::{Recording, RecordingError},
    replay::{Divergence, replay},
    timeline,
};
use std::path::Path;

/// Runs `sfera replay`: compares what the machine does now with what was recorded, and draws the
/// session again.
pub fn run(arguments: &ReplayArgs, text: Text) -> Result<Exit, Error> {
    let recording = read(&arguments.file)?;
    let beside = arguments.file.with_extension("svg");
    let picture = arguments.svg.as_deref().unwrap_or(&beside);
    OutputFile::write(picture, timeline::draw_in(&recording, text.0).as_bytes())?;
    output::line(text.picture_drawn(picture.display()))?;
    match replay(&recording) {
        Ok(agreement) => {
            output::line(text.replay_agrees(agreement.inputs, agreement.effects))?;
            Ok(Exit::Fine)
        }
        Err(Divergence::Gap { line, missing }) => {
            output::complain(text.replay_gap(line, missing));
            Ok(Exit::CheckFailed)
        }
        Err(Divergence::Effect {
            line,
            at,
            expected,
            got,
        }) => {
            let shown = |effect: Option<Box<_>>| {
                let effect = effect.map(|effect| serde_json::to_string(&effect));
                effect.and_then(Result::ok).unwrap_or("–".to_owned())
            };
            output::complain(text.replay_differs(line, at, shown(expected), shown(got)));
            Ok(Exit::CheckFailed)
        }
    }
}

/// Reads a recording, or says which line is none.
pub fn read(path: &Path) -> Result<Recording, FileError> {
    Recording::read(path).map_err(|error| {
        let problem = match error {
            RecordingError::Io(error) => return FileError::io(path, &error),
            RecordingError::Empty | RecordingError::NotARecording => {
                FileProblem::NotRecording { line: 1 }
            }
            RecordingError::Version { found } => FileProblem::RecordingVersion(found),
            RecordingError::Damaged { line, .. }
            | RecordingError::TooLong { line }
            | RecordingError::OutOfOrder { line } => FileProblem::NotRecording { line },
        };
        FileError::new(path, problem)
    })
}
