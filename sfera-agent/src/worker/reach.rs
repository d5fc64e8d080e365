//! The way to the server, again and again where that may help.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use livekit_protocol::RegisterWorkerRequest;
use tokio::time::sleep;

use super::{
    link::{Link, Registered},
    options::Server,
};
use crate::io::room::JoinError;

/// Between attempts to reach the server.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Attempts, further and further apart.
pub(super) struct Attempts {
    waits: ExponentialBackoff,
    /// A server that once took the key may refuse it while it starts; the first time a refusal counts.
    refusals_count: bool,
    /// A server that is lost is not asked again at once: it may take and break every connection.
    waits_first: bool,
}

impl Attempts {
    /// So many, for a server that was never reached.
    pub(super) fn some(times: u32) -> Self {
        let waits = backoff().with_max_times(times.saturating_sub(1) as usize);
        Self {
            waits: waits.build(),
            refusals_count: true,
            waits_first: false,
        }
    }

    /// As many as it takes, for a server that was there.
    pub(super) fn endless() -> Self {
        Self {
            waits: backoff().without_max_times().build(),
            refusals_count: false,
            waits_first: true,
        }
    }
}

fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(FIRST)
        .with_max_delay(LONGEST)
        .with_jitter()
}

/// Connects and registers. An attempt counts as failed until the server has registered the worker.
/// Dropping the future gives up.
pub(super) async fn reach(
    server: Server,
    registration: RegisterWorkerRequest,
    mut attempts: Attempts,
) -> Result<(Link, Registered), JoinError> {
    if attempts.waits_first {
        let wait = attempts.waits.next().unwrap_or(FIRST);
        sleep(wait).await;
    }
    loop {
        let error = match register(&server, registration.clone()).await {
            Ok(registered) => return Ok(registered),
            Err(error) => error,
        };
        let worth = error.is_passing() || !attempts.refusals_count;
        let Some(wait) = attempts.waits.next().filter(|_| worth) else {
            return Err(error);
        };
        tracing::warn!(%error, wait_ms = wait.as_millis(), "the LiveKit server is not reached");
        sleep(wait).await;
    }
}

async fn register(
    server: &Server,
    registration: RegisterWorkerRequest,
) -> Result<(Link, Registered), JoinError> {
    let mut link = Link::open(server).await?;
    let registered = link.register(registration).await?;
    Ok((link, registered))
}
