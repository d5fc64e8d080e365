//! A server that does what no real one does: silence, nonsense, late assignments. It speaks the worker
//! protocol over a real WebSocket. Time stands still but when a test lets it pass.

use std::time::Duration;

use async_trait::async_trait;
use futures::{SinkExt, StreamExt};
use livekit_protocol::{
    self as proto, JobStatus, ServerMessage, WorkerMessage, server_message::Message as FromServer,
    worker_message::Message as ToServer,
};
use prost::Message as _;
use sfera_agent::worker::{Job, JobFailed, JobRunner, Secret, Server, Worker, WorkerOptions};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinSet, yield_now},
    time::{Instant, advance},
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

const STEP: Duration = Duration::from_millis(250);

struct Patient;

#[async_trait]
impl JobRunner for Patient {
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        job.stop.cancelled().await;
        Ok(())
    }
}

struct Double {
    listener: TcpListener,
    /// A runtime that is never idle does not let paused time pass by itself.
    _busy: JoinSet<()>,
}

/// Lets time pass, and the sockets keep up.
async fn pass(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        advance(STEP).await;
        for _ in 0..1_000 {
            yield_now().await;
        }
    }
}

impl Double {
    async fn open() -> Self {
        let mut busy = JoinSet::new();
        busy.spawn(async {
            loop {
                yield_now().await;
            }
        });
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            _busy: busy,
        }
    }

    /// A worker with this many places, and the server's end of its connection.
    async fn worker(&self, max_jobs: usize) -> (Worker, Connection) {
        let server = Server {
            url: format!("ws://{}", self.listener.local_addr().unwrap()),
            key: "key".into(),
            secret: Secret::new("a secret"),
        };
        let options = WorkerOptions {
            agent_name: "sfera".into(),
            max_jobs,
            load_threshold: f32::INFINITY,
            ..WorkerOptions::default()
        };
        let (worker, connection) =
            tokio::join!(Worker::start(server, options, Patient), self.registered());
        (worker.expect("a worker"), connection)
    }

    /// The next connection, which has registered.
    async fn registered(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut connection = Connection {
            socket: accept_async(stream).await.unwrap(),
        };
        connection
            .until(|said| match said {
                ToServer::Register(register) => Some(register.agent_name.clone()),
                _ => None,
            })
            .await;
        let registered = proto::RegisterWorkerResponse {
            worker_id: "AW_double".into(),
            ..Default::default()
        };
        connection.say(FromServer::Register(registered)).await;
        connection
    }
}

struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl Connection {
    async fn say(&mut self, message: FromServer) {
        let message = ServerMessage {
            message: Some(message),
        };
        self.send(message.encode_to_vec()).await;
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    /// Waits for a message that means something.
    async fn until<T>(&mut self, meaning: impl Fn(&ToServer) -> Option<T>) -> T {
        loop {
            let said = self.socket.next().await.expect("it is there").unwrap();
            let Message::Binary(bytes) = said else {
                continue;
            };
            let said = WorkerMessage::decode(bytes).unwrap().message.unwrap();
            if let Some(meaning) = meaning(&said) {
                return meaning;
            }
        }
    }

    /// Offers a job; whether the worker takes it.
    async fn offer(&mut self, id: &str) -> bool {
        self.say(FromServer::Availability(proto::AvailabilityRequest {
            job: Some(job(id)),
            ..Default::default()
        }))
        .await;
        self.until(|said| match said {
            ToServer::Availability(answer) if answer.job_id == id => Some(answer.available),
            _ => None,
        })
        .await
    }

    async fn assign(&mut self, id: &str) -> JobStatus {
        self.say(FromServer::Assignment(proto::JobAssignment {
            job: Some(job(id)),
            token: "token".into(),
            ..Default::default()
        }))
        .await;
        self.status(id).await
    }

    async fn status(&mut self, id: &str) -> JobStatus {
        self.until(|said| match said {
            ToServer::UpdateJob(update) if update.job_id == id => Some(update.status()),
            _ => None,
        })
        .await
    }
}

fn job(id: &str) -> proto::Job {
    proto::Job {
        id: id.to_owned(),
        room: Some(proto::Room {
            name: "room".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_from_the_server_is_passed_over() {
    let double = Double::open().await;
    let (worker, mut server) = double.worker(2).await;
    for nonsense in [vec![], vec![0xff; 40], b"\x0a\x7fhalf a message".to_vec()] {
        server.send(nonsense).await;
    }
    server
        .say(FromServer::Availability(Default::default()))
        .await;
    server.say(FromServer::Assignment(Default::default())).await;
    server
        .say(FromServer::Termination(Default::default()))
        .await;
    assert!(server.offer("AJ_1").await, "it works on");
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsRunning);
    drop(worker);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_left_for_a_new_connection() {
    let double = Double::open().await;
    let (worker, mut server) = double.worker(1).await;
    assert!(server.offer("AJ_1").await);
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsRunning);
    let since = Instant::now();
    let mut again = tokio::select! {
        again = double.registered() => again,
        () = pass(Duration::from_secs(60)) => panic!("it waits for ever"),
    };
    let silent = since.elapsed().as_secs_f64();
    assert!((30.0..35.0).contains(&silent), "after {silent} s");
    assert_eq!(
        again.status("AJ_1").await,
        JobStatus::JsRunning,
        "the job goes on"
    );
    assert!(!again.offer("AJ_2").await, "and keeps its place");
    worker.control().stop();
    assert_eq!(again.status("AJ_1").await, JobStatus::JsSuccess);
    worker.ended().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_place_that_nobody_comes_for_is_given_to_another() {
    let double = Double::open().await;
    let (_worker, mut server) = double.worker(1).await;
    assert!(server.offer("AJ_1").await);
    assert!(!server.offer("AJ_2").await, "the place is promised");
    pass(Duration::from_secs(11)).await;
    assert!(server.offer("AJ_3").await, "the promise has passed");
    assert_eq!(server.assign("AJ_3").await, JobStatus::JsRunning);
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsFailed, "too late");
}

#[tokio::test(start_paused = true)]
async fn how_a_job_ended_is_told_once_the_server_is_back() {
    let double = Double::open().await;
    let (_worker, mut server) = double.worker(1).await;
    assert!(server.offer("AJ_1").await);
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsRunning);
    let end = proto::JobTermination {
        job_id: "AJ_1".into(),
    };
    server.say(FromServer::Termination(end)).await;
    assert_eq!(server.status("AJ_1").await, JobStatus::JsSuccess);
    assert!(server.offer("AJ_2").await, "its place is free");
    assert_eq!(server.assign("AJ_2").await, JobStatus::JsRunning);
    drop(server);
    let mut again = tokio::select! {
        again = double.registered() => again,
        () = pass(Duration::from_secs(60)) => panic!("it does not come back"),
    };
    assert_eq!(again.status("AJ_2").await, JobStatus::JsRunning);
}
