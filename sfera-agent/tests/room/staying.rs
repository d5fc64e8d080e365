use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, LIMIT, Person, options},
};
use sfera_agent::{
    io::room::{AfterLeave, CallerEvent, RoomEnd, RoomOptions},
    llm::Message,
    testing::ScriptedLlm,
};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const LISTENING: Duration = Duration::from_millis(600);

async fn ask(person: &mut Person, answer: &str) {
    person
        .until("the agent", |event| {
            matches!(event, CallerEvent::AgentHeard)
        })
        .await;
    person.speak(LISTENING).await;
    person.until_said(answer).await;
}

#[tokio::test]
async fn a_caller_who_reloads_goes_on_with_the_same_conversation() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::saying("Ответ."), &["Раз", "Два"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, "Ответ").await;
    alex.caller.leave().await;
    let mut alex = Person::join(&server, "alex").await;
    let began = Instant::now();
    ask(&mut alex, "Ответ").await;
    assert!(alex.heard_since(began) >= Duration::from_millis(200));
    let last = agent.llm.requests().pop().unwrap();
    let users: Vec<_> = last
        .messages
        .iter()
        .filter_map(|message| match message {
            Message::User { text } => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(users, ["Раз", "Два"]);
}

#[tokio::test]
async fn a_caller_who_leaves_for_good_ends_the_conversation() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::saying("Ответ."), &["Раз"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, "Ответ").await;
    alex.caller.leave().await;
    assert_eq!(agent.end().await, RoomEnd::CallerLeft);
}

#[tokio::test]
async fn only_the_first_of_two_callers_is_heard_and_the_next_one_after_they_left() {
    let server = LiveKitServer::start();
    let options = RoomOptions {
        after_leave: AfterLeave::Wait,
        ..options()
    };
    let agent = Agent::join(
        &server,
        options,
        ScriptedLlm::saying("Ответ."),
        &["Раз", "Два"],
    )
    .await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    let mut boris = Person::join(&server, "boris").await;
    boris
        .until("the agent", |event| {
            matches!(event, CallerEvent::AgentHeard)
        })
        .await;
    boris.speak(LISTENING).await;
    boris.caller.type_text("А я?").await.unwrap();
    ask_again(&mut alex).await;
    assert_eq!(agent.llm.requests().len(), 1, "only alex was heard");
    alex.caller.leave().await;

    // Whoever is served next, is heard from the moment on at which the first is gone for good.
    let asked = async {
        while agent.llm.requests().len() < 2 {
            boris.speak(LISTENING).await;
            boris.be_silent(Duration::from_secs(1)).await;
        }
    };
    timeout(LIMIT, asked)
        .await
        .expect("boris is heard in the end");
}

async fn ask_again(person: &mut Person) {
    person.speak(LISTENING).await;
    person.until_said("Ответ").await;
}

#[tokio::test]
async fn a_server_that_restarts_does_not_end_the_conversation() {
    let mut server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::saying("Ответ."), &["Раз", "Два"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, "Ответ").await;
    server.restart();
    alex.until("the connection", |event| *event == CallerEvent::Reconnected)
        .await;
    let began = Instant::now();
    let asked = async {
        while alex.heard_since(began).is_zero() {
            alex.speak(LISTENING).await;
            alex.be_silent(Duration::from_secs(1)).await;
        }
    };
    timeout(LIMIT, asked)
        .await
        .expect("the agent hears and is heard again");
    assert!(agent.llm.requests().len() >= 2);
}
