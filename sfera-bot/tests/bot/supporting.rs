//! "Поддержка".

use crate::{
    double::{BotApi, message_of, text},
    world::{ALEX, World},
};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;

const ADMINS: i64 = -900;

#[tokio::test]
async fn messages_go_there_and_replies_come_back() {
    let admin = [("ADMIN_CHAT_ID", "-900")];
    let world = World::with(&admin, &ScriptedLlm::saying("Да.")).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Поддержка");
    telegram.says("Напиши, что случилось").await;
    let question = telegram.writes(ALEX, "Не приходит <код>");
    telegram.says("@alex").await;
    let copied = telegram
        .until("CopyMessage", |body| body["chat_id"] == ADMINS)
        .await;
    assert_eq!(
        (&copied["from_chat_id"], &copied["message_id"]),
        (&json!(ALEX), &json!(question))
    );

    settled(telegram).await;
    // The administrators see a copy; they reply to it.
    let copy = copied["message_made"].as_i64().expect("a number");
    // In this order: when the first is answered, it is known which message the copy became.
    for (replied, theirs) in [(3, false), (copy, true)] {
        let bot = json!({"id": 110_201_543, "is_bot": true, "first_name": "Sfera"});
        let mut carried = message_of(ADMINS, 1, replied, json!({"text": "?"}));
        carried["from"] = bot;
        let reply = telegram.next_message();
        let said = json!({"text": "Проверьте папку «Спам»", "reply_to_message": carried});
        telegram.happens(json!({"message": message_of(ADMINS, 1, reply, said)}));
        if theirs {
            let back = telegram
                .until("CopyMessage", |body| body["chat_id"] == ALEX)
                .await;
            assert_eq!(back["message_id"], reply);
            assert_eq!(back["reply_parameters"]["message_id"], question);
        } else {
            telegram.says("Не знаю, кому это").await;
        }
    }
    telegram.writes(ALEX, "/close");
    telegram.says("закрыто").await;
    telegram.writes(ALEX, "Привет");
    telegram.says("…").await;
    world.end().await;
}

async fn world() -> World {
    let admin = [("ADMIN_CHAT_ID", "-900")];
    World::with(&admin, &ScriptedLlm::saying("Да.")).await
}

/// Somebody writes to support; their message, and its copy there.
async fn ask(telegram: &BotApi, person: i64, words: &str) -> (i64, i64) {
    telegram.writes(person, "/support");
    telegram.says("Напиши, что случилось").await;
    let question = telegram.writes(person, words);
    (question, copy_there(telegram).await)
}

async fn copy_there(telegram: &BotApi) -> i64 {
    let copied = telegram
        .until("CopyMessage", |body| body["chat_id"] == ADMINS)
        .await;
    settled(telegram).await;
    copied["message_made"].as_i64().unwrap()
}

/// Waits until the bot knows the numbers of its messages there: what is next in a chat comes after that.
async fn settled(telegram: &BotApi) {
    telegram.replies(ADMINS, 5, 3, "?");
    telegram.says("Не знаю, кому это").await;
}

#[tokio::test]
async fn an_album_is_announced_once_and_carried_whole() {
    let world = world().await;
    let telegram = &world.telegram;
    ask(telegram, ALEX, "Вот картинки").await;
    let heads = telegram.count("SendMessage", |body| body["chat_id"] == ADMINS);
    for _ in 0..3 {
        let picture = json!({"media_group_id": "g", "photo": [{"file_id": "f", "file_unique_id": "u",
            "width": 1, "height": 1}]});
        let message = telegram.next_message();
        telegram.happens(json!({"message": message_of(ALEX, ALEX, message, picture)}));
    }
    let to_admins = |body: &Value| body["chat_id"] == ADMINS;
    telegram.until_count("CopyMessage", to_admins, 4).await;
    telegram.writes(ALEX, "/close");
    telegram.says("Обращение закрыто").await;
    let closed = 1;
    telegram
        .until_count("SendMessage", to_admins, heads + 1 + closed)
        .await;
    assert_eq!(telegram.count("SendMessage", to_admins), heads + 1 + closed);
    let said = telegram.count("SendMessage", |body| text(body) == "Передано.");
    assert_eq!(said, 2, "once for the words, once for the album");
    world.end().await;
}

#[tokio::test]
async fn what_is_changed_is_passed_on_as_changed() {
    let world = world().await;
    let telegram = &world.telegram;
    let (question, copy) = ask(telegram, ALEX, "Не приходит кот").await;
    let edited = |chat, person, message, words: &str| {
        let mut message = message_of(chat, person, message, json!({"text": words}));
        message["edit_date"] = 1_764_000_100.into();
        telegram.happens(json!({"edited_message": message}));
    };
    edited(ALEX, ALEX, question, "Не приходит код");
    let told = telegram.says("исправляет сообщение").await;
    assert_eq!(told["reply_parameters"]["message_id"], copy);
    let newer = copy_there(telegram).await;
    let told = |body: &Value| text(body).contains("Исправление передано");
    telegram.until_count("SendMessage", told, 1).await;
    // The administrators answer the newer one, and correct themselves too.
    let reply = telegram.replies(ADMINS, 5, newer, "Проверьте папку «Спан»");
    let to_alex = |body: &Value| body["chat_id"] == ALEX;
    telegram.until("CopyMessage", to_alex).await;
    edited(ADMINS, 5, reply, "Проверьте папку «Спам»");
    telegram.says("Поддержка исправила ответ").await;
    let again = telegram.until("CopyMessage", to_alex).await;
    assert_eq!(again["message_id"], reply);
    // What never went to the administrators does not go there now.
    telegram.writes(ALEX, "/close");
    telegram.says("Обращение закрыто").await;
    let other = telegram.writes(ALEX, "Привет");
    telegram.says("…").await;
    edited(ALEX, ALEX, other, "Привет!");
    telegram.writes(ALEX, "/help");
    telegram.says("/sfera").await;
    assert_eq!(
        telegram.count("CopyMessage", |body| body["chat_id"] == ADMINS),
        2
    );
    world.end().await;
}

#[tokio::test]
async fn administrators_are_told_what_did_not_arrive() {
    let world = world().await;
    let telegram = &world.telegram;
    let (_, copy) = ask(telegram, ALEX, "Ау").await;
    telegram.blocked_by(ALEX);
    let reply = telegram.replies(ADMINS, 5, copy, "Мы тут");
    let told = telegram.says("заблокировал бота").await;
    assert_eq!(told["chat_id"], ADMINS);
    assert_eq!(told["reply_parameters"]["message_id"], reply);
    world.end().await;
}

#[tokio::test]
async fn people_are_told_what_could_not_be_passed_on() {
    let world = world().await;
    let telegram = &world.telegram;
    let (_, copy) = ask(telegram, ALEX, "Ау").await;
    let why = "Bad Request: message can't be copied";
    telegram.refuses("CopyMessage", 400, why, json!(null));
    let question = telegram.writes(ALEX, "Счёт");
    let told = telegram.says("передать не получилось").await;
    assert_eq!(told["chat_id"], ALEX);
    assert_eq!(told["reply_parameters"]["message_id"], question);
    // The same for what the administrators say.
    telegram.refuses("CopyMessage", 400, why, json!(null));
    telegram.replies(ADMINS, 5, copy, "Опрос");
    telegram.says("Telegram не принял это сообщение").await;
    world.end().await;
}

#[tokio::test]
async fn administrators_close_and_people_can_still_reply() {
    let world = world().await;
    let telegram = &world.telegram;
    telegram.member(ADMINS, 5, true);
    let (_, copy) = ask(telegram, ALEX, "Ау").await;
    let made = telegram.made();
    let header = made
        .iter()
        .find(|made| text(&made.body).contains("@alex"))
        .unwrap();
    let button = &header.body["reply_markup"]["inline_keyboard"][0][0];
    let data = button["callback_data"].as_str().unwrap();
    telegram.taps(ADMINS, 5, 60, data);
    telegram.says("Если что-то осталось").await;
    telegram.taps(ADMINS, 5, 60, data);
    let answer = telegram
        .until("AnswerCallbackQuery", |body| body["show_alert"] == true)
        .await;
    assert!(text(&answer).contains("Уже закрыто"));
    // Alex has left, and is answered all the same.
    telegram.replies(ADMINS, 5, copy, "Нашли");
    let back = telegram
        .until("CopyMessage", |body| body["chat_id"] == ALEX)
        .await;
    telegram.says("Это ответ поддержки").await;
    telegram.replies(
        ALEX,
        ALEX,
        back["message_made"].as_i64().unwrap(),
        "Спасибо",
    );
    let next = copy_there(telegram).await;
    telegram.replies(ADMINS, 5, next, "/close");
    telegram.says("обращение закрыто").await;
    world.end().await;
}
