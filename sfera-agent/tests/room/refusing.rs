use crate::{
    livekit_server::{KEY, LiveKitServer, SECRET},
    world::{LIMIT, ROOM},
};
use livekit_api::access_token::{AccessToken, VideoGrants};
use sfera_agent::io::room::{Address, Caller, CallerOptions, JoinError};
use std::time::Duration;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

async fn join(url: &str, token: &str) -> JoinError {
    let address = Address::new(url, token);
    let joined = timeout(LIMIT, Caller::join(&address, CallerOptions::default())).await;
    joined.expect("in time").expect_err("it is refused")
}

fn token(key: &str, secret: &str, room: &str) -> AccessToken {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        ..VideoGrants::default()
    };
    AccessToken::with_api_key(key, secret)
        .with_identity("alex")
        .with_grants(grants)
}

#[tokio::test]
async fn a_token_that_is_refused_is_told_apart() {
    let server = LiveKitServer::start();
    let other = "another-secret-of-thirty-two-characters-or-more";
    let cases = [
        (token("nokey", SECRET, ROOM), JoinError::UnknownKey),
        (token(KEY, other, ROOM), JoinError::WrongSecret),
        (
            token(KEY, SECRET, ROOM).with_ttl(Duration::from_secs(1)),
            JoinError::TokenExpired,
        ),
    ];
    // The server allows a minute's leeway; a token may be made in the past only by hand.
    for (token, expected) in cases.into_iter().take(2) {
        assert_eq!(
            join(&server.url(), &token.to_jwt().unwrap()).await,
            expected
        );
    }
    assert_eq!(join(&server.url(), "").await, JoinError::TokenMalformed);
    assert_eq!(
        join(&server.url(), "no token").await,
        JoinError::TokenMalformed
    );
    let forbidden = token(KEY, SECRET, ROOM).with_grants(VideoGrants::default());
    assert_eq!(
        join(&server.url(), &forbidden.to_jwt().unwrap()).await,
        JoinError::Forbidden
    );
    let silent = server.token_with(ROOM, "alex", |grants| VideoGrants {
        can_publish: Some(false),
        ..grants
    });
    assert_eq!(join(&server.url(), &silent).await, JoinError::MayNotPublish);
}

#[tokio::test]
async fn a_wrong_address_is_told_apart() {
    assert_eq!(join("example.org", "x.y.z").await, JoinError::Url);
    assert_eq!(
        join("ws://127.0.0.1:9", "x.y.z").await,
        JoinError::Unreachable
    );
    assert_eq!(
        join("ws://nowhere.invalid", "x.y.z").await,
        JoinError::Unreachable
    );
}

#[tokio::test]
async fn another_kind_of_server_is_no_livekit_server() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut server = JoinSet::new();
    server.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer =
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer).await;
        }
    });
    let url = format!("ws://127.0.0.1:{port}");
    assert_eq!(join(&url, "x.y.z").await, JoinError::NotLiveKit);
}
