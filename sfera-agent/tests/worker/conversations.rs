//! From a dispatch to a conversation.

use std::time::Duration;

use sfera_agent::{
    io::room::{CallerInfo, RoomOptions},
    session::{Session, SessionOptions},
    testing::ScriptedLlm,
    worker::{Conversation, Job, JobFailed, RoomJobs, Worker, WorkerOptions, dispatch},
};

use tokio::time::Instant;

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
    tokio::time::timeout(LIMIT, worker.ended())
        .await
        .expect("the conversation ends")
        .expect("well");
}
