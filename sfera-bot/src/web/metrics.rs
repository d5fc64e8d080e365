//! Figures for Prometheus, on a listener of their own: the public does not see them.

use crate::state::Store;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics` until told to stop.
pub async fn serve(listener: TcpListener, store: Store, stop: CancellationToken) {
    let routes = Router::new()
        .route("/metrics", get(figures))
        .with_state(store);
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the figures are not served any more");
    }
}

async fn figures(
    State(store): State<Store>,
) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    let waiting = store.letters_waiting().await;
    let waiting = waiting.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    store.figures().waiting.set(waiting);
    Ok(([(header::CONTENT_TYPE, FORMAT)], store.figures().text()))
}
