//! A worker's loop: server, jobs and time.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBuilder};
use livekit_protocol::{
    self as proto, JobStatus, server_message::Message as FromServer,
    worker_message::Message as ToServer,
};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    WorkerControl,
    capacity::Capacity,
    error::WorkerError,
    figures::Figures,
    job::{Job, JobRunner},
    link::Link,
    load::Load,
    options::{Secret, Server, WorkerOptions},
    running::{End, Running},
};
use crate::io::room::JoinError;

/// How often the server hears how busy the worker is, as from livekit-agents.
const BEAT: Duration = Duration::from_millis(2500);
/// What the server is told to expect, in seconds, and how long it may be silent itself.
const PING: u32 = 10;
const SILENCE: Duration = Duration::from_secs(30);
/// livekit-server gives no jobs to workers who say that they are as busy as this, the default of its
/// `agents.target_load`, whatever their status says.
const TARGET_LOAD: f32 = 0.7;
/// Between attempts to reach the server.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

type Connecting = Pin<Box<dyn Future<Output = Result<Link, JoinError>> + Send>>;

pub(super) struct Driver {
    server: Server,
    options: WorkerOptions,
    control: WorkerControl,
    figures: Arc<Figures>,
    capacity: Capacity,
    load: Load,
    busy: f32,
    running: Running,
    link: Option<Link>,
    /// What could not be told while the server was gone.
    untold: Vec<proto::UpdateJobStatus>,
    began: Instant,
    heard: Instant,
    stopping: bool,
    /// When conversations end, once the worker drains.
    deadline: Option<Instant>,
}

impl Driver {
    pub(super) async fn connect(
        server: Server,
        options: WorkerOptions,
        runner: Arc<dyn JobRunner>,
        control: WorkerControl,
        figures: Arc<Figures>,
    ) -> Result<Self, WorkerError> {
        let link = reach(&server, Some(options.attempts)).await?;
        let now = Instant::now();
        let mut driver = Self {
            capacity: Capacity::new(options.max_jobs),
            running: Running::new(runner),
            load: Load::new(),
            busy: 0.0,
            link: Some(link),
            untold: Vec::new(),
            began: now,
            heard: now,
            stopping: false,
            deadline: None,
            server,
            options,
            control,
            figures,
        };
        driver.register().await;
        Ok(driver)
    }

    pub(super) async fn run(mut self) -> Result<(), WorkerError> {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut connecting: Option<Connecting> = None;
        while !self.is_over() {
            if self.link.is_none() && connecting.is_none() {
                let server = self.server.clone();
                connecting = Some(Box::pin(async move { reach(&server, None).await }));
            }
            self.step(&mut beat, &mut connecting).await?;
        }
        if let Some(link) = self.link.take() {
            link.close().await;
        }
        Ok(())
    }

    /// Everything was told to end, and has.
    fn is_over(&self) -> bool {
        self.deadline.is_some() && self.running.is_empty()
    }

    async fn step(
        &mut self,
        beat: &mut Interval,
        connecting: &mut Option<Connecting>,
    ) -> Result<(), WorkerError> {
        let (drain, stop) = (self.control.drain.clone(), self.control.stop.clone());
        let draining = self.deadline.is_some();
        let stopping = self.stopping;
        tokio::select! {
            message = next(&mut self.link) => match message {
                Some(message) => self.on_message(message).await,
                None => self.lose(),
            },
            link = connected(connecting) => {
                *connecting = None;
                self.link = Some(link?);
                self.figures.reconnected.inc();
                self.register().await;
            }
            Some((status, end)) = self.running.next() => self.on_end(status, end).await,
            _ = beat.tick() => self.on_beat().await,
            () = drain.cancelled(), if !draining => self.begin_to_drain().await,
            () = stop.cancelled(), if !stopping => self.begin_to_stop().await,
            () = sleep_until(self.deadline.unwrap_or(self.began)), if draining && !stopping => {
                tracing::warn!("conversations took longer than the worker may wait");
                stop.cancel();
            }
        }
        Ok(())
    }

    async fn register(&mut self) {
        self.heard = Instant::now();
        let permissions = proto::ParticipantPermission {
            can_publish: true,
            can_subscribe: true,
            can_publish_data: true,
            can_update_metadata: true,
            ..proto::ParticipantPermission::default()
        };
        self.tell(ToServer::Register(proto::RegisterWorkerRequest {
            r#type: proto::JobType::JtRoom.into(),
            agent_name: self.options.agent_name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ping_interval: PING,
            allowed_permissions: Some(permissions),
            ..proto::RegisterWorkerRequest::default()
        }))
        .await;
    }

    async fn on_message(&mut self, message: FromServer) {
        self.heard = Instant::now();
        match message {
            FromServer::Register(registered) => self.on_registered(&registered).await,
            FromServer::Availability(asked) => self.on_availability(asked).await,
            FromServer::Assignment(assigned) => self.on_assignment(assigned).await,
            FromServer::Termination(ended) => {
                tracing::info!(job = ended.job_id, "the server ends the job");
                self.running.stop(&ended.job_id, self.options.shutdown);
            }
            FromServer::GoAway(_) => self.lose(),
            _ => {}
        }
    }

    async fn on_registered(&mut self, registered: &proto::RegisterWorkerResponse) {
        let version = registered
            .server_info
            .as_ref()
            .map_or("", |info| info.version.as_str());
        tracing::info!(
            worker = registered.worker_id,
            server = version,
            "registered"
        );
        self.figures.registered.store(true, Ordering::Relaxed);
        let running: Vec<String> = self.running.ids().map(str::to_owned).collect();
        for job_id in running {
            self.tell_status(job_id, JobStatus::JsRunning).await;
        }
        for status in std::mem::take(&mut self.untold) {
            self.tell(ToServer::UpdateJob(status)).await;
        }
        self.tell_load().await;
    }

    async fn on_availability(&mut self, asked: proto::AvailabilityRequest) {
        let Some(job) = asked.job else { return };
        let until = self.began.elapsed() + self.options.assignment;
        let available = self.takes_more() && self.capacity.promise(&job.id, until);
        if !available {
            self.figures.refused.inc();
            tracing::info!(job = job.id, "left to another worker");
        }
        self.tell(ToServer::Availability(proto::AvailabilityResponse {
            available,
            participant_identity: identity(&job.id),
            participant_name: self.options.agent_name.clone(),
            participant_attributes: first_attributes(&self.options.agent_name),
            job_id: job.id,
            ..proto::AvailabilityResponse::default()
        }))
        .await;
    }

    async fn on_assignment(&mut self, assigned: proto::JobAssignment) {
        let Some(job) = assigned.job else { return };
        let id = job.id.clone();
        if !self.capacity.occupy(&id) {
            tracing::warn!(job = id, "the job came too late: its place is taken");
            self.tell_status(id, JobStatus::JsFailed).await;
            return;
        }
        let url = assigned.url.filter(|url| !url.is_empty());
        let url = url.unwrap_or_else(|| self.server.url.clone());
        let room = job.room.unwrap_or_default();
        tracing::info!(job = id, room = room.name, "begins");
        self.figures.accepted.inc();
        self.running.start(Job {
            identity: identity(&job.id),
            id: job.id,
            dispatch_id: job.dispatch_id,
            room: room.name,
            metadata: job.metadata,
            agent_name: job.agent_name,
            participant: job.participant.map(|participant| participant.identity),
            attributes: job.attributes,
            url,
            token: Secret::new(assigned.token),
            stop: CancellationToken::new(),
        });
        self.figures.jobs.set(self.capacity.running() as i64);
        self.tell_status(id, JobStatus::JsRunning).await;
        self.tell_load().await;
    }

    async fn on_end(&mut self, status: proto::UpdateJobStatus, end: End) {
        self.capacity.release();
        self.figures.jobs.set(self.capacity.running() as i64);
        match end {
            End::Done => self.figures.finished.inc(),
            End::Failed => self.figures.failed.inc(),
            End::Panicked => self.figures.panicked.inc(),
        };
        if status.error.is_empty() {
            tracing::info!(job = status.job_id, "has ended");
        } else {
            tracing::warn!(job = status.job_id, error = status.error, "has failed");
        }
        if !self.tell(ToServer::UpdateJob(status.clone())).await
            && self.untold.len() < self.options.max_jobs
        {
            self.untold.push(status);
        }
        self.tell_load().await;
    }

    async fn on_beat(&mut self) {
        self.busy = self.load.measure();
        self.running.enforce(Instant::now());
        let expired = self.capacity.expire(self.began.elapsed());
        if expired > 0 {
            tracing::info!(expired, "jobs were promised a place and did not come");
        }
        if self.link.is_some() && self.heard.elapsed() > SILENCE {
            tracing::warn!("the server is silent");
            self.lose();
        }
        let timestamp = std::time::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_millis();
        let timestamp = i64::try_from(timestamp).unwrap_or(i64::MAX);
        self.tell(ToServer::Ping(proto::WorkerPing { timestamp }))
            .await;
        self.tell_load().await;
    }

    async fn begin_to_drain(&mut self) {
        tracing::info!(
            conversations = self.capacity.running(),
            "draining: no new jobs"
        );
        self.deadline = Some(Instant::now() + self.options.drain);
        self.figures.draining.store(true, Ordering::Relaxed);
        self.tell_load().await;
    }

    async fn begin_to_stop(&mut self) {
        self.stopping = true;
        if self.deadline.is_none() {
            self.begin_to_drain().await;
        }
        self.running.stop_all(self.options.shutdown);
    }

    /// The server is gone; jobs go on, promises do not.
    fn lose(&mut self) {
        tracing::warn!("the connection to the LiveKit server is lost");
        self.link = None;
        self.figures.registered.store(false, Ordering::Relaxed);
        self.capacity.forget_promises();
    }

    fn takes_more(&self) -> bool {
        self.deadline.is_none()
            && self.busy < self.options.load_threshold
            && self.capacity.free() > 0
    }

    async fn tell_load(&mut self) {
        let load = self.busy.max(self.capacity.load());
        self.figures.load.set(f64::from(load));
        // Its own limits decide, so they are what the server's limit stands for.
        let reached = self.busy / self.options.load_threshold;
        let load = TARGET_LOAD * reached.max(self.capacity.load());
        let status = if self.takes_more() {
            proto::WorkerStatus::WsAvailable
        } else {
            proto::WorkerStatus::WsFull
        };
        self.tell(ToServer::UpdateWorker(proto::UpdateWorkerStatus {
            status: Some(status.into()),
            load,
            job_count: u32::try_from(self.capacity.running()).unwrap_or(u32::MAX),
            draining: self.deadline.is_some(),
            ..proto::UpdateWorkerStatus::default()
        }))
        .await;
    }

    async fn tell_status(&mut self, job_id: String, status: JobStatus) {
        let update = proto::UpdateJobStatus {
            job_id,
            status: status.into(),
            error: String::new(),
        };
        self.tell(ToServer::UpdateJob(update)).await;
    }

    /// Tells the server; false where it is gone.
    async fn tell(&mut self, message: ToServer) -> bool {
        let Some(link) = &mut self.link else {
            return false;
        };
        let told = link.send(message).await;
        if !told {
            self.lose();
        }
        told
    }
}

fn identity(job: &str) -> String {
    format!("agent-{job}")
}

fn first_attributes(agent_name: &str) -> HashMap<String, String> {
    let state = ("lk.agent.state".to_owned(), "initializing".to_owned());
    let name = ("lk.agent.name".to_owned(), agent_name.to_owned());
    HashMap::from([state, name])
}

/// The next message of a server that is there; never, while it is not.
async fn next(link: &mut Option<Link>) -> Option<FromServer> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn connected(connecting: &mut Option<Connecting>) -> Result<Link, JoinError> {
    match connecting {
        Some(connecting) => connecting.await,
        None => std::future::pending().await,
    }
}

/// Connects, again and again where that may help.
async fn reach(server: &Server, attempts: Option<u32>) -> Result<Link, JoinError> {
    let backoff = ExponentialBuilder::default()
        .with_min_delay(FIRST)
        .with_max_delay(LONGEST)
        .with_jitter();
    let backoff = match attempts {
        Some(attempts) => backoff.with_max_times(attempts.saturating_sub(1) as usize),
        None => backoff.without_max_times(),
    };
    let mut waits = backoff.build();
    loop {
        let error = match Link::open(server).await {
            Ok(link) => return Ok(link),
            Err(error) => error,
        };
        // A server that once took the key may refuse it while it starts: only the first time counts.
        let worth = error.is_passing() || attempts.is_none();
        let Some(wait) = waits.next().filter(|_| worth) else {
            return Err(error);
        };
        tracing::warn!(%error, wait_ms = wait.as_millis(), "the LiveKit server is not reached");
        sleep(wait).await;
    }
}
