//! The jobs that run: each has a task of its own, and its end is known whatever it was.

use std::{collections::HashMap, sync::Arc};

use livekit_protocol::{JobStatus, UpdateJobStatus};
use tokio::{
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

use super::job::{Job, JobFailed, JobRunner};

pub(super) struct Running {
    runner: Arc<dyn JobRunner>,
    tasks: JoinSet<Result<(), JobFailed>>,
    jobs: HashMap<Id, Current>,
}

struct Current {
    id: String,
    stop: CancellationToken,
    task: AbortHandle,
    /// When it is ended by force.
    deadline: Option<Instant>,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed,
    Panicked,
}

impl Running {
    pub(super) fn new(runner: Arc<dyn JobRunner>) -> Self {
        Self {
            runner,
            tasks: JoinSet::new(),
            jobs: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.jobs.values().map(|job| job.id.as_str())
    }

    pub(super) fn start(&mut self, job: Job) {
        let (id, stop) = (job.id.clone(), job.stop.clone());
        let runner = self.runner.clone();
        let task = self.tasks.spawn(async move { runner.run(job).await });
        let current = Current {
            id,
            stop,
            deadline: None,
            task: task.clone(),
        };
        self.jobs.insert(task.id(), current);
    }

    /// Tells a job to end, within so much time.
    pub(super) fn stop(&mut self, id: &str, within: Duration) {
        for job in self.jobs.values_mut().filter(|job| job.id == id) {
            job.end(within);
        }
    }

    pub(super) fn stop_all(&mut self, within: Duration) {
        self.jobs.values_mut().for_each(|job| job.end(within));
    }

    /// Ends by force what was told to end and did not.
    pub(super) fn enforce(&self, now: Instant) {
        let late = |job: &&Current| job.deadline.is_some_and(|deadline| deadline <= now);
        for job in self.jobs.values().filter(late) {
            tracing::warn!(job = job.id, "the job did not end in time");
            job.task.abort();
        }
    }

    /// The next job that ends. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<(UpdateJobStatus, End)> {
        let ended = self.tasks.join_next_with_id().await?;
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, Ok(outcome)),
            Err(error) => (error.id(), Err(error)),
        };
        let job = self.jobs.remove(&task)?;
        Some(status(job, outcome))
    }
}

impl Current {
    fn end(&mut self, within: Duration) {
        self.stop.cancel();
        let deadline = Instant::now() + within;
        self.deadline = Some(
            self.deadline
                .map_or(deadline, |earlier| earlier.min(deadline)),
        );
    }
}

fn status(
    job: Current,
    outcome: Result<Result<(), JobFailed>, JoinError>,
) -> (UpdateJobStatus, End) {
    let (status, error, end) = match outcome {
        Ok(Ok(())) => (JobStatus::JsSuccess, String::new(), End::Done),
        Ok(Err(failed)) => (JobStatus::JsFailed, failed.0, End::Failed),
        Err(error) if error.is_panic() => {
            let said = "the job broke unexpectedly; other jobs go on".to_owned();
            (JobStatus::JsFailed, said, End::Panicked)
        }
        Err(_) => (
            JobStatus::JsFailed,
            "the job was ended".to_owned(),
            End::Failed,
        ),
    };
    let update = UpdateJobStatus {
        job_id: job.id,
        status: status.into(),
        error,
    };
    (update, end)
}
