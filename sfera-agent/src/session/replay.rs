//! Runs a recording's inputs through a fresh turn machine and compares what it wants with what was
//! recorded. The machine is pure, so any difference is a change of its code, or a damaged recording.

use super::recording::{LineKind, Recording};
use crate::turn::{Effect, Machine, Time};
use std::fmt;

/// A recording and the machine of today agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Inputs that were run.
    pub inputs: usize,
    /// Effects that were compared.
    pub effects: usize,
}

/// The first difference, or the reason why there can be no comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Divergence {
    /// The machine wants something else now.
    Effect {
        /// The line of the recording, from 1; one past the last if the recording ended.
        line: usize,
        /// When.
        at: Time,
        /// What was recorded; `None` if the recording holds nothing more.
        expected: Option<Box<Effect>>,
        /// What the machine wants now; `None` if nothing.
        got: Option<Box<Effect>>,
    },
    /// Lines were dropped when the recording was made: what follows cannot be compared.
    Gap {
        /// The line of the recording, from 1.
        line: usize,
        /// How many lines are missing.
        missing: u64,
    },
}

/// Replays a recording.
///
/// # Errors
/// The first [`Divergence`].
pub fn replay(recording: &Recording) -> Result<Agreement, Divergence> {
    let mut machine = Machine::new(recording.header.options.clone());
    let mut agreement = Agreement {
        inputs: 0,
        effects: 0,
    };
    let mut at = Time::ZERO;
    for (index, line) in recording.lines.iter().enumerate() {
        let number = index + 2;
        match &line.kind {
            LineKind::Input(input) => {
                agreement.inputs += 1;
                machine.handle(line.at, input.clone());
            }
            LineKind::Effect(expected) => {
                agreement.effects += 1;
                compare(&mut machine, number, line.at, Some(expected))?;
            }
            LineKind::Dropped(missing) => {
                let missing = *missing;
                return Err(Divergence::Gap {
                    line: number,
                    missing,
                });
            }
        }
        at = line.at;
    }
    compare(&mut machine, recording.lines.len() + 2, at, None)?;
    Ok(agreement)
}

fn compare(
    machine: &mut Machine,
    line: usize,
    at: Time,
    expected: Option<&Effect>,
) -> Result<(), Divergence> {
    let got = machine.poll_effect();
    if got.as_ref() == expected {
        return Ok(());
    }
    Err(Divergence::Effect {
        line,
        at,
        expected: expected.cloned().map(Box::new),
        got: got.map(Box::new),
    })
}

impl std::error::Error for Divergence {}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Effect {
                line,
                at,
                expected,
                got,
            } => {
                writeln!(
                    f,
                    "line {line}, at {at}: the machine does something else now"
                )?;
                writeln!(f, "  recorded: {}", Shown(expected.as_deref()))?;
                write!(f, "  now:      {}", Shown(got.as_deref()))
            }
            Self::Gap { line, missing } => write!(
                f,
                "line {line}: {missing} lines were dropped here when the recording was made, so what \
                 follows cannot be compared"
            ),
        }
    }
}

/// An effect as the recording writes it.
struct Shown<'a>(Option<&'a Effect>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(serde_json::to_string) {
            None => f.write_str("nothing"),
            Some(Ok(text)) => f.write_str(&text),
            Some(Err(_)) => write!(f, "{:?}", self.0),
        }
    }
}
