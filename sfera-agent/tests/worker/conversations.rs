//! From a dispatch to a conversation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use livekit_api::services::room::RoomClient;
use sfera_agent::{
    audio::Frame,
    io::room::{Address, Caller, CallerEvent, CallerInfo, CallerOptions, RoomOptions},
    memory::{Exchange, Memory, MemoryError, Recollection, UserId},
    session::{Session, SessionOptions},
    testing::{LlmStep, ScriptedLlm},
    turn::AgentState,
    worker::{
        Conversation, DispatchError, Job, JobFailed, JobRunner, LoadMeter, RoomJobs, Server,
        Worker, WorkerOptions, dispatch,
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Barrier, broadcast},
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    livekit_server::{KEY, LiveKitServer, SECRET},
    shop::server_of,
    world::{LIMIT, Person, ROOM, providers, session_options, tone},
};

const AGENT: &str = "sfera";
const PIECE: Duration = Duration::from_millis(20);

async fn worker(server: &LiveKitServer) -> Worker {
    let begin = |_: &Job, caller: &CallerInfo| -> Result<Conversation, JobFailed> {
        let answers = ScriptedLlm::saying(&format!("Goodbye, {}", caller.identity));
        let session = Session::builder(providers(answers, &["Hello"]));
        Ok(Conversation {
            session: session.options(SessionOptions {
                ..session_options()
            }),
            greeting: Some(format!("Hello, {}", caller.identity)),
        })
    };
    let options = WorkerOptions {
        agent_name: AGENT.to_owned(),
        load: LoadMeter::Own(Arc::new(|| 0.0)),
        health: Some(([127, 0, 0, 1], 0).into()),
        ..WorkerOptions::default()
    };
    let room = RoomOptions {
        grace: Duration::from_millis(500),
        ..RoomOptions::default()
    };
    let jobs = RoomJobs::new(server_of(server), room, begin);
    Worker::start(server_of(server), options, jobs)
        .await
        .expect("a worker")
}

#[tokio::test]
async fn a_dispatch_brings_an_agent_that_greets_its_caller_and_closes_the_room() {
    let server = LiveKitServer::start();
    let worker = worker(&server).await;
    let mut alice = Person::join(&server, "alice").await;
    let began = Instant::now();
    let agent = dispatch(&server_of(&server), AGENT, ROOM, "", LIMIT)
        .await
        .expect("an agent");
    assert!(
        agent.identity.starts_with("agent-AJ_"),
        "{}",
        agent.identity
    );
    alice.until_said("Hello, alice").await;
    // It was heard too.
    alice
        .until_heard_since(began, Duration::from_millis(220))
        .await;
    alice.caller.leave().await;
    worker.control().drain();
    timeout(LIMIT, worker.ended())
        .await
        .expect("the conversation ends")
        .expect("well");
    assert_eq!(
        open_rooms(&server).await,
        0,
        "an empty room is not left to the server's patience"
    );
}

#[tokio::test]
async fn who_is_still_there_when_the_caller_left_is_greeted_in_the_same_job() {
    let server = LiveKitServer::start();
    let worker = worker(&server).await;
    let mut alice = Person::join(&server, "alice").await;
    let agent = dispatch(&server_of(&server), AGENT, ROOM, "", LIMIT)
        .await
        .expect("an agent");
    alice.until_said("Hello, alice").await;
    let mut bob = Person::join(&server, "bob").await;
    alice.caller.leave().await;
    bob.until_said("Hello, bob").await;
    assert_eq!(bob.caller.agent(), Some(agent.identity));
    bob.caller.leave().await;
    worker.control().drain();
    timeout(LIMIT, worker.ended())
        .await
        .expect("the conversation ends")
        .expect("well");
    assert_eq!(open_rooms(&server).await, 0);
}

async fn open_rooms(server: &LiveKitServer) -> usize {
    let rooms = RoomClient::with_api_key(&server.url(), KEY, SECRET);
    let open = rooms.list_rooms(vec![ROOM.to_owned()]).await;
    open.expect("listed").len()
}

/// Keeps what it is to remember.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<Exchange>>>);

#[async_trait]
impl Memory for Diary {
    async fn recall(
        &self,
        _: &UserId,
        _: &str,
        _: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        Ok(Vec::new())
    }

    async fn remember(&self, _: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.0.lock().unwrap().push(exchange.clone());
        Ok(())
    }

    async fn forget_kind(&self, _: &UserId, _: &str) -> Result<(), MemoryError> {
        Ok(())
    }

    async fn forget(&self, _: &UserId) -> Result<(), MemoryError> {
        Ok(())
    }
}

/// Notes how jobs end.
struct Noting<R> {
    jobs: R,
    ends: Arc<Mutex<Vec<Result<(), JobFailed>>>>,
}

#[async_trait]
impl<R: JobRunner> JobRunner for Noting<R> {
    async fn run(&self, job: Job) -> Result<(), JobFailed> {
        let end = self.jobs.run(job).await;
        self.ends.lock().unwrap().push(end.clone());
        end
    }

    async fn clear_up(&self, job: &Job) {
        self.jobs.clear_up(job).await;
    }
}

/// Cuts an agent off in the middle of a long answer; how its job ended, and what is remembered.
async fn cut_off(end: impl FnOnce(&Worker)) -> (Vec<Result<(), JobFailed>>, Vec<Exchange>) {
    let server = LiveKitServer::start();
    let answer = "One word follows another, and so it goes on and on. ".repeat(20);
    let (diary, ends) = (Diary::default(), Arc::new(Mutex::new(Vec::new())));
    let kept = diary.clone();
    let begin = move |_: &Job, _: &CallerInfo| -> Result<Conversation, JobFailed> {
        let llm = ScriptedLlm::new([vec![LlmStep::Text(answer.clone())]]);
        let options = SessionOptions {
            user: Some(UserId::new("alice")),
            ..session_options()
        };
        let session = Session::builder(providers(llm, &[]));
        Ok(Conversation {
            session: session.options(options).memory(Arc::new(kept.clone())),
            greeting: None,
        })
    };
    let jobs = Noting {
        jobs: RoomJobs::new(server_of(&server), RoomOptions::default(), begin),
        ends: ends.clone(),
    };
    let options = WorkerOptions {
        agent_name: AGENT.to_owned(),
        load: LoadMeter::Own(Arc::new(|| 0.0)),
        shutdown: Duration::from_secs(1),
        ..WorkerOptions::default()
    };
    let worker = Worker::start(server_of(&server), options, jobs)
        .await
        .expect("a worker");
    let mut alice = Person::join(&server, "alice").await;
    dispatch(&server_of(&server), AGENT, ROOM, "", LIMIT)
        .await
        .expect("an agent");
    let is = |state| move |event: &CallerEvent| *event == CallerEvent::AgentState(state);
    alice.until("listening", is(AgentState::Listening)).await;
    alice.caller.type_text("Tell me all").await.expect("typed");
    alice.until("an answer", is(AgentState::Speaking)).await;
    alice.until_heard(Duration::from_secs(1)).await;
    let began = Instant::now();
    end(&worker);
    timeout(LIMIT, worker.ended())
        .await
        .expect("it ends in time")
        .expect("well");
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(20),
        "the minute of sound: {took:?}"
    );
    let (ends, kept) = (
        ends.lock().unwrap().clone(),
        diary.0.lock().unwrap().clone(),
    );
    (ends, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_longer_than_the_worker_may_wait_is_cut_off_in_order() {
    let (ends, kept) = cut_off(|worker| worker.control().stop()).await;
    assert_eq!(ends, [Ok(())], "it is no failure");
    let [exchange] = &kept[..] else {
        panic!("it is remembered: {kept:?}")
    };
    assert_eq!(exchange.user, "Tell me all");
    let heard = exchange.agent.len();
    assert!(
        (10..600).contains(&heard),
        "as much as was heard, which is {heard} bytes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_cut_off_ends_its_conversations_in_order_and_at_once() {
    let (ends, kept) = cut_off(|worker| {
        worker.control().drain();
        worker.control().cut();
    })
    .await;
    assert_eq!(ends, [Ok(())]);
    assert_eq!(kept.len(), 1, "{kept:?}");
}

/// Jobs that break as soon as they begin.
struct Broken<R>(R);

#[async_trait]
impl<R: JobRunner> JobRunner for Broken<R> {
    async fn run(&self, _: Job) -> Result<(), JobFailed> {
        panic!("as planned")
    }

    async fn clear_up(&self, job: &Job) {
        self.0.clear_up(job).await;
    }
}

#[tokio::test]
async fn a_room_is_closed_after_a_job_that_broke_too() {
    let server = LiveKitServer::start();
    let begin = |_: &Job, _: &CallerInfo| Err(JobFailed("nobody asks".to_owned()));
    let jobs = RoomJobs::new(server_of(&server), RoomOptions::default(), begin);
    let options = WorkerOptions {
        agent_name: AGENT.to_owned(),
        load: LoadMeter::Own(Arc::new(|| 0.0)),
        ..WorkerOptions::default()
    };
    let worker = Worker::start(server_of(&server), options, Broken(jobs))
        .await
        .expect("a worker");
    let asked = dispatch(&server_of(&server), AGENT, ROOM, "", LIMIT).await;
    assert_eq!(
        asked.unwrap_err(),
        DispatchError::Gone,
        "whoever waits for the agent hears of it"
    );
    assert_eq!(open_rooms(&server).await, 0);
    worker.control().stop();
    timeout(LIMIT, worker.ended())
        .await
        .expect("it ends")
        .expect("well");
}

/// Calls the agent into a room of its own, is greeted, and speaks with it while everybody else does.
async fn converses(
    server: Server,
    address: Address,
    room: String,
    identity: String,
    everybody: Arc<Barrier>,
) {
    let mut caller = Caller::join(&address, CallerOptions::default())
        .await
        .expect("joined");
    let mut events = caller.events();
    dispatch(&server, AGENT, &room, "", LIMIT)
        .await
        .expect("an agent");
    is_told(&mut events, &format!("Hello, {identity}")).await;
    // All are greeted, and are counted before anybody goes on.
    everybody.wait().await;
    everybody.wait().await;
    let sound = tone(Duration::from_millis(600), 6_000.0);
    let microphone = caller.microphone();
    for frame in sound.samples().chunks(sound.rate().samples(PIECE) as usize) {
        let frame = Frame::new(sound.rate(), frame);
        microphone.send(frame).await.expect("the call goes on");
    }
    is_told(&mut events, &format!("Goodbye, {identity}")).await;
    caller.leave().await;
}

/// Waits until the agent has said these words to their end.
async fn is_told(events: &mut broadcast::Receiver<CallerEvent>, words: &str) {
    let told = async {
        loop {
            if let CallerEvent::Caption(caption) = events.recv().await.expect("the call goes on")
                && caption.is_final
                && caption.text == words
            {
                return;
            }
        }
    };
    timeout(LIMIT, told)
        .await
        .unwrap_or_else(|_| panic!("{words:?} was not said"));
}

/// What the worker says of itself.
async fn figures(worker: &Worker) -> String {
    let address = worker.health().expect("health is served");
    let mut stream = TcpStream::connect(address).await.expect("it answers");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_rooms_are_served_at_once_by_one_worker() {
    const ROOMS: usize = 20;
    let server = LiveKitServer::start();
    let worker = worker(&server).await;
    let everybody = Arc::new(Barrier::new(ROOMS + 1));
    let mut calls = JoinSet::new();
    for number in 0..ROOMS {
        let (room, identity) = (format!("room-{number}"), format!("caller-{number}"));
        let address = Address::new(server.url(), server.token(&room, &identity));
        calls.spawn(converses(
            server_of(&server),
            address,
            room,
            identity,
            everybody.clone(),
        ));
    }
    timeout(LIMIT, everybody.wait())
        .await
        .expect("all are greeted");
    let figures = figures(&worker).await;
    assert!(
        figures.contains(&format!("lk_agents_active_job_count {ROOMS}")),
        "{figures}"
    );
    everybody.wait().await;
    while let Some(call) = calls.join_next().await {
        call.expect("answered");
    }
    worker.control().drain();
    timeout(LIMIT, worker.ended())
        .await
        .expect("all conversations end")
        .expect("well");
}
