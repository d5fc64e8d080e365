//! Workers that can't begin, and dispatches that nobody takes.

use std::time::Duration;

use async_trait::async_trait;
use sfera_agent::{
    io::room::JoinError,
    worker::{
        DispatchError, Job, JobFailed, JobRunner, Secret, Server, Worker, WorkerError,
        WorkerOptions, dispatch,
    },
};

use crate::{livekit_server::LiveKitServer, shop::server_of};

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
async fn a_dispatch_that_nobody_takes_is_an_error() {
    let server = LiveKitServer::start();
    let wait = Duration::from_secs(1);
    let nobody = dispatch(&server_of(&server), "nobody", "empty", "", wait)
        .await
        .unwrap_err();
    assert_eq!(
        nobody,
        DispatchError::NoAgent {
            agent: "nobody".into(),
            waited: wait
        }
    );
    let wrong = Server {
        secret: Secret::new("x".repeat(40)),
        ..server_of(&server)
    };
    let refused = dispatch(&wrong, "nobody", "empty", "", wait)
        .await
        .unwrap_err();
    assert_eq!(refused, DispatchError::Unauthorized);
}
