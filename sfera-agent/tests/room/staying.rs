use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, LIMIT, Person, address_of, agent_address, options, providers, session_options},
};
use sfera_agent::{
    io::room::{AfterLeave, AgentRoom, CallerEvent, RoomEnd, RoomOptions, Speaker},
    llm::Message,
    session::Session,
    testing::ScriptedLlm,
};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

const LISTENING: Duration = Duration::from_millis(600);

/// What both sides said according to the history that the LLM got last.
fn history(llm: &ScriptedLlm) -> Vec<String> {
    let last = llm.requests().pop().expect("a request");
    let said = last.messages.iter().filter_map(|message| match message {
        Message::User { text } | Message::Assistant { text, .. } => Some(text.to_string()),
        _ => None,
    });
    said.collect()
}

async fn ask(person: &mut Person, agent: &Agent, answer: &str) {
    person
        .until("the agent", |event| {
            matches!(event, CallerEvent::AgentHeard)
        })
        .await;
    person.speak_to(agent, LISTENING).await;
    person.until_said(answer).await;
}

#[tokio::test]
async fn a_caller_who_reloads_goes_on_with_the_same_conversation() {
    let server = LiveKitServer::start();
    // A busy machine may be slow to reload.
    let patient = RoomOptions {
        grace: LIMIT,
        ..options()
    };
    let llm = ScriptedLlm::saying("Ответ.");
    let agent = Agent::join(&server, patient, llm, &["Раз", "Два"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, &agent, "Ответ").await;
    alex.caller.leave().await;
    let mut alex = Person::join(&server, "alex").await;
    let began = Instant::now();
    ask(&mut alex, &agent, "Ответ").await;
    alex.until_heard_since(began, Duration::from_millis(200))
        .await;
    assert_eq!(history(&agent.llm), ["Раз", "Ответ.", "Два"]);
}

#[tokio::test]
async fn a_caller_who_leaves_for_good_ends_the_conversation() {
    let server = LiveKitServer::start();
    let mut agent = Agent::usual(&server, ScriptedLlm::saying("Ответ."), &["Раз"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, &agent, "Ответ").await;
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

/// Two agents called sfera, of whom the first was promised before the second.
async fn two_agents(server: &LiveKitServer, late_first: bool) -> [Agent; 2] {
    let join = async |identity: &str, since: &str| {
        let told = [("lk.agent.name", "sfera"), ("sfera.since", since)];
        let address = address_of(server, identity, &told);
        Agent::join_at(&address, options(), ScriptedLlm::saying("Ответ."), &["Раз"]).await
    };
    if late_first {
        let late = join("agent-late", "1700000000500").await;
        return [join("agent-early", "1700000000000").await, late];
    }
    let early = join("agent-early", "1700000000000").await;
    [early, join("agent-late", "1700000000500").await]
}

#[tokio::test]
async fn of_two_agents_with_one_name_the_one_who_was_promised_first_stays() {
    for late_first in [false, true] {
        let server = LiveKitServer::start();
        let mut alex = Person::join(&server, "alex").await;
        let [early, mut late] = two_agents(&server, late_first).await;
        assert_eq!(late.end().await, RoomEnd::AlreadyServed);
        ask(&mut alex, &early, "Ответ").await;
        assert_eq!(history(&early.llm), ["Раз"]);
    }
}

#[tokio::test]
async fn a_server_that_restarts_does_not_end_the_conversation() {
    let mut server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::saying("Ответ."), &["Раз", "Два"]).await;
    let mut alex = Person::join(&server, "alex").await;
    ask(&mut alex, &agent, "Ответ").await;
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
    let history = history(&agent.llm);
    assert!(agent.llm.requests().len() >= 2);
    assert_eq!(history[..2], ["Раз", "Ответ."], "{history:?}");
}

#[tokio::test]
async fn a_wanted_caller_is_served_and_who_was_there_before_is_not() {
    let server = LiveKitServer::start();
    let options = RoomOptions {
        caller: Some("boris".into()),
        ..options()
    };
    let llm = ScriptedLlm::saying("Ответ.");
    let agent = Agent::join(&server, options, llm, &["Раз", "Два"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak(LISTENING).await;
    alex.caller.type_text("А я?").await.unwrap();

    let mut boris = Person::join(&server, "boris").await;
    ask(&mut boris, &agent, "Раз").await;
    boris.until_said("Ответ").await;
    assert_eq!(history(&agent.llm), ["Раз"], "only boris was heard");
    alex.until("the caption", |event| {
        matches!(event, CallerEvent::Caption(caption) if caption.text == "Раз"
            && caption.speaker == Speaker::Other("boris".into()))
    })
    .await;
}

/// Serves one caller after the other in one room, each in a conversation of their own, and says whom.
async fn serve(mut room: AgentRoom, llm: ScriptedLlm) -> Vec<String> {
    let mut served = Vec::new();
    while let Ok(caller) = room.wait_for_caller().await {
        let session = Session::builder(providers(llm.clone(), &["Раз"]))
            .options(session_options())
            .start(room.input().unwrap())
            .unwrap();
        let greeting = format!("Здравствуйте, {}.", caller.identity);
        session.control().say(greeting, true).await.unwrap();
        served.push(caller.identity);
        let end = room.converse(session, &CancellationToken::new()).await;
        assert_eq!(end, RoomEnd::CallerLeft);
        if !room.is_somebody_left() {
            break;
        }
    }
    room.leave().await;
    served
}

#[tokio::test]
async fn who_is_still_there_when_the_caller_left_gets_a_conversation_of_their_own() {
    let server = LiveKitServer::start();
    let room = timeout(LIMIT, AgentRoom::join(&agent_address(&server), options()))
        .await
        .expect("in time")
        .expect("joined");
    let llm = ScriptedLlm::saying("Ответ.");
    let mut serving = JoinSet::new();
    serving.spawn(serve(room, llm.clone()));
    let mut alex = Person::join(&server, "alex").await;
    alex.until_said("Здравствуйте, alex.").await;
    ask_again(&mut alex).await;
    // As a page does that is reloaded under another identity.
    let mut boris = Person::join(&server, "boris").await;
    alex.caller.leave().await;

    boris.until_said("Здравствуйте, boris.").await;
    ask_again(&mut boris).await;
    assert_eq!(
        history(&llm),
        ["Здравствуйте, boris.", "Раз"],
        "nothing of what alex said"
    );
    boris.caller.leave().await;
    let served = timeout(LIMIT, serving.join_next())
        .await
        .expect("it ends in time");
    assert_eq!(served.unwrap().unwrap(), ["alex", "boris"]);
}
