use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, LIMIT, Person, options, tone},
};
use sfera_agent::{
    io::room::{
        CallerEvent, CallerOptions, Caption, CaptionForm, RoomOptions, RpcMethods, Speaker,
    },
    testing::ScriptedLlm,
    turn::AgentState,
};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const GREETING: &str = "Здравствуйте, я вас слушаю.";

/// All final captions of a side, in one form.
fn finals(seen: &[CallerEvent], speaker: &Speaker, form: CaptionForm) -> Vec<String> {
    let wanted = |caption: &&Caption| {
        caption.is_final && caption.speaker == *speaker && caption.form == form
    };
    let captions = seen.iter().filter_map(|event| match event {
        CallerEvent::Caption(caption) => Some(caption),
        _ => None,
    });
    captions
        .filter(wanted)
        .map(|caption| caption.text.clone())
        .collect()
}

#[tokio::test]
async fn a_greeting_is_heard_whole_and_its_captions_grow_with_it() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::default(), &[]).await;
    agent.control.say(GREETING, true).await.unwrap();
    let began = Instant::now();
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| matches!(event, CallerEvent::AgentJoined { identity } if identity == "agent-AJ_test")).await;
    alex.until_said("слушаю").await;

    // 60 ms a character; nothing of it was said to an empty room. The last of it may still wait in a
    // jitter buffer, which gives less of it on a busy machine.
    let length = Duration::from_millis(60) * GREETING.chars().count() as u32;
    alex.until_heard_since(began, length * 9 / 10).await;
    for form in [CaptionForm::Stream, CaptionForm::Packet] {
        let said = finals(&alex.seen, &Speaker::Agent, form);
        assert!(said.is_empty() || said == [GREETING], "{form:?}: {said:?}");
    }
    let grew = alex.seen.iter().filter(|event| {
        matches!(event, CallerEvent::Caption(caption)
            if !caption.is_final && caption.form == CaptionForm::Stream && GREETING.starts_with(&caption.text))
    });
    assert!(grew.count() >= 3, "{:?}", alex.seen);
    assert!(
        alex.seen
            .contains(&CallerEvent::AgentState(AgentState::Speaking)),
        "{:?}",
        alex.seen
    );
}

#[tokio::test]
async fn a_spoken_question_is_understood_captioned_and_answered() {
    let server = LiveKitServer::start();
    let llm = ScriptedLlm::saying("Биткоин стоит дорого.");
    let agent = Agent::usual(&server, llm, &["Какой курс биткоина?"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak_to(&agent, Duration::from_millis(800)).await;
    alex.be_silent(Duration::from_millis(200)).await;
    let mine = alex.until_said("курс").await;
    assert_eq!(mine.speaker, Speaker::Me);
    alex.until("the packet", |event| {
        matches!(event, CallerEvent::Caption(caption) if caption.is_final
            && caption.form == CaptionForm::Packet && caption.text.contains("дорого"))
    })
    .await;
    for form in [CaptionForm::Stream, CaptionForm::Packet] {
        assert_eq!(
            finals(&alex.seen, &Speaker::Me, form),
            ["Какой курс биткоина?"],
            "{form:?}"
        );
    }
    assert_eq!(
        agent.llm.requests()[0].last_user_text(),
        "Какой курс биткоина?"
    );
}

#[tokio::test]
async fn a_typed_line_is_answered_aloud_and_not_captioned() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::saying("Понимаю и на письме."), &[]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    let began = Instant::now();
    alex.caller.type_text("Привет!").await.unwrap();
    alex.until_heard_since(began, Duration::from_millis(500))
        .await;
    alex.until_said("на письме").await;
    assert_eq!(agent.llm.requests()[0].last_user_text(), "Привет!");
    let mine =
        |event: &CallerEvent| matches!(event, CallerEvent::Caption(c) if c.speaker == Speaker::Me);
    assert!(!alex.seen.iter().any(mine), "{:?}", alex.seen);
}

#[tokio::test]
async fn speech_that_a_mute_cuts_off_is_answered_too() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, ScriptedLlm::saying("Слышу."), &["Проверка"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak_to(&agent, Duration::from_millis(800)).await;
    alex.caller.mute();
    alex.until_said("Слышу").await;
    alex.caller.unmute();
}

#[tokio::test]
async fn what_was_said_before_the_agent_came_is_answered() {
    let server = LiveKitServer::start();
    let recorded = tone(Duration::from_millis(900), 6_000.0);
    let options = CallerOptions {
        recorded: Some(recorded),
        ..CallerOptions::default()
    };
    let mut alex = Person::join_with(&server, "alex", options).await;
    let agent = Agent::usual(&server, ScriptedLlm::saying("Уже отвечаю."), &["Ты тут?"]).await;
    alex.until_said("Ты тут?").await;
    alex.until_said("отвечаю").await;
    assert_eq!(agent.llm.requests()[0].last_user_text(), "Ты тут?");
}

#[tokio::test]
async fn a_method_of_the_host_can_be_called() {
    let server = LiveKitServer::start();
    let options = RoomOptions {
        rpc: RpcMethods::default().with("echo", |call| async move {
            Ok(format!("{}: {}", call.caller, call.payload))
        }),
        ..options()
    };
    let _agent = Agent::join(&server, options, ScriptedLlm::default(), &[]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    let answer = timeout(LIMIT, alex.caller.call("echo", "ping"))
        .await
        .unwrap();
    assert_eq!(answer.unwrap(), "alex: ping");
    assert!(alex.caller.call("other", "").await.is_err());
}
