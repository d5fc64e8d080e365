//! Voice messages: heard, written down, answered in words and by voice.

use crate::{
    double::{Made, text},
    world::{ALEX, Around, World},
};
use serde_json::{Value, json};
use sfera_agent::{
    audio::{SampleRate, opus},
    chat::Chat,
    testing::{LlmStep, Recognition, ScriptedLlm, ScriptedRecognizer, ScriptedTts},
};
use sfera_bot::speech::Speech;
use std::{process::Command, sync::Arc, time::Duration};

/// A second of 440 Hz as a browser records it.
const TONE: &[u8] = include_bytes!("../../../sfera-agent/tests/data/opus/tone.ogg");

fn voice(id: &str, seconds: u32) -> Value {
    json!({"voice": {
        "file_id": id, "file_unique_id": id, "duration": seconds, "mime_type": "audio/ogg",
        "file_size": 9_000,
    }})
}

async fn world(llm: &ScriptedLlm, ears: &Arc<ScriptedRecognizer>) -> World {
    let chat = Chat::new(Arc::new(llm.clone()));
    World::of(&[], speaking(chat, ears)).await
}

fn speaking(chat: Chat, ears: &Arc<ScriptedRecognizer>) -> Around {
    Around {
        speech: speech(ears),
        ..Around::chat(chat)
    }
}

fn speech(ears: &Arc<ScriptedRecognizer>) -> Speech {
    let voice = ScriptedTts::new(Duration::from_millis(20), Duration::ZERO);
    Speech {
        ears: Some(ears.clone()),
        russian: Some(Arc::new(voice)),
        english: None,
    }
}

fn ears(script: impl IntoIterator<Item = Recognition>) -> Arc<ScriptedRecognizer> {
    Arc::new(ScriptedRecognizer::new(script))
}

#[tokio::test]
async fn it_is_written_down_answered_and_spoken() {
    let answers = ["**Риск** – это плата за доход.", "Это прибыль."];
    let llm = ScriptedLlm::new(answers.map(|words| vec![LlmStep::Text(words.into())]));
    let ears = ears([Recognition::text("Что такое риск & доход?")]);
    let world = world(&llm, &ears).await;
    let telegram = &world.telegram;
    telegram.holds("v", TONE);
    telegram.sends(ALEX, voice("v", 1));
    let shown = telegram.says("🎤 …").await;
    let answer = telegram.says("…").await;
    assert_ne!(shown["message_made"], answer["message_made"]);
    let heard = "🎤 <i>«Что такое риск &amp; доход?»</i>";
    let edited = telegram
        .until("EditMessageText", |body| text(body) == heard)
        .await;
    assert_eq!(edited["message_id"], shown["message_made"]);
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("плата за доход.")
        })
        .await;
    telegram.until("SendVoice", |_| true).await;
    let said = telegram.voices().pop().unwrap();
    let said = opus::decode(said, SampleRate::HZ_16000, Duration::from_secs(60)).unwrap();
    assert!(
        said.duration() > Duration::from_millis(300),
        "{:?}",
        said.duration()
    );
    assert_eq!(
        llm.requests()[0].last_user_text(),
        "Что такое риск & доход?"
    );
    let sound = ears.heard().pop().unwrap();
    assert_eq!(sound.rate(), SampleRate::HZ_16000);
    assert!((950..1_050).contains(&sound.duration().as_millis()));

    telegram.writes(ALEX, "А доход?");
    telegram
        .until("EditMessageText", |body| text(body) == "Это прибыль.")
        .await;
    telegram.writes(ALEX, "/help");
    telegram.says("/sfera").await;
    assert_eq!(
        telegram.voices().len(),
        1,
        "who writes is answered in writing"
    );
    world.end().await;
}

/// Two seconds as Telegram's own clients encode them, where ffmpeg is there to do so.
fn encoded_by_ffmpeg() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("voice.ogg");
    let made = Command::new("ffmpeg")
        .args([
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "sine=440:duration=2",
        ])
        .args(["-c:a", "libopus", "-b:a", "32k", "-application", "voip"])
        .arg(&file)
        .status();
    match made {
        Ok(status) if status.success() => std::fs::read(file).unwrap(),
        _ => TONE.to_vec(),
    }
}

#[tokio::test]
async fn what_another_encoder_made_is_heard() {
    let llm = ScriptedLlm::saying("Да.");
    let ears = ears([Recognition::text("Что?")]);
    let world = world(&llm, &ears).await;
    world.telegram.holds("v", &encoded_by_ffmpeg());
    world.telegram.sends(ALEX, voice("v", 2));
    let heard = |body: &Value| text(body).contains("«Что?»");
    world.telegram.until("EditMessageText", heard).await;
    let sound = ears.heard().pop().unwrap();
    assert!(sound.duration() > Duration::from_millis(900));
    let waves = sound.samples().windows(2);
    let waves = waves.filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    let expected = 440 * sound.samples().len() / 16_000;
    assert!(waves.abs_diff(expected) < 20, "{waves} of {expected}");
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_heard_is_told_and_can_be_tried_again() {
    let llm = ScriptedLlm::saying("Да.");
    let ears = ears([Recognition::text(""), Recognition::text("Привет")]);
    let world = world(&llm, &ears).await;
    let telegram = &world.telegram;
    telegram.sends(ALEX, voice("v", 400));
    telegram.says("уложись в 3 мин").await;
    telegram.holds("v", b"this is no recording");
    telegram.sends(ALEX, voice("v", 1));
    let listening = telegram.says("🎤 …").await;
    let gone = telegram.until("DeleteMessage", |_| true).await;
    assert_eq!(gone["message_id"], listening["message_made"]);
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("Не получилось разобрать")
        })
        .await;
    telegram.holds("v", TONE);
    telegram.writes(ALEX, "/retry");
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("Не слышу слов")
        })
        .await;
    telegram.writes(ALEX, "/retry");
    telegram
        .until("EditMessageText", |body| text(body).contains("«Привет»"))
        .await;
    telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    assert_eq!(llm.requests().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn telegram_is_obeyed_when_it_gives_no_file_yet() {
    let llm = ScriptedLlm::saying("Да.");
    let ears = ears([Recognition::text("Привет")]);
    let world = world(&llm, &ears).await;
    let telegram = &world.telegram;
    telegram.holds("v", TONE);
    let wait = json!({"retry_after": 1});
    telegram.refuses("GetFile", 429, "Too Many Requests: retry after 1", wait);
    telegram.sends(ALEX, voice("v", 1));
    telegram
        .until("EditMessageText", |body| text(body).contains("«Привет»"))
        .await;
    let made = telegram.made();
    let asked = made.iter().filter(|made| made.method == "GetFile");
    assert_eq!(
        asked.map(|made| made.done).collect::<Vec<_>>(),
        [false, true]
    );
    world.end().await;
}

#[tokio::test]
async fn a_process_that_dies_while_it_listens_listens_again() {
    let llm = ScriptedLlm::saying("Да.");
    let deaf = ears([Recognition::Hang]);
    let died = world(&llm, &deaf).await;
    died.telegram.holds("v", TONE);
    died.telegram.sends(ALEX, voice("v", 1));
    died.telegram.writes(ALEX, "А ещё?");
    died.telegram.writes(ALEX, "/help");
    // What comes after a message in its chat is sent once it is known that the message was.
    for words in ["🎤 …", "…", "…", "/sfera"] {
        died.telegram.says(words).await;
    }
    let is_fetched = |made: &Made| made.method == "GetFile";
    if !died.telegram.made().iter().any(is_fetched) {
        died.telegram.until("GetFile", |_| true).await;
    }
    let left = died.die().await;
    let hearing = ears([Recognition::text("Что такое риск?")]);
    let chat = Chat::new(Arc::new(llm.clone()));
    let world = World::again(left, &[], speaking(chat, &hearing)).await;
    let telegram = &world.telegram;
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("«Что такое риск?»")
        })
        .await;
    telegram.until("SendVoice", |_| true).await;
    let answered = |body: &Value| text(body) == "Да.";
    let made = telegram.made();
    let sent = made
        .iter()
        .filter(|made| made.method == "SendMessage" && made.done);
    let sent: Vec<_> = sent.map(|made| text(&made.body).to_owned()).collect();
    assert_eq!(
        sent.iter().filter(|text| *text == "🎤 …").count(),
        1,
        "{sent:?}"
    );
    while llm.requests().len() < 2 {
        telegram.until("EditMessageText", answered).await;
    }
    let asked: Vec<_> = llm
        .requests()
        .iter()
        .map(|r| r.last_user_text().to_owned())
        .collect();
    assert_eq!(
        asked,
        ["Что такое риск?", "А ещё?"],
        "in the order in which they came"
    );
    world.end().await;
}

#[tokio::test]
async fn a_stopped_one_is_not_answered() {
    let llm = ScriptedLlm::saying("Да.");
    let ears = ears([Recognition::Hang]);
    let world = world(&llm, &ears).await;
    let telegram = &world.telegram;
    telegram.holds("v", TONE);
    telegram.sends(ALEX, voice("v", 1));
    telegram.until("GetFile", |_| true).await;
    telegram.writes(ALEX, "/cancel");
    telegram.says("Остановлено.").await;
    telegram
        .until("EditMessageText", |body| text(body) == "Остановлено.")
        .await;
    assert!(llm.requests().is_empty());
    world.end().await;
}

#[tokio::test]
async fn who_tells_the_psychologist_by_voice_is_shown_where_people_help() {
    let llm = ScriptedLlm::saying("Да.");
    let ears = ears([Recognition::text("Я не хочу больше жить")]);
    let world = world(&llm, &ears).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/psychologist");
    telegram.says("а не врач").await;
    telegram.holds("v", TONE);
    telegram.sends(ALEX, voice("v", 1));
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("8-800-2000-122")
        })
        .await;
    assert!(llm.requests().is_empty());
    world.end().await;
}

#[tokio::test]
async fn without_ears_it_says_what_is_missing() {
    let world = World::new().await;
    world.telegram.sends(ALEX, voice("v", 1));
    world.telegram.says("sfera models pull").await;
    let made = world.telegram.made();
    assert!(made.iter().all(|made| made.method != "GetFile"));
    world.end().await;
}
