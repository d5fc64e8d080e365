//! More and more conversations at once, until replies come late or sound has holes.

use crate::{
    SILENCE,
    call::Call,
    livekit_server::LiveKitServer,
    machine::{Spread, second_core},
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

pub struct Load<'a> {
    server: &'a LiveKitServer,
    worker: &'a Worker,
    idle: f64,
    calls: Vec<Call>,
    begun: usize,
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
    pub fn new(server: &'a LiveKitServer, worker: &'a Worker, idle: f64) -> Self {
        Self {
            server,
            worker,
            idle,
            calls: Vec::new(),
            begun: 0,
        }
    }

    /// Each number of sessions in turn, each session with so many turns.
    pub async fn grow(mut self, numbers: &[usize], turns: usize) {
        let mut rows = Vec::new();
        let mut first = None;
        for &number in numbers {
            self.fill(number).await;
            let step = self.talk(turns).await;
            let spread = Spread::of(&step.latencies);
            rows.push(self.row(number, &step, &spread));
            let usual = *first.get_or_insert(spread.p95);
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
                "other core, %",
            ],
            &rows,
        );
    }

    async fn fill(&mut self, number: usize) {
        while self.calls.len() < number {
            let mut call = Call::begin(self.server, &format!("load-{}", self.begun)).await;
            self.begun += 1;
            call.hear_out().await;
            self.calls.push(call);
        }
    }

    async fn talk(&mut self, turns: usize) -> Step {
        let number = self.calls.len();
        let holes_before: usize = self.calls.iter().map(|call| call.holes).sum();
        let concealed_before = self.concealed().await;
        let (began, busy, others) = (Instant::now(), self.worker.busy(), second_core());
        let mut talking = JoinSet::new();
        for (n, mut call) in self.calls.drain(..).enumerate() {
            let later = ROUND.mul_f64(n as f64 / number as f64);
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
            self.calls.push(call);
            latencies.extend(more);
        }
        let passed = began.elapsed().as_secs_f64();
        let now = second_core();
        let beyond = |latency: Duration| {
            latency
                .as_secs_f64()
                .mul_add(1e3, -(SILENCE.as_secs_f64() * 1e3))
        };
        Step {
            latencies: latencies.into_iter().map(beyond).collect(),
            holes: self.calls.iter().map(|call| call.holes).sum::<usize>() - holes_before,
            concealed: self.concealed().await.saturating_sub(concealed_before),
            worker: (self.worker.busy() - busy).as_secs_f64() / passed * 100.0,
            others: (now.0 - others.0) as f64 / (now.1 - others.1).max(1) as f64 * 100.0,
        }
    }

    async fn concealed(&self) -> Duration {
        let mut concealed = Duration::ZERO;
        for call in &self.calls {
            concealed += call.reception().await.concealed;
        }
        concealed
    }

    fn row(&self, number: usize, step: &Step, spread: &Spread) -> Row {
        // Three seconds of every answer are sound.
        let minutes = step.latencies.len() as f64 * 3.0 / 60.0;
        let number = number as f64;
        Row {
            what: format!("{number:.0}"),
            figures: vec![
                step.latencies.len().to_string(),
                format!("{:.0}", spread.p50),
                format!("{:.0}", spread.p95),
                format!("{:.0}", spread.max),
                step.holes.to_string(),
                format!("{:.1}", step.concealed.as_secs_f64() * 1e3 / minutes),
                format!("{:.0}", step.worker),
                format!("{:.2}", step.worker / number),
                format!("{:.2}", (self.worker.memory() - self.idle) / number),
                format!("{:.0}", step.others),
            ],
        }
    }
}
