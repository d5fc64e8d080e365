//! What is under way when somebody is forgotten is not kept when it ends.

use crate::{
    calling::{Person, until, world_of},
    double::{message_of, text},
    leaving::{self, NAME, SESSION, chat, holds, is_gone, voice},
    livekit_server::LiveKitServer,
    page::Page,
    world::{ALEX, Around, World, scripted_voice},
};
use async_trait::async_trait;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sfera_agent::{
    assembly::Hands,
    chat::Chat,
    io::room::CallerEvent,
    llm::Grounding,
    memory::{Exchange, Memory, MemoryError, Recollection, UserId},
    testing::{LlmStep, ScriptedLlm},
};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(40);
const GROUP: i64 = -500;

/// How often a memory was asked to.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    remember: usize,
    forget: usize,
}

/// A memory that keeps nothing before it may.
struct Slow {
    memory: Arc<dyn Memory>,
    may: Semaphore,
    asked: watch::Sender<Asked>,
}

impl Slow {
    async fn new() -> (TempDir, Arc<Self>) {
        let (folder, memory) = leaving::memory().await;
        let slow = Self {
            memory,
            may: Semaphore::new(0),
            asked: watch::Sender::default(),
        };
        (folder, Arc::new(slow))
    }

    async fn until(&self, wanted: impl Fn(&Asked) -> bool) {
        let mut asked = self.asked.subscribe();
        let asked = timeout(LIMIT, asked.wait_for(wanted)).await;
        asked.expect("in time").unwrap();
    }

    /// It is being remembered when the page forgets, and is there after it.
    async fn is_overtaken(&self, page: &Page) {
        self.until(|asked| asked.remember == 1).await;
        assert_eq!(page.delete(SESSION).await, StatusCode::NO_CONTENT);
        assert_eq!(self.asked.borrow().forget, 1);
        self.may.add_permits(1);
        self.until(|asked| asked.forget == 2).await;
    }
}

#[async_trait]
impl Memory for Slow {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        self.memory.recall(user, query, limit).await
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.asked.send_modify(|asked| asked.remember += 1);
        let _may = self.may.acquire().await.unwrap();
        self.memory.remember(user, exchange).await
    }

    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        self.memory.forget_kind(user, kind).await
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        self.memory.forget(user).await?;
        self.asked.send_modify(|asked| asked.forget += 1);
        Ok(())
    }
}

#[tokio::test]
async fn an_answer_is_not_remembered_when_the_page_forgets_meanwhile() {
    let (folder, slow) = Slow::new().await;
    let memory: Arc<dyn Memory> = slow.clone();
    let world = World::of(&[], Around::chat(chat(&memory))).await;
    let page = Page::of(&world, ALEX);
    world.telegram.writes(ALEX, &format!("Меня зовут {NAME}"));
    slow.is_overtaken(&page).await;
    is_gone(world, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_call_are_not_remembered_when_the_page_forgets_meanwhile() {
    let server = LiveKitServer::start();
    let (folder, slow) = Slow::new().await;
    let memory: Arc<dyn Memory> = slow.clone();
    let around = Around {
        voice: Some(voice(&memory, &Hands::default())),
        ..Around::chat(chat(&memory))
    };
    let world = world_of(&server, around, &[]).await;
    let page = Page::of(&world, ALEX);
    let (_, said) = page.post("/api/sfera/token", "").await;
    let mut alex = Person::join(&said).await;
    alex.hears("Слушаю тебя.").await;
    let words = format!("Меня зовут {NAME}");
    alex.caller.type_text(&words).await.unwrap();
    slow.is_overtaken(&page).await;
    alex.caller.leave().await;
    is_gone(world, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_began_before_the_page_forgot_is_not_written() {
    let server = LiveKitServer::start();
    let says = |words: String| vec![LlmStep::Text(words)];
    // Half a minute of it.
    let llm = ScriptedLlm::new([says("Слово за слово. ".repeat(200)), says("Да.".to_owned())]);
    let around = Around {
        voice: Some(scripted_voice(&llm)),
        ..Around::default()
    };
    let world = world_of(&server, around, &[]).await;
    let page = Page::of(&world, ALEX);
    let (_, said) = page.post("/api/sfera/token", "").await;
    let mut alex = Person::join(&said).await;
    alex.hears("Слушаю тебя.").await;
    let words = format!("Меня зовут {NAME}");
    alex.caller.type_text(&words).await.unwrap();
    let began = |event: &CallerEvent| matches!(event, CallerEvent::Caption(caption) if caption.text.contains("за слово"));
    alex.until("the answer", began).await;
    assert_eq!(page.delete(SESSION).await, StatusCode::NO_CONTENT);
    alex.caller.type_text("А теперь?").await.unwrap();
    let next = |said: &Value| said["conversations"][0]["lines"].is_array();
    let session = until(&page, SESSION, next).await;
    let lines = session["conversations"][0]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "{session}");
    assert_eq!(
        lines[0]["question"], "А теперь?",
        "what comes later is kept"
    );
    alex.caller.leave().await;
    let (_telegram, state) = world.end().await;
    assert!(!holds(state.path(), NAME));
}

/// Sixty characters: enough to be shown in a group.
fn begins() -> Vec<LlmStep> {
    vec![LlmStep::Text("слово ".repeat(10)), LlmStep::Hang]
}

/// Has the bot begin an answer where others read along.
async fn asks_in_group(world: &World) {
    let telegram = &world.telegram;
    let mention = json!([{"type": "mention", "offset": 0, "length": 10}]);
    let words = json!({"text": "@sfera_bot расскажи", "entities": mention});
    let message = message_of(GROUP, ALEX, telegram.next_message(), words);
    telegram.happens(json!({ "message": message }));
    let shown = |body: &Value| body["chat_id"] == GROUP && text(body).contains("слово");
    telegram.until("EditMessageText", shown).await;
}

async fn is_stopped_in_group(world: &World) {
    let stopped = |body: &Value| body["chat_id"] == GROUP && text(body) == "Остановлено.";
    world
        .telegram
        .until_count("EditMessageText", stopped, 1)
        .await;
}

#[tokio::test]
async fn a_group_is_not_told_that_somebody_is_forgotten() {
    let world = World::with(&[], &ScriptedLlm::new([begins()])).await;
    asks_in_group(&world).await;
    let forgotten = Page::of(&world, ALEX).delete(SESSION).await;
    assert_eq!(forgotten, StatusCode::NO_CONTENT);
    is_stopped_in_group(&world).await;
    world.end().await;
}

#[tokio::test]
async fn whoever_says_so_in_chat_has_their_other_answers_stopped() {
    let (_folder, memory) = leaving::memory().await;
    let call = LlmStep::Call {
        name: "forget_me".into(),
        arguments: "{}".into(),
    };
    let said = vec![LlmStep::Text("Забыто.".into())];
    let llm = ScriptedLlm::new([begins(), vec![call], said]);
    let grounding = Grounding {
        memory: Some(memory),
        ..Grounding::default()
    };
    let chat = Chat::new(Arc::new(llm)).grounding(grounding);
    let world = World::of(&[], Around::chat(chat)).await;
    let telegram = &world.telegram;
    asks_in_group(&world).await;
    telegram.writes(ALEX, "Забудь меня");
    let asks = |body: &Value| text(body).contains("Точно забыть");
    telegram.until("EditMessageText", asks).await;
    telegram.writes(ALEX, "Да");
    let forgotten = |body: &Value| text(body).contains("Больше я ничего не помню.");
    telegram.until("EditMessageText", forgotten).await;
    is_stopped_in_group(&world).await;
    world.end().await;
}
