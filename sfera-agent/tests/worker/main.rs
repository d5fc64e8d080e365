//! Workers on a real server.
#![cfg(all(feature = "livekit", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod livekit_server;
#[path = "../room/world.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod world;

mod api;
mod conversations;
mod dispatches;
mod double;
mod refusals;
mod shop;

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use livekit_api::services::agent_dispatch::AgentDispatchClient;
use livekit_server::{KEY, LiveKitServer, SECRET};
use sfera_agent::worker::dispatch;

use crate::shop::{AGENT, Shop, WAIT, server_of};

#[tokio::test]
async fn a_dispatched_job_says_all_there_is_to_know() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    let asked = dispatch(
        &server_of(&server),
        AGENT,
        "room-1",
        "a note",
        Duration::from_secs(5),
    )
    .await;
    assert!(
        asked.is_err(),
        "this runner never joins, and that is noticed"
    );
    let job = shop.next_job().await;
    assert_eq!(
        (job.room.as_str(), job.metadata.as_str()),
        ("room-1", "a note")
    );
    assert_eq!(
        (job.agent_name.as_str(), &job.identity),
        (AGENT, &format!("agent-{}", job.id))
    );
    assert!(job.id.starts_with("AJ_") && !job.token.expose().is_empty() && !job.url.is_empty());
    assert!(
        !format!("{job:?}").contains(job.token.expose()),
        "the token is not shown"
    );
    shop.close().await;
}

#[tokio::test]
async fn there_are_never_more_jobs_than_places() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |options| options.max_jobs = 2).await;
    for room in 0..5 {
        shop.ask(&server, &format!("room-{room}")).await;
    }
    let jobs = [shop.next_job().await, shop.next_job().await];
    assert!(
        shop.no_job_within(Duration::from_secs(3)).await,
        "both places are taken"
    );
    jobs[0].stop.cancel();
    shop.until_figure("lk_agents_jobs_finished_total 1").await;
    shop.until_figure("lk_agents_worker_load 0.5").await;
    // The server hears of the free place a moment later; a dispatch before that is lost for good.
    let mut attempts = 10..20;
    let next = loop {
        let room = format!("room-{}", attempts.next().expect("the free place is used"));
        shop.ask(&server, &room).await;
        if let Some(job) = shop.job_within(Duration::from_secs(1)).await {
            break job;
        }
    };
    assert!(next.room.starts_with("room-1"), "{}", next.room);
    shop.close().await;
}

#[tokio::test]
async fn every_place_is_used() {
    // The server gives nothing to who calls itself busier than 0.7: the last places too must be asked for.
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |options| options.max_jobs = 8).await;
    for room in 0..8 {
        shop.ask(&server, &format!("room-{room}")).await;
        shop.next_job().await;
    }
    shop.until_figure("lk_agents_worker_load 1.0").await;
    shop.close().await;
}

#[tokio::test]
async fn a_job_that_breaks_ends_alone() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    shop.ask(&server, "good").await;
    let good = shop.next_job().await;
    shop.ask(&server, "panic").await;
    shop.next_job().await;
    shop.until_figure("lk_agents_jobs_panicked_total 1").await;
    assert!(!good.stop.is_cancelled());
    assert!(
        shop.figures()
            .await
            .contains("lk_agents_active_job_count 1")
    );
    shop.close().await;
}

#[tokio::test]
async fn a_dispatch_that_is_taken_back_ends_its_job() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    shop.ask(&server, "doomed").await;
    let job = shop.next_job().await;
    let client = AgentDispatchClient::with_api_key(&server.url(), KEY, SECRET);
    client
        .delete_dispatch(&job.dispatch_id, "doomed")
        .await
        .expect("taken back");
    tokio::time::timeout(WAIT, job.stop.cancelled())
        .await
        .expect("told to end");
    shop.close().await;
}

#[tokio::test]
async fn a_server_that_comes_back_finds_its_worker() {
    let mut server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    shop.ask(&server, "before").await;
    let job = shop.next_job().await;
    server.kill();
    shop.until_health("503").await;
    server.restart();
    shop.until_health("200").await;
    assert!(
        !job.stop.is_cancelled(),
        "the conversation goes on meanwhile"
    );
    shop.ask(&server, "after").await;
    assert_eq!(shop.next_job().await.room, "after");
    shop.close().await;
}

#[tokio::test]
async fn a_worker_that_drains_takes_no_more_and_ends_after_the_last_job() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    shop.ask(&server, "last").await;
    let job = shop.next_job().await;
    shop.worker_control().drain();
    shop.until_worker("\"draining\":true").await;
    shop.ask(&server, "too late").await;
    assert!(shop.no_job_within(Duration::from_secs(2)).await);
    assert!(!job.stop.is_cancelled(), "it may finish");
    job.stop.cancel();
    shop.ends().await;
}

#[tokio::test]
async fn a_worker_that_stops_tells_its_jobs_to_end() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |_| {}).await;
    shop.ask(&server, "long").await;
    let job = shop.next_job().await;
    shop.worker_control().drain();
    shop.worker_control().stop();
    tokio::time::timeout(WAIT, job.stop.cancelled())
        .await
        .expect("told to end");
    assert!(!job.cut.is_cancelled(), "it may finish its sentence");
    shop.ends().await;
}

#[tokio::test]
async fn a_job_that_does_not_end_is_ended() {
    let server = LiveKitServer::start();
    let mut shop = Shop::open(&server, |options| {
        options.shutdown = Duration::from_millis(200)
    })
    .await;
    shop.ask(&server, "deaf").await;
    let job = shop.next_job().await;
    shop.worker_control().stop();
    shop.ends().await;
    assert!(job.cut.is_cancelled(), "it was cut off before");
}

#[tokio::test]
async fn whoever_asks_for_health_and_says_no_more_does_not_keep_the_worker() {
    let server = LiveKitServer::start();
    let shop = Shop::open(&server, |_| {}).await;
    // Who says no more is given up after ten seconds by itself.
    let began = tokio::time::Instant::now();
    let mut slow = shop.connect_to_health().await;
    slow.write_all(b"GET / HTTP/1.1\r\nHost: loc")
        .await
        .unwrap();
    // Somebody else is answered meanwhile, so the half question has arrived.
    shop.until_health("200").await;
    shop.close().await;
    assert!(began.elapsed() < Duration::from_secs(9));
}
