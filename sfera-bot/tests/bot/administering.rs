//! "🛠 Админка".

use crate::{
    double::{BotApi, TOKEN, message_of, text},
    world::{ALEX, World},
};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;
use sfera_bot::{
    config::Settings,
    handling::{Rights, Standing},
};
use teloxide::Bot;

/// Who administers, and the group of those who do.
const BOSS: i64 = 1;
const GROUP: i64 = -900;

/// Data of every button that administrators have.
const BUTTONS: [&str; 15] = [
    "menu",
    "statistics",
    "switches",
    "switch:chat:0",
    "log",
    "bans",
    "unban:7001",
    "export",
    "export-all",
    "broadcast",
    "broadcast-go:1",
    "broadcast-drop:1",
    "broadcast-stop:1",
    "close:7001",
    "no such thing",
];

async fn world(settings: &[(&str, &str)]) -> World {
    World::with(settings, &ScriptedLlm::saying("Да.")).await
}

/// Taps a button and waits for what the tap is answered with.
async fn tap(telegram: &BotApi, person: i64, data: &str) -> Value {
    let tap = telegram.taps(person, person, 50, &format!("admin:{data}"));
    telegram
        .until("AnswerCallbackQuery", |body| {
            body["callback_query_id"] == tap.as_str()
        })
        .await
}

/// The same, and the page that takes the place of the last one.
async fn page(telegram: &BotApi, data: &str) -> Value {
    telegram.taps(BOSS, BOSS, 50, &format!("admin:{data}"));
    telegram
        .until("EditMessageText", |body| body["chat_id"] == BOSS)
        .await
}

#[tokio::test]
async fn only_administrators_have_the_button() {
    let world = world(&[("SFERA_ADMINS", "1")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/start");
    let everybody = telegram.says("Привет").await;
    assert_eq!(
        everybody["reply_markup"]["keyboard"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    telegram.writes(BOSS, "/start");
    let boss = telegram.says("Привет").await;
    assert_eq!(boss["reply_markup"]["keyboard"][4][0]["text"], "🛠 Админка");
    for words in [
        "/admin",
        "🛠 Админка",
        "🛠 Admin",
        "/ban 1",
        "/unban 1",
        "/export 1",
    ] {
        telegram.writes(ALEX, words);
        let refused = telegram.says("только для администраторов").await;
        assert_eq!(
            refused["reply_markup"]["keyboard"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
    }
    for words in ["/admin", "🛠 Админка"] {
        telegram.writes(BOSS, words);
        let room = telegram.says("Админка").await;
        let rows = room["reply_markup"]["inline_keyboard"].as_array().unwrap();
        assert_eq!(
            rows.iter()
                .map(|row| row.as_array().unwrap().len())
                .sum::<usize>(),
            6
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_button_of_whoever_is_no_administrator_any_more_does_nothing() {
    let world = world(&[("ADMIN_CHAT_ID", "-900")]).await;
    let telegram = &world.telegram;
    telegram.member(GROUP, BOSS, true);
    telegram.writes(BOSS, "/admin");
    telegram.says("Админка").await;
    for data in BUTTONS {
        let answer = tap(telegram, ALEX, data).await;
        assert_eq!(answer["show_alert"], true, "{data}");
        assert!(
            text(&answer).contains("только для администраторов"),
            "{data}"
        );
    }
    // It is said in the group that somebody left.
    telegram.member(GROUP, BOSS, false);
    let gone = json!({"id": BOSS, "is_bot": false, "first_name": "Алекс"});
    let left = json!({"left_chat_member": gone});
    telegram.happens(json!({"message": message_of(GROUP, BOSS, 7, left)}));
    telegram.replies(GROUP, ALEX, 3, "Кому это?");
    telegram.says("Не знаю, кому это").await;
    for data in BUTTONS {
        let answer = tap(telegram, BOSS, data).await;
        assert_eq!(answer["show_alert"], true, "{data}");
    }
    assert_eq!(telegram.count("EditMessageText", |_| true), 0);
    assert_eq!(telegram.count("SendDocument", |_| true), 0);
    telegram.writes(ALEX, "Привет");
    telegram.says("…").await;
    world.end().await;
}

#[tokio::test]
async fn where_telegram_does_not_say_nobody_administers() {
    let world = world(&[("ADMIN_CHAT_ID", "-900")]).await;
    let telegram = &world.telegram;
    telegram.member(GROUP, BOSS, true);
    let wait = json!({"retry_after": 1});
    telegram.refuses(
        "GetChatMember",
        429,
        "Too Many Requests: retry after 1",
        wait,
    );
    telegram.writes(BOSS, "/admin");
    telegram.says("не отвечает, кто администратор").await;
    telegram.writes(BOSS, "/admin");
    telegram.says("Админка").await;
    world.end().await;
}

#[tokio::test]
async fn telegrams_word_is_believed_for_half_a_minute() {
    // Somebody else may have done so before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let telegram = BotApi::start().await;
    let values = [
        ("TELEGRAM_TOKEN", TOKEN),
        ("ADMIN_CHAT_ID", "-900"),
        ("SFERA_ADMINS", "5"),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::of(&values.into_iter().collect()).unwrap();
    let bot = Bot::new(TOKEN).set_api_url(telegram.url().parse().unwrap());
    let rights = Rights::new(bot, &settings);
    telegram.member(GROUP, BOSS, true);
    assert_eq!(rights.of(BOSS, 1_000).await, Standing::Admin);
    telegram.member(GROUP, BOSS, false);
    assert_eq!(rights.of(BOSS, 30_999).await, Standing::Admin);
    assert_eq!(rights.of(BOSS, 31_000).await, Standing::Nobody);
    assert_eq!(
        rights.of(5, 31_000).await,
        Standing::Admin,
        "named in the settings"
    );
    assert_eq!(telegram.count("GetChatMember", |_| true), 2);
    assert!(
        !format!("{rights:?}").contains("AAHdq"),
        "the token is never shown"
    );
}

#[tokio::test]
async fn numbers_and_parts_are_pages_of_one_message() {
    let world = world(&[("SFERA_ADMINS", "1")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/help");
    telegram.says("/sfera").await;
    let numbers = page(telegram, "statistics").await;
    assert!(text(&numbers).contains("Людей: 2"), "{numbers}");
    assert_eq!(numbers["message_id"], 50);
    let entries = [
        ("chat", "Бесплатный ChatGPT"),
        ("psychologist", "ИИ-психолог"),
        ("course", "Пройти бесплатное обучение"),
        ("toolbox", "Полезные инструменты"),
        ("voice", "🤖 Sfera AI"),
        ("support", "Поддержка"),
    ];
    for (part, entry) in entries {
        let off = page(telegram, &format!("switch:{part}:0")).await;
        assert!(off["reply_markup"].to_string().contains("🚫"));
        telegram.writes(ALEX, entry);
        telegram.says("сейчас закрыт").await;
    }
    telegram.writes(ALEX, "Есть кто?");
    telegram.says("сейчас закрыт").await;
    page(telegram, "switch:chat:1").await;
    page(telegram, "switch:chat:1").await;
    telegram.writes(ALEX, "Есть кто?");
    telegram.says("…").await;
    let log = page(telegram, "log").await;
    assert_eq!(
        text(&log).matches("включил раздел chat").count(),
        1,
        "{log}"
    );
    assert_eq!(text(&log).matches("выключил раздел").count(), 6);
    assert!(text(&log).contains("<b>Алекс</b>"));
    let back = page(telegram, "menu").await;
    assert!(text(&back).contains("Что сделать?"));
    world.end().await;
}

#[tokio::test]
async fn people_are_shut_out_and_let_in_again() {
    let world = world(&[("ADMIN_CHAT_ID", "-900"), ("SFERA_ADMINS", "1")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Поддержка");
    telegram.says("Напиши, что случилось").await;
    for by in ["number", "name", "reply"] {
        telegram.writes(ALEX, "Вы все плохие");
        let copy = telegram.until("CopyMessage", |_| true).await;
        let copy = copy["message_made"].as_i64().unwrap();
        // What is next in a chat comes when the number of the last message is known.
        telegram.replies(GROUP, BOSS, 3, "?");
        telegram.says("Не знаю, кому это").await;
        let reason = match by {
            "number" => {
                telegram.writes(BOSS, "/ban 7001 ругань <b>");
                "ругань &lt;b&gt;"
            }
            "name" => {
                telegram.writes(BOSS, "/ban @Alex");
                "не указана"
            }
            _ => {
                telegram.replies(GROUP, BOSS, copy, "/ban спам");
                "спам"
            }
        };
        let banned = telegram.says("доступ закрыт").await;
        assert!(text(&banned).contains(reason), "{banned}");
        telegram.writes(ALEX, "Привет");
        telegram.says("Доступ к боту закрыт").await;
        let bans = page(telegram, "bans").await;
        assert!(text(&bans).contains("7001"), "{bans}");
        assert_eq!(
            bans["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
            "admin:unban:7001"
        );
        let bans = page(telegram, "unban:7001").await;
        assert!(text(&bans).contains("никто не заблокирован"));
        telegram.writes(ALEX, "/support");
        telegram.says("Напиши, что случилось").await;
    }
    world.end().await;
}

#[tokio::test]
async fn nobody_shuts_out_an_administrator_or_somebody_unknown() {
    let world = world(&[("SFERA_ADMINS", "1,2")]).await;
    let telegram = &world.telegram;
    telegram.writes(2, "/help");
    telegram.says("/sfera").await;
    for (words, said) in [
        ("/ban 1 сам себя", "Администратора заблокировать нельзя"),
        ("/ban 2", "Администратора заблокировать нельзя"),
        ("/ban 99", "Не знаю такого человека"),
        ("/ban @nobody", "Не знаю такого человека"),
        ("/ban", "Не знаю такого человека"),
        ("/unban", "Не знаю такого человека"),
        ("/export @nobody", "Не знаю такого человека"),
        ("/export", "Выгрузка"),
    ] {
        telegram.writes(BOSS, words);
        telegram.says(said).await;
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_known_is_handed_out_as_files() {
    let world = world(&[("SFERA_ADMINS", "1")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Что такое риск?");
    telegram
        .until("EditMessageText", |body| text(body) == "Да.")
        .await;
    tap(telegram, BOSS, "export-all").await;
    telegram.until_count("SendDocument", |_| true, 1).await;
    telegram.writes(BOSS, "/export 7001");
    telegram.until_count("SendDocument", |_| true, 2).await;
    let made = telegram.made();
    let files: Vec<_> = made
        .iter()
        .filter(|made| made.method == "SendDocument")
        .map(|made| made.body.to_string())
        .collect();
    assert!(files[0].contains("7001,Алекс,alex,ru,0,,"), "{}", files[0]);
    assert!(files[1].contains("Что такое риск?") && files[1].contains("\\\"users\\\""));
    let log = page(telegram, "log").await;
    assert!(text(&log).contains("выгрузил CSV") && text(&log).contains("выгрузил 7001 Алекс"));
    world.end().await;
}

#[tokio::test]
async fn in_an_administrators_own_chat_only_some_replies_are_answers() {
    let world = world(&[("ADMIN_CHAT_ID", "1")]).await;
    let telegram = &world.telegram;
    telegram.writes(BOSS, "/start");
    let welcome = telegram.says("Привет").await;
    assert_eq!(
        welcome["reply_markup"]["keyboard"][4][0]["text"],
        "🛠 Админка"
    );
    telegram.replies(
        BOSS,
        BOSS,
        welcome["message_made"].as_i64().unwrap(),
        "А что тут есть?",
    );
    telegram.says("…").await;
    telegram.writes(ALEX, "/support");
    telegram.says("Напиши").await;
    telegram.writes(ALEX, "Беда");
    let copy = telegram
        .until("CopyMessage", |body| body["chat_id"] == BOSS)
        .await;
    telegram.writes(BOSS, "/help");
    telegram.says("/sfera").await;
    let reply = telegram.replies(
        BOSS,
        BOSS,
        copy["message_made"].as_i64().unwrap(),
        "Уже чиним",
    );
    let back = telegram
        .until("CopyMessage", |body| body["chat_id"] == ALEX)
        .await;
    assert_eq!(back["message_id"], reply);
    world.end().await;
}
