//! What a worker counts, for health and for Prometheus.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

use parking_lot::Mutex;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// Counted by the driver, read by whoever asks.
pub(super) struct Figures {
    registry: Mutex<Registry>,
    pub(super) registered: AtomicBool,
    pub(super) draining: AtomicBool,
    pub(super) jobs: Gauge<i64, AtomicI64>,
    pub(super) load: Gauge<f64, AtomicU64>,
    pub(super) accepted: Counter,
    pub(super) refused: Counter,
    pub(super) finished: Counter,
    pub(super) failed: Counter,
    pub(super) panicked: Counter,
    pub(super) reconnected: Counter,
}

impl Figures {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("lk_agents");
        let figures = (
            Gauge::<i64, AtomicI64>::default(),
            Gauge::<f64, AtomicU64>::default(),
        );
        registry.register("active_job_count", "Jobs that run", figures.0.clone());
        registry.register(
            "worker_load",
            "How busy the worker is, 0 to 1",
            figures.1.clone(),
        );
        let mut count = |name, help| {
            let counter = Counter::default();
            registry.register(name, help, Counter::clone(&counter));
            counter
        };
        Self {
            accepted: count("jobs_accepted", "Jobs that were taken"),
            refused: count("jobs_refused", "Jobs that were left to other workers"),
            finished: count("jobs_finished", "Jobs that ended well"),
            failed: count("jobs_failed", "Jobs that failed"),
            panicked: count("jobs_panicked", "Jobs that broke unexpectedly"),
            reconnected: count("reconnections", "Times the server was lost and found"),
            jobs: figures.0,
            load: figures.1,
            registered: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            registry: Mutex::new(registry),
        }
    }

    /// All of it as Prometheus reads it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry.lock()) {
            tracing::warn!(%error, "the figures can't be written");
        }
        text
    }
}
