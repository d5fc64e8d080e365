use crate::{
    admin,
    livekit_server::LiveKitServer,
    world::{Agent, LIMIT, Person, ROOM, agent_address, options},
};
use sfera_agent::{
    io::room::{AgentRoom, CallerEvent, RoomEnd, farewells},
    testing::ScriptedLlm,
};
use std::{sync::mpsc, thread, time::Duration};
use tokio::{
    runtime,
    time::{Instant, timeout},
};

const FAREWELL: &str = "До свидания, было приятно поговорить.";

#[tokio::test]
async fn a_stopped_agent_finishes_its_sentence_and_leaves() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    let began = Instant::now();
    agent.control.say(FAREWELL, true).await.unwrap();
    alex.until_heard(Duration::from_millis(300)).await;
    agent.stop.cancel();
    assert_eq!(agent.end().await, RoomEnd::Stopped);
    // Its caption follows the playhead: it is whole if the sentence was.
    let said = alex.until_said("поговорить").await;
    assert_eq!(said.text, FAREWELL);
    // That it left comes another way than its captions: it may have come before.
    let left = |event: &CallerEvent| *event == CallerEvent::AgentLeft;
    if !alex.seen.iter().any(left) {
        alex.until("its leaving", left).await;
    }
    let length = Duration::from_millis(60) * FAREWELL.chars().count() as u32;
    let heard = alex.heard_since(began);
    // How much of it a jitter buffer gives on a busy machine, is not what is tested here.
    assert!(heard >= length * 3 / 4, "{heard:?} of {length:?}");
}

#[tokio::test]
async fn a_stopped_agent_whom_nobody_hears_leaves_at_once() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    agent.control.say(FAREWELL, true).await.unwrap();
    agent.stop.cancel();
    // Half as long as it would wait for somebody to hear the sentence.
    assert_eq!(agent.end().await, RoomEnd::Stopped);
}

#[tokio::test]
async fn a_deleted_room_ends_the_conversation_on_both_sides() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    admin::delete_room(&server, ROOM);
    assert_eq!(agent.end().await, RoomEnd::RoomClosed);
    alex.until("the end", |event| {
        *event == CallerEvent::Ended(RoomEnd::RoomClosed)
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_is_thrown_out_says_so() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    admin::remove(&server, ROOM, "agent-AJ_test");
    assert_eq!(agent.end().await, RoomEnd::Removed);
}

#[tokio::test]
async fn a_second_agent_with_the_same_identity_takes_the_place_of_the_first() {
    let server = LiveKitServer::start();
    let mut first = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    let _second = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    assert_eq!(first.end().await, RoomEnd::DuplicateIdentity);
}

#[tokio::test]
async fn a_dropped_agent_leaves_the_room_too() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    drop(agent);
    alex.until("its leaving", |event| *event == CallerEvent::AgentLeft)
        .await;
}

#[tokio::test]
async fn who_drops_a_room_and_ends_can_wait_until_the_server_knows() {
    let server = LiveKitServer::start();
    let mut alex = Person::join(&server, "alex").await;
    let address = agent_address(&server);
    let (go, told) = mpsc::channel();
    // A program of its own, as it were: it drops its room outside of its runtime, and both end.
    let program = thread::spawn(move || {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let room = runtime.block_on(AgentRoom::join(&address, options()));
        told.recv().unwrap();
        drop(room.unwrap());
        runtime.block_on(farewells());
    });
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    go.send(()).unwrap();
    let left = alex.until("its leaving", |event| *event == CallerEvent::AgentLeft);
    // A server that is not told misses it after a quarter of a minute.
    timeout(LIMIT / 3, left).await.expect("the server was told");
    program.join().unwrap();
}
