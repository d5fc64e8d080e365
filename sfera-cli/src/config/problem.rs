use super::Kind;
use std::{io, path::PathBuf};

/// A mistake in the settings, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: ConfigProblem,
}

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file as a whole.
    File(PathBuf),
    /// In a line of a file, counted from 1.
    Line(PathBuf, usize),
    /// In a variable of the environment.
    Variable(String),
}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigProblem {
    /// The file does not exist.
    NotFound,
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
    /// The file is no TOML.
    Syntax,
    /// A line of `.env` is no assignment.
    EnvSyntax,
    /// No such key.
    UnknownKey {
        key: String,
        suggestion: Option<String>,
    },
    /// Nobody reads this variable.
    UnknownVariable {
        name: String,
        suggestion: Option<String>,
    },
    /// A value of another type.
    WrongType {
        key: String,
        expected: Kind,
        /// TOML's name of the type that is there.
        found: &'static str,
    },
    /// A word that is not among those allowed.
    NotAllowed {
        key: String,
        value: String,
        allowed: &'static [&'static str],
        suggestion: Option<String>,
    },
    /// A number that is too small or too large.
    OutOfRange { key: String, least: i64, most: i64 },
    /// A language nobody here speaks.
    Language(String),
    /// Not an http address.
    Url,
    /// A server is wanted, but neither a key nor an address is set.
    NoServer,
}
