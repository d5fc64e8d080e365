//! What the page of the Mini App asks of the web server.

use crate::{double::TOKEN, world::World};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write;

/// A page that shows who opened it.
pub struct Page {
    client: Client,
    address: String,
    pub shown: String,
}

impl Page {
    /// Opened by this person just now.
    pub fn of(world: &World, person: i64) -> Self {
        Self::speaking(world, person, "ru")
    }

    /// The same by somebody whose Telegram speaks this language.
    pub fn speaking(world: &World, person: i64, language: &str) -> Self {
        let now = sfera_bot::clock::now() / 1_000;
        Self::showing(world, init_data(person, language, now))
    }

    pub fn showing(world: &World, shown: String) -> Self {
        // Somebody else may have done so before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: Client::new(),
            address: format!("http://{}", world.web),
            shown,
        }
    }

    pub fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .client
            .request(method, format!("{}{path}", self.address));
        match self.shown.as_str() {
            "" => request,
            shown => request.header("Authorization", format!("tma {shown}")),
        }
    }

    pub async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        answered(self.asks(Method::POST, path).body(body.to_owned())).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answered(self.asks(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> StatusCode {
        self.asks(Method::DELETE, path)
            .send()
            .await
            .unwrap()
            .status()
    }
}

async fn answered(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

/// As Telegram signs it; that this is how, the vectors of `web::init_data` show.
pub fn init_data(person: i64, language: &str, auth_date: i64) -> String {
    let user = json!({"id": person, "first_name": "Алекс", "language_code": language});
    let mut pairs = vec![
        ("auth_date", auth_date.to_string()),
        ("query_id", "AAHdF6IQAAAAAN0XohDhrOrc".to_owned()),
        ("user", user.to_string()),
    ];
    let lines: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let key = sign(b"WebAppData", TOKEN.as_bytes());
    let hash = sign(&key, lines.join("\n").as_bytes());
    let hex = hash.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    pairs.push(("hash", hex));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
