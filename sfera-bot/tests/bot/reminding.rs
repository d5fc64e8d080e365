//! Reminders, by a clock that the test holds.

use crate::{
    buttons::{becomes, labels, tap, tap_data},
    double::{BotApi, text},
    killing::{kill, kill_again_and_again, start, until_all},
    storing::alex,
    world::{ALEX, Around, World},
};
use jiff::Timestamp;
use serde_json::Value;
use sfera_bot::{
    clock::{Clock, Hands},
    state::{New, Newcomer, Store},
};

/// Thursday, three days before Berlin turns its clocks. What the tests promise is never in the future.
const BEGIN: &str = "2024-03-28T09:00:00Z";

fn at(text: &str) -> i64 {
    let moment: Timestamp = text.parse().unwrap();
    moment.as_millisecond()
}

fn outside(begin: &str) -> (Around, Hands) {
    let (clock, hands) = Clock::standing(at(begin));
    let outside = Around {
        clock,
        ..Around::default()
    };
    (outside, hands)
}

async fn world() -> (World, Hands) {
    let (outside, hands) = outside(BEGIN);
    let world = World::of(&[], outside).await;
    (world, hands)
}

/// How often these words were sent.
fn sent(telegram: &BotApi, words: &str) -> usize {
    let made = telegram.made();
    let sent = made
        .iter()
        .filter(|made| made.method == "SendMessage" && made.done);
    sent.filter(|made| text(&made.body).contains(words)).count()
}

#[tokio::test]
async fn a_reminder_comes_when_its_time_has_come_and_can_be_put_off() {
    let (world, hands) = world().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/remind через 10 минут проверить <стоп>");
    telegram
        .says("Напомню 28 марта 2024 в 12:10 (Europe/Moscow):\nпроверить &lt;стоп&gt;")
        .await;
    hands.turn(at("2024-03-28T09:09:59Z"));
    telegram.writes(ALEX, "/reminders");
    telegram.says("Напоминания: 1 из 50").await;
    assert_eq!(sent(telegram, "⏰ проверить"), 0, "not before");
    hands.turn(at("2024-03-28T09:10:00Z"));
    let came = telegram.says("⏰ проверить &lt;стоп&gt;").await;
    assert!(!text(&came).contains("Опоздало"));
    // Tapped twice, it comes again once.
    tap(telegram, &came, "10 минут");
    tap(telegram, &came, "10 минут");
    let put_off = becomes(telegram, "Напомню снова 28 марта 2024 в 12:20").await;
    assert!(labels(&put_off).is_empty());
    hands.turn(at("2024-03-28T09:20:00Z"));
    let came = telegram.says("⏰ проверить").await;
    tap(telegram, &came, "Завтра");
    becomes(telegram, "Напомню снова 29 марта 2024 в 12:20").await;
    hands.turn(at("2024-03-29T09:20:00Z"));
    let came = telegram.says("⏰ проверить").await;
    tap(telegram, &came, "Готово");
    becomes(telegram, "✅ <s>проверить").await;
    telegram.writes(ALEX, "/reminders");
    telegram.says("Напоминаний пока нет").await;
    assert_eq!(sent(telegram, "⏰ проверить"), 3);
    world.end().await;
}

#[tokio::test]
async fn the_time_zone_is_asked_once() {
    let (world, hands) = world().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/remind завтра в 9:30 позвонить");
    let asked = telegram.says("В каком ты часовом поясе?").await;
    assert!(labels(&asked).contains(&"🕒 Europe/Moscow".to_owned()));
    telegram.writes(ALEX, "не знаю");
    telegram.says("Не знаю такого места").await;
    telegram.writes(ALEX, "Берлин");
    telegram
        .says("У тебя сейчас 28 марта 2024 в 10:00 (Europe/Berlin)")
        .await;
    telegram
        .says("Напомню 29 марта 2024 в 09:30 (Europe/Berlin)")
        .await;
    // Over the night in which an hour is left out.
    telegram.writes(ALEX, "/remind каждый день в 9 дневник");
    telegram
        .says("Буду напоминать каждый день в 09:00, сначала 29 марта 2024 в 09:00")
        .await;
    for (moment, count) in [
        ("2024-03-29T08:00:00Z", 1),
        ("2024-03-30T08:00:00Z", 2),
        ("2024-03-31T06:59:59Z", 2),
        ("2024-03-31T07:00:00Z", 3),
    ] {
        let before = sent(telegram, "⏰ дневник");
        hands.turn(at(moment));
        if count > before {
            telegram.says("⏰ дневник").await;
        }
        telegram.writes(ALEX, "/timezone +3");
        telegram.says("UTC+03:00").await;
        assert_eq!(sent(telegram, "⏰ дневник"), count, "{moment}");
    }
    assert_eq!(sent(telegram, "⏰ позвонить"), 1);
    world.end().await;
}

#[tokio::test]
async fn the_usual_zone_is_a_tap_away_and_reminders_are_made_from_the_tools() {
    let (world, _hands) = world().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/tools");
    let menu = telegram.says("Что нужно?").await;
    tap(telegram, &menu, "Напоминания");
    let list = becomes(telegram, "Напоминаний пока нет").await;
    tap(telegram, &list, "Новое");
    becomes(telegram, "О чём и когда").await;
    for (said, refusal) in [
        ("позвонить", "Не вижу, когда"),
        ("завтра в 9", "А о чём напомнить?"),
        ("вчерашний день 28.03.2024 в 9:00", "уже прошло"),
        ("через 3 года вернуться", "Не вижу, когда"),
        ("через 500 дней вернуться", "самое большее – год"),
        ("30 февраля отдых", "Такого дня нет"),
    ] {
        telegram.writes(ALEX, said);
        telegram.says(refusal).await;
    }
    telegram.writes(ALEX, "по будням в 19:00 заполнить дневник");
    let asked = telegram.says("часовом поясе").await;
    tap(telegram, &asked, "Europe/Moscow");
    let made = telegram.says("Буду напоминать по будням в 19:00").await;
    tap(telegram, &made, "Все напоминания");
    let list = becomes(telegram, "1. 🔁 по будням в 19:00").await;
    tap(telegram, &list, "✖️ 1");
    becomes(telegram, "Напоминаний пока нет").await;
    for data in [
        "remind:",
        "remind:drop:1:99",
        "remind:later:77:10",
        "remind:done:x",
        "remind:list:9",
    ] {
        tap_data(telegram, &list["message_made"], data);
    }
    telegram.says("Этого напоминания уже нет").await;
    world.end().await;
}

#[tokio::test]
async fn there_are_fifty_at_most_and_the_list_has_pages() {
    let (world, _hands) = world().await;
    let telegram = &world.telegram;
    for number in 1..=51 {
        telegram.writes(ALEX, &format!("/remind через {number} часов дело {number}"));
    }
    telegram.says("Напоминаний уже 50").await;
    telegram.writes(ALEX, "/reminders");
    let list = telegram.says("Напоминания: 50 из 50").await;
    assert!(text(&list).contains("дело 8") && !text(&list).contains("дело 9"));
    tap(telegram, &list, "▶️");
    let list = becomes(telegram, "дело 9").await;
    tap(telegram, &list, "✖️ 9");
    let list = becomes(telegram, "Напоминания: 49 из 50").await;
    assert!(
        text(&list).contains("9. 28 марта 2024 в 22:00"),
        "{}",
        text(&list)
    );
    world.end().await;
}

#[tokio::test]
async fn what_was_missed_while_the_bot_was_down_comes_once_and_says_so() {
    let (world, _hands) = world().await;
    world.telegram.writes(ALEX, "/timezone Москва");
    world.telegram.says("Europe/Moscow").await;
    for said in ["через 10 минут раз", "каждый день в 13:00 снова"] {
        world.telegram.writes(ALEX, &format!("/remind {said}"));
        world.telegram.says("апом").await;
    }
    let place = world.end().await;
    let (outside, hands) = outside("2024-04-02T12:00:00Z");
    let world = World::again(place, &[], outside).await;
    let telegram = &world.telegram;
    let late = telegram.says("⏰ раз").await;
    assert!(text(&late).contains("Опоздало: должно было прийти 28 марта 2024 в 12:10"));
    let late = telegram.says("⏰ снова").await;
    assert!(text(&late).contains("Опоздало"));
    hands.turn(at("2024-04-03T10:00:00Z"));
    let next = telegram.says("⏰ снова").await;
    assert!(!text(&next).contains("Опоздало"));
    assert_eq!(
        (sent(telegram, "⏰ раз"), sent(telegram, "⏰ снова")),
        (1, 2)
    );
    world.end().await;
}

/// People who wait for one reminder each.
const PEOPLE: i64 = 100;

/// How often each person was reminded, and whether they know that something may be missing.
fn reminded(telegram: &BotApi, person: i64) -> (usize, bool) {
    let made = telegram.made();
    let is_to = |body: &Value| body["chat_id"] == person;
    let to: Vec<_> = made
        .iter()
        .filter(|made| made.method == "SendMessage" && made.done && is_to(&made.body))
        .collect();
    let count = |words| {
        to.iter()
            .filter(|made| text(&made.body).contains(words))
            .count()
    };
    (count("⏰ дело"), count("могло не дойти") > 0)
}

#[tokio::test]
async fn the_killed_program_forgets_no_reminder_and_sends_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let telegram = BotApi::start().await;
    let store = Store::open_file(&folder.path().join("sfera-bot.db"))
        .await
        .unwrap();
    let mut work = store.begin(at(BEGIN)).await.unwrap();
    for person in 1..=PEOPLE {
        let who = Newcomer {
            id: person,
            ..alex()
        };
        work.meet(&who).await.unwrap();
        let new = New {
            user: person,
            chat: person,
            text: "дело",
            rule: None,
            zone: "Europe/Moscow",
            due: at(BEGIN) + person,
            source: &format!("made:{person}"),
        };
        assert!(work.make_reminder(&new, 50).await.unwrap());
    }
    work.commit().await.unwrap();
    store.close().await;
    kill_again_and_again(&telegram, folder.path(), 8, 9).await;
    let process = start(&telegram, folder.path());
    until_all(&telegram, || {
        (1..=PEOPLE).all(|person| reminded(&telegram, person) != (0, false))
    })
    .await;
    kill(process);
    for person in 1..=PEOPLE {
        let (count, doubt) = reminded(&telegram, person);
        assert!(count <= 1, "{person} was reminded {count} times");
        assert!(count == 1 || doubt, "{person} was forgotten");
    }
}
