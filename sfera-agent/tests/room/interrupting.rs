use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, Person},
};
use sfera_agent::{
    io::room::{CallerEvent, Caption, CaptionForm, INTERRUPT, Speaker},
    knowledge::Citation,
    testing::{LlmStep, ScriptedLlm},
};
use std::time::Duration;

const STORY: &str = "Дисциплина важнее таланта, и вот почему это так бывает у трейдеров. \
                     Торговый план спасает от жадности каждый день.";

fn storyteller() -> ScriptedLlm {
    ScriptedLlm::new([
        vec![LlmStep::Text(STORY.into())],
        vec![LlmStep::Text("Хорошо, о другом.".into())],
    ])
}

/// The caption of the story, of which not all was heard.
async fn until_cut_short(alex: &mut Person) -> Caption {
    let cut = alex.until("the story's end", |event| {
        matches!(event, CallerEvent::Caption(c) if c.is_final && c.speaker == Speaker::Agent && c.form == CaptionForm::Stream)
    });
    let CallerEvent::Caption(cut) = cut.await else {
        panic!("no caption")
    };
    assert!(
        STORY.starts_with(cut.text.trim()) && cut.text.trim().len() < STORY.len(),
        "{cut:?}"
    );
    cut
}

#[tokio::test]
async fn talking_over_the_agent_silences_it_and_its_caption_ends_where_it_stopped() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, storyteller(), &["Расскажи", "Нет, о другом"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak_to(&agent, Duration::from_millis(600)).await;
    alex.until_heard(Duration::from_millis(1_500)).await;
    let before: Duration = alex.stretches().iter().sum();
    alex.speak(Duration::from_millis(900)).await;
    let cut = until_cut_short(&mut alex).await;
    alex.until_said("о другом.").await;

    let story = alex.stretches()[0];
    // The VAD needs 60 ms; the ways there and back with their two jitter buffers need the rest. That
    // the agent itself holds nothing back, `publish` proves.
    assert!(
        story < before + Duration::from_millis(450),
        "{before:?} and then to {story:?}"
    );
    // 60 ms a character. A word that was begun is not shown.
    let shown = Duration::from_millis(60) * cut.text.trim().chars().count() as u32;
    let begun = story.saturating_sub(shown);
    assert!(
        shown < story + Duration::from_millis(100) && begun < Duration::from_secs(1),
        "{story:?} of {cut:?}"
    );
}

#[tokio::test]
async fn a_tap_of_the_caller_silences_the_agent_and_a_bystanders_does_not() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, storyteller(), &["Расскажи"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    let mut boris = Person::join(&server, "boris").await;
    boris
        .until("the agent", |event| {
            matches!(event, CallerEvent::AgentJoined { .. })
        })
        .await;
    assert_eq!(alex.caller.call(INTERRUPT, "").await.unwrap(), "nothing");
    alex.speak_to(&agent, Duration::from_millis(600)).await;
    alex.until_heard(Duration::from_millis(1_000)).await;
    assert!(boris.caller.call(INTERRUPT, "").await.is_err());
    assert_eq!(alex.caller.call(INTERRUPT, "").await.unwrap(), "ok");
    until_cut_short(&mut alex).await;
    assert_eq!(alex.caller.call(INTERRUPT, "").await.unwrap(), "nothing");
}

#[tokio::test]
async fn captions_name_what_the_answer_stands_on() {
    let book = Citation {
        title: "Тильт".into(),
        url: Some("https://example.org/tilt".into()),
    };
    let llm = ScriptedLlm::new([vec![
        LlmStep::Citation(book.clone()),
        LlmStep::Text("Тильт отключает разум.".into()),
    ]]);
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, llm, &["Что такое тильт?"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    agent.control.say("Здравствуйте!", true).await.unwrap();
    let greeting = alex.until_stream_said("Здравствуйте").await;
    assert_eq!(greeting.sources, []);
    alex.speak_to(&agent, Duration::from_millis(600)).await;
    let answer = alex.until_stream_said("разум.").await;
    assert_eq!(answer.sources, [book]);
}

#[tokio::test]
async fn a_typed_line_cuts_the_agent_short() {
    let server = LiveKitServer::start();
    let agent = Agent::usual(&server, storyteller(), &["Расскажи"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak_to(&agent, Duration::from_millis(600)).await;
    alex.until_heard(Duration::from_millis(1_000)).await;
    alex.caller.type_text("Стой").await.unwrap();
    let answer = alex.until_said("о другом.").await;
    assert_eq!(answer.speaker, Speaker::Agent);
}
