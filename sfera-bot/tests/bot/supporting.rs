//! "Поддержка".

use crate::{
    double::message_of,
    world::{ALEX, World},
};
use serde_json::json;
use sfera_agent::testing::ScriptedLlm;

const ADMINS: i64 = -900;

#[tokio::test]
async fn messages_go_there_and_replies_come_back() {
    let admin = [("ADMIN_CHAT_ID", "-900")];
    let world = World::with(&admin, &ScriptedLlm::saying("Да.")).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Поддержка");
    telegram.says("Напишите, что случилось").await;
    let question = telegram.writes(ALEX, "Не приходит <код>");
    telegram.says("@alex").await;
    let copied = telegram
        .until("CopyMessage", |body| body["chat_id"] == ADMINS)
        .await;
    assert_eq!(
        (&copied["from_chat_id"], &copied["message_id"]),
        (&json!(ALEX), &json!(question))
    );

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
