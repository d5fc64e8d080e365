//! A worker under load, as its callers hear it: a real LiveKit server, `sfera worker start --bench` in a
//! process of its own on the first core, everybody else on the second.
//!
//! `make bench-rooms` builds what it needs. What each figure means is written in `benches/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on has no figures"
)]

#[path = "../../../sfera-agent/tests/livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod livekit_server;

mod call;
mod load;
mod machine;
mod worker;

use call::Call;
use livekit_server::LiveKitServer;
use load::Load;
use machine::{Spread, alone_on_second_core};
use sfera_benches::{Row, in_earnest, print_table};
use std::time::Duration;
use worker::Worker;

/// What `--bench` declares: silence that ends a turn, speech at which the agent falls silent.
const SILENCE: Duration = Duration::from_millis(500);
const INTERRUPTING: Duration = Duration::from_millis(50);

/// How much is measured.
struct Extent {
    starts: usize,
    legs: usize,
    turns: usize,
    interruptions: usize,
    sessions: &'static [usize],
    /// Turns of each session at each step of the load.
    each: usize,
}

const EARNEST: Extent = Extent {
    starts: 30,
    legs: 40,
    turns: 120,
    interruptions: 40,
    sessions: &[3, 10, 20, 30, 40, 50, 60, 70],
    each: 10,
};

/// To see that it runs.
const TRIAL: Extent = Extent {
    starts: 1,
    legs: 2,
    turns: 1,
    interruptions: 1,
    sessions: &[1],
    each: 1,
};

fn main() {
    let apart = alone_on_second_core();
    let extent = if in_earnest() { EARNEST } else { TRIAL };
    let server = LiveKitServer::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    println!(
        "{}; the worker {}",
        machine::name(),
        if apart {
            "has a core of its own"
        } else {
            "shares its cores with its callers"
        }
    );
    runtime.block_on(measure(&server, &extent));
}

async fn measure(server: &LiveKitServer, extent: &Extent) {
    let worker = Worker::start(server);
    let idle = worker.memory();
    if std::env::args().any(|argument| argument == "load") {
        return Load::new(server, &worker)
            .grow(extent.sessions, extent.each)
            .await;
    }
    let mut rows = vec![
        row(
            "ready to take jobs, ms",
            vec![worker.ready.as_secs_f64() * 1e3],
        ),
        row("idle worker, MiB", vec![idle]),
    ];
    let starts = starts(server, extent).await;
    rows.push(row("dispatch → joined, ms", starts.0));
    rows.push(row("dispatch → first audio, ms", starts.1));
    let legs = call::legs(server, extent.legs).await;
    let leg = Spread::of(&legs).p50;
    rows.push(row("one network leg, ms", legs));
    let (turns, interruptions) = talk(server, extent).await;
    let beyond = |times: &[f64], declared: Duration| {
        let declared = declared.as_secs_f64() * 1e3;
        times.iter().map(|ms| ms - declared - 2.0 * leg).collect()
    };
    rows.push(row(
        "reply beyond silence and two legs, ms",
        beyond(&turns, SILENCE),
    ));
    rows.push(row(
        "barge-in stop beyond its minimum and two legs, ms",
        beyond(&interruptions, INTERRUPTING),
    ));
    let heads = ["what", "count", "p50", "p95", "p99", "max"];
    print_table(&heads, &rows);
    println!();
    Load::new(server, &worker)
        .grow(extent.sessions, extent.each)
        .await;
}

/// Fresh rooms one after another: until the agent is there, and until it is heard.
async fn starts(server: &LiveKitServer, extent: &Extent) -> (Vec<f64>, Vec<f64>) {
    let (mut joined, mut heard) = (Vec::new(), Vec::new());
    for number in 0..extent.starts {
        let call = Call::begin(server, &format!("start-{number}")).await;
        joined.push(call.joined.as_secs_f64() * 1e3);
        heard.push(call.first_audio.as_secs_f64() * 1e3);
        call.end().await;
    }
    (joined, heard)
}

/// Four conversations side by side: replies and interruptions.
async fn talk(server: &LiveKitServer, extent: &Extent) -> (Vec<f64>, Vec<f64>) {
    let each = |all: usize| all.div_ceil(4);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..extent.turns.min(4) {
        let mut call = Call::begin(server, &format!("talk-{number}")).await;
        let (turns, interruptions) = (each(extent.turns), each(extent.interruptions));
        calls.spawn(async move {
            let (mut replies, mut stops) = (Vec::new(), Vec::new());
            call.hear_out().await;
            for _ in 0..turns {
                replies.push(call.ask().await.latency.as_secs_f64() * 1e3);
                call.hear_out().await;
            }
            for _ in 0..interruptions {
                call.ask().await;
                stops.push(call.interrupt().await.as_secs_f64() * 1e3);
                call.hear_out().await;
            }
            call.end().await;
            (replies, stops)
        });
    }
    let (mut replies, mut stops) = (Vec::new(), Vec::new());
    while let Some(call) = calls.join_next().await {
        let (more, stopped) = call.unwrap();
        replies.extend(more);
        stops.extend(stopped);
    }
    (replies, stops)
}

fn row(what: &str, times: Vec<f64>) -> Row {
    let spread = Spread::of(&times);
    let shown = |value: f64| format!("{value:.1}");
    Row {
        what: what.to_owned(),
        figures: vec![
            times.len().to_string(),
            shown(spread.p50),
            shown(spread.p95),
            shown(spread.p99),
            shown(spread.max),
        ],
    }
}
