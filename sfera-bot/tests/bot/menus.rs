//! Menus and texts of the plan.

use crate::{
    double::text,
    world::{ALEX, MINI_APP, World},
};
use serde_json::json;
use sfera_agent::testing::ScriptedLlm;

const SFERA: &str = "🎙️ <b>Sfera AI - Твой голосовой ассистент</b>\n\n\
    Нажми кнопку ниже, чтобы общаться с AI в режиме реального времени:\n\n\
    ✨ Голосовой интерфейс\n🧠 Помнит предыдущие разговоры\n📚 Использует базу знаний\n\
    🛠️ Может искать информацию в интернете";

#[tokio::test]
async fn start_shows_the_main_menu() {
    let world = World::new().await;
    world.telegram.writes(ALEX, "/start");
    let said = world.telegram.says("Привет, Алекс!").await;
    let labels = json!([
        [{"text": "Пройти бесплатное обучение"}],
        [{"text": "ИИ-психолог"}, {"text": "Полезные инструменты"}],
        [{"text": "Бесплатный ChatGPT"}, {"text": "🤖 Sfera AI"}],
        [{"text": "Поддержка"}],
    ]);
    let markup = &said["reply_markup"];
    for (row, wanted) in labels.as_array().unwrap().iter().enumerate() {
        for (column, wanted) in wanted.as_array().unwrap().iter().enumerate() {
            assert_eq!(markup["keyboard"][row][column]["text"], wanted["text"]);
        }
    }
    assert_eq!(markup["keyboard"].as_array().unwrap().len(), 4);
    assert_eq!(markup["resize_keyboard"], true);
    world.end().await;
}

#[tokio::test]
async fn sfera_opens_the_mini_app() {
    let world = World::with(&MINI_APP, &ScriptedLlm::saying("Да.")).await;
    for words in ["/sfera", "🤖 Sfera AI"] {
        world.telegram.writes(ALEX, words);
        let said = world.telegram.says("Твой голосовой ассистент").await;
        assert_eq!(text(&said), SFERA);
        assert_eq!(said["parse_mode"], "HTML");
        let button = &said["reply_markup"]["inline_keyboard"][0][0];
        assert_eq!(button["text"], "🤖 Запустить Sfera AI");
        assert_eq!(button["web_app"]["url"], "https://sfera.example/");
    }
    let made = world.telegram.made();
    let menu = made
        .iter()
        .find(|m| m.method == "SetChatMenuButton")
        .unwrap();
    assert_eq!(
        menu.body["menu_button"]["web_app"]["url"],
        "https://sfera.example/"
    );
    world.end().await;
}

#[tokio::test]
async fn without_an_address_it_says_what_to_set() {
    let world = World::new().await;
    world.telegram.writes(ALEX, "/sfera");
    let said = world.telegram.says("WEBHOOK_URL").await;
    assert!(said["reply_markup"].is_null());
    world.end().await;
    let address = [("WEBHOOK_URL", "https://sfera.example/")];
    let world = World::with(&address, &ScriptedLlm::saying("Да.")).await;
    world.telegram.writes(ALEX, "/sfera");
    let said = world.telegram.says("LIVEKIT_API_SECRET").await;
    assert!(said["reply_markup"].is_null());
    world.end().await;
}

#[tokio::test]
async fn commands_are_registered_in_both_languages() {
    let world = World::new().await;
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    let made = world.telegram.made();
    let registered = made.iter().filter(|made| made.method == "SetMyCommands");
    let languages: Vec<_> = registered
        .map(|made| made.body["language_code"].clone())
        .collect();
    assert_eq!(languages, [json!(null), json!("ru"), json!("en")]);
    world.end().await;
}

#[tokio::test]
async fn a_link_leads_to_a_room() {
    let world = World::with(&MINI_APP, &ScriptedLlm::saying("Да.")).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/start sfera");
    telegram.says("Привет").await;
    let said = telegram.says("Твой голосовой ассистент").await;
    let button = &said["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!(button["web_app"]["url"], "https://sfera.example/");
    telegram.writes(ALEX, "/start psychologist");
    telegram.says("Расскажите, что у вас на душе").await;
    telegram.writes(ALEX, "/start nowhere");
    telegram.says("Привет").await;
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_understood_gets_one_friendly_sentence() {
    let world = World::new().await;
    let place = json!({"location": {"latitude": 55.7, "longitude": 37.6}});
    world.telegram.sends(ALEX, place);
    world.telegram.says("Такое я понимать не умею").await;
    world.end().await;
}

#[tokio::test]
async fn the_language_can_be_chosen() {
    let world = World::new().await;
    world.telegram.writes(ALEX, "/language");
    let asked = world.telegram.says("Which language").await;
    let english = &asked["reply_markup"]["inline_keyboard"][0][1];
    let person = json!({"id": ALEX, "is_bot": false, "first_name": "Алекс", "language_code": "ru"});
    world.telegram.happens(json!({"callback_query": {
        "id": "tap-1", "from": person, "chat_instance": "1", "data": english["callback_data"],
        "message": crate::double::message_of(ALEX, 110_201_543, 101, json!({"text": "?"})),
    }}));
    let tapped = world.telegram.until("AnswerCallbackQuery", |_| true).await;
    assert_eq!(tapped["callback_query_id"], "tap-1");
    let said = world.telegram.says("I speak English now.").await;
    assert_eq!(said["reply_markup"]["keyboard"][3][0]["text"], "Support");
    world.telegram.writes(ALEX, "Поддержка");
    world.telegram.says("ADMIN_CHAT_ID").await;
    world.end().await;
}

#[tokio::test]
async fn a_group_is_left_alone() {
    let world = World::new().await;
    let message = crate::double::message_of(-500, ALEX, 5, json!({"text": "всем привет"}));
    world.telegram.happens(json!({"message": message}));
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    let made = world.telegram.made();
    assert!(made.iter().all(|made| made.body["chat_id"] != -500));
    world.end().await;
}
