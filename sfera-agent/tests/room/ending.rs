use crate::{
    admin,
    livekit_server::LiveKitServer,
    world::{Agent, Person, ROOM},
};
use sfera_agent::{
    io::room::{CallerEvent, RoomEnd},
    testing::ScriptedLlm,
};
use std::time::Duration;
use tokio::time::Instant;

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
    alex.until("its leaving", |event| *event == CallerEvent::AgentLeft)
        .await;
    let length = Duration::from_millis(60) * FAREWELL.chars().count() as u32;
    let heard = alex.heard_since(began);
    assert!(
        heard >= length - Duration::from_millis(120),
        "{heard:?} of {length:?}"
    );
}

#[tokio::test]
async fn a_stopped_agent_whom_nobody_hears_leaves_at_once() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    agent.control.say(FAREWELL, true).await.unwrap();
    let began = Instant::now();
    agent.stop.cancel();
    assert_eq!(agent.end().await, RoomEnd::Stopped);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
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
