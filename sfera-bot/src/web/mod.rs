//! The web server beside the bot: the page of the Mini App, what it asks for, and health.

mod api;
pub mod init_data;
mod limits;
pub mod metrics;
mod page;
mod refusal;
mod visitor;

pub use api::openapi;
pub use limits::Limits;
pub use page::Page;
pub use refusal::Why;

use crate::{calls::Calls, handling::House, state::Store};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::Response,
    routing::get,
};
use sfera_agent::memory::Memory;
use std::sync::Arc;

/// What all routes share.
pub struct Web {
    /// The state.
    pub store: Store,
    /// What is the same for everybody.
    pub house: Arc<House>,
    /// Voice calls, where LiveKit is set.
    pub calls: Option<Calls>,
    /// Who remembers people, if anybody does.
    pub memory: Option<Arc<dyn Memory>>,
}

/// The routes of the web server; `more` are those of the bot.
pub fn router(web: Web, page: &Page, limits: &Limits, more: Router) -> Router {
    let web = Arc::new(web);
    let (api, _) = api::router().split_for_parts();
    Router::new()
        .route("/health", get(|| async { "OK" }))
        .route("/ready", get(ready))
        .merge(limits.around(api).layer(map_response(unstored)))
        .with_state(web)
        .merge(page.router())
        .merge(more)
}

/// What is said to a page is for nobody else, and soon out of date.
async fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Whether updates can be taken, and in a second line how it is with calls: without them the bot is
/// still of use.
async fn ready(State(web): State<Arc<Web>>) -> (StatusCode, String) {
    let voice = web.house.voice.now().name();
    match web.store.ping().await {
        Ok(()) => (StatusCode::OK, format!("OK\nvoice: {voice}")),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let said = format!("no database\nvoice: {voice}");
            (StatusCode::SERVICE_UNAVAILABLE, said)
        }
    }
}
