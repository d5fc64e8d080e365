//! Jobs from LiveKit's dispatch.
//!
//! A [`Worker`] registers with a server under an agent's name, says yes to jobs while it has places
//! and the machine is not too busy, runs each in a task of its own and tells how it ended. It
//! reconnects by itself, and its conversations go on meanwhile. [`dispatch`] is the other side: asking
//! for an agent and seeing that it came; [`Dispatch`] is for those who may want to take it back.
//!
//! ```no_run
//! # async fn work(runner: impl sfera_agent::worker::JobRunner) -> Result<(), Box<dyn std::error::Error>> {
//! use sfera_agent::worker::{Secret, Server, Worker, WorkerOptions};
//!
//! let server = Server {
//!     url: "ws://127.0.0.1:7880".into(),
//!     key: "devkey".into(),
//!     secret: Secret::new("secret"),
//! };
//! let options = WorkerOptions { agent_name: "sfera".into(), ..WorkerOptions::default() };
//! let worker = Worker::start(server, options, runner).await?;
//! let control = worker.control();
//! control.drain(); // takes no more jobs, ends after the last conversation
//! worker.ended().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Several workers may register under one name; the server gives each job to one of them.

mod capacity;
mod container;
mod dispatch;
mod driver;
mod error;
mod figures;
mod health;
mod job;
mod link;
mod load;
mod options;
mod reach;
mod room_job;
mod running;
mod token;
mod untold;

use std::{net::SocketAddr, sync::Arc};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use dispatch::{Dispatch, DispatchError, delete_room, dispatch};
pub use error::WorkerError;
pub use job::{Job, JobFailed, JobRunner};
pub use load::LoadMeter;
pub use options::{Secret, Server, WorkerOptions};
pub use room_job::{Conversation, HoldError, RoomJobs, hold};
pub use token::{NoKey, TokenOptions, mint};

use self::{driver::Driver, figures::Figures};

/// Connects as a worker would, and registers nothing: whether the address is right and the key is
/// taken. It takes 10 s at most; dropping the future leaves nothing behind.
///
/// # Errors
/// [`JoinError`](crate::io::room::JoinError).
pub async fn probe(server: &Server) -> Result<(), crate::io::room::JoinError> {
    link::Link::open(server).await?.close().await;
    Ok(())
}

/// Who an agent is in its room.
fn identity(job: &str) -> String {
    format!("agent-{job}")
}

/// A worker that runs. Dropping it ends everything at once.
pub struct Worker {
    tasks: JoinSet<Result<(), WorkerError>>,
    control: WorkerControl,
    health: Option<SocketAddr>,
}

/// Ends a worker, gently or not. Clones end the same one.
#[derive(Clone, Debug)]
pub struct WorkerControl {
    drain: CancellationToken,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl WorkerControl {
    /// No new jobs; the worker ends after the last conversation, or when
    /// [`drain`](WorkerOptions::drain) has passed.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Conversations end now, after the sentence that is being said: each within
    /// [`shutdown`](WorkerOptions::shutdown).
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Conversations are cut off, and the worker ends: at once, or after 3 s where leaving a room
    /// takes longer.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}

impl Worker {
    /// Lets `runner` get ready, registers, and works from then on: when this returns, the server gives
    /// it jobs. Dropping the future leaves nothing behind.
    ///
    /// # Errors
    /// [`WorkerError`]: what is missing, or why the server refuses.
    pub async fn start(
        server: Server,
        options: WorkerOptions,
        runner: impl JobRunner,
    ) -> Result<Self, WorkerError> {
        runner.prepare().await.map_err(WorkerError::Prepare)?;
        let control = WorkerControl {
            drain: CancellationToken::new(),
            stop: CancellationToken::new(),
            cut: CancellationToken::new(),
        };
        let figures = Arc::new(Figures::new());
        let mut tasks = JoinSet::new();
        let mut health = None;
        let served = CancellationToken::new();
        if let Some(address) = options.health {
            let name = options.agent_name.clone();
            let (bound, serve) =
                health::listen(address, figures.clone(), name, served.clone()).await?;
            health = Some(bound);
            tasks.spawn(async move {
                serve.await;
                Ok(())
            });
        }
        let driver =
            Driver::connect(server, options, Arc::new(runner), control.clone(), figures).await?;
        tasks.spawn(async move {
            let ended = driver.run().await;
            served.cancel();
            ended
        });
        Ok(Self {
            tasks,
            control,
            health,
        })
    }

    /// What ends it.
    #[must_use]
    pub fn control(&self) -> WorkerControl {
        self.control.clone()
    }

    /// Where health is served: the port, where the options leave it open.
    #[must_use]
    pub fn health(&self) -> Option<SocketAddr> {
        self.health
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Why it ended by itself.
    pub async fn ended(mut self) -> Result<(), WorkerError> {
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok(ended) => ended?,
                Err(error) => {
                    tracing::error!(%error, "a task of the worker broke: please report it")
                }
            }
        }
        crate::io::room::farewells().await;
        Ok(())
    }
}
