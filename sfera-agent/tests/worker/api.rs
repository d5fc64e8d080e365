//! A server whose HTTP answers are made up: LiveKit's API, a proxy before it, or something else.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::StatusCode, http::Uri, response::IntoResponse};
use prost::Message;
use sfera_agent::worker::{Secret, Server};
use tokio::{net::TcpListener, task::JoinSet};

/// A path, and with which status and text it is answered; `/` is for all others.
pub type Answer<'a> = (&'a str, u16, &'a str);

type Answers = Vec<(String, u16, Vec<u8>)>;

#[derive(Clone)]
struct Script {
    answers: Arc<Answers>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub struct Double {
    url: String,
    script: Script,
    _served: JoinSet<()>,
}

impl Double {
    /// Answers these paths with this status and text, and all others with 404.
    pub async fn answering(answers: &[Answer<'_>]) -> Self {
        let bytes = |said: &&str| said.as_bytes().to_vec();
        let answers = answers.iter();
        Self::open(
            answers
                .map(|(path, status, said)| ((*path).to_owned(), *status, bytes(said)))
                .collect(),
        )
        .await
    }

    /// An API that makes dispatches, and answers so when it is asked about them.
    pub async fn of_dispatches(made: &impl Message, status: u16, said: &[u8]) -> Self {
        let method = |name: &str| format!("/twirp/livekit.AgentDispatchService/{name}");
        let made = made.encode_to_vec();
        Self::open(vec![
            (method("CreateDispatch"), 200, made.clone()),
            (method("DeleteDispatch"), 200, made),
            (method("ListDispatch"), status, said.to_vec()),
            ("/agent".to_owned(), status, said.to_vec()),
        ])
        .await
    }

    async fn open(answers: Answers) -> Self {
        let script = Script {
            answers: Arc::new(answers),
            asked: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(answer).with_state(script.clone());
        let mut served = JoinSet::new();
        served.spawn(async { axum::serve(listener, routes).await.unwrap() });
        Self {
            url,
            script,
            _served: served,
        }
    }

    pub fn server(&self) -> Server {
        Server {
            url: self.url.clone(),
            key: "key".into(),
            secret: Secret::new("a secret"),
        }
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.script.asked.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, uri: Uri) -> impl IntoResponse + use<> {
    script.asked.lock().unwrap().push(uri.path().to_owned());
    let mut answers = script.answers.iter();
    match answers.find(|(path, ..)| path == "/" || path == uri.path()) {
        Some((_, status, said)) => (StatusCode::from_u16(*status).unwrap(), said.clone()),
        None => (StatusCode::NOT_FOUND, b"404 page not found".to_vec()),
    }
}
