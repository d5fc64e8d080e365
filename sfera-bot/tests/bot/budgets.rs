//! How much one person may ask in a day.

use crate::{
    double::text,
    world::{ALEX, World},
};
use sfera_agent::{
    llm::Usage,
    testing::{LlmStep, ScriptedLlm},
};

#[tokio::test]
async fn so_many_questions_a_day_and_it_is_said_when_there_are_more() {
    let answers = ["Да.", "Нет.", "Может быть."];
    let llm = ScriptedLlm::new(answers.map(|words| vec![LlmStep::Text(words.into())]));
    let world = World::with(&[("SFERA_CHAT_DAILY", "2")], &llm).await;
    let telegram = &world.telegram;
    let answered = async |words: &str| {
        telegram
            .until("EditMessageText", |body| text(body) == words)
            .await
    };
    for (question, answer) in [("раз", "Да."), ("два", "Нет.")] {
        telegram.writes(ALEX, question);
        answered(answer).await;
    }
    telegram.writes(ALEX, "три");
    let refused = telegram.says("их 2 в день").await;
    assert!(text(&refused).contains("Новые – через"));
    telegram.writes(ALEX, "/retry");
    telegram.says("их 2 в день").await;
    telegram.writes(ALEX + 1, "раз");
    let other = answered("Может быть.").await;
    assert_eq!(other["chat_id"], ALEX + 1, "another person has their own");
    world.end().await;
}

#[tokio::test]
async fn so_many_tokens_a_day() {
    let cost = Usage {
        prompt_tokens: 90,
        completion_tokens: 20,
    };
    let llm = ScriptedLlm::new([vec![LlmStep::Text("Да.".into()), LlmStep::Usage(cost)]]);
    let world = World::with(&[("SFERA_CHAT_DAILY_TOKENS", "100")], &llm).await;
    world.telegram.writes(ALEX, "раз");
    let edited = |body: &serde_json::Value| text(body) == "Да.";
    world.telegram.until("EditMessageText", edited).await;
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    world.telegram.writes(ALEX, "два");
    world.telegram.says("наговорили всё").await;
    world.end().await;
}

#[tokio::test]
async fn administrators_ask_as_much_as_they_like() {
    let admin = ALEX.to_string();
    let settings = [("SFERA_CHAT_DAILY", "0"), ("ADMIN_CHAT_ID", admin.as_str())];
    let world = World::with(&settings, &ScriptedLlm::saying("Да.")).await;
    world.telegram.writes(ALEX, "раз");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    world.telegram.writes(ALEX + 1, "раз");
    world.telegram.says("вопросы кончились").await;
    world.end().await;
}
