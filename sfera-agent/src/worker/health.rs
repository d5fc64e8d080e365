//! Health and figures over HTTP, for whoever operates the worker.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{error::WorkerError, figures::Figures};

/// Clients at a time; more wait.
const CLIENTS: usize = 64;
/// How long one may take to ask and to hear the answer.
const CLIENT: Duration = Duration::from_secs(10);
/// How long the last answers may keep the worker from ending.
const LAST: Duration = Duration::from_secs(1);
/// After the system gave no connection: it has no more of them, and asking again does not help.
const PAUSE: Duration = Duration::from_secs(1);

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
    Ok((bound, serve(listener, routes, stop)))
}

async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < CLIENTS => match accepted {
                Ok((client, _)) => {
                    clients.spawn(answer(client, routes.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "somebody who asked for the worker's health was not heard");
                    sleep(PAUSE).await;
                }
            },
            Some(_answered) = clients.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    let answered = async { while clients.join_next().await.is_some() {} };
    // Who has not asked by now gets no answer.
    let _late = timeout(LAST, answered).await;
}

/// Answers one question.
async fn answer(client: TcpStream, routes: Router) {
    let mut http = http1::Builder::new();
    let served = http
        .keep_alive(false)
        .serve_connection(TokioIo::new(client), TowerToHyperService::new(routes));
    match timeout(CLIENT, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "somebody asked for the worker's health in vain"),
        Err(_) => tracing::debug!("somebody asked too slowly for the worker's health"),
    }
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
