//! "ИИ-психолог".

use crate::{
    double::{message_of, text},
    world::{ALEX, Around, World},
};
use serde_json::json;
use sfera_agent::{
    chat::Chat,
    llm::{Assistant, LlmError},
    testing::{LlmStep, ScriptedLlm, ScriptedTool},
    tools::ToolSpec,
};
use sfera_bot::state::{Part, Store};
use std::sync::Arc;

fn says(words: &str) -> Vec<LlmStep> {
    vec![LlmStep::Text(words.into())]
}

#[tokio::test]
async fn it_says_first_what_it_is_and_knows_nothing_of_the_chat() {
    let llm = ScriptedLlm::new([
        says("Да."),
        says("Слышу вас."),
        says("Понимаю."),
        says("Нет."),
    ]);
    let tool = ScriptedTool::new(ToolSpec::new("weather", "Tells the weather."), vec![]);
    let chat = Chat::new(Arc::new(llm.clone()))
        .tool(Arc::new(tool))
        .unwrap();
    let world = World::of(&[], Around::chat(chat)).await;
    let telegram = &world.telegram;
    let edited = async |words: &str| {
        telegram
            .until("EditMessageText", |body| text(body) == words)
            .await
    };
    telegram.writes(ALEX, "Что такое риск?");
    edited("Да.").await;
    telegram.writes(ALEX, "ИИ-психолог");
    let begins = telegram.says("а не врач").await;
    for words in ["/new", "112", "8-800-2000-122", "языковой модели"] {
        assert!(text(&begins).contains(words), "{words}");
    }
    telegram.writes(ALEX, "Мне грустно");
    edited("Слышу вас.").await;
    telegram.writes(ALEX, "На работе не ладится");
    edited("Понимаю.").await;
    telegram.writes(ALEX, "/chat");
    telegram.says("Спрашивай").await;
    telegram.writes(ALEX, "А что такое доход?");
    edited("Нет.").await;
    let requests = llm.requests();
    let lengths: Vec<_> = requests.iter().map(|r| r.messages.len()).collect();
    assert_eq!(lengths, [1, 1, 3, 3], "each dialogue knows its own");
    let told = &requests[1];
    assert!(told.instructions.contains("Ты не врач") && told.instructions.contains("112"));
    assert!(told.user.is_none(), "memory is not asked");
    assert!(told.tools.is_empty() && !requests[0].tools.is_empty());
    assert!(requests[3].user.is_some());
    world.end().await;
}

#[tokio::test]
async fn a_crisis_is_answered_though_it_is_switched_off() {
    let world = World::new().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/psychologist");
    telegram.says("а не врач").await;
    let store = Store::open_file(&world.folder.path().join("bot.db"))
        .await
        .unwrap();
    let mut work = store.begin(1).await.unwrap();
    work.switch(Part::Psychologist, false).await.unwrap();
    work.commit().await.unwrap();
    store.close().await;
    telegram.writes(ALEX, "я хочу умереть");
    telegram.says("очень жаль, что вам сейчас так тяжело").await;
    assert_eq!(
        telegram.count("SendMessage", |body| text(body).contains("сейчас закрыт")),
        0
    );
    telegram.writes(ALEX, "мне грустно");
    telegram
        .says("Этот раздел сейчас закрыт. Если вам тяжело")
        .await;
    world.end().await;
}

#[tokio::test]
async fn nothing_of_it_is_remembered() {
    use sfera_agent::{
        llm::Grounding,
        memory::{FileMemory, Memory, UserId},
    };
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(FileMemory::open(folder.path()).await.unwrap());
    let grounding = Grounding {
        memory: Some(memory.clone()),
        ..Grounding::default()
    };
    let llm = ScriptedLlm::saying("Слышу вас.");
    let chat = Chat::new(Arc::new(llm.clone())).grounding(grounding);
    let world = World::of(&[], Around::chat(chat)).await;
    let telegram = &world.telegram;
    let answered = |body: &serde_json::Value| text(body) == "Слышу вас.";
    telegram.writes(ALEX, "/psychologist");
    telegram.says("а не врач").await;
    telegram.writes(ALEX, "Меня зовут Алексей, я живу в Казани, и мне грустно");
    telegram.until("EditMessageText", answered).await;
    let (telegram, _state) = world.end().await;
    let user = UserId::new(format!("tg-{ALEX}"));
    let known = memory.recall(&user, "как меня зовут?", 5).await.unwrap();
    assert!(known.is_empty(), "the psychologist keeps it: {known:?}");

    let llm = ScriptedLlm::new([says("Запомню."), says("Дальше.")]);
    let chat = Chat::new(Arc::new(llm)).grounding(Grounding {
        memory: Some(memory.clone()),
        ..Grounding::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let world = World::again((telegram, folder), &[], Around::chat(chat)).await;
    for words in ["Меня зовут Алексей, я живу в Казани", "Что дальше?"]
    {
        world.telegram.writes(ALEX, words);
    }
    let next = |body: &serde_json::Value| text(body) == "Дальше.";
    world.telegram.until("EditMessageText", next).await;
    world.end().await;
    let known = memory.recall(&user, "как меня зовут?", 5).await.unwrap();
    assert!(!known.is_empty(), "the chat does not");
}

#[tokio::test]
async fn who_tells_of_suicide_is_shown_at_once_where_people_help() {
    let llm = ScriptedLlm::new([vec![LlmStep::Fail(LlmError::Unavailable)], says("Я рядом.")]);
    let world = World::with(&[], &llm).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/psychologist");
    telegram.says("а не врач").await;
    telegram.writes(ALEX, "Я больше не хочу жить");
    let said = telegram.says("нужно оставаться").await;
    for contact in [
        "112",
        "8-800-2000-122",
        "8-495-989-50-50",
        "8-499-216-50-50",
    ] {
        assert!(text(&said).contains(contact), "{contact}");
    }
    assert!(llm.requests().is_empty(), "no model has a say in it");
    telegram.writes(ALEX, "Спасибо, я позвоню маме");
    telegram
        .until("EditMessageText", |body| text(body).contains("/retry"))
        .await;
    telegram.writes(ALEX, "/retry");
    telegram
        .until("EditMessageText", |body| text(body) == "Я рядом.")
        .await;
    let known = llm.requests()[1].messages.len();
    assert_eq!(known, 3, "the model knows what was said");
    world.end().await;
}

#[tokio::test]
async fn in_english_other_contacts_are_shown() {
    let world = World::new().await;
    let telegram = &world.telegram;
    let english = |words: &str| {
        let mut message = message_of(ALEX, ALEX, telegram.next_message(), json!({"text": words}));
        message["from"]["language_code"] = "en".into();
        telegram.happens(json!({"message": message}));
    };
    english("AI psychologist");
    telegram.says("no doctor").await;
    english("I want to kill myself");
    let said = telegram.says("findahelpline.com").await;
    assert!(text(&said).contains("local emergency number"));
    world.end().await;
}

#[tokio::test]
async fn new_deletes_it_and_stays_there() {
    let llm = ScriptedLlm::new([says("Слышу вас."), says("Я рядом.")]);
    let world = World::with(&[], &llm).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/psychologist");
    telegram.says("а не врач").await;
    telegram.writes(ALEX, "Мне грустно");
    telegram
        .until("EditMessageText", |body| text(body) == "Слышу вас.")
        .await;
    telegram.writes(ALEX, "/new");
    telegram.says("Разговор удалён").await;
    telegram.writes(ALEX, "/retry");
    telegram.says("Ещё не было вопроса").await;
    telegram.writes(ALEX, "Мне одиноко");
    telegram
        .until("EditMessageText", |body| text(body) == "Я рядом.")
        .await;
    let last = llm.requests().pop().unwrap();
    assert_eq!(last.messages.len(), 1);
    assert!(last.instructions.contains("Ты не врач"));
    world.end().await;
}

#[tokio::test]
async fn without_a_language_model_it_does_not_pretend() {
    let chat = Chat::new(Arc::new(Assistant::new().unwrap()));
    let world = World::of(&[], Around::chat(chat)).await;
    world.telegram.writes(ALEX, "ИИ-психолог");
    let said = world.telegram.says("нужна языковая модель").await;
    assert!(text(&said).contains("8-800-2000-122"));
    world.end().await;
}
