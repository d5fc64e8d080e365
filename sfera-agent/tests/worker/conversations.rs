//! From a dispatch to a conversation.

use std::{sync::Arc, time::Duration};

use sfera_agent::{
    audio::Frame,
    io::room::{Address, Caller, CallerEvent, CallerInfo, CallerOptions, RoomOptions},
    session::{Session, SessionOptions},
    testing::ScriptedLlm,
    worker::{Conversation, Job, JobFailed, RoomJobs, Server, Worker, WorkerOptions, dispatch},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Barrier, broadcast},
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    livekit_server::LiveKitServer,
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
        load_threshold: 2.0,
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
    assert!(
        alice.heard_since(began) > Duration::from_millis(200),
        "it was heard too"
    );
    alice.caller.leave().await;
    worker.control().drain();
    timeout(LIMIT, worker.ended())
        .await
        .expect("the conversation ends")
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
