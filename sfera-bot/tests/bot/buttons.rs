//! Buttons below what the bot said.

use crate::{
    double::{BotApi, message_of, text},
    world::ALEX,
};
use serde_json::{Value, json};

/// What stands on the buttons.
pub fn labels(said: &Value) -> Vec<String> {
    buttons(said).map(|(label, _)| label.to_owned()).collect()
}

/// The first button with these words is tapped; a message is as it was sent or edited last.
pub fn tap(telegram: &BotApi, said: &Value, words: &str) {
    let data = buttons(said).find(|(label, _)| label.contains(words));
    let (_, data) = data.unwrap_or_else(|| panic!("no {words:?} among {:?}", labels(said)));
    tap_data(telegram, &said["message_made"], data);
}

/// A button that says this to the bot is tapped, wherever it comes from.
pub fn tap_data(telegram: &BotApi, message: &Value, data: &str) {
    let person = json!({"id": ALEX, "is_bot": false, "first_name": "Алекс", "language_code": "ru"});
    let number = message.as_i64().expect("a message");
    let below = message_of(ALEX, 110_201_543, number, json!({"text": "?"}));
    telegram.happens(json!({"callback_query": {
        "id": format!("tap-{}", telegram.next_message()), "from": person, "chat_instance": "1",
        "data": data, "message": below,
    }}));
}

/// Waits until a message became one with these words in it.
pub async fn becomes(telegram: &BotApi, words: &str) -> Value {
    let edited = |body: &Value| text(body).contains(words);
    telegram.until("EditMessageText", edited).await
}

fn buttons(said: &Value) -> impl Iterator<Item = (&str, &str)> {
    let rows = said["reply_markup"]["inline_keyboard"].as_array();
    let buttons = rows
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten();
    buttons.filter_map(|button| Some((button["text"].as_str()?, button["callback_data"].as_str()?)))
}
