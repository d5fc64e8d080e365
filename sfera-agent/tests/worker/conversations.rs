//! From a dispatch to a conversation.

use std::time::Duration;

use sfera_agent::{
    io::room::{Address, Caller, CallerEvent, CallerInfo, CallerOptions, RoomOptions},
    session::{Session, SessionOptions},
    testing::ScriptedLlm,
    worker::{Conversation, Job, JobFailed, RoomJobs, Server, Worker, WorkerOptions, dispatch},
};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    livekit_server::LiveKitServer,
    shop::server_of,
    world::{LIMIT, Person, ROOM, providers, session_options},
};

const AGENT: &str = "sfera";

async fn worker(server: &LiveKitServer) -> Worker {
    let begin = |_: &Job, caller: &CallerInfo| -> Result<Conversation, JobFailed> {
        let answers = ScriptedLlm::default();
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

/// Calls the agent into a room of its own and waits until it has greeted.
async fn is_greeted(server: Server, address: Address, room: String, identity: String) {
    let mut caller = Caller::join(&address, CallerOptions::default())
        .await
        .expect("joined");
    let mut events = caller.events();
    dispatch(&server, AGENT, &room, "", LIMIT)
        .await
        .expect("an agent");
    let greeting = format!("Hello, {identity}");
    let greeted = async {
        loop {
            if let CallerEvent::Caption(caption) = events.recv().await.expect("the call goes on")
                && caption.is_final
                && caption.text == greeting
            {
                return;
            }
        }
    };
    timeout(LIMIT, greeted)
        .await
        .unwrap_or_else(|_| panic!("{identity} was not greeted"));
    caller.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_rooms_are_served_at_once_by_one_worker() {
    const ROOMS: usize = 20;
    let server = LiveKitServer::start();
    let worker = worker(&server).await;
    let mut calls = JoinSet::new();
    for number in 0..ROOMS {
        let (room, identity) = (format!("room-{number}"), format!("caller-{number}"));
        let address = Address::new(server.url(), server.token(&room, &identity));
        calls.spawn(is_greeted(server_of(&server), address, room, identity));
    }
    while let Some(call) = calls.join_next().await {
        call.expect("greeted");
    }
    worker.control().drain();
    timeout(LIMIT, worker.ended())
        .await
        .expect("all conversations end")
        .expect("well");
}
