//! What is said to the agent in a recorded conversation, and what is expected of its answers.
//!
//! A folder holds the spoken lines with their texts (`conversation.toml`) and the plan
//! (`scenario.ru.toml`, `scenario.en.toml`): sessions of steps, each naming a line by
//! its file: `hello` is `ru/hello.wav`.

use crate::error::{FileError, FileProblem};
use serde::Deserialize;
use sfera_agent::Language;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A conversation to be run: one or more sessions with the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The sessions, one after the other.
    pub sessions: Vec<Vec<Step>>,
}

/// One thing said to the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The spoken line.
    pub file: PathBuf,
    /// Its words.
    pub text: String,
    /// It begins so long after the agent began to answer the step before, not after that answer.
    pub over: Option<Duration>,
    /// What is expected.
    pub expect: Expect,
}

/// What is expected of an answer. All that is set must hold; but for `backchannel`, an
/// answer must be heard in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// One of these is in the answer; case does not matter, and the beginning of a word suffices.
    pub any: Vec<String>,
    /// None of these is in the answer.
    pub none: Vec<String>,
    /// The answer's words are from the knowledge base.
    pub knowledge: bool,
    /// It took the floor: the answer before was cut short.
    pub interrupts: bool,
    /// It is a word one listens by: the answer before goes on, and nobody answers it.
    pub backchannel: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    session: Vec<SessionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionFile {
    step: Vec<StepFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    say: String,
    #[serde(default)]
    over_ms: Option<u64>,
    #[serde(default)]
    expect: Expect,
}

#[derive(Deserialize)]
struct LinesFile {
    #[serde(rename = "step")]
    lines: Vec<LineFile>,
}

#[derive(Deserialize)]
struct LineFile {
    language: Language,
    file: PathBuf,
    text: String,
}

impl Plan {
    /// Reads a folder's plan in a language.
    pub fn read(folder: &Path, language: Language) -> Result<Self, FileError> {
        let lines: LinesFile = parse(&folder.join("conversation.toml"))?;
        let path = folder.join(format!("scenario.{language}.toml"));
        let plan: PlanFile = parse(&path)?;
        let step = |step: StepFile| {
            let named = |line: &&LineFile| {
                line.language == language && line.file.file_stem() == Some(step.say.as_ref())
            };
            let line = lines.lines.iter().find(named);
            let wrong = || FileError::new(&path, FileProblem::BadScenario(step.say.clone()));
            let line = line.ok_or_else(wrong)?;
            Ok(Step {
                file: folder.join(&line.file),
                text: line.text.clone(),
                over: step.over_ms.map(Duration::from_millis),
                expect: step.expect,
            })
        };
        let session = |session: SessionFile| session.step.into_iter().map(step).collect();
        let sessions = plan.session.into_iter().map(session);
        Ok(Self {
            sessions: sessions.collect::<Result<_, FileError>>()?,
        })
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let source = std::fs::read_to_string(path).map_err(|error| FileError::io(path, &error))?;
    toml::from_str(&source).map_err(|error| {
        let what = error.message().to_owned();
        FileError::new(path, FileProblem::BadScenario(what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(plan: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let lines = "[[step]]\nlanguage = \"ru\"\nkind = \"turn\"\nfile = \"ru/hello.wav\"\ntext = \"Привет\"\n";
        std::fs::write(folder.path().join("conversation.toml"), lines).unwrap();
        std::fs::write(folder.path().join("scenario.ru.toml"), plan).unwrap();
        folder
    }

    #[test]
    fn a_step_takes_its_words_and_sound_from_the_line_it_names() {
        let folder = folder(
            "[[session]]\n[[session.step]]\nsay = \"hello\"\nover_ms = 1500\nexpect = { any = [\"привет\"] }\n",
        );
        let plan = Plan::read(folder.path(), Language::Ru).unwrap();
        let step = &plan.sessions[0][0];
        assert_eq!(step.text, "Привет");
        assert_eq!(step.over, Some(Duration::from_millis(1_500)));
        assert_eq!(step.file, folder.path().join("ru/hello.wav"));
        assert_eq!(step.expect.any, ["привет"]);
    }

    #[test]
    fn an_unknown_line_and_a_misspelt_expectation_are_refused() {
        for plan in [
            "[[session]]\n[[session.step]]\nsay = \"bye\"\n",
            "[[session]]\n[[session.step]]\nsay = \"hello\"\nexpect = { anny = [] }\n",
        ] {
            let folder = folder(plan);
            let error = Plan::read(folder.path(), Language::Ru).unwrap_err();
            assert!(matches!(error.problem, FileProblem::BadScenario(_)));
        }
    }
}
