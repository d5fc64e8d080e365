use super::accepted;
use crate::{clock, config::Secret, state::Store};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequestParts, State},
    http::{HeaderMap, StatusCode, request::Parts},
    routing::post,
};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use teloxide::types::Update;
use tokio::sync::Notify;

/// Where Telegram sends updates.
pub const PATH: &str = "/telegram/webhook";
/// Bytes of one update; Telegram's own are some kilobytes.
const LARGEST: usize = 1 << 20;
const HEADER: &str = "x-telegram-bot-api-secret-token";

/// Takes updates that Telegram sends.
#[derive(Clone)]
pub struct Webhook {
    /// Where updates are stored.
    pub store: Store,
    /// Told when there is one.
    pub news: Arc<Notify>,
    /// What Telegram shows.
    pub secret: Secret,
}

impl Webhook {
    /// The route.
    pub fn router(self) -> Router {
        Router::new()
            .route(PATH, post(take))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(self)
    }

    /// Compared by their digests, and in constant time: nothing is learnt from how long it takes.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(HEADER).map(|value| value.as_bytes());
        let (shown, secret) = (
            Sha256::digest(shown.unwrap_or_default()),
            Sha256::digest(self.secret.expose()),
        );
        shown.ct_eq(&secret).into()
    }
}

/// Proof that whoever sends knows the secret. An extractor before the body's: nobody else's body is read.
struct Telegram;

impl FromRequestParts<Webhook> for Telegram {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        webhook: &Webhook,
    ) -> Result<Self, Self::Rejection> {
        match webhook.knows(&parts.headers) {
            true => Ok(Self),
            false => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

/// 200 once it is stored. What cannot be read is taken too: Telegram would send it for ever.
async fn take(_proof: Telegram, State(webhook): State<Webhook>, body: Bytes) -> StatusCode {
    let Ok(text) = String::from_utf8(body.into()) else {
        return StatusCode::BAD_REQUEST;
    };
    let Ok(update) = serde_json::from_str::<Update>(&text) else {
        tracing::warn!(bytes = text.len(), "an update that is not understood");
        return StatusCode::OK;
    };
    let stored = [accepted(&update, text)];
    match webhook.store.accept(&stored, clock::now()).await {
        Ok(new) => {
            if new > 0 {
                webhook.news.notify_one();
            }
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(%error, "an update cannot be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
