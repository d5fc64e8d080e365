//! What LiveKit asks of a worker, and who does it.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::options::Secret;

/// A room that wants an agent.
#[derive(Clone, Debug)]
pub struct Job {
    /// LiveKit's number of it, `AJ_…`.
    pub id: String,
    /// The dispatch it comes from.
    pub dispatch_id: String,
    /// The room's name.
    pub room: String,
    /// What the dispatch says, for this job alone.
    pub metadata: String,
    /// The name the agent was asked for by.
    pub agent_name: String,
    /// Whom the agent is for, where the job is for one participant.
    pub participant: Option<String>,
    /// Attributes of the dispatch.
    pub attributes: HashMap<String, String>,
    /// Who the agent is in the room: `agent-` and the job's number.
    pub identity: String,
    /// Where the room is.
    pub url: String,
    /// What lets the agent in.
    pub token: Secret,
    /// Cancelled when the job is to end: the agent may finish its sentence.
    pub stop: CancellationToken,
    /// Cancelled when it is to end at once: the agent is cut off. It always follows `stop`.
    pub cut: CancellationToken,
}

/// Why a job failed, in a sentence. It is told to the server: no secrets.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct JobFailed(pub String);

/// Who does the jobs; one for all of them, so that models are loaded once.
///
/// ```
/// use sfera_agent::worker::{Job, JobFailed, JobRunner};
///
/// struct Greeter;
///
/// #[async_trait::async_trait]
/// impl JobRunner for Greeter {
///     async fn run(&self, job: Job) -> Result<(), JobFailed> {
///         println!("{} wants an agent", job.room);
///         job.stop.cancelled().await;
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait JobRunner: Send + Sync + 'static {
    /// Loads what all jobs share, before the first of them is taken.
    ///
    /// # Errors
    /// What is missing, in a sentence; the worker does not start.
    async fn prepare(&self) -> Result<(), JobFailed> {
        Ok(())
    }

    /// Does a job to its end, or until it is told to end: `job.stop` is cancelled first; `job.cut`
    /// when [`shutdown`](super::WorkerOptions::shutdown) has passed since, or when nothing more is to
    /// be waited for; 5 s later the future is dropped. A panic ends this job alone.
    ///
    /// # Errors
    /// Why it failed.
    async fn run(&self, job: Job) -> Result<(), JobFailed>;

    /// Clears up after a job, in whatever way it ended: by itself, failed, broken or dropped. The job
    /// keeps its place until this is done, 10 s at most. A worker that is cut off as a whole may not
    /// come to it.
    async fn clear_up(&self, job: &Job) {
        let _ = job;
    }
}

#[async_trait]
impl<R: JobRunner + ?Sized> JobRunner for Arc<R> {
    async fn prepare(&self) -> Result<(), JobFailed> {
        (**self).prepare().await
    }

    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        (**self).run(job).await
    }

    async fn clear_up(&self, job: &Job) {
        (**self).clear_up(job).await;
    }
}
