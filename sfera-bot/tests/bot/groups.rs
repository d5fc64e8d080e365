//! Groups.

use crate::{
    double::{BotApi, message_of, text},
    world::{ALEX, MINI_APP, World},
};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;

const GROUP: i64 = -500;
const BOT: i64 = 110_201_543;

/// Somebody says something in the group; the number of the message.
fn says(telegram: &BotApi, what: Value) -> i64 {
    let message = telegram.next_message();
    telegram.happens(json!({"message": message_of(GROUP, ALEX, message, what)}));
    message
}

fn called(words: &str) -> Value {
    let mention = json!([{"type": "mention", "offset": 0, "length": 10}]);
    json!({"text": format!("@sfera_bot {words}"), "entities": mention})
}

fn answered(body: &Value) -> bool {
    body["chat_id"] == GROUP && text(body) == "Да."
}

#[tokio::test]
async fn it_answers_when_it_is_called_as_a_reply_in_the_topic() {
    let llm = ScriptedLlm::saying("Да.");
    let world = World::with(&[], &llm).await;
    let telegram = &world.telegram;
    says(telegram, json!({"text": "всем привет"}));
    says(telegram, json!({"text": "@sfera_bot без упоминания"}));
    says(telegram, json!({"text": "/help"}));
    let mut question = called("что такое риск?");
    question["is_topic_message"] = true.into();
    question["message_thread_id"] = 42.into();
    let asked = says(telegram, question);
    let placeholder = telegram.says("…").await;
    assert_eq!(placeholder["reply_parameters"]["message_id"], asked);
    assert_eq!(placeholder["message_thread_id"], 42);
    telegram.until("EditMessageText", answered).await;
    assert_eq!(llm.requests()[0].last_user_text(), "что такое риск?");
    assert!(llm.requests()[0].user.is_none(), "others read along");

    let mut replied = message_of(GROUP, BOT, 90, json!({"text": "Да."}));
    replied["from"] = json!({"id": BOT, "is_bot": true, "first_name": "Sfera"});
    says(
        telegram,
        json!({"text": "а доход?", "reply_to_message": replied}),
    );
    telegram.until("EditMessageText", answered).await;
    telegram.writes(ALEX, "Привет");
    telegram
        .until("EditMessageText", |body| body["chat_id"] == ALEX)
        .await;
    says(telegram, json!({"text": "/new@sfera_bot"}));
    telegram.says("заново").await;
    says(telegram, called("ещё раз"));
    telegram.until("EditMessageText", answered).await;
    let known: Vec<_> = llm.requests().iter().map(|r| r.messages.len()).collect();
    assert_eq!(known, [1, 3, 1, 1], "the group has a dialogue of its own");
    let made = telegram.made();
    let said = made.iter().filter(|made| made.method == "SendMessage");
    assert_eq!(said.count(), 5, "the rest was left alone");
    world.end().await;
}

#[tokio::test]
async fn other_bots_replies_and_commands_are_left_alone() {
    let world = World::new().await;
    let telegram = &world.telegram;
    let mut replied = message_of(GROUP, 5, 90, json!({"text": "?"}));
    replied["from"] = json!({"id": 5, "is_bot": true, "first_name": "Другой"});
    says(telegram, json!({"text": "а?", "reply_to_message": replied}));
    says(telegram, json!({"text": "/new@other_bot"}));
    telegram.writes(ALEX, "/help");
    telegram.says("/sfera").await;
    let made = telegram.made();
    assert!(made.iter().all(|made| made.body["chat_id"] != GROUP));
    world.end().await;
}

#[tokio::test]
async fn sfera_is_a_link_there() {
    for (more, link) in [
        (None, "https://t.me/sfera_bot?start=sfera"),
        (
            Some(("SFERA_MINI_APP_NAME", "talk")),
            "https://t.me/sfera_bot/talk?startapp=group",
        ),
    ] {
        let mut settings = MINI_APP.to_vec();
        settings.extend(more);
        let world = World::with(&settings, &ScriptedLlm::saying("Да.")).await;
        says(&world.telegram, json!({"text": "/sfera@sfera_bot"}));
        let said = world.telegram.says("Твой голосовой ассистент").await;
        let button = &said["reply_markup"]["inline_keyboard"][0][0];
        assert_eq!(button["url"], link);
        assert!(button["web_app"].is_null());
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_personal_is_for_two() {
    let world = World::new().await;
    says(&world.telegram, json!({"text": "/psychologist@sfera_bot"}));
    let said = world.telegram.says("лучше наедине").await;
    let button = &said["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!(button["url"], "https://t.me/sfera_bot?start=psychologist");
    says(&world.telegram, called(""));
    world.telegram.says("начни с @sfera_bot").await;
    world.end().await;
}

/// The bot is brought into a group, or into another state there.
fn becomes(telegram: &BotApi, status: &str) {
    let bot = json!({"id": BOT, "is_bot": true, "first_name": "Sfera", "username": "sfera_bot"});
    let (before, now) = match status {
        "member" => (
            json!({"status": "left", "user": bot}),
            json!({"status": "member", "user": bot}),
        ),
        _ => (
            json!({"status": "member", "user": bot}),
            json!({"status": "left", "user": bot}),
        ),
    };
    telegram.happens(json!({"my_chat_member": {
        "chat": {"id": GROUP, "type": "supergroup", "title": "Группа"},
        "from": {"id": ALEX, "is_bot": false, "first_name": "Алекс", "language_code": "ru"},
        "date": 1_764_000_000, "old_chat_member": before, "new_chat_member": now,
    }}));
}

#[tokio::test]
async fn it_introduces_itself_where_it_may_be() {
    let world = World::with(
        &[("SFERA_ALLOWED_CHATS", "-500")],
        &ScriptedLlm::saying("Да."),
    )
    .await;
    becomes(&world.telegram, "member");
    world.telegram.says("начни с @sfera_bot").await;
    becomes(&world.telegram, "left");
    world.telegram.writes(ALEX, "/start");
    world.telegram.says("тебя в списке нет").await;
    world.end().await;
}

#[tokio::test]
async fn it_leaves_a_group_that_is_not_on_the_list() {
    let allowed = [("SFERA_ALLOWED_CHATS", "7001")];
    let llm = ScriptedLlm::saying("Да.");
    let world = World::with(&allowed, &llm).await;
    becomes(&world.telegram, "member");
    world.telegram.says("я ухожу").await;
    let left = world.telegram.until("LeaveChat", |_| true).await;
    assert_eq!(left["chat_id"], GROUP);
    world.telegram.writes(ALEX, "Привет");
    world
        .telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    assert_eq!(llm.requests().len(), 1);
    world.end().await;
}
