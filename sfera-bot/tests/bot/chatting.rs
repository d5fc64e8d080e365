//! "Бесплатный ChatGPT".

use crate::{
    double::text,
    world::{ALEX, World},
};
use serde_json::json;
use sfera_agent::{
    llm::LlmError,
    testing::{LlmStep, ScriptedLlm},
};
use std::time::Duration;

fn says(words: &str) -> Vec<LlmStep> {
    vec![LlmStep::Text(words.into())]
}

#[tokio::test]
async fn an_answer_takes_the_place_of_its_placeholder() {
    let llm = ScriptedLlm::new([says("**Риск** – это <плата> за доход."), says("Да.")]);
    let world = World::with(&[], &llm).await;
    world.telegram.writes(ALEX, "Что такое риск?");
    world.telegram.says("…").await;
    let answer = "<b>Риск</b> – это &lt;плата&gt; за доход.";
    let edited = world
        .telegram
        .until("EditMessageText", |body| text(body) == answer)
        .await;
    assert_eq!(edited["parse_mode"], "HTML");
    world.telegram.writes(ALEX, "Точно?");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    let known = llm.requests()[1].messages.len();
    assert_eq!(known, 3, "the second question knows of the first");
    // What was seen may be the draft of the same words; the answer itself must not count as the next.
    world.settles().await;
    world.telegram.writes(ALEX, "/new");
    world.telegram.says("заново").await;
    world.telegram.writes(ALEX, "А теперь?");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    assert_eq!(llm.requests()[2].messages.len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_long_answer_is_shown_as_it_grows_and_split_at_its_end() {
    let paragraph = format!("{}\n\n", "слово ".repeat(200).trim());
    let mut steps = Vec::new();
    for _ in 0..6 {
        steps.push(LlmStep::Text(paragraph.clone()));
        steps.push(LlmStep::Wait(Duration::from_millis(700)));
    }
    steps.push(LlmStep::Text("Конец.".into()));
    let world = World::with(&[], &ScriptedLlm::new([steps])).await;
    world.telegram.writes(ALEX, "Расскажи");
    let draft = world
        .telegram
        .until("EditMessageText", |body| !text(body).contains("Конец"))
        .await;
    assert!(text(&draft).starts_with("слово"));
    let last = world.telegram.says("Конец.").await;
    assert!(text(&last).chars().count() <= 4096);
    let made = world.telegram.made();
    let edits: Vec<_> = made
        .iter()
        .filter(|made| made.method == "EditMessageText")
        .collect();
    assert!((2..12).contains(&edits.len()), "{} edits", edits.len());
    let shown: usize = text(&edits.last().unwrap().body).matches("слово").count()
        + text(&last).matches("слово").count();
    assert_eq!(shown, 1_200, "every word once");
    world.end().await;
}

#[tokio::test]
async fn an_answer_can_be_stopped() {
    let llm = ScriptedLlm::new([vec![LlmStep::Text("Начало".into()), LlmStep::Hang]]);
    let world = World::with(&[], &llm).await;
    world.telegram.writes(ALEX, "/cancel");
    world.telegram.says("ничего не пишу").await;
    world.telegram.writes(ALEX, "Расскажи");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Начало")
        .await;
    world.telegram.writes(ALEX, "/cancel");
    world.telegram.says("Остановлено.").await;
    world.telegram.writes(ALEX, "Ещё");
    world.telegram.says("…").await;
    assert!(llm.dropped() >= 1, "the model was stopped");
    world.end().await;
}

#[tokio::test]
async fn what_is_being_answered_is_not_asked_again() {
    let half = vec![LlmStep::Text("Начало".into()), LlmStep::Hang];
    let llm = ScriptedLlm::new([says("Раз."), half, says("Снова.")]);
    let world = World::with(&[], &llm).await;
    world.telegram.writes(ALEX, "Один?");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Раз.")
        .await;
    world.telegram.writes(ALEX, "Два?");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Начало")
        .await;
    world.telegram.writes(ALEX, "/retry");
    world.telegram.says("ещё отвечаю").await;
    assert_eq!(llm.requests().len(), 2, "neither of the two is asked again");
    world.telegram.writes(ALEX, "/cancel");
    world.telegram.says("Остановлено.").await;
    world.settles().await;
    world.telegram.writes(ALEX, "/retry");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Снова.")
        .await;
    assert_eq!(llm.requests()[2].last_user_text(), "Два?");
    world.end().await;
}

#[tokio::test]
async fn a_failure_is_told_and_can_be_tried_again() {
    let llm = ScriptedLlm::new([vec![LlmStep::Fail(LlmError::Unavailable)], says("Вот.")]);
    let world = World::with(&[], &llm).await;
    world.telegram.writes(ALEX, "/retry");
    world.telegram.says("Ещё не было вопроса").await;
    world.telegram.writes(ALEX, "Что?");
    world
        .telegram
        .until("EditMessageText", |body| text(body).contains("/retry"))
        .await;
    world.telegram.writes(ALEX, "/retry");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Вот.")
        .await;
    let asked: Vec<_> = llm
        .requests()
        .iter()
        .map(|r| r.last_user_text().to_owned())
        .collect();
    assert_eq!(asked, ["Что?", "Что?"]);
    world.end().await;
}

#[tokio::test]
async fn telegram_is_obeyed_when_it_wants_to_be_left_alone() {
    let world = World::new().await;
    let wait = json!({"retry_after": 1});
    world
        .telegram
        .refuses("SendMessage", 429, "Too Many Requests: retry after 1", wait);
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    let made = world.telegram.made();
    let sent: Vec<_> = made
        .iter()
        .filter(|made| made.method == "SendMessage")
        .collect();
    assert_eq!(
        sent.iter().map(|made| made.done).collect::<Vec<_>>(),
        [false, true]
    );
    world.end().await;
}

#[tokio::test]
async fn who_blocked_the_bot_is_not_written_to_again_and_again() {
    let world = World::new().await;
    let none = json!(null);
    world.telegram.refuses(
        "SendMessage",
        403,
        "Forbidden: bot was blocked by the user",
        none,
    );
    world.telegram.writes(ALEX, "/help");
    world.telegram.until_refused("SendMessage").await;
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    let made = world.telegram.made();
    assert_eq!(
        made.iter()
            .filter(|made| made.method == "SendMessage")
            .count(),
        2
    );
    world.end().await;
}
