//! A worker's loop: server, jobs and time.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use livekit_protocol::{
    self as proto, JobStatus, server_message::Message as FromServer,
    worker_message::Message as ToServer,
};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    WorkerControl,
    capacity::Capacity,
    error::WorkerError,
    figures::Figures,
    identity,
    job::{Job, JobRunner},
    link::{Link, Registered},
    load::Load,
    options::{Secret, Server, WorkerOptions},
    reach::{Attempts, reach},
    running::{End, Running},
    untold::Untold,
};
use crate::io::room::{JoinError, SINCE};

/// How often the server hears how busy the worker is, as from livekit-agents.
const BEAT: Duration = Duration::from_millis(2500);
/// What the server is told to expect, in seconds, and how long it may be silent itself.
const PING: u32 = 10;
const SILENCE: Duration = Duration::from_secs(30);
/// How long a worker that is cut off waits for its jobs.
const CUT: Duration = Duration::from_secs(3);
/// livekit-server gives no jobs to workers who say that they are as busy as this, the default of its
/// `agents.target_load`, whatever their status says.
const TARGET_LOAD: f32 = 0.7;

type Connecting = Pin<Box<dyn Future<Output = Result<(Link, Registered), JoinError>> + Send>>;

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
    untold: Untold,
    began: Instant,
    heard: Instant,
    ending: Ending,
}

/// How far the worker is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It takes jobs.
    Not,
    /// Conversations go on until then.
    Draining(Instant),
    /// Conversations finish their sentences.
    Stopping,
    /// Conversations are cut off; the worker ends then, whatever they do.
    Cut(Instant),
}

impl Driver {
    pub(super) async fn connect(
        server: Server,
        options: WorkerOptions,
        runner: Arc<dyn JobRunner>,
        control: WorkerControl,
        figures: Arc<Figures>,
    ) -> Result<Self, WorkerError> {
        let attempts = Attempts::some(options.attempts);
        let (link, registered) = reach(server.clone(), registration(&options), attempts).await?;
        let now = Instant::now();
        let mut load = Load::of(&options.load);
        let mut driver = Self {
            capacity: Capacity::new(options.max_jobs),
            running: Running::new(runner, options.shutdown),
            busy: load.measure(),
            load,
            link: None,
            untold: Untold::default(),
            began: now,
            heard: now,
            ending: Ending::Not,
            server,
            options,
            control,
            figures,
        };
        driver.on_registered(link, registered).await;
        Ok(driver)
    }

    pub(super) async fn run(mut self) -> Result<(), WorkerError> {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut connecting: Option<Connecting> = None;
        while !self.is_over() {
            if self.link.is_none() && connecting.is_none() {
                let registration = registration(&self.options);
                let reaching = reach(self.server.clone(), registration, Attempts::endless());
                connecting = Some(Box::pin(reaching));
            }
            self.step(&mut beat, &mut connecting).await?;
        }
        if let Some(link) = self.link.take() {
            link.close().await;
        }
        Ok(())
    }

    /// Everything was told to end, and has, or may not take any longer.
    fn is_over(&self) -> bool {
        match self.ending {
            Ending::Not => false,
            Ending::Draining(_) | Ending::Stopping => self.running.is_empty(),
            Ending::Cut(last) => self.running.is_empty() || last <= Instant::now(),
        }
    }

    async fn step(
        &mut self,
        beat: &mut Interval,
        connecting: &mut Option<Connecting>,
    ) -> Result<(), WorkerError> {
        let WorkerControl { drain, stop, cut } = self.control.clone();
        let ending = self.ending;
        tokio::select! {
            message = next(&mut self.link) => match message {
                Some(message) => self.on_message(message).await,
                None => self.lose(),
            },
            connected = connected(connecting) => {
                *connecting = None;
                let (link, registered) = connected?;
                self.figures.reconnected.inc();
                self.on_registered(link, registered).await;
            }
            Some((status, end)) = self.running.next() => self.on_end(status, end).await,
            _ = beat.tick() => self.on_beat().await,
            () = drain.cancelled(), if ending == Ending::Not => self.begin_to_drain().await,
            () = stop.cancelled(), if ending.may_stop() => self.begin_to_stop().await,
            () = cut.cancelled(), if ending.may_cut() => self.begin_to_cut().await,
            () = until(ending) => if matches!(ending, Ending::Draining(_)) {
                tracing::warn!("conversations took longer than the worker may wait");
                stop.cancel();
            },
        }
        Ok(())
    }

    async fn on_registered(&mut self, link: Link, registered: Registered) {
        let Registered {
            worker,
            server,
            early,
        } = registered;
        tracing::info!(worker, server, "registered");
        self.link = Some(link);
        self.heard = Instant::now();
        self.figures.registered.store(true, Ordering::Relaxed);
        // Nothing is said of the jobs that go on: a server that came back has forgotten them, and one
        // before 1.8.3 hangs up when it is told of them.
        self.tell_untold().await;
        self.tell_load().await;
        for message in early {
            self.on_message(message).await;
        }
    }

    async fn on_message(&mut self, message: FromServer) {
        self.heard = Instant::now();
        match message {
            FromServer::Availability(asked) => self.on_availability(asked).await,
            FromServer::Assignment(assigned) => self.on_assignment(assigned).await,
            FromServer::Termination(ended) => {
                tracing::info!(job = ended.job_id, "the server ends the job");
                self.running.stop(&ended.job_id);
            }
            FromServer::Pong(pong) => self.untold.pong(pong.last_timestamp),
            FromServer::GoAway(_) => self.lose(),
            _ => {}
        }
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
            participant_attributes: first_attributes(
                &self.options.agent_name,
                Timestamp::now().as_millisecond(),
            ),
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
            cut: CancellationToken::new(),
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
        self.untold.add(status);
        self.tell_untold().await;
        self.tell_load().await;
    }

    async fn on_beat(&mut self) {
        self.measure();
        let expired = self.capacity.expire(self.began.elapsed());
        if expired > 0 {
            tracing::info!(expired, "jobs were promised a place and did not come");
        }
        if self.link.is_some() && self.heard.elapsed() > SILENCE {
            tracing::warn!("the server is silent");
            self.lose();
        }
        let now = std::time::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_millis();
        let timestamp = self.untold.ping(i64::try_from(now).unwrap_or(i64::MAX));
        self.tell(ToServer::Ping(proto::WorkerPing { timestamp }))
            .await;
        self.tell_load().await;
    }

    /// How busy the worker is; whoever operates it is told when that begins and ends to matter.
    fn measure(&mut self) {
        let before = self.is_busy();
        self.busy = self.load.measure();
        match (before, self.is_busy()) {
            (false, true) => {
                tracing::warn!(load = self.busy, "too busy for more conversations");
            }
            (true, false) => {
                tracing::info!(load = self.busy, "there is room for conversations again");
            }
            _ => {}
        }
    }

    fn is_busy(&self) -> bool {
        self.busy >= self.options.load_threshold
    }

    async fn begin_to_drain(&mut self) {
        tracing::info!(
            conversations = self.capacity.running(),
            "draining: no new jobs"
        );
        self.end_by(Ending::Draining(Instant::now() + self.options.drain))
            .await;
    }

    async fn begin_to_stop(&mut self) {
        tracing::info!(
            conversations = self.capacity.running(),
            "stopping: conversations end after their sentence"
        );
        self.running.stop_all();
        self.end_by(Ending::Stopping).await;
    }

    async fn begin_to_cut(&mut self) {
        tracing::info!(
            conversations = self.capacity.running(),
            "conversations are cut off"
        );
        self.running.cut_all();
        self.end_by(Ending::Cut(Instant::now() + CUT)).await;
    }

    async fn end_by(&mut self, ending: Ending) {
        self.ending = ending;
        self.figures.draining.store(true, Ordering::Relaxed);
        self.tell_load().await;
    }

    /// The server is gone; jobs go on, promises do not.
    fn lose(&mut self) {
        tracing::warn!("the connection to the LiveKit server is lost");
        self.link = None;
        self.figures.registered.store(false, Ordering::Relaxed);
        self.capacity.forget_promises();
        self.untold.lose();
    }

    fn takes_more(&self) -> bool {
        self.ending == Ending::Not && !self.is_busy() && self.capacity.free() > 0
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
            draining: self.ending != Ending::Not,
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

    /// Tells how jobs ended, as long as the server is there.
    async fn tell_untold(&mut self) {
        while let Some(status) = self.untold.next() {
            if !self.tell(ToServer::UpdateJob(status)).await {
                return;
            }
            self.untold.sent();
        }
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

impl Ending {
    const fn may_stop(self) -> bool {
        matches!(self, Self::Not | Self::Draining(_))
    }

    const fn may_cut(self) -> bool {
        !matches!(self, Self::Cut(_))
    }
}

fn registration(options: &WorkerOptions) -> proto::RegisterWorkerRequest {
    proto::RegisterWorkerRequest {
        r#type: proto::JobType::JtRoom.into(),
        agent_name: options.agent_name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ping_interval: PING,
        allowed_permissions: Some(proto::ParticipantPermission {
            can_publish: true,
            can_subscribe: true,
            can_publish_data: true,
            can_update_metadata: true,
            ..proto::ParticipantPermission::default()
        }),
        ..proto::RegisterWorkerRequest::default()
    }
}

/// `now` is in milliseconds since 1970.
fn first_attributes(agent_name: &str, now: i64) -> HashMap<String, String> {
    let attributes = [
        ("lk.agent.state", "initializing".to_owned()),
        ("lk.agent.name", agent_name.to_owned()),
        (SINCE, now.to_string()),
    ];
    attributes
        .map(|(key, value)| (key.to_owned(), value))
        .into()
}

/// The next message of a server that is there; never, while it is not.
async fn next(link: &mut Option<Link>) -> Option<FromServer> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn connected(connecting: &mut Option<Connecting>) -> Result<(Link, Registered), JoinError> {
    match connecting {
        Some(connecting) => connecting.await,
        None => std::future::pending().await,
    }
}

/// When the worker ends by itself what it is about.
async fn until(ending: Ending) {
    match ending {
        Ending::Draining(at) | Ending::Cut(at) => sleep_until(at).await,
        Ending::Not | Ending::Stopping => std::future::pending().await,
    }
}
