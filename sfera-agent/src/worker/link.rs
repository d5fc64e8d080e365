//! The connection to the server: LiveKit's worker protocol over a WebSocket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use livekit_protocol::{
    RegisterWorkerRequest, ServerInfo, ServerMessage, WorkerMessage, WorkerPing, server_info,
    server_message, worker_message,
};
use prost::Message as _;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode},
    },
};

use super::{options::Server, token};
use crate::io::room::JoinError;

/// How long a server may take to answer the first time.
const OPENING: Duration = Duration::from_secs(10);
/// How long it may take to register a worker.
const REGISTERING: Duration = Duration::from_secs(10);
/// A server that takes nothing for so long is gone.
const SENDING: Duration = Duration::from_secs(5);
/// How long saying goodbye may take.
const CLOSING: Duration = Duration::from_secs(1);
/// The first version that lets agents be asked for by name, and the oldest that was tried. What callers
/// type arrives from 1.8.0 on; rooms are opened by a dispatch from 1.8.3 on.
const OLDEST: [u32; 3] = [1, 7, 2];

/// What the server says to a worker it has registered.
pub(super) struct Registered {
    /// The server's number of it.
    pub(super) worker: String,
    /// The server's version.
    pub(super) server: String,
    /// What it asked before it had said all of this.
    pub(super) early: Vec<server_message::Message>,
}

pub(super) struct Link {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    /// [`JoinError`], which says whether another attempt makes sense.
    pub(super) async fn open(server: &Server) -> Result<Self, JoinError> {
        let token = token::worker(server).map_err(|_| JoinError::UnknownKey)?;
        let mut request = below(&server.url, "agent")?
            .into_client_request()
            .map_err(|_| JoinError::Url)?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
        request.headers_mut().insert(
            "Authorization",
            bearer.map_err(|_| JoinError::TokenMalformed)?,
        );
        let opened = timeout(OPENING, connect_async(request))
            .await
            .map_err(|_| JoinError::Timeout)?;
        match opened {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tungstenite::Error::Http(response))
                if response.status() == StatusCode::NOT_FOUND =>
            {
                Err(without_workers(&server.url).await)
            }
            Err(error) => Err(refused(&error)),
        }
    }

    /// Registers the worker and waits until the server gives it jobs.
    ///
    /// # Errors
    /// [`JoinError`] where the server is too old, goes away or says nothing.
    pub(super) async fn register(
        &mut self,
        request: RegisterWorkerRequest,
    ) -> Result<Registered, JoinError> {
        let registered = timeout(REGISTERING, self.ask_to_register(request)).await;
        registered.map_err(|_| JoinError::Timeout)?
    }

    async fn ask_to_register(
        &mut self,
        request: RegisterWorkerRequest,
    ) -> Result<Registered, JoinError> {
        // The server says that it has registered a worker a moment before it has. What follows waits
        // until then, so the answer to a ping is the proof.
        let ping = WorkerPing::default();
        let sent = self.send(worker_message::Message::Register(request)).await
            && self.send(worker_message::Message::Ping(ping)).await;
        let mut registered = None;
        let mut early = Vec::new();
        while sent && let Some(message) = self.next().await {
            match message {
                server_message::Message::Register(response) => {
                    if response.server_info.as_ref().is_some_and(is_too_old) {
                        return Err(JoinError::NoWorkers);
                    }
                    registered = Some(response);
                }
                server_message::Message::Pong(_) => {
                    if let Some(response) = registered.take() {
                        return Ok(Registered {
                            worker: response.worker_id,
                            server: response.server_info.unwrap_or_default().version,
                            early,
                        });
                    }
                }
                message => early.push(message),
            }
        }
        Err(JoinError::Unreachable)
    }

    /// Sends a message; false where the server is gone.
    pub(super) async fn send(&mut self, message: worker_message::Message) -> bool {
        let message = WorkerMessage {
            message: Some(message),
        };
        let bytes = Message::Binary(message.encode_to_vec().into());
        matches!(timeout(SENDING, self.socket.send(bytes)).await, Ok(Ok(())))
    }

    /// The next message; `None` where the server is gone. What is not understood is passed over.
    /// Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<server_message::Message> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Binary(bytes) => match ServerMessage::decode(bytes) {
                    Ok(ServerMessage {
                        message: Some(message),
                    }) => return Some(message),
                    Ok(_) => tracing::debug!("the server sent a message of a kind not known here"),
                    Err(error) => tracing::warn!(%error, "the server sent what is no message"),
                },
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    pub(super) async fn close(mut self) {
        if timeout(CLOSING, self.socket.close(None)).await.is_err() {
            tracing::debug!("the server did not say goodbye");
        }
    }
}

/// Whether a server is older than any that was tried. LiveKit Cloud counts otherwise.
fn is_too_old(server: &ServerInfo) -> bool {
    server.edition() == server_info::Edition::Standard
        && version(&server.version).is_some_and(|version| version < OLDEST)
}

/// `1.8.0-rc1` as numbers.
fn version(said: &str) -> Option<[u32; 3]> {
    let numbers = said.split(['-', '+']).next()?;
    let numbers: Result<Vec<u32>, _> = numbers.split('.').map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}

/// Why there are no workers where one asked for them. A LiveKit server without workers still guards its
/// rooms; what is no LiveKit server knows nothing of them.
async fn without_workers(url: &str) -> JoinError {
    let rooms = match below(url, "rtc/validate") {
        Ok(rooms) => rooms,
        Err(error) => return error,
    };
    match timeout(OPENING, connect_async(rooms)).await {
        Ok(Err(tungstenite::Error::Http(response)))
            if response.status() == StatusCode::UNAUTHORIZED =>
        {
            JoinError::NoWorkers
        }
        _ => JoinError::NotLiveKit,
    }
}

/// `wss://host` becomes `wss://host/path`.
fn below(url: &str, path: &str) -> Result<String, JoinError> {
    let url = match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(("ws" | "wss", _)) => url.to_owned(),
        _ => return Err(JoinError::Url),
    };
    Ok(format!("{}/{path}", url.trim_end_matches('/')))
}

fn refused(error: &tungstenite::Error) -> JoinError {
    match error {
        tungstenite::Error::Http(response) => {
            let said = response.body().as_deref().map(String::from_utf8_lossy);
            let refused = JoinError::refused(
                response.status().as_u16(),
                said.as_deref().unwrap_or_default(),
            );
            // The token was made a moment ago: it can't be old, one of the clocks is wrong.
            match refused {
                JoinError::TokenExpired => JoinError::ClockSkew,
                other => other,
            }
        }
        tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => JoinError::Url,
        tungstenite::Error::Protocol(_) => JoinError::NotLiveKit,
        _ => JoinError::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_workers_go() {
        assert_eq!(
            below("wss://lk.example.org/", "agent").as_deref(),
            Ok("wss://lk.example.org/agent")
        );
        assert_eq!(
            below("http://127.0.0.1:7880", "agent").as_deref(),
            Ok("ws://127.0.0.1:7880/agent")
        );
        assert_eq!(below("lk.example.org", "agent"), Err(JoinError::Url));
    }

    #[test]
    fn old_servers_are_known_by_their_version() {
        let server = |version: &str, edition: server_info::Edition| ServerInfo {
            version: version.to_owned(),
            edition: edition.into(),
            ..ServerInfo::default()
        };
        let own = |version| is_too_old(&server(version, server_info::Edition::Standard));
        assert!(own("1.5.1") && own("1.7.0-rc1") && own("0.15.2"));
        assert!(!own("1.7.2") && !own("1.11.0") && !own("2.0.0"));
        assert!(!own("") && !own("main"), "what says nothing is tried");
        assert!(!is_too_old(&server("1.0.0", server_info::Edition::Cloud)));
    }
}
