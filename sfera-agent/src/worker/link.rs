//! The connection to the server: LiveKit's worker protocol over a WebSocket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use livekit_protocol::{ServerMessage, WorkerMessage, server_message, worker_message};
use prost::Message as _;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{options::Server, token};
use crate::io::room::JoinError;

/// How long a server may take to answer the first time.
const OPENING: Duration = Duration::from_secs(10);
/// A server that takes nothing for so long is gone.
const SENDING: Duration = Duration::from_secs(5);

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
        let mut request = address(&server.url)?
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
        let (socket, _) = opened.map_err(|error| refused(&error))?;
        Ok(Self { socket })
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
        if timeout(SENDING, self.socket.close(None)).await.is_err() {
            tracing::debug!("the server did not say goodbye");
        }
    }
}

/// `wss://host` becomes `wss://host/agent`.
fn address(url: &str) -> Result<String, JoinError> {
    let url = match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(("ws" | "wss", _)) => url.to_owned(),
        _ => return Err(JoinError::Url),
    };
    Ok(format!("{}/agent", url.trim_end_matches('/')))
}

fn refused(error: &tungstenite::Error) -> JoinError {
    match error {
        tungstenite::Error::Http(response) => {
            let said = response.body().as_deref().map(String::from_utf8_lossy);
            JoinError::refused(
                response.status().as_u16(),
                said.as_deref().unwrap_or_default(),
            )
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
            address("wss://lk.example.org/").as_deref(),
            Ok("wss://lk.example.org/agent")
        );
        assert_eq!(
            address("http://127.0.0.1:7880").as_deref(),
            Ok("ws://127.0.0.1:7880/agent")
        );
        assert_eq!(address("lk.example.org"), Err(JoinError::Url));
    }
}
