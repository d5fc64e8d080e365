//! Updates that Telegram sends by itself.

use crate::{
    double::message_of,
    world::{ALEX, World},
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use reqwest::{Client, StatusCode};
use serde_json::json;
use sfera_agent::testing::ScriptedLlm;

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
    world.telegram.says("Здравствуйте").await;
    let made = world.telegram.made();
    let sent = made.iter().filter(|made| made.method == "SendMessage");
    assert_eq!(sent.count(), 2, "the repeated update was answered once");
    world.end().await;
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
