//! What the bot counts, for Prometheus. Cloning shares it.

use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Counted where it happens, read by whoever asks.
#[derive(Clone, Debug)]
pub struct Figures {
    registry: Arc<Mutex<Registry>>,
    /// Updates that were stored.
    pub accepted: Counter,
    /// Updates that were handled.
    pub handled: Counter,
    /// Seconds from an update's arrival until it was handled.
    pub handling: Histogram,
    /// Letters that Telegram took.
    pub sent: Counter,
    /// Letters that it did not, or whose fate nobody knows.
    pub failed: Counter,
    /// Seconds from a promise until Telegram took the letter.
    pub sending: Histogram,
    /// Letters that wait.
    pub waiting: Gauge,
    /// Whether calls are taken in this process: 1 for how it is.
    voice: Family<[(&'static str, &'static str); 1], Gauge>,
    /// Questions in chat that were answered.
    pub answers: Counter,
    /// Questions that were not.
    pub answers_failed: Counter,
    /// Seconds from a question until it was answered.
    pub answering: Histogram,
    /// Users who were let into a room.
    pub passes: Counter,
    /// Users who were not.
    pub passes_refused: Counter,
    /// Calls in which an agent came.
    pub calls: Counter,
    /// Calls in which none came in time.
    pub calls_without_agent: Counter,
}

impl Default for Figures {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sfera_bot");
        let mut count = |name, help| {
            let counter = Counter::default();
            registry.register(name, help, Counter::clone(&counter));
            counter
        };
        let (accepted, handled) = (
            count("updates_accepted", "Updates that were stored"),
            count("updates_handled", "Updates that were handled"),
        );
        let (sent, failed) = (
            count("letters_sent", "Letters that Telegram took"),
            count(
                "letters_failed",
                "Letters that Telegram did not take, or in doubt",
            ),
        );
        let (answers, answers_failed) = (
            count("answers", "Questions in chat that were answered"),
            count("answers_failed", "Questions in chat that were not"),
        );
        let (passes, passes_refused) = (
            count("passes", "Times a user was let into a room"),
            count("passes_refused", "Times a user was not"),
        );
        let (calls, calls_without_agent) = (
            count("calls", "Times a user and an agent met"),
            count("calls_without_agent", "Times no agent came in time"),
        );
        let mut time = |name, help| {
            // From 1 ms to 65 s.
            let histogram = Histogram::new(exponential_buckets(0.001, 2.0, 17));
            registry.register(name, help, Histogram::clone(&histogram));
            histogram
        };
        let (handling, sending, answering) = (
            time(
                "handling_seconds",
                "From an update's arrival until it was handled",
            ),
            time(
                "sending_seconds",
                "From a promise until Telegram took the letter",
            ),
            time(
                "answering_seconds",
                "From a question until its answer was complete",
            ),
        );
        let waiting = Gauge::default();
        registry.register(
            "letters_waiting",
            "Letters that wait",
            Gauge::clone(&waiting),
        );
        let voice = Family::default();
        registry.register(
            "voice",
            "Whether calls are taken in this process",
            Family::clone(&voice),
        );
        Self {
            registry: Arc::new(Mutex::new(registry)),
            accepted,
            handled,
            handling,
            sent,
            failed,
            sending,
            waiting,
            voice,
            answers,
            answers_failed,
            answering,
            passes,
            passes_refused,
            calls,
            calls_without_agent,
        }
    }
}

impl Figures {
    /// How it is with calls in this process.
    pub fn tell_voice(&self, state: &'static str) {
        self.voice.clear();
        self.voice.get_or_create(&[("state", state)]).set(1);
    }

    /// All of it as Prometheus reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = encode(&mut text, &registry) {
            tracing::warn!(%error, "the figures cannot be written");
        }
        text
    }
}

/// Milliseconds between two moments, in seconds.
#[must_use]
pub fn seconds(from: i64, to: i64) -> f64 {
    to.saturating_sub(from).max(0) as f64 / 1_000.0
}
