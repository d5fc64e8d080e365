//! Conversations from end to end with everything real: a worker on a real LiveKit server, Whisper, the
//! embedded assistant and festival; people speak recordings through the official Python client, and
//! Whisper hears what came out there.
#![cfg(all(
    feature = "livekit",
    feature = "local",
    feature = "knowledge-files",
    feature = "test-util"
))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod livekit_server;
#[path = "../official_client/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod official_client;
#[path = "../whisper_ears/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod whisper_ears;

mod office;
mod visitor;

use std::{path::Path, time::Duration};

use livekit_server::LiveKitServer;
use office::Office;
use official_client::OfficialClient;
use serde_json::json;
use sfera_agent::llm::Message;
use tokio::time::sleep;
use visitor::{ROOM, Visitor, recording};

/// What the user said according to the history that the LLM got last.
fn said_by_user(messages: &[Message]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| match message {
            Message::User { text } => Some(text.to_lowercase()),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_conversation_is_spoken_with_an_official_client() {
    let server = LiveKitServer::start();
    let office = Office::open(&server).await;
    let mut alex = Visitor::join(&server, "alex").await;
    office.call(&server).await;

    // Greeting: heard, captioned in both forms, and the states that go with it.
    let greeting = alex.hear_answer(&office).await;
    greeting.is_what_was_captioned();
    alex.until_state("listening").await;

    // A question, an answer from the assistant, and its history.
    alex.say("trading").await;
    let answer = alex.hear_answer(&office).await;
    answer.is_what_was_captioned();
    assert!(alex.was_understood("психолог"), "{:#?}", alex.client.seen);
    alex.until_state("listening").await;
    assert_eq!(
        alex.states_since_question(),
        ["thinking", "speaking", "listening"]
    );

    // Interrupted in the middle: silent soon, and the history ends where the voice did.
    alex.say("trading").await;
    alex.client.until("sound_began", |_| true).await;
    sleep(Duration::from_millis(2500)).await;
    alex.say("stop").await;
    let cut = alex.until_caption_is_final().await;
    assert!(
        cut.len() < answer.caption.len(),
        "all of it was said: {cut}"
    );
    let agreed = alex.until_caption_is_final().await;
    assert_eq!(agreed, "Хорошо.");

    // Muted, nothing is heard; typed lines are answered all the same.
    alex.until_state("listening").await;
    alex.client.run(json!({"do": "mute"})).await;
    let asked = office.questions();
    alex.say("name").await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(office.questions(), asked, "a muted microphone is not heard");
    alex.client.run(json!({"do": "unmute"})).await;
    alex.client
        .run(json!({"do": "chat", "text": "Меня зовут Алекс"}))
        .await;
    let answer = alex.hear_answer(&office).await;
    assert!(answer.caption.contains("Алекс"), "{}", answer.caption);

    // The page is loaded anew: the same person goes on with the same conversation.
    alex.until_state("listening").await;
    alex.client.kill().await;
    let mut alex = Visitor::join(&server, "alex").await;
    alex.until_state("listening").await;
    alex.say("whoami").await;
    let answer = alex.hear_answer(&office).await;
    assert!(answer.caption.contains("Алекс"), "{}", answer.caption);
    let history = office.history();
    let said = said_by_user(&history);
    assert!(
        said.iter().any(|text| text.contains("психолог")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|text| text.contains("меня зовут алекс")),
        "{said:?}"
    );
    assert!(
        history.iter().any(|message| matches!(
            message,
            Message::Assistant {
                interrupted: true,
                ..
            }
        )),
        "{history:#?}"
    );
    alex.client.leave().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_spoken_with_what_a_browser_recorded_before_it_connected() {
    let server = LiveKitServer::start();
    let office = Office::open(&server).await;
    let mut browser = OfficialClient::chromium();
    let folder = tempfile::tempdir().unwrap();
    let microphone = folder.path().join("microphone.wav");
    // Only the recording has words: when the browser has connected, its microphone is silent.
    followed_by_silence(&recording("trading"), &microphone, Duration::from_secs(60));
    let published = json!({"do": "microphone", "path": microphone, "preConnect": true});
    browser.run(published).await;
    sleep(Duration::from_secs(4)).await;
    browser
        .connect(&server.url(), &server.token(ROOM, "browser"))
        .await;
    office.call(&server).await;
    let understood = browser
        .until("text", |event| {
            event["identity"] == "browser"
                && event["text"]
                    .as_str()
                    .is_some_and(|text| text.to_lowercase().contains("психолог"))
        })
        .await;
    assert_eq!(understood["topic"], "lk.transcription");
    browser.leave().await;
    office.close().await;
}

/// Copies a recording and appends silence.
fn followed_by_silence(from: &Path, to: &Path, silence: Duration) {
    let mut reader = hound::WavReader::open(from).unwrap();
    let mut writer = hound::WavWriter::create(to, reader.spec()).unwrap();
    for sample in reader.samples::<i16>() {
        writer.write_sample(sample.unwrap()).unwrap();
    }
    for _ in 0..u64::from(reader.spec().sample_rate) * silence.as_secs() {
        writer.write_sample(0_i16).unwrap();
    }
    writer.finalize().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_callers_whose_conversation_is_spoken_one_is_served() {
    let server = LiveKitServer::start();
    let office = Office::open(&server).await;
    let mut alex = Visitor::join(&server, "alex").await;
    office.call(&server).await;
    alex.hear_answer(&office).await;
    alex.until_state("listening").await;
    let mut boris = Visitor::join(&server, "boris").await;
    boris.say("name").await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(office.questions(), 0, "the agent talks with Alex");
    alex.say("hello").await;
    let answer = alex.hear_answer(&office).await;
    answer.is_what_was_captioned();
    assert_eq!(office.questions(), 1);
    alex.client.leave().await;
    boris.client.leave().await;
    office.close().await;
}
