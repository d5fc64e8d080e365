//! A server that does what no real one does: silence, nonsense, late assignments. It speaks the worker
//! protocol over a real WebSocket. Time stands still but when a test lets it pass.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{SinkExt, StreamExt};
use livekit_protocol::{
    self as proto, JobStatus, ServerMessage, WorkerMessage, server_message::Message as FromServer,
    worker_message::Message as ToServer,
};
use prost::Message as _;
use sfera_agent::{
    io::room::JoinError,
    worker::{
        Job, JobFailed, JobRunner, LoadMeter, Secret, Server, Worker, WorkerError, WorkerOptions,
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinSet, yield_now},
    time::{Instant, advance},
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

const STEP: Duration = Duration::from_millis(250);

/// Jobs that end when they are told to, or when the caller hangs up.
#[derive(Clone, Default)]
struct Patient {
    hung_up: Arc<Notify>,
}

#[async_trait]
impl JobRunner for Patient {
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        tokio::select! {
            () = job.stop.cancelled() => {}
            () = self.hung_up.notified() => {}
        }
        Ok(())
    }
}

/// Jobs that do not even end when they are cut off; what is told of each is noted.
#[derive(Clone, Default)]
struct Deaf {
    noted: Arc<Mutex<Vec<&'static str>>>,
}

#[async_trait]
impl JobRunner for Deaf {
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        job.stop.cancelled().await;
        self.noted.lock().unwrap().push("told to end");
        job.cut.cancelled().await;
        self.noted.lock().unwrap().push("cut off");
        std::future::pending().await
    }

    async fn clear_up(&self, _: &Job) {
        self.noted.lock().unwrap().push("cleared up");
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
        let options = WorkerOptions {
            max_jobs,
            ..options()
        };
        self.worker_of(options, Patient::default()).await
    }

    async fn worker_of(
        &self,
        options: WorkerOptions,
        runner: impl JobRunner,
    ) -> (Worker, Connection) {
        let (worker, connection) = tokio::join!(
            Worker::start(self.server(), options, runner),
            self.registered()
        );
        (worker.expect("a worker"), connection)
    }

    fn server(&self) -> Server {
        Server {
            url: format!("ws://{}", self.listener.local_addr().unwrap()),
            key: "key".into(),
            secret: Secret::new("a secret"),
        }
    }

    /// The next connection, on which somebody wants to register.
    async fn asked(&self) -> Connection {
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
        connection
    }

    /// The next connection, which has registered.
    async fn registered(&self) -> Connection {
        let mut connection = self.asked().await;
        connection.confirm("1.11.0").await;
        connection.pong().await;
        connection
    }

    /// The next connection, which has registered, while time passes.
    async fn registered_in_time(&self) -> Connection {
        tokio::select! {
            again = self.registered() => again,
            () = pass(Duration::from_secs(60)) => panic!("it does not come"),
        }
    }
}

/// Machines and their load are not what is tested.
fn options() -> WorkerOptions {
    WorkerOptions {
        agent_name: "sfera".into(),
        load_threshold: f32::INFINITY,
        ..WorkerOptions::default()
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

    /// Says that the worker is registered, with a server of this version.
    async fn confirm(&mut self, version: &str) {
        self.say(FromServer::Register(proto::RegisterWorkerResponse {
            worker_id: "AW_double".into(),
            server_info: Some(proto::ServerInfo {
                version: version.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        }))
        .await;
    }

    /// Answers the next ping.
    async fn pong(&mut self) {
        let last_timestamp = self
            .until(|said| match said {
                ToServer::Ping(ping) => Some(ping.timestamp),
                _ => None,
            })
            .await;
        self.say(FromServer::Pong(proto::WorkerPong {
            last_timestamp,
            ..Default::default()
        }))
        .await;
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
        self.ask(id).await;
        self.answer(id).await
    }

    async fn ask(&mut self, id: &str) {
        self.say(FromServer::Availability(proto::AvailabilityRequest {
            job: Some(job(id)),
            ..Default::default()
        }))
        .await;
    }

    async fn answer(&mut self, id: &str) -> bool {
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

    /// How many jobs the worker says it has.
    async fn jobs(&mut self) -> u32 {
        self.until(|said| match said {
            ToServer::UpdateWorker(update) => Some(update.job_count),
            _ => None,
        })
        .await
    }

    /// What the worker says next of any job.
    async fn any_status(&mut self) -> (String, JobStatus) {
        self.until(|said| match said {
            ToServer::UpdateJob(update) => Some((update.job_id.clone(), update.status())),
            _ => None,
        })
        .await
    }

    /// The load with which the worker says that it is in this state.
    async fn reports(&mut self, status: proto::WorkerStatus) -> f32 {
        self.until(|said| match said {
            ToServer::UpdateWorker(update) if update.status() == status => Some(update.load),
            _ => None,
        })
        .await
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
    let mut again = double.registered_in_time().await;
    let silent = since.elapsed().as_secs_f64();
    assert!((30.0..35.0).contains(&silent), "after {silent} s");
    assert_eq!(again.jobs().await, 1, "the job goes on");
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
    let runner = Patient::default();
    let (_worker, mut server) = double.worker_of(options(), runner.clone()).await;
    for job in ["AJ_1", "AJ_2"] {
        assert!(server.offer(job).await);
        assert_eq!(server.assign(job).await, JobStatus::JsRunning);
    }
    drop(server);
    runner.hung_up.notify_one();
    pass(Duration::from_secs(1)).await;
    let mut again = double.registered_in_time().await;
    let (_, status) = again.any_status().await;
    assert_eq!(status, JobStatus::JsSuccess);
    assert_eq!(again.jobs().await, 1, "the other one goes on");
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_lost_with_the_connection_is_told_again() {
    let double = Double::open().await;
    let (_worker, mut server) = double.worker(2).await;
    let end = |job: &str| {
        let job_id = job.to_owned();
        FromServer::Termination(proto::JobTermination { job_id })
    };
    for job in ["AJ_arrives", "AJ_lost"] {
        assert!(server.offer(job).await);
        assert_eq!(server.assign(job).await, JobStatus::JsRunning);
        server.say(end(job)).await;
        assert_eq!(server.status(job).await, JobStatus::JsSuccess);
        if job == "AJ_arrives" {
            tokio::select! {
                () = server.pong() => {}
                () = pass(Duration::from_secs(60)) => panic!("it does not ask whether the server is there"),
            }
        }
    }
    drop(server);
    let mut again = double.registered_in_time().await;
    assert_eq!(
        again.any_status().await,
        ("AJ_lost".to_owned(), JobStatus::JsSuccess)
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_ready_when_the_server_says_so() {
    let double = Double::open().await;
    let mut starting = Box::pin(Worker::start(
        double.server(),
        options(),
        Patient::default(),
    ));
    let mut server = tokio::select! {
        server = double.asked() => server,
        _ = &mut starting => panic!("nobody has registered it"),
    };
    server.confirm("1.11.0").await;
    tokio::select! {
        () = pass(Duration::from_secs(1)) => {}
        _ = &mut starting => panic!("the server has not yet done what it says"),
    }
    server.pong().await;
    starting.await.expect("a worker");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_comes_with_the_registration_is_not_missed() {
    let double = Double::open().await;
    let server = async {
        let mut server = double.asked().await;
        server.confirm("1.11.0").await;
        server.ask("AJ_early").await;
        server.pong().await;
        assert!(server.answer("AJ_early").await);
    };
    let starting = Worker::start(double.server(), options(), Patient::default());
    let (worker, ()) = tokio::join!(starting, server);
    worker.expect("a worker");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_registers_is_given_up() {
    let double = Double::open().await;
    let options = WorkerOptions {
        attempts: 2,
        ..options()
    };
    let starting = Worker::start(double.server(), options, Patient::default());
    let silent = async {
        let _first = double.asked().await;
        let _second = double.asked().await;
        std::future::pending::<()>().await;
    };
    let began = Instant::now();
    let started = tokio::select! {
        started = starting => started.map(drop),
        () = silent => unreachable!("it only listens"),
        () = pass(Duration::from_secs(120)) => panic!("it waits for ever"),
    };
    assert_eq!(started, Err(WorkerError::Refused(JoinError::Timeout)));
    let waited = began.elapsed().as_secs_f64();
    assert!((20.0..22.0).contains(&waited), "{waited} s, twice 10");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_too_old_is_said_to_be() {
    let double = Double::open().await;
    let starting = Worker::start(double.server(), options(), Patient::default());
    let server = async { double.asked().await.confirm("1.5.1").await };
    let (started, ()) = tokio::join!(starting, server);
    let refused = started.map(drop);
    assert_eq!(refused, Err(WorkerError::Refused(JoinError::NoWorkers)));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_every_connection_and_breaks_it_is_asked_ever_less_often() {
    let double = Double::open().await;
    let (_worker, server) = double.worker(1).await;
    drop(server);
    let asked = AtomicU32::new(0);
    let break_all = async {
        loop {
            drop(double.asked().await);
            asked.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::select! {
        () = break_all => {}
        () = pass(Duration::from_secs(60)) => {}
    }
    let asked = asked.into_inner();
    assert!((3..=14).contains(&asked), "{asked} times in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_registers_and_hangs_up_is_not_asked_without_a_pause() {
    let double = Double::open().await;
    let (_worker, server) = double.worker(1).await;
    drop(server);
    let asked = AtomicU32::new(0);
    let hang_up = async {
        loop {
            drop(double.registered().await);
            asked.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::select! {
        () = hang_up => {}
        () = pass(Duration::from_secs(10)) => {}
    }
    let asked = asked.into_inner();
    assert!((10..=100).contains(&asked), "{asked} times in 10 s");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_busy_leaves_jobs_to_others_and_says_so() {
    let double = Double::open().await;
    let percent = Arc::new(AtomicU32::new(71));
    let measured = percent.clone();
    let options = WorkerOptions {
        load_threshold: 0.7,
        load: LoadMeter::Own(Arc::new(move || {
            measured.load(Ordering::Relaxed) as f32 / 100.0
        })),
        ..options()
    };
    let (_worker, mut server) = double.worker_of(options, Patient::default()).await;
    let full = server.reports(proto::WorkerStatus::WsFull).await;
    assert!(
        full >= 0.7,
        "the server's own limit keeps it away too: {full}"
    );
    assert!(!server.offer("AJ_1").await);
    percent.store(35, Ordering::Relaxed);
    let half = tokio::select! {
        load = server.reports(proto::WorkerStatus::WsAvailable) => load,
        () = pass(Duration::from_secs(5)) => panic!("it stays away"),
    };
    assert!(
        (0.3..0.4).contains(&half),
        "half of its limit is half of the server's: {half}"
    );
    assert!(server.offer("AJ_2").await);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_told_to_end_has_its_time_and_is_then_cut_off() {
    let double = Double::open().await;
    let deaf = Deaf::default();
    let options = WorkerOptions {
        shutdown: Duration::from_secs(20),
        ..options()
    };
    let (_worker, mut server) = double.worker_of(options, deaf.clone()).await;
    assert!(server.offer("AJ_1").await);
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsRunning);
    let job_id = "AJ_1".to_owned();
    server
        .say(FromServer::Termination(proto::JobTermination { job_id }))
        .await;
    let noted = || deaf.noted.lock().unwrap().clone();
    pass(Duration::from_secs(19)).await;
    assert_eq!(noted(), ["told to end"]);
    pass(Duration::from_secs(2)).await;
    assert_eq!(noted(), ["told to end", "cut off"]);
    let status = tokio::select! {
        status = server.status("AJ_1") => status,
        () = pass(Duration::from_secs(10)) => panic!("it is waited for for ever"),
    };
    assert_eq!(status, JobStatus::JsFailed, "it did not end");
    assert_eq!(noted(), ["told to end", "cut off", "cleared up"]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_cut_off_waits_for_nobody() {
    let double = Double::open().await;
    let (worker, mut server) = double.worker_of(options(), Deaf::default()).await;
    assert!(server.offer("AJ_1").await);
    assert_eq!(server.assign("AJ_1").await, JobStatus::JsRunning);
    worker.control().drain();
    worker.control().cut();
    let began = Instant::now();
    tokio::select! {
        ended = worker.ended() => ended.expect("well"),
        () = pass(Duration::from_secs(60)) => panic!("it does not end"),
    }
    assert!(
        began.elapsed() <= Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
}
