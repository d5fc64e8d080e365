use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, Person},
};
use sfera_agent::{
    io::room::{CallerEvent, CaptionForm, Speaker},
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

#[tokio::test]
async fn talking_over_the_agent_silences_it_and_its_caption_ends_where_it_stopped() {
    let server = LiveKitServer::start();
    let _agent = Agent::usual(&server, storyteller(), &["Расскажи", "Нет, о другом"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak(Duration::from_millis(600)).await;
    alex.until_heard(Duration::from_millis(1_500)).await;
    let before: Duration = alex.stretches().iter().sum();
    alex.speak(Duration::from_millis(900)).await;
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
async fn a_typed_line_cuts_the_agent_short() {
    let server = LiveKitServer::start();
    let _agent = Agent::usual(&server, storyteller(), &["Расскажи"]).await;
    let mut alex = Person::join(&server, "alex").await;
    alex.until("the agent", |event| {
        matches!(event, CallerEvent::AgentHeard)
    })
    .await;
    alex.speak(Duration::from_millis(600)).await;
    alex.until_heard(Duration::from_millis(1_000)).await;
    alex.caller.type_text("Стой").await.unwrap();
    let answer = alex.until_said("о другом.").await;
    assert_eq!(answer.speaker, Speaker::Agent);
}
