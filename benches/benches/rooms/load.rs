//! More and more conversations at once, until replies come late or sound has holes.
//!
//! Three callers listen and measure. The others speak to their agents in the same way and do not hear
//! the answers: the agents do all the work there is, and callers and server cost less. One core is too
//! little for them all the same: they also get what the worker, which goes first, leaves of its own.

use crate::{
    SILENCE,
    call::Call,
    livekit_server::LiveKitServer,
    machine::{Spread, all_cores, share_first_core},
    worker::Worker,
};
use sfera_benches::{Row, print_table};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// Conversations do not all ask at the same moment: this is how long it takes until all have asked once.
const ROUND: Duration = Duration::from_secs(5);
/// Callers who listen.
const LISTENERS: usize = 3;

pub struct Load<'a> {
    server: &'a LiveKitServer,
    worker: &'a Worker,
    listening: Vec<Call>,
    deaf: Vec<Call>,
    begun: usize,
    /// Memory with the first sessions, MiB: what a session takes is counted from there.
    first: Option<f64>,
}

/// What one number of sessions gave.
struct Step {
    latencies: Vec<f64>,
    holes: usize,
    concealed: Duration,
    worker: f64,
    others: f64,
}

impl<'a> Load<'a> {
    pub const fn new(server: &'a LiveKitServer, worker: &'a Worker) -> Self {
        Self {
            server,
            worker,
            listening: Vec::new(),
            deaf: Vec::new(),
            begun: 0,
            first: None,
        }
    }

    /// Each number of sessions in turn, each session with so many turns.
    pub async fn grow(mut self, numbers: &[usize], turns: usize) {
        share_first_core(self.worker.id());
        let mut rows = Vec::new();
        let mut usual = None;
        for &number in numbers {
            self.fill(number).await;
            let step = self.talk(turns).await;
            let spread = Spread::of(&step.latencies);
            rows.push(self.row(number, &step, &spread));
            let usual = *usual.get_or_insert(spread.p95);
            if spread.p95 > 2.0 * usual || step.holes > 0 {
                break;
            }
        }
        print_table(
            &[
                "sessions",
                "replies",
                "p50 beyond silence, ms",
                "p95",
                "max",
                "holes",
                "made-up sound, ms a minute heard",
                "worker's core, %",
                "% of a core a session",
                "MiB a session",
                "both cores, %",
            ],
            &rows,
        );
    }

    async fn fill(&mut self, number: usize) {
        while self.listening.len() + self.deaf.len() < number {
            let room = format!("load-{}", self.begun);
            self.begun += 1;
            if self.listening.len() < LISTENERS {
                let mut call = Call::begin(self.server, &room).await;
                call.hear_out().await;
                self.listening.push(call);
            } else {
                self.deaf.push(Call::begin_deaf(self.server, &room).await);
            }
        }
    }

    async fn talk(&mut self, turns: usize) -> Step {
        let holes_before: usize = self.listening.iter().map(|call| call.holes).sum();
        let concealed_before = self.concealed().await;
        let (began, busy, others) = (Instant::now(), self.worker.busy(), all_cores());
        let number = self.listening.len() + self.deaf.len();
        let later = |n: usize| ROUND.mul_f64(n as f64 / number as f64);
        let mut speaking = JoinSet::new();
        for (n, mut call) in self.deaf.drain(..).enumerate() {
            let later = later(LISTENERS + n);
            speaking.spawn(async move {
                sleep(later).await;
                for _ in 0..turns {
                    call.ask_unheard().await;
                }
                call
            });
        }
        let mut talking = JoinSet::new();
        for (n, mut call) in self.listening.drain(..).enumerate() {
            // Spread among the others.
            let later = later(n * number / LISTENERS.min(number));
            talking.spawn(async move {
                sleep(later).await;
                let mut latencies = Vec::new();
                for _ in 0..turns {
                    latencies.push(call.ask().await.latency);
                    call.hear_out().await;
                }
                (call, latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(talked) = talking.join_next().await {
            let (call, more) = talked.expect("a call goes on");
            self.listening.push(call);
            latencies.extend(more);
        }
        while let Some(call) = speaking.join_next().await {
            self.deaf.push(call.expect("a call goes on"));
        }
        let passed = began.elapsed().as_secs_f64();
        let now = all_cores();
        let beyond = |latency: Duration| (latency.as_secs_f64() - SILENCE.as_secs_f64()) * 1e3;
        Step {
            latencies: latencies.into_iter().map(beyond).collect(),
            holes: self.listening.iter().map(|call| call.holes).sum::<usize>() - holes_before,
            concealed: self.concealed().await.saturating_sub(concealed_before),
            worker: (self.worker.busy() - busy).as_secs_f64() / passed * 100.0,
            others: (now.0 - others.0) as f64 / (now.1 - others.1).max(1) as f64 * 100.0,
        }
    }

    async fn concealed(&self) -> Duration {
        let mut concealed = Duration::ZERO;
        for call in &self.listening {
            concealed += call.reception().await.concealed;
        }
        concealed
    }

    fn row(&mut self, number: usize, step: &Step, spread: &Spread) -> Row {
        // Three seconds of every answer are sound.
        let minutes = step.latencies.len() as f64 * 3.0 / 60.0;
        let memory = self.worker.memory();
        let first = *self.first.get_or_insert(memory);
        let more = number.saturating_sub(LISTENERS);
        let each = (memory - first) / more.max(1) as f64;
        Row {
            what: number.to_string(),
            figures: vec![
                step.latencies.len().to_string(),
                format!("{:.0}", spread.p50),
                format!("{:.0}", spread.p95),
                format!("{:.0}", spread.max),
                step.holes.to_string(),
                format!("{:.1}", step.concealed.as_secs_f64() * 1e3 / minutes),
                format!("{:.0}", step.worker),
                format!("{:.2}", step.worker / number as f64),
                if more > 0 {
                    format!("{each:.2}")
                } else {
                    format!("({memory:.1} in all)")
                },
                format!("{:.0}", step.others),
            ],
        }
    }
}
