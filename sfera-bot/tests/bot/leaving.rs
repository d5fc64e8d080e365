//! Whoever says so in chat or by voice is forgotten by the memory and by the bot, on the disk too.

use crate::{
    calling::{Person, until, world_of},
    double::{BotApi, text},
    livekit_server::LiveKitServer,
    page::Page,
    world::{ALEX, Around, World, scripted_parts},
};
use serde_json::{Value, json};
use sfera_agent::{
    assembly::{Hands, Parts, assistant},
    chat::Chat,
    llm::{Formality, Grounding},
    memory::{FileMemory, Memory},
    session::Providers,
    testing::ScriptedLlm,
    tools::{
        FileJournal,
        mcp::{McpConfig, McpServers},
    },
    worker::LoadMeter,
};
use sfera_bot::voice::{Loader, Voice};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;

pub const SESSION: &str = "/api/sfera/session";
/// Telegram knows another name.
pub const NAME: &str = "Аристарх";

pub async fn memory() -> (TempDir, Arc<dyn Memory>) {
    let folder = tempfile::tempdir().unwrap();
    let memory = FileMemory::open(folder.path()).await.unwrap();
    (folder, Arc::new(memory))
}

/// No tools, and a journal in this folder.
async fn hands(journal: &TempDir) -> Hands {
    let none = McpConfig::parse(r#"{"mcpServers": {}}"#, |_| None).unwrap();
    let journal = FileJournal::open(journal.path()).await.unwrap();
    Hands::new(Arc::new(McpServers::start(none)), Arc::new(journal))
}

/// The embedded assistant with this memory.
pub fn chat(memory: &Arc<dyn Memory>) -> Chat {
    let grounding = Grounding {
        memory: Some(memory.clone()),
        ..Grounding::default()
    };
    Chat::new(assistant(Formality::Informal).unwrap()).grounding(grounding)
}

/// The same by voice.
pub fn voice(memory: &Arc<dyn Memory>, hands: &Hands) -> Loader {
    let hands = hands.clone();
    let scripted = scripted_parts(&ScriptedLlm::saying(""));
    let parts = Parts {
        providers: Providers {
            llm: assistant(Formality::Informal).unwrap(),
            ..scripted.providers.clone()
        },
        memory: Some(memory.clone()),
        ..scripted
    };
    Box::new(move || {
        let voice = Voice::new(parts.clone()).with_hands(hands.clone());
        let voice = voice.measured(LoadMeter::Own(Arc::new(|| 0.0)));
        Box::pin(async move { Ok(voice) })
    })
}

pub fn holds(folder: &Path, words: &str) -> bool {
    let mut entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.any(|path| match path.is_dir() {
        true => holds(&path, words),
        false => {
            let bytes = std::fs::read(&path).unwrap();
            bytes
                .windows(words.len())
                .any(|some| some == words.as_bytes())
        }
    })
}

/// What the page is told of the name.
fn fact(session: &Value) -> Option<&Value> {
    let known = session["remembered"].as_array()?;
    known.iter().find(|fact| fact["text"] == NAME)
}

fn is_remembered(session: &Value) -> bool {
    fact(session).is_some()
}

/// Tells a name in chat, and has the bot keep it in other ways too.
async fn is_known(telegram: &BotApi, page: &Page) {
    telegram.writes(ALEX, &format!("Меня зовут {NAME}"));
    let session = until(page, SESSION, is_remembered).await;
    let fact = fact(&session).unwrap();
    assert!(fact["place"] == "chat" && fact["at"].is_i64(), "{fact}");
    telegram.writes(ALEX, &format!("/remind через час день {NAME}а"));
    telegram.says("Напомню").await;
}

async fn answers(telegram: &BotApi, words: &str) {
    let said = |body: &Value| text(body).contains(words);
    telegram.until("EditMessageText", said).await;
}

/// The call that forgets was written down too.
fn is_called(journal: &TempDir) -> bool {
    holds(journal.path(), "забыть") || holds(journal.path(), &format!("tg-{ALEX}"))
}

/// Nothing is left anywhere, once the bot has ended.
pub async fn is_gone(world: World, memory: &TempDir) {
    let (_telegram, state) = world.end().await;
    for folder in [state.path(), memory.path()] {
        assert!(!holds(folder, NAME), "{folder:?}");
    }
}

#[tokio::test]
async fn who_says_so_in_chat_is_told_when_nothing_is_left() {
    let (folder, memory) = memory().await;
    let journal = tempfile::tempdir().unwrap();
    let around = Around {
        hands: hands(&journal).await,
        ..Around::chat(chat(&memory))
    };
    let world = World::of(&[], around).await;
    let (telegram, page) = (&world.telegram, Page::of(&world, ALEX));
    is_known(telegram, &page).await;
    assert!(holds(world.folder.path(), NAME) && holds(folder.path(), NAME));

    telegram.writes(ALEX, "Забудь меня");
    answers(telegram, "Точно забыть").await;
    assert!(is_remembered(&page.get(SESSION).await.1), "not asked yet");
    telegram.writes(ALEX, "Да, забудь");
    answers(telegram, "Больше я ничего не помню.").await;
    // That may have been the draft: the rest is forgotten before the answer itself is sent.
    world.settles().await;
    assert!(!is_called(&journal));
    let (_, session) = page.get(SESSION).await;
    assert_eq!(
        (&session["conversations"], &session["remembered"]),
        (&json!([]), &json!([]))
    );
    telegram.writes(ALEX, "Который час?");
    let began = |said: &Value| said["conversations"][0]["lines"].is_array();
    let session = until(&page, SESSION, began).await;
    let lines = session["conversations"][0]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "it goes on: {session}");
    is_gone(world, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_so_by_voice_is_forgotten_in_chat_too() {
    let server = LiveKitServer::start();
    let (folder, memory) = memory().await;
    let journal = tempfile::tempdir().unwrap();
    let hands = hands(&journal).await;
    let around = Around {
        voice: Some(voice(&memory, &hands)),
        hands,
        ..Around::chat(chat(&memory))
    };
    let world = world_of(&server, around, &[]).await;
    let page = Page::of(&world, ALEX);
    is_known(&world.telegram, &page).await;
    let (_, said) = page.post("/api/sfera/token", "").await;
    let mut alex = Person::join(&said).await;
    alex.hears("Слушаю тебя.").await;
    alex.caller
        .type_text(&format!("Меня зовут {NAME}"))
        .await
        .unwrap();
    let talked = |said: &Value| {
        let places = said["conversations"].as_array();
        places.is_some_and(|all| all.iter().any(|one| one["place"] == "voice"))
    };
    until(&page, SESSION, talked).await;
    assert!(holds(world.folder.path(), NAME) && holds(folder.path(), NAME));

    alex.caller.type_text("Забудь меня").await.unwrap();
    alex.hears("Точно забыть").await;
    alex.caller.type_text("Да, забудь").await.unwrap();
    alex.hears("Больше я ничего не помню").await;
    assert!(!is_called(&journal));
    alex.caller.type_text("Который час?").await.unwrap();
    let asked = |said: &Value| {
        let question = &said["conversations"][0]["lines"][0]["question"];
        question == "Который час?"
    };
    let session = until(&page, SESSION, asked).await;
    let lines = session["conversations"][0]["lines"].as_array().unwrap();
    assert_eq!(
        (lines.len(), &session["remembered"]),
        (1, &json!([])),
        "{session}"
    );
    alex.caller.leave().await;
    is_gone(world, &folder).await;
}
