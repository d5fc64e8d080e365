//! The worker, a process on the first core.

use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::Instant;

pub struct Worker {
    /// From its start until it takes jobs.
    pub ready: Duration,
    process: Child,
}

impl Worker {
    pub fn start(server: &LiveKitServer) -> Self {
        let began = Instant::now();
        let mut process = command()
            .args(["--lang", "en", "worker", "start", "--bench"])
            .args(["--max-jobs", "500", "--max-load", "100"])
            .env("LIVEKIT_URL", server.url())
            .env("LIVEKIT_API_KEY", KEY)
            .env("LIVEKIT_API_SECRET", SECRET)
            .env("SFERA_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker runs");
        let said = BufReader::new(process.stdout.take().expect("its output"));
        let ready = said
            .lines()
            .map_while(Result::ok)
            .any(|line| line.starts_with("Sfera is ready"));
        assert!(ready, "the worker does not start");
        Self {
            ready: began.elapsed(),
            process,
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory, MiB.
    pub fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.expect("its memory") / 1024.0
    }

    /// Time on a core so far.
    pub fn busy(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let after = stat.rsplit_once(')').expect("its figures").1;
        let ticks: u64 = after
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum();
        // Linux counts hundredths of a second, whatever its own ticks are.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program beside this benchmark, on the first core where there are two, and before others there.
fn command() -> Command {
    let path = binary();
    if crate::machine::cores() < 2 {
        return Command::new(path);
    }
    let mut command = Command::new("nice");
    command
        .args(["-n", "-15", "taskset", "--cpu-list", "0"])
        .arg(path);
    command
}

fn binary() -> PathBuf {
    let own = env::current_exe().expect("a path");
    let folder = own.parent().and_then(|deps| deps.parent());
    let path = folder.expect("a target folder").join("sfera");
    assert!(
        path.exists(),
        "there is no sfera beside this benchmark: `make bench-rooms` builds it"
    );
    path
}
