//! The machine, and what becomes of many figures.

use std::{fs, process::Command, thread};

/// Percentiles.
pub struct Spread {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (sorted.len() as f64 * share).ceil() as usize;
            sorted
                .get(index.saturating_sub(1))
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self {
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: at(1.0),
        }
    }
}

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}

/// Keeps this process, and the server it starts, away from the worker's core; false where there is
/// only one.
pub fn alone_on_second_core() -> bool {
    let own = std::process::id().to_string();
    cores() > 1 && run_on("1", &own)
}

/// Lets this process and the server have what the worker leaves of its core.
pub fn share_first_core(worker: u32) {
    let own = std::process::id().to_string();
    let children = format!("/proc/{own}/task/{own}/children");
    let children = fs::read_to_string(children).unwrap_or_default();
    let worker = worker.to_string();
    for id in children.split_whitespace().chain([own.as_str()]) {
        if id != worker {
            run_on("0,1", id);
        }
    }
}

fn run_on(cores: &str, process: &str) -> bool {
    Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", cores, process])
        .output()
        .is_ok_and(|done| done.status.success())
}

pub fn name() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = about.lines().find(|line| line.starts_with("model name"));
    let name = name
        .and_then(|line| line.split_once(": "))
        .map(|(_, name)| name);
    name.unwrap_or("a machine").to_owned()
}

/// What all cores did so far: busy and all, in ticks.
pub fn all_cores() -> (u64, u64) {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat
        .lines()
        .find(|line| line.starts_with("cpu "))
        .unwrap_or("");
    let ticks: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .map(|ticks| ticks.parse().unwrap_or(0))
        .collect();
    let all: u64 = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    (all - idle, all)
}
