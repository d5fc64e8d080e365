//! Workers that can't begin.

use async_trait::async_trait;
use futures::SinkExt;
use sfera_agent::{
    io::room::{Address, Caller, CallerOptions, JoinError},
    worker::{
        Job, JobFailed, JobRunner, Secret, Server, TokenOptions, Worker, WorkerError,
        WorkerOptions, mint, probe,
    },
};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_tungstenite::{accept_async, tungstenite::Message};

use crate::{
    api::{Answer, Double},
    livekit_server::LiveKitServer,
    shop::{WAIT, server_of},
};

struct Nothing;

#[async_trait]
impl JobRunner for Nothing {
    async fn run(&self, _: Job) -> Result<(), JobFailed> {
        Ok(())
    }
}

async fn refusal(server: Server) -> JoinError {
    let options = WorkerOptions {
        attempts: 2,
        ..WorkerOptions::default()
    };
    match Worker::start(server, options, Nothing).await.map(|_| ()) {
        Err(WorkerError::Refused(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn wrong_keys_and_addresses_are_told_apart() {
    let server = LiveKitServer::start();
    let good = server_of(&server);
    let wrong = Server {
        key: "nobody".into(),
        ..good.clone()
    };
    assert_eq!(refusal(wrong).await, JoinError::UnknownKey);
    let wrong = Server {
        secret: Secret::new("x".repeat(40)),
        ..good.clone()
    };
    assert_eq!(refusal(wrong).await, JoinError::WrongSecret);
    let wrong = Server {
        url: "ws://127.0.0.1:1".into(),
        ..good.clone()
    };
    assert_eq!(refusal(wrong).await, JoinError::Unreachable);
    let wrong = Server {
        url: "here".into(),
        ..good
    };
    assert_eq!(refusal(wrong).await, JoinError::Url);
}

#[tokio::test]
async fn what_cannot_get_ready_does_not_start() {
    struct Unready;
    #[async_trait]
    impl JobRunner for Unready {
        async fn prepare(&self) -> Result<(), JobFailed> {
            Err(JobFailed("there is no model".into()))
        }
        async fn run(&self, _: Job) -> Result<(), JobFailed> {
            Ok(())
        }
    }
    let server = LiveKitServer::start();
    let started = Worker::start(server_of(&server), WorkerOptions::default(), Unready).await;
    assert!(
        started
            .err()
            .unwrap()
            .to_string()
            .contains("there is no model")
    );
}

#[tokio::test]
async fn what_answers_in_the_place_of_livekit_is_told_apart() {
    let cases: [(&str, &[Answer], JoinError); 6] = [
        (
            "a LiveKit server from before there were workers",
            &[("/rtc/validate", 401, "permissions denied")],
            JoinError::NoWorkers,
        ),
        ("another server", &[], JoinError::NotLiveKit),
        (
            "a proxy whose server is away",
            &[("/", 502, "<html>Bad Gateway</html>")],
            JoinError::Trouble(502),
        ),
        (
            "a proxy with a limit",
            &[("/agent", 429, "slow down")],
            JoinError::Refused(429),
        ),
        (
            "a server whose clock is behind",
            &[(
                "/agent",
                401,
                "invalid token: x, error: token not valid yet (nbf)",
            )],
            JoinError::ClockSkew,
        ),
        (
            "a server whose clock is ahead",
            &[(
                "/agent",
                401,
                "invalid token: x, error: token is expired (exp)",
            )],
            JoinError::ClockSkew,
        ),
    ];
    for (what, answers, expected) in cases {
        let double = Double::answering(answers).await;
        assert_eq!(probe(&double.server()).await, Err(expected), "{what}");
    }
}

#[tokio::test]
async fn a_server_with_a_limit_is_asked_again() {
    let double = Double::answering(&[("/agent", 429, "slow down")]).await;
    assert_eq!(refusal(double.server()).await, JoinError::Refused(429));
    assert_eq!(double.asked().len(), 2, "both attempts were made");
}

/// A server that takes every connection and talks nonsense.
async fn babbler() -> (Server, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        url: format!("ws://{}", listener.local_addr().unwrap()),
        key: "key".into(),
        secret: Secret::new("a secret"),
    };
    let mut talking = JoinSet::new();
    talking.spawn(async move {
        let mut taken = Vec::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = accept_async(stream).await.unwrap();
            let nonsense = Message::Binary(vec![0xff; 40].into());
            socket.send(nonsense).await.unwrap();
            taken.push(socket);
        }
    });
    (server, talking)
}

#[tokio::test]
async fn a_room_that_talks_nonsense_is_given_up_with_a_word_about_its_version() {
    let (server, _talking) = babbler().await;
    let options = TokenOptions {
        room: "room".into(),
        identity: "alice".into(),
        name: "alice".into(),
        ttl: WAIT,
        agent: None,
        is_agent: false,
    };
    let token = mint(&server, &options).expect("a token");
    let address = Address::new(&server.url, token.expose());
    let joined = timeout(WAIT, Caller::join(&address, CallerOptions::default())).await;
    let refused = joined.expect("it is given up").map(drop).unwrap_err();
    assert_eq!(refused, JoinError::Timeout);
    assert!(refused.to_string().contains("check its version"));
}
