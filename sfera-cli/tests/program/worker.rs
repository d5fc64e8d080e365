//! `sfera` as a process that goes on, beside a LiveKit server.

use super::Home;
use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};
use tokio::time::timeout;

/// The program, told where the server is.
pub fn command(home: &Home, server: &LiveKitServer, arguments: &[&str]) -> Command {
    let mut command = home.command(arguments);
    command
        .env("LIVEKIT_URL", server.url())
        .env("LIVEKIT_API_KEY", KEY)
        .env("LIVEKIT_API_SECRET", SECRET);
    command
}

/// A worker that is ready, or another program that goes on.
pub struct Worker {
    pub process: Child,
    said: BufReader<ChildStdout>,
    log: File,
}

impl Worker {
    /// One that takes no time to think.
    pub fn start(home: &Home, server: &LiveKitServer) -> Self {
        Self::running(home, server, "start")
    }

    pub fn running(home: &Home, server: &LiveKitServer, how: &str) -> Self {
        let mut command = command(
            home,
            server,
            &["worker", how, "--bench", "--max-load", "100"],
        );
        Self::ready(&mut command)
    }

    pub fn ready(command: &mut Command) -> Self {
        let mut worker = Self::of(command);
        worker.until("Сфера готова");
        worker
    }

    /// A process that is listened to; its log goes into a file.
    pub fn of(command: &mut Command) -> Self {
        let log = tempfile::tempfile().unwrap();
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said, log }
    }

    pub fn log(&mut self) -> String {
        let mut log = String::new();
        self.log.rewind().unwrap();
        self.log.read_to_string(&mut log).unwrap();
        log
    }

    /// How it ends, within so much time.
    pub async fn ends(mut self, within: Duration) -> (Option<i32>, Self) {
        let ended = tokio::task::spawn_blocking(move || (self.process.wait().unwrap(), self));
        let (status, worker) = timeout(within, ended).await.expect("it ends").unwrap();
        (status.code(), worker)
    }

    pub fn until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "no {words}");
        }
    }

    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("the program logged:\n{}", self.log());
        }
    }
}

/// The server as an operator knows it.
pub fn api(server: &LiveKitServer) -> sfera_agent::worker::Server {
    sfera_agent::worker::Server {
        url: server.url(),
        key: KEY.into(),
        secret: sfera_agent::worker::Secret::new(SECRET),
    }
}
