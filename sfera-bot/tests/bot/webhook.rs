//! Updates that Telegram sends by itself.

use crate::{
    double::message_of,
    world::{ALEX, World},
};
use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree as _},
    test_runner::TestRunner,
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;
use std::fmt::Debug;

const SECRET: &str = "a-secret_of-telegram";

async fn world() -> World {
    // Somebody else may have done so before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = [
        ("WEBHOOK_URL", "https://sfera.example/"),
        ("WEBHOOK_SECRET_TOKEN", SECRET),
    ];
    World::with(&settings, &ScriptedLlm::saying("Да.")).await
}

async fn post(world: &World, secret: Option<&str>, body: String) -> StatusCode {
    let url = format!("http://{}/telegram/webhook", world.web);
    let request = Client::new().post(url).body(body);
    let request = match secret {
        Some(secret) => request.header("X-Telegram-Bot-Api-Secret-Token", secret),
        None => request,
    };
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn only_who_knows_the_secret_is_heard_and_each_update_once() {
    let world = world().await;
    let announced = world.telegram.until("SetWebhook", |_| true).await;
    assert_eq!(announced["url"], "https://sfera.example/telegram/webhook");
    assert_eq!(announced["secret_token"], SECRET);
    let update =
        json!({"update_id": 5, "message": message_of(ALEX, ALEX, 1, json!({"text": "/help"}))});
    for secret in [None, Some("wrong"), Some("")] {
        let status = post(&world, secret, update.to_string()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    for _ in 0..3 {
        assert_eq!(
            post(&world, Some(SECRET), update.to_string()).await,
            StatusCode::OK
        );
    }
    let start =
        json!({"update_id": 6, "message": message_of(ALEX, ALEX, 2, json!({"text": "/start"}))});
    assert_eq!(
        post(&world, Some(SECRET), start.to_string()).await,
        StatusCode::OK
    );
    world.telegram.says("Привет").await;
    let made = world.telegram.made();
    let sent = made.iter().filter(|made| made.method == "SendMessage");
    assert_eq!(sent.count(), 2, "the repeated update was answered once");
    world.end().await;
}

#[tokio::test]
async fn a_strangers_body_is_not_even_read() {
    let world = world().await;
    for secret in [None, Some("wrong")] {
        let body = "x".repeat(2 << 20);
        assert_eq!(post(&world, secret, body).await, StatusCode::UNAUTHORIZED);
    }
    world.end().await;
}

/// Any value of JSON, also where Telegram would never put it.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A real update in which one thing is something else.
fn twisted() -> impl Strategy<Value = Value> {
    let places = [
        "/update_id",
        "/message",
        "/message/message_id",
        "/message/chat",
        "/message/chat/id",
        "/message/from",
        "/message/from/id",
        "/message/from/language_code",
        "/message/date",
        "/message/text",
        "/callback_query",
        "/callback_query/data",
        "/callback_query/message",
    ];
    (
        prop::sample::select(places.to_vec()),
        json_value(),
        100..1_000_000_i64,
    )
        .prop_map(|(place, value, id)| {
            let message = message_of(ALEX, ALEX, 1, json!({"text": "/start"}));
            let mut update = match place.starts_with("/callback_query") {
                true => json!({"update_id": id, "callback_query": {
                    "id": "1", "from": message["from"], "chat_instance": "1",
                    "data": "language:en", "message": message,
                }}),
                false => json!({"update_id": id, "message": message}),
            };
            if let Some(spot) = update.pointer_mut(place) {
                *spot = value;
            }
            update
        })
}

/// Runs a property in a world: every body gets the status it should, and then the bot still answers.
async fn whatever_comes<T: Debug>(
    cases: impl Strategy<Value = T>,
    body: impl Fn(T) -> Vec<u8>,
    right: impl Fn(&[u8]) -> StatusCode,
) {
    let world = world().await;
    let client = Client::new();
    let url = format!("http://{}/telegram/webhook", world.web);
    let mut runner = TestRunner::deterministic();
    for case in 0..256 {
        let body = body(cases.new_tree(&mut runner).unwrap().current());
        let wanted = right(&body);
        for (secret, wanted) in [(SECRET, wanted), ("wrong", StatusCode::UNAUTHORIZED)] {
            let request = client.post(&url).body(body.clone());
            let request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
            let status = request.send().await.unwrap().status();
            assert_eq!(status, wanted, "{case}: {}", String::from_utf8_lossy(&body));
        }
    }
    let help = message_of(7_002, 7_002, 1, json!({"text": "/help"}));
    let help = json!({"update_id": 5_000_000, "message": help});
    let status = post(&world, Some(SECRET), help.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    world
        .telegram
        .until("SendMessage", |body| body["chat_id"] == 7_002)
        .await;
    world.end().await;
}

#[tokio::test]
async fn any_bytes_are_taken_or_refused_and_break_nothing() {
    let bytes = prop::collection::vec(any::<u8>(), 0..512);
    let right = |body: &[u8]| match std::str::from_utf8(body) {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    whatever_comes(bytes, |bytes| bytes, right).await;
}

#[tokio::test]
async fn any_json_in_the_place_of_any_field_breaks_nothing() {
    let body = |update: Value| update.to_string().into_bytes();
    whatever_comes(twisted(), body, |_| StatusCode::OK).await;
}

#[tokio::test]
async fn strange_bodies_break_nothing() {
    let world = world().await;
    for (body, status) in [
        ("{}".to_owned(), StatusCode::OK),
        ("no JSON".to_owned(), StatusCode::OK),
        (json!({"update_id": -1}).to_string(), StatusCode::OK),
        (
            json!({"update_id": 9, "message": {"text": 5}}).to_string(),
            StatusCode::OK,
        ),
        ("[".repeat(100_000), StatusCode::OK),
        ("x".repeat(2 << 20), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(post(&world, Some(SECRET), body).await, status);
    }
    let help =
        json!({"update_id": 10, "message": message_of(ALEX, ALEX, 1, json!({"text": "/help"}))});
    assert_eq!(
        post(&world, Some(SECRET), help.to_string()).await,
        StatusCode::OK
    );
    world.telegram.says("/sfera").await;
    let ready = reqwest::get(format!("http://{}/ready", world.web))
        .await
        .unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    let page = reqwest::get(format!("http://{}/", world.web))
        .await
        .unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(page.text().await.unwrap().contains("Sfera AI"));
    world.end().await;
}

#[tokio::test]
async fn whatever_is_posted_gets_a_plain_answer() {
    let world = world().await;
    let fields = "(\"(update_id|message|text|chat|from|id|entities|voice|photo)\":|[0-9-]{1,20}|\"x\"|null|[{}\\[\\],]){0,40}";
    let body = prop_oneof![
        "\\PC{0,200}".prop_map(String::into_bytes),
        fields.prop_map(String::into_bytes),
        fields
            .prop_map(|inner| format!("{{\"update_id\":7,\"message\":{{{inner}}}}}").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..200),
    ];
    let (client, mut runner) = (Client::new(), TestRunner::deterministic());
    let url = format!("http://{}/telegram/webhook", world.web);
    for _ in 0..300 {
        let body = body.new_tree(&mut runner).unwrap().current();
        let request = client.post(&url).body(body.clone());
        let request = request.header("X-Telegram-Bot-Api-Secret-Token", SECRET);
        let status = request.send().await.unwrap().status();
        assert!(
            [StatusCode::OK, StatusCode::BAD_REQUEST].contains(&status),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    world.end().await;
}
