//! Health and figures over HTTP, for whoever operates the worker.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{error::WorkerError, figures::Figures};

#[derive(Clone)]
struct Shared {
    figures: Arc<Figures>,
    agent_name: String,
}

/// Serves until `stop`.
///
/// # Errors
/// The address is taken or impossible.
pub(super) async fn listen(
    address: SocketAddr,
    figures: Arc<Figures>,
    agent_name: String,
    stop: CancellationToken,
) -> Result<(SocketAddr, impl Future<Output = ()> + Send + 'static), WorkerError> {
    let broken = |error: std::io::Error| WorkerError::Health(address, error.to_string());
    let listener = TcpListener::bind(address).await.map_err(broken)?;
    let bound = listener.local_addr().map_err(broken)?;
    let routes = Router::new()
        .route("/", get(health))
        .route("/worker", get(worker))
        .route("/metrics", get(metrics))
        .with_state(Shared {
            figures,
            agent_name,
        });
    let serve = async move {
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::warn!(%error, "health is served no more");
        }
    };
    Ok((bound, serve))
}

async fn health(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if shared.figures.registered.load(Ordering::Relaxed) {
        (StatusCode::OK, "OK")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not connected to the LiveKit server",
        )
    }
}

async fn worker(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({
        "agent_name": shared.agent_name,
        "worker_type": "JT_ROOM",
        "worker_load": shared.figures.load.get(),
        "active_jobs": shared.figures.jobs.get(),
        "draining": shared.figures.draining.load(Ordering::Relaxed),
        "sdk_version": env!("CARGO_PKG_VERSION"),
        "project_type": "rust",
    }))
}

async fn metrics(State(shared): State<Shared>) -> String {
    shared.figures.text()
}
