//! A worker whose jobs are looked at.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use livekit_api::services::{
    agent_dispatch::AgentDispatchClient,
    room::{CreateRoomOptions, RoomClient},
};
use livekit_protocol::CreateAgentDispatchRequest;
use sfera_agent::worker::{
    Job, JobFailed, JobRunner, LoadMeter, Secret, Server, Worker, WorkerControl, WorkerOptions,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::{interval, timeout},
};

use crate::livekit_server::{KEY, LiveKitServer, SECRET};

pub const AGENT: &str = "shop";
pub const WAIT: Duration = Duration::from_secs(30);

pub fn server_of(server: &LiveKitServer) -> Server {
    Server {
        url: server.url(),
        key: KEY.to_owned(),
        secret: Secret::new(SECRET),
    }
}

/// Tells of jobs and does them until they are told to end; some rooms are special.
struct Counter(mpsc::Sender<Job>);

#[async_trait]
impl JobRunner for Counter {
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        self.0
            .send(job.clone())
            .await
            .map_err(|_| JobFailed("nobody looks".to_owned()))?;
        match job.room.as_str() {
            "panic" => panic!("as planned"),
            "deaf" => std::future::pending().await,
            _ => {}
        }
        job.stop.cancelled().await;
        Ok(())
    }
}

pub struct Shop {
    worker: Worker,
    jobs: mpsc::Receiver<Job>,
}

impl Shop {
    pub async fn open(server: &LiveKitServer, change: impl FnOnce(&mut WorkerOptions)) -> Self {
        let (told, jobs) = mpsc::channel(64);
        let mut options = WorkerOptions {
            agent_name: AGENT.to_owned(),
            // The machine builds and tests: its load is not what is tested here.
            load: LoadMeter::Own(Arc::new(|| 0.0)),
            health: Some(([127, 0, 0, 1], 0).into()),
            ..WorkerOptions::default()
        };
        change(&mut options);
        let worker = Worker::start(server_of(server), options, Counter(told))
            .await
            .expect("a worker");
        let shop = Self { worker, jobs };
        shop.until_health("200").await;
        shop
    }

    /// Asks for an agent, without waiting for one.
    pub async fn ask(&self, server: &LiveKitServer, room: &str) {
        let request = CreateAgentDispatchRequest {
            agent_name: AGENT.to_owned(),
            room: room.to_owned(),
            ..CreateAgentDispatchRequest::default()
        };
        // Servers before 1.8.3 open no room for a dispatch.
        let rooms = RoomClient::with_api_key(&server.url(), KEY, SECRET);
        let opened = rooms.create_room(room, CreateRoomOptions::default());
        opened.await.expect("a room");
        let client = AgentDispatchClient::with_api_key(&server.url(), KEY, SECRET);
        timeout(WAIT, client.create_dispatch(request))
            .await
            .expect("in time")
            .expect("made");
    }

    pub async fn next_job(&mut self) -> Job {
        timeout(WAIT, self.jobs.recv())
            .await
            .expect("a job in time")
            .expect("the worker is there")
    }

    pub async fn no_job_within(&mut self, time: Duration) -> bool {
        self.job_within(time).await.is_none()
    }

    pub async fn job_within(&mut self, time: Duration) -> Option<Job> {
        timeout(time, self.jobs.recv()).await.ok().flatten()
    }

    pub fn worker_control(&self) -> WorkerControl {
        self.worker.control()
    }

    pub async fn close(self) {
        self.worker.control().stop();
        self.ends().await;
    }

    pub async fn ends(self) {
        timeout(WAIT, self.worker.ended())
            .await
            .expect("it ends in time")
            .expect("it ends well");
    }

    pub async fn figures(&self) -> String {
        self.get("/metrics").await
    }

    pub async fn until_figure(&self, line: &str) {
        self.until("/metrics", line).await;
    }

    pub async fn until_health(&self, status: &str) {
        self.until("/", &format!("HTTP/1.1 {status}")).await;
    }

    pub async fn until_worker(&self, words: &str) {
        self.until("/worker", words).await;
    }

    async fn until(&self, path: &str, words: &str) {
        let mut ticks = interval(Duration::from_millis(20));
        let look = async {
            loop {
                ticks.tick().await;
                if self.get(path).await.contains(words) {
                    return;
                }
            }
        };
        timeout(WAIT, look)
            .await
            .unwrap_or_else(|_| panic!("{path} never says {words:?}"));
    }

    pub async fn connect_to_health(&self) -> TcpStream {
        let address = self.worker.health().expect("health is served");
        TcpStream::connect(address).await.expect("health answers")
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = self.connect_to_health().await;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }
}
