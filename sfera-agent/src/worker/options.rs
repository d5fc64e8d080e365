//! How a worker works.

use std::{fmt, net::SocketAddr, time::Duration};

use super::load::LoadMeter;

/// A secret that shows nowhere but where it is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Where LiveKit is, and who asks.
#[derive(Clone, Debug)]
pub struct Server {
    /// `wss://…` or `ws://…`.
    pub url: String,
    /// The API key.
    pub key: String,
    /// The secret of that key.
    pub secret: Secret,
}

/// How a worker works. The defaults are livekit-agents' own where it has them.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// What dispatches name; empty takes every room that is opened, without being asked for. Workers
    /// of one name share its jobs.
    pub agent_name: String,
    /// Jobs at a time, never more.
    pub max_jobs: usize,
    /// No new jobs while the worker is busier than this, 0 to 1.
    pub load_threshold: f32,
    /// What says how busy it is.
    pub load: LoadMeter,
    /// How long conversations may go on once the worker drains.
    pub drain: Duration,
    /// How long a job may go on once it is told to end: an agent finishes its sentence. Then it is cut
    /// off, which is no failure.
    pub shutdown: Duration,
    /// How long an assignment may take after the worker said it would take the job.
    pub assignment: Duration,
    /// Attempts to reach a server that was never reached. One that was, is tried for ever.
    pub attempts: u32,
    /// Where health and figures are served; nowhere without.
    pub health: Option<SocketAddr>,
}

impl WorkerOptions {
    /// Takes no new jobs above this load, in percent; from 100 on whatever the load is.
    #[must_use]
    pub fn up_to_load(mut self, percent: u32) -> Self {
        self.load_threshold = match u8::try_from(percent) {
            Ok(percent) if percent < 100 => f32::from(percent) / 100.0,
            // No load reaches it.
            _ => f32::INFINITY,
        };
        self
    }
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            agent_name: String::new(),
            max_jobs: 50,
            load_threshold: 0.7,
            load: LoadMeter::Machine,
            drain: Duration::from_secs(3600),
            shutdown: Duration::from_secs(10),
            assignment: Duration::from_millis(7500),
            attempts: 16,
            health: None,
        }
    }
}
