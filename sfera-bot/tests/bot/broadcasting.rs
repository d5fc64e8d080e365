//! Messages to everybody.

use crate::{
    double::{BotApi, message_of, text},
    world::{ALEX, Around, World},
};
use serde_json::{Value, json};
use sfera_agent::{Language, testing::ScriptedLlm};
use sfera_bot::state::{Newcomer, Store};
use tempfile::TempDir;

const BOSS: i64 = 1;
const SETTINGS: [(&str, &str); 1] = [("SFERA_ADMINS", "1")];

/// A world that knows people: the administrator and those after them.
async fn world(people: i64) -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_file(&folder.path().join("bot.db"))
        .await
        .unwrap();
    let mut work = store.begin(1).await.unwrap();
    for id in BOSS..=people {
        let language = if id % 3 == 0 {
            Language::En
        } else {
            Language::Ru
        };
        let name = format!("Человек {id}");
        let who = Newcomer {
            id,
            name,
            username: None,
            language,
        };
        work.meet(&who).await.unwrap();
    }
    work.commit().await.unwrap();
    store.close().await;
    go_on(BotApi::start().await, folder).await
}

async fn go_on(telegram: BotApi, folder: TempDir) -> World {
    World::again(
        (telegram, folder),
        &SETTINGS,
        Around::llm(&ScriptedLlm::saying("Да.")),
    )
    .await
}

/// Writes a draft; the question below its preview.
async fn draft(telegram: &BotApi) -> Value {
    telegram.taps(BOSS, BOSS, 50, "admin:broadcast");
    telegram
        .until("EditMessageText", |body| text(body).contains("Пришли"))
        .await;
    let message = telegram.writes(BOSS, "Завтра не работаем");
    let preview = telegram
        .until("CopyMessage", |body| body["chat_id"] == BOSS)
        .await;
    assert_eq!(
        (&preview["from_chat_id"], &preview["message_id"]),
        (&json!(BOSS), &json!(message))
    );
    telegram.says("Разослать?").await
}

/// Taps one of the buttons below the question.
fn decide(telegram: &BotApi, question: &Value, button: usize) {
    let data = &question["reply_markup"]["inline_keyboard"][0][button]["callback_data"];
    let message = question["message_made"].as_i64().unwrap();
    telegram.taps(BOSS, BOSS, message, data.as_str().unwrap());
}

/// How often a person got the message. The first one to the administrator is the preview.
fn got(telegram: &BotApi, person: i64) -> usize {
    let copies = telegram.count("CopyMessage", |body| body["chat_id"] == person);
    copies - usize::from(person == BOSS)
}

#[tokio::test]
async fn it_is_shown_confirmed_sent_and_reported() {
    let world = world(12).await;
    let telegram = &world.telegram;
    telegram.blocked_by(5);
    let question = draft(telegram).await;
    assert!(
        text(&question).contains("<b>12</b> (ru – 8, en – 4)"),
        "{question}"
    );
    assert_eq!(
        telegram.count("CopyMessage", |_| true),
        1,
        "nobody got it yet"
    );
    decide(telegram, &question, 0);
    let report = telegram.says("Рассылка закончена").await;
    assert!(
        text(&report).contains("Доставлено: 11 из 12\nЗаблокировали бота: 1\n"),
        "{report}"
    );
    for person in BOSS..=12 {
        assert_eq!(got(telegram, person), usize::from(person != 5), "{person}");
    }
    let shown = |body: &Value| {
        body["message_id"] == question["message_made"] && text(body).contains("12 из 12")
    };
    telegram.until_count("EditMessageText", shown, 1).await;
    // Whoever blocked the bot is not asked again.
    let question = draft(telegram).await;
    assert!(text(&question).contains("<b>11</b>"), "{question}");
    decide(telegram, &question, 1);
    telegram
        .until_count("EditMessageText", |body| text(body).contains("отменена"), 1)
        .await;
    for button in [0, 1] {
        decide(telegram, &question, button);
        let answer = telegram
            .until("AnswerCallbackQuery", |body| body["show_alert"] == true)
            .await;
        assert!(text(&answer).contains("уже начата, закончена или устарела"));
    }
    world.end().await;
}

#[tokio::test]
async fn whoever_changes_their_mind_sends_nothing() {
    let world = world(3).await;
    let telegram = &world.telegram;
    let asks = async || {
        telegram.taps(BOSS, BOSS, 50, "admin:broadcast");
        telegram
            .until("EditMessageText", |body| text(body).contains("Пришли"))
            .await;
    };
    asks().await;
    telegram.writes(BOSS, "/cancel");
    telegram.says("Рассылка отменена").await;
    asks().await;
    telegram.writes(BOSS, "Полезные инструменты");
    telegram.until("SendMessage", |_| true).await;
    asks().await;
    for _ in 0..2 {
        let picture = json!({"media_group_id": "g", "photo": [{"file_id": "f", "file_unique_id": "u",
            "width": 1, "height": 1}]});
        let message = telegram.next_message();
        telegram.happens(json!({"message": message_of(BOSS, BOSS, message, picture)}));
    }
    telegram.says("Альбом разослать не получится").await;
    telegram.writes(BOSS, "/help");
    telegram.says("/sfera").await;
    telegram.writes(BOSS, "Это вопрос, а не рассылка");
    telegram.says("…").await;
    assert_eq!(
        telegram.count("SendMessage", |body| text(body).contains("Альбом")),
        1
    );
    assert_eq!(telegram.count("CopyMessage", |_| true), 0);
    world.end().await;
}

#[tokio::test]
async fn telegram_is_obeyed_and_answers_go_on_meanwhile() {
    let world = world(10).await;
    let telegram = &world.telegram;
    let question = draft(telegram).await;
    let wait = json!({"retry_after": 2});
    telegram.refuses("CopyMessage", 429, "Too Many Requests: retry after 2", wait);
    decide(telegram, &question, 0);
    telegram.until_refused("CopyMessage").await;
    telegram.writes(ALEX, "/help");
    telegram.says("/sfera").await;
    assert_eq!(
        telegram.count("SendMessage", |body| text(body).contains("закончена")),
        0
    );
    let report = telegram.says("Рассылка закончена").await;
    assert!(text(&report).contains("Доставлено: 10 из 10"), "{report}");
    assert!((BOSS..=10).all(|person| got(telegram, person) == 1));
    let made = telegram.made();
    let copies: Vec<_> = made
        .iter()
        .filter(|made| made.method == "CopyMessage")
        .collect();
    let refused = copies.iter().find(|made| !made.done).unwrap();
    let again =
        |made: &&&crate::double::Made| made.done && made.body["chat_id"] == refused.body["chat_id"];
    let again = copies.iter().rfind(again).unwrap();
    assert!(
        (again.at - refused.at).as_millis() >= 1_900,
        "two seconds were asked for"
    );
    world.end().await;
}

#[tokio::test]
async fn a_message_that_was_taken_away_stops_it() {
    let world = world(60).await;
    let telegram = &world.telegram;
    let question = draft(telegram).await;
    let why = "Bad Request: message to copy not found";
    for _ in 0..60 {
        telegram.refuses("CopyMessage", 400, why, json!(null));
    }
    decide(telegram, &question, 0);
    let report = telegram.says("Рассылка остановлена").await;
    assert!(text(&report).contains("Доставлено: 0 из 60"), "{report}");
    assert_eq!(
        telegram.count("CopyMessage", |_| true),
        1,
        "only the preview"
    );
    let made = telegram.made();
    let asked = made.iter().filter(|made| made.method == "CopyMessage");
    assert!(asked.count() < 30, "it did not go through everybody");
    world.end().await;
}

#[tokio::test]
async fn it_can_be_stopped() {
    let world = world(100).await;
    let telegram = &world.telegram;
    let question = draft(telegram).await;
    decide(telegram, &question, 0);
    let going = telegram
        .until("EditMessageText", |body| text(body).contains("Рассылка: "))
        .await;
    let stop = going["reply_markup"]["inline_keyboard"][0][0]["callback_data"].clone();
    telegram.taps(BOSS, BOSS, 60, stop.as_str().unwrap());
    let report = telegram.says("Рассылка остановлена").await;
    let sent = (BOSS..=100)
        .filter(|person| got(telegram, *person) == 1)
        .count();
    assert!(
        text(&report).contains(&format!("Доставлено: {sent} из 100")),
        "{report}"
    );
    assert!((1..100).contains(&sent), "{sent}");
    assert!((BOSS..=100).all(|person| got(telegram, person) <= 1));
    telegram.taps(BOSS, BOSS, 60, stop.as_str().unwrap());
    telegram
        .until("AnswerCallbackQuery", |body| body["show_alert"] == true)
        .await;
    world.end().await;
}

#[tokio::test]
async fn it_goes_on_where_the_process_was_torn_down() {
    const PEOPLE: i64 = 60;
    let mut world = world(PEOPLE).await;
    let question = draft(&world.telegram).await;
    decide(&world.telegram, &question, 0);
    for copies in [8, 20, 40] {
        world
            .telegram
            .until_count("CopyMessage", |_| true, copies)
            .await;
        let (telegram, folder) = world.die().await;
        world = go_on(telegram, folder).await;
    }
    let telegram = &world.telegram;
    let report = telegram.says("Рассылка закончена").await;
    let number = |label: &str| -> usize {
        let line = text(&report)
            .lines()
            .find(|line| line.starts_with(label))
            .unwrap();
        let number = line.split(": ").last().unwrap();
        number.split(' ').next().unwrap().parse().unwrap()
    };
    let (sent, in_doubt) = (number("Доставлено"), number("Неизвестно"));
    assert_eq!(sent + in_doubt, 60, "everybody was reached: {report}");
    let missing = (BOSS..=PEOPLE)
        .filter(|person| got(telegram, *person) == 0)
        .count();
    assert!(
        missing <= in_doubt,
        "{missing} got nothing, {in_doubt} are in doubt"
    );
    assert!(
        (BOSS..=PEOPLE).all(|person| got(telegram, person) <= 1),
        "nobody twice"
    );
    world.end().await;
}
