//! LiveKit's official clients as participants of a test: the one for Python (Google's WebRTC inside) and
//! the one for browsers, in Chromium. Each is a process driven by JSON lines; `python/caller.py` says how,
//! and both understand the same commands.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(30);

pub struct OfficialClient {
    name: String,
    process: Child,
    commands: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Everything it reported, oldest first.
    pub seen: Vec<Value>,
    /// How many of `seen` were looked at by [`Self::until`].
    looked_at: usize,
    last: u64,
    home: tempfile::TempDir,
}

/// A command that was given and whose answer is to come.
#[must_use]
pub struct Given(u64);

impl OfficialClient {
    /// The Python client.
    pub fn python() -> Self {
        Self::python_under(&[])
    }

    /// The Python client started by another command, such as `ip netns exec NAME`.
    pub fn python_under(wrapper: &[String]) -> Self {
        let python = cached("python-livekit/1.2.1/bin/python", ".ci/python-livekit");
        Self::launch("python", wrapper, python, here("python/caller.py"))
    }

    /// The browser's client in Chromium, without a window.
    pub fn chromium() -> Self {
        Self::launch("chromium", &[], "node".into(), here("browser/driver.mjs"))
    }

    fn launch(name: &str, wrapper: &[String], program: PathBuf, script: PathBuf) -> Self {
        let mut line: Vec<OsString> = wrapper.iter().map(OsString::from).collect();
        line.extend([program.into(), script.into()]);
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut process = Command::new(&line[0])
            .args(&line[1..])
            .env("SFERA_TEST_HOME", home.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}; run `make setup`"));
        let commands = process.stdin.take().expect("a standard input");
        let output = process.stdout.take().expect("a standard output");
        Self {
            name: name.to_owned(),
            process,
            commands,
            output: BufReader::new(output).lines(),
            seen: Vec::new(),
            looked_at: 0,
            last: 0,
            home,
        }
    }

    /// Joins a room.
    pub async fn connect(&mut self, url: &str, token: &str) -> Value {
        self.run(json!({"do": "connect", "url": url, "token": token}))
            .await
    }

    /// Gives a command, and waits until it is done.
    pub async fn run(&mut self, command: Value) -> Value {
        let given = self.give(command).await;
        self.done(given).await
    }

    /// Gives a command that must fail; what it said.
    pub async fn fails(&mut self, command: Value) -> Value {
        let Given(id) = self.give(command.clone()).await;
        let answer = self.answer(id).await;
        assert_eq!(
            answer["event"], "failed",
            "{} did {command}: {answer}",
            self.name
        );
        answer
    }

    /// Gives a command without waiting for it.
    pub async fn give(&mut self, mut command: Value) -> Given {
        self.last += 1;
        command["id"] = self.last.into();
        let line = format!("{command}\n");
        let written = self.commands.write_all(line.as_bytes()).await;
        written.unwrap_or_else(|error| panic!("{} takes no command: {error}", self.name));
        Given(self.last)
    }

    /// Waits for what was given.
    pub async fn done(&mut self, Given(id): Given) -> Value {
        let answer = self.answer(id).await;
        assert_eq!(answer["event"], "done", "{}: {answer}", self.name);
        answer
    }

    async fn answer(&mut self, id: u64) -> Value {
        let mut next = self.seen.iter().position(|event| event["id"] == id);
        let search = async {
            while next.is_none() {
                self.read().await;
                next = self.seen.iter().rposition(|event| event["id"] == id);
            }
        };
        let found = timeout(LIMIT, search).await.is_ok();
        assert!(
            found,
            "{} gave no answer; it saw {:#?}",
            self.name, self.seen
        );
        self.seen[next.expect("it was found")].clone()
    }

    /// Waits for an event of this name with these properties. Each event is found once, in order; what
    /// comes while a command is waited for is not lost.
    pub async fn until(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            loop {
                while self.looked_at < self.seen.len() {
                    let event = &self.seen[self.looked_at];
                    self.looked_at += 1;
                    if event["event"] == name && wanted(event) {
                        return event.clone();
                    }
                }
                self.read().await;
            }
        };
        let found = timeout(LIMIT, search).await;
        found.unwrap_or_else(|_| panic!("{} saw no {name}, but {:#?}", self.name, self.seen))
    }

    /// Waits for the next event of this name.
    pub async fn until_any(&mut self, name: &str) -> Value {
        self.until(name, |_| true).await
    }

    /// Waits for an event of each of these names, whichever comes first.
    pub async fn until_each(&mut self, names: &[&str]) {
        let begin = self.looked_at;
        let mut end = begin;
        for name in names {
            self.looked_at = begin;
            self.until_any(name).await;
            end = end.max(self.looked_at);
        }
        self.looked_at = end;
    }

    async fn read(&mut self) {
        let line = self.output.next_line().await.expect("its output is text");
        let line = line.unwrap_or_else(|| panic!("{} ended; it saw {:#?}", self.name, self.seen));
        let event = serde_json::from_str(&line).expect("its output is JSON");
        self.seen.push(event);
    }

    /// Says a tone, and returns when it was sent.
    pub async fn tone(&mut self, hz: u32, ms: u32) -> Value {
        self.run(json!({"do": "tone", "hz": hz, "ms": ms})).await
    }

    /// Begins to record so much of what is heard from the next sound on.
    pub async fn begin_recording(&mut self, ms: u32) -> Recording {
        let path = self.home.path().join(format!("{}.wav", self.last + 1));
        let given = self
            .give(json!({"do": "record", "path": path, "ms": ms}))
            .await;
        Recording { given, path }
    }

    /// Waits for a recording: mono, 48 kHz.
    pub async fn recorded(&mut self, recording: Recording) -> Vec<i16> {
        self.done(recording.given).await;
        samples(&recording.path)
    }

    /// All that was heard so far of a participant: mono, 48 kHz.
    pub async fn heard(&mut self, identity: &str) -> Vec<i16> {
        let path = self.home.path().join("all.wav");
        self.run(json!({"do": "save", "path": path, "identity": identity}))
            .await;
        samples(&path)
    }

    /// Leaves and ends.
    pub async fn leave(mut self) {
        drop(self.commands);
        let ended = timeout(LIMIT, self.process.wait()).await;
        let status = ended.expect("it ends in time").expect("it ended");
        assert!(status.success(), "{}: {status}", self.name);
    }

    /// Ends at once, as a crash would.
    pub async fn kill(mut self) {
        self.process.kill().await.expect("it can be killed");
    }
}

/// A recording that has begun.
pub struct Recording {
    given: Given,
    path: PathBuf,
}

fn samples(path: &Path) -> Vec<i16> {
    let mut reader = hound::WavReader::open(path).expect("a WAV file");
    assert_eq!(
        (reader.spec().channels, reader.spec().sample_rate),
        (1, 48_000)
    );
    reader
        .samples()
        .map(|sample| sample.expect("a sample"))
        .collect()
}

/// Where this folder is, whichever package includes it.
fn here(file: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = package
        .ancestors()
        .map(|folder| folder.join("tests/official_client"));
    let folder = tests
        .into_iter()
        .find(|folder| folder.join("python").exists());
    folder.expect("the scripts are beside this file").join(file)
}

fn cached(file: &str, script: &str) -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Path::new(&env::var_os("HOME").expect("a home")).join(".cache");
    let path = cache.unwrap_or_else(home).join("sfera").join(file);
    assert!(
        path.exists(),
        "there is no {}: run {script}",
        path.display()
    );
    path
}
