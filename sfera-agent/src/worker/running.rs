//! The jobs that run: each has a task of its own, and its end is known whatever it was.

use std::{any::Any, collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use livekit_protocol::{JobStatus, UpdateJobStatus};
use tokio::{
    task::{Id, JoinSet},
    time::{Duration, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::job::{Job, JobFailed, JobRunner};

/// How long a job that is cut off may take to leave its room in order.
const LEAVING: Duration = Duration::from_secs(5);
/// How long may be cleared up after a job.
const CLEARING: Duration = Duration::from_secs(10);

pub(super) struct Running {
    runner: Arc<dyn JobRunner>,
    /// How long a job may go on once it is told to end.
    shutdown: Duration,
    tasks: JoinSet<Outcome>,
    jobs: HashMap<Id, Current>,
}

struct Current {
    id: String,
    stop: CancellationToken,
    cut: CancellationToken,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed,
    Panicked,
}

/// What became of a runner's future.
enum Outcome {
    Ended(Result<(), JobFailed>),
    Panicked,
    /// It did not end although it was cut off.
    Dropped,
}

impl Running {
    pub(super) fn new(runner: Arc<dyn JobRunner>, shutdown: Duration) -> Self {
        Self {
            runner,
            shutdown,
            tasks: JoinSet::new(),
            jobs: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn start(&mut self, job: Job) {
        let current = Current {
            id: job.id.clone(),
            stop: job.stop.clone(),
            cut: job.cut.clone(),
        };
        let task = self
            .tasks
            .spawn(perform(self.runner.clone(), job, self.shutdown));
        self.jobs.insert(task.id(), current);
    }

    /// Tells a job to end.
    pub(super) fn stop(&self, id: &str) {
        let of_this = self.jobs.values().filter(|job| job.id == id);
        of_this.for_each(|job| job.stop.cancel());
    }

    pub(super) fn stop_all(&self) {
        self.jobs.values().for_each(|job| job.stop.cancel());
    }

    /// Tells all to end at once.
    pub(super) fn cut_all(&self) {
        self.stop_all();
        self.jobs.values().for_each(|job| job.cut.cancel());
    }

    /// The next job that ends. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<(UpdateJobStatus, End)> {
        let ended = self.tasks.join_next_with_id().await?;
        let (task, outcome) = match ended {
            Ok(ended) => ended,
            // Clearing up broke.
            Err(error) => (error.id(), Outcome::Panicked),
        };
        let job = self.jobs.remove(&task)?;
        Some(status(job.id, outcome))
    }
}

/// Does a job to its end, whatever it is, and clears up after it.
async fn perform(runner: Arc<dyn JobRunner>, job: Job, shutdown: Duration) -> Outcome {
    let (stop, cut) = (job.stop.clone(), job.cut.clone());
    let run = AssertUnwindSafe(runner.run(job.clone())).catch_unwind();
    let outcome = tokio::select! {
        outcome = run => outcome.map_or_else(broken, Outcome::Ended),
        () = overdue(stop, cut, shutdown) => Outcome::Dropped,
    };
    if timeout(CLEARING, runner.clear_up(&job)).await.is_err() {
        tracing::warn!(job = job.id, "clearing up took too long");
    }
    outcome
}

/// The runtime has already printed what broke.
fn broken(_: Box<dyn Any + Send>) -> Outcome {
    Outcome::Panicked
}

/// Waits until a job that is told to end has had its time, cuts it off, and waits until it could have
/// left its room.
async fn overdue(stop: CancellationToken, cut: CancellationToken, shutdown: Duration) {
    stop.cancelled().await;
    tokio::select! {
        () = sleep(shutdown) => cut.cancel(),
        () = cut.cancelled() => {}
    }
    sleep(LEAVING).await;
}

fn status(job_id: String, outcome: Outcome) -> (UpdateJobStatus, End) {
    let (status, error, end) = match outcome {
        Outcome::Ended(Ok(())) => (JobStatus::JsSuccess, String::new(), End::Done),
        Outcome::Ended(Err(failed)) => (JobStatus::JsFailed, failed.0, End::Failed),
        Outcome::Panicked => {
            let said = "the job broke unexpectedly; other jobs go on".to_owned();
            (JobStatus::JsFailed, said, End::Panicked)
        }
        Outcome::Dropped => {
            let said = "the job did not end when it was told to, and was dropped".to_owned();
            (JobStatus::JsFailed, said, End::Failed)
        }
    };
    let update = UpdateJobStatus {
        job_id,
        status: status.into(),
        error,
    };
    (update, end)
}
