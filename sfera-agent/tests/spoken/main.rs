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
use visitor::{ROOM, Visitor, ends_where_it_was_cut, recording};

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

/// What the agent said of answers that were cut short.
fn interrupted(messages: &[Message]) -> Vec<String> {
    let cut = messages.iter().filter_map(|message| match message {
        Message::Assistant {
            text,
            interrupted: true,
            ..
        } => Some(text.trim().to_owned()),
        _ => None,
    });
    cut.collect()
}

/// These states came in this order, some perhaps untold, and ended like these.
fn is_part_of(told: &[String], states: &[&str]) {
    let mut all = states.iter();
    let in_order = told.iter().all(|state| all.any(|known| known == state));
    assert!(
        in_order && told.last().map(String::as_str) == states.last().copied(),
        "{told:?}"
    );
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
    // Of states that follow each other fast, only the last may be told.
    let states = alex.states_since_question();
    is_part_of(&states, &["thinking", "speaking", "listening"]);

    // Interrupted in the middle: silent soon, and the history ends where the voice did.
    alex.say("trading").await;
    alex.until_shown(30).await;
    let before = alex.heard_so_far().await;
    alex.say("stop").await;
    let (end, heard) = alex.hear_end(&office, before).await;
    // The first word is in the first second of the recording, which begins with silence.
    let voice = Duration::from_secs_f64(end.saturating_sub(before) as f64 / 48_000.0);
    assert!(voice < Duration::from_millis(1_500), "{voice:?}");
    let cut = alex.until_caption_is_final(0).await;
    assert!(
        answer.caption.starts_with(&cut) && cut.len() < answer.caption.len(),
        "of {:?} was said {cut:?}",
        answer.caption
    );
    ends_where_it_was_cut(&cut, &heard);
    let agreed = alex.until_caption_is_final(1).await;
    assert_eq!(agreed, "Хорошо.");
    assert_eq!(interrupted(&office.history()), [cut]);

    // Muted, nothing is heard; typed lines are answered all the same.
    alex.until_state("listening").await;
    alex.client.run(json!({"do": "mute"})).await;
    let asked = office.questions();
    alex.say("name").await;
    alex.client.run(json!({"do": "unmute"})).await;
    alex.client
        .run(json!({"do": "chat", "text": "Меня зовут Алекс"}))
        .await;
    let answer = alex.hear_answer(&office).await;
    assert!(answer.caption.contains("Алекс"), "{}", answer.caption);
    // What is heard is answered before this is said to its end.
    assert_eq!(
        office.questions(),
        asked + 1,
        "a muted microphone is not heard"
    );
    let states = alex.states();
    for state in ["listening", "thinking", "speaking"] {
        assert!(states.iter().any(|told| told == state), "{states:?}");
    }

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
    assert_eq!(interrupted(&history).len(), 1, "{history:#?}");
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
    browser
        .until("sound_ended", |event| event["identity"] == "microphone")
        .await;
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
    alex.say("hello").await;
    let answer = alex.hear_answer(&office).await;
    answer.is_what_was_captioned();
    assert_eq!(office.questions(), 1, "the agent talks with Alex");
    let said = said_by_user(&office.history());
    assert!(said.len() == 1 && !said[0].contains("зовут"), "{said:?}");
    alex.client.leave().await;
    boris.client.leave().await;
    office.close().await;
}
