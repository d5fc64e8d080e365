//! The walk goes one way: no room imports a room further along it. See ARCHITECTURE.md.

use std::{fs, io, path::Path};

/// The rooms in the order of the walk; rooms of one group do not know each other, except [`SIBLINGS`].
const WALK: &[&[&str]] = &[
    &["language", "retry", "http", "onnx", "audio", "models"],
    &["embedding", "reranking", "store"],
    &["vad", "tools", "memory", "knowledge", "stt", "llm", "tts"],
    &["chat", "turn"],
    &["playout"],
    &["session"],
    &["assembly"],
    &["io"],
    &["worker"],
    &["testing"],
];

/// (who, whom): imports inside a group that are meant.
const SIBLINGS: &[(&str, &str)] = &[
    ("models", "language"),
    ("models", "http"),
    ("models", "retry"),
    ("tools", "memory"),
    ("tools", "knowledge"),
    ("llm", "tools"),
    ("llm", "memory"),
    ("llm", "knowledge"),
];

/// Only these rooms may read model files.
const MODEL_USERS: &[&str] = &[
    "vad",
    "stt",
    "tts",
    "embedding",
    "assembly",
    "io",
    "worker",
    "testing",
];

/// What would make the turn engine impure.
const IMPURE: &[&str] = &[
    "tokio",
    "Instant",
    "SystemTime",
    "fs",
    "net",
    "thread",
    "env",
];

/// No file is longer; a room that grows gets another file.
const MAX_LINES: usize = 500;

#[test]
fn imports_point_leftwards_only() {
    let sources = sources().expect("src is readable");
    let wrong: Vec<String> = sources
        .iter()
        .flat_map(|(p, text)| violations(p, text))
        .collect();
    assert!(sources.len() > 10, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn planted_imports_are_found() {
    for (path, text) in [
        ("vad/silero.rs", "use crate::session::Session;"),
        (
            "vad/silero.rs",
            "use crate::{Language, audio::{Frame, SampleRate}, turn::Time};",
        ),
        ("stt/mod.rs", "fn f(_: super::tts::Tts) {}"),
        (
            "stt/vad_cut.rs",
            "fn f(_: super::super::session::Session) {}",
        ),
        (
            "turn/machine/state.rs",
            "use std::{fmt, time::{Duration, Instant}};",
        ),
        (
            "turn/machine.rs",
            "async fn f() { tokio::task::yield_now().await }",
        ),
        ("memory/file.rs", "use crate::models::Manifest;"),
        ("session/mod.rs", "use livekit::Room;"),
    ] {
        assert_eq!(violations(path, text).len(), 1, "{path}: {text}");
    }
}

#[test]
fn meant_imports_are_allowed() {
    for (path, text) in [
        (
            "session/mod.rs",
            "use crate::{audio::Frame, turn::{Input, Time}, vad::Vad};",
        ),
        (
            "llm/mod.rs",
            "use crate::{Language, tools::{ToolCall, ToolSpec}, memory::UserId};",
        ),
        (
            "tts/mod.rs",
            "//! Heard by [`crate::session::Session`].\nuse super::audio::Frame;",
        ),
        (
            "vad/mod.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests { use crate::testing::speech; }",
        ),
        ("io/room/mod.rs", "use livekit::Room;"),
    ] {
        assert_eq!(violations(path, text), [""; 0], "{path}: {text}");
    }
}

#[test]
fn hosts_do_not_import_each_other() {
    for host in ["sfera-cli", "sfera-bot", "examples", "benches"] {
        let manifest = root().join("..").join(host).join("Cargo.toml");
        let text = fs::read_to_string(manifest).unwrap_or_default();
        let foreign = text
            .lines()
            .filter(|l| l.starts_with("sfera-") && !l.starts_with("sfera-agent"));
        assert_eq!(foreign.count(), 0, "{host} imports another host");
    }
}

#[test]
fn files_stay_readable() {
    for (path, text) in sources().expect("src is readable") {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{path} has {lines} lines");
    }
}

/// What is wrong with a file of the library; `path` is relative to `src`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let code = without_comments_and_tests(text);
    let room = path
        .split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    let mut imported = references(&code, "crate::");
    imported.extend(references(
        &code,
        &format!(" {}", "super::".repeat(depth(path))),
    ));
    let mut wrong: Vec<String> = imported
        .iter()
        .filter(|other| !allowed(room, other))
        .map(|other| format!("{path}: {room} must not import {other}"))
        .collect();
    let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    if room == "turn" {
        let used = words.clone().filter(|w| IMPURE.contains(w));
        wrong.extend(used.map(|w| format!("{path}: the turn engine is pure, without {w}")));
    }
    let livekit = room == "worker" || path.starts_with("io/room");
    if !livekit && words.any(|w| w == "livekit") && code.contains("livekit::") {
        wrong.push(format!(
            "{path}: only io/room and worker may name the livekit crate"
        ));
    }
    wrong
}

fn allowed(room: &str, other: &str) -> bool {
    let group = |name: &str| WALK.iter().position(|g| g.contains(&name));
    let (Some(from), Some(to)) = (group(room), group(other)) else {
        return group(other).is_none() || room == "lib";
    };
    if other == "models" && room != "models" && !MODEL_USERS.contains(&room) {
        return false;
    }
    room == other || to < from || SIBLINGS.contains(&(room, other))
}

/// The names right after `prefix`, also inside `prefix{…}`.
fn references(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let (list, mut depth) = rest.strip_prefix('{').map_or((rest, 0), |inner| (inner, 1));
        let single = depth == 0;
        let mut name = String::new();
        let mut complete = false;
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    found.push(std::mem::take(&mut name));
                    complete = false;
                }
                c if (c.is_alphanumeric() || c == '_') && !complete => name.push(c),
                _ => complete |= !name.is_empty(),
            }
            if depth == 0 && (!single || complete) {
                break;
            }
        }
        found.push(name);
    }
    found
}

/// How many `super::` lead from a file to the crate's root.
fn depth(path: &str) -> usize {
    path.split('/').filter(|part| *part != "mod.rs").count()
}

/// Tests may import what they like; they stand at the end of a file or in a `tests.rs`.
fn without_comments_and_tests(text: &str) -> String {
    let code = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file with its path relative to `src`.
fn sources() -> io::Result<Vec<(String, String)>> {
    let src = root().join("src");
    let (mut folders, mut files) = (vec![src.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                let name = path
                    .strip_prefix(&src)
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                files.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    Ok(files)
}
