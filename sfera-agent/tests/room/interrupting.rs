use crate::{
    livekit_server::LiveKitServer,
    world::{Agent, Person},
};
use sfera_agent::{
    io::room::{CallerEvent, CaptionForm, Speaker},
    testing::{LlmStep, ScriptedLlm},
};
use std::time::Duration;
use tokio::time::Instant;

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

    let began = Instant::now();
    alex.speak(Duration::from_millis(900)).await;
    let stopped = alex.last_heard().unwrap().saturating_duration_since(began);
    // The VAD needs 60 ms; the ways there and back, two jitter buffers and 20 ms of queue the rest.
    assert!(stopped < Duration::from_millis(450), "{stopped:?}");

    let cut = alex.until("the story's end", |event| {
        matches!(event, CallerEvent::Caption(c) if c.is_final && c.speaker == Speaker::Agent && c.form == CaptionForm::Stream)
    });
    let CallerEvent::Caption(cut) = cut.await else {
        panic!("no caption")
    };
    assert!(
        STORY.starts_with(cut.text.trim()) && cut.text.len() < STORY.len() / 2,
        "{cut:?}"
    );
    alex.until_said("о другом.").await;
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
