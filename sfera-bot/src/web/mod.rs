//! The web server beside the bot.

use crate::state::Store;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

/// What is served until the Mini App is built.
const PAGE: &str = include_str!("not_built.html");

/// Headers of every page: nothing from elsewhere, no script.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self' https://web.telegram.org https://webk.telegram.org https://weba.telegram.org",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store, no-cache, must-revalidate"),
];

/// The routes of the web server; `more` are those of the bot.
pub fn router(store: Store, more: Router) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/health", get(|| async { "OK" }))
        .route("/ready", get(ready))
        .with_state(store)
        .merge(more)
}

async fn page() -> Response {
    let mut response = Html(PAGE).into_response();
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether updates can be taken.
async fn ready(State(store): State<Store>) -> (StatusCode, &'static str) {
    match store.ping().await {
        Ok(()) => (StatusCode::OK, "OK"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "no database")
        }
    }
}
