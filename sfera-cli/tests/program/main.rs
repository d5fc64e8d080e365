//! The program `sfera` as a user runs it: bad input of every kind, exit codes, Ctrl+C.

#![cfg(test)]

mod bad_settings;
mod bad_sound;
mod bad_usage;
mod doctor;
mod hearing;
mod interrupt;
mod knowledge;
mod likeness;
mod livekit;
#[path = "../../../sfera-agent/tests/livekit_server/mod.rs"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    reason = "shared with other tests"
)]
mod livekit_server;
mod models;
mod person;
#[path = "../../../sfera-agent/tests/qdrant/points.rs"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared with other tests"
)]
mod points;
#[path = "../../../sfera-agent/tests/qdrant/double.rs"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared with other tests"
)]
mod qdrant;
mod remembering;
mod replay;
mod scenarios;
mod services;
mod sharing;
mod worker;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A home of its own for each test: no settings, no models, no keys of the machine it runs on.
struct Home {
    folder: TempDir,
}

/// What a run of `sfera` led to.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sfera"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LANG", "ru_RU.UTF-8")
            .env("SFERA_MODELS", self.path("models"))
            .env("SFERA_HUB", "http://127.0.0.1:9")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The files in the home, but for those under `models`.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name != "models").collect();
        names.sort();
        names
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with this code and said this one line on stderr, and nothing on stdout.
    #[track_caller]
    fn refused(&self, code: i32, sentence: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.err.trim_end(), sentence);
        assert_eq!(self.out, "");
    }
}

/// A path as a test writes it into an expected sentence.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
