use crate::{
    livekit_server::{KEY, LiveKitServer, SECRET},
    world::{LIMIT, ROOM},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use livekit_api::access_token::{AccessToken, Claims, VideoGrants};
use sfera_agent::io::room::{Address, Caller, CallerOptions, JoinError};
use std::time::UNIX_EPOCH;
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

/// Seconds from now; the server allows a minute's leeway.
const HOUR_AGO: i64 = -3600;
const IN_AN_HOUR: i64 = 3600;

/// A token that is good between these moments, as a machine with another clock makes it.
fn token_of(from: i64, until: i64) -> String {
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let claims = Claims {
        iss: KEY.to_owned(),
        sub: "alex".to_owned(),
        nbf: (now + from) as usize,
        exp: (now + until) as usize,
        video: VideoGrants {
            room_join: true,
            room: ROOM.to_owned(),
            ..VideoGrants::default()
        },
        ..Claims::default()
    };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

#[tokio::test]
async fn a_token_that_is_refused_is_told_apart() {
    let server = LiveKitServer::start();
    let other = "another-secret-of-thirty-two-characters-or-more";
    let cases = [
        (
            token("nokey", SECRET, ROOM).to_jwt().unwrap(),
            JoinError::UnknownKey,
        ),
        (
            token(KEY, other, ROOM).to_jwt().unwrap(),
            JoinError::WrongSecret,
        ),
        (token_of(HOUR_AGO, HOUR_AGO + 60), JoinError::TokenExpired),
        (token_of(IN_AN_HOUR, IN_AN_HOUR + 60), JoinError::ClockSkew),
    ];
    for (token, expected) in cases {
        assert_eq!(join(&server.url(), &token).await, expected);
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
