//! 2,000 updates a minute, from 500 people: how soon the reply is on its way, and that none is lost.
//!
//! Telegram takes about one message a second in a chat and 30 a second altogether. Each person writes
//! every fifteen seconds here; of three updates one is a tap, whose answer is no message, so that some 22
//! messages a second are sent and as many taps answered and drafts edited as there are.

use crate::{
    double::{BotApi, message_of, text},
    postgres::Postgres,
    world::{Around, World},
};
use reqwest::Client;
use serde_json::{Value, json};
use sfera_bot::telegram::Pace;
use std::{collections::HashMap, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};

const UPDATES: i64 = 2_000;
const PEOPLE: i64 = 500;
const SECRET: &str = "a-secret_of-telegram";
const SETTINGS: [(&str, &str); 2] = [
    ("WEBHOOK_URL", "https://sfera.example/"),
    ("WEBHOOK_SECRET_TOKEN", SECRET),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_two_thousand_updates_a_minute_on_sqlite() {
    measure("SQLite", World::of(&SETTINGS, around()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_two_thousand_updates_a_minute_on_postgresql() {
    let server = Postgres::start();
    let url = server.url();
    let settings = [SETTINGS[0], SETTINGS[1], ("DATABASE_URL", url.as_str())];
    measure("PostgreSQL", World::of(&settings, around()).await).await;
}

/// At the pace that Telegram wants.
fn around() -> Around {
    Around {
        pace: Pace::of_telegram(),
        ..Around::default()
    }
}

/// What somebody does: a command, a question, or a tap.
fn update(number: i64) -> Value {
    let person = 10_000 + number % PEOPLE;
    let message = message_of(person, person, number, json!({"text": "Что такое риск?"}));
    let mut update = match number % 3 {
        0 => json!({"callback_query": {"id": format!("tap-{number}"), "from": message["from"],
            "chat_instance": "1", "data": "nothing", "message": message}}),
        1 => json!({"message": message_of(person, person, number, json!({"text": "/help"}))}),
        _ => json!({"message": message}),
    };
    update["update_id"] = number.into();
    update
}

async fn measure(database: &str, world: World) {
    // Somebody else may have done so before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let url = format!("http://{}/telegram/webhook", world.web);
    let mut beat = interval(Duration::from_secs(60) / UPDATES as u32);
    let (mut posts, mut begun) = (JoinSet::new(), HashMap::new());
    for number in 1..=UPDATES {
        beat.tick().await;
        begun.insert(number, Instant::now());
        let request = client.post(&url).body(update(number).to_string());
        let request = request.header("X-Telegram-Bot-Api-Secret-Token", SECRET);
        posts.spawn(async move { request.send().await.unwrap().status() });
    }
    while let Some(status) = posts.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
    let replies = |body: &Value| !body["chat_id"].is_null();
    let (messages, taps) = (UPDATES - UPDATES / 3, UPDATES / 3);
    world
        .telegram
        .until_count("SendMessage", replies, messages as usize)
        .await;
    assert_eq!(
        world.telegram.count("SendMessage", replies),
        messages as usize
    );
    world
        .telegram
        .until_count("AnswerCallbackQuery", |_| true, taps as usize)
        .await;
    let answers = (1..=UPDATES).filter(|number| number % 3 == 2).count();
    world
        .telegram
        .until_count("EditMessageText", |body| text(body) == "Да.", answers)
        .await;
    let mut waits = waits(&world.telegram, &begun);
    assert_eq!(waits.len(), UPDATES as usize, "each was replied to once");
    waits.sort_unstable();
    let at = |share: f64| waits[(waits.len() as f64 * share) as usize];
    println!(
        "{database}: {UPDATES} updates in a minute from {PEOPLE} people: reply p50 {:?}, p99 {:?}, last {:?}",
        at(0.5),
        at(0.99),
        waits[waits.len() - 1],
    );
    world.end().await;
}

/// From the moment an update was handed over to the first call that answers it. A person's updates are
/// answered in their order.
fn waits(telegram: &BotApi, begun: &HashMap<i64, Instant>) -> Vec<Duration> {
    let mut next: HashMap<i64, Vec<i64>> = HashMap::new();
    for number in (1..=UPDATES).rev().filter(|number| number % 3 != 0) {
        next.entry(10_000 + number % PEOPLE)
            .or_default()
            .push(number);
    }
    let mut waits = Vec::new();
    for made in telegram.made() {
        let number = match made.method.as_str() {
            "SendMessage" => {
                let person = made.body["chat_id"].as_i64().unwrap();
                next.get_mut(&person).and_then(Vec::pop)
            }
            "AnswerCallbackQuery" => {
                let tap = made.body["callback_query_id"].as_str().unwrap();
                tap.strip_prefix("tap-")
                    .and_then(|number| number.parse().ok())
            }
            _ => None,
        };
        if let Some(number) = number {
            waits.push(made.at - begun[&number]);
        }
    }
    waits
}
