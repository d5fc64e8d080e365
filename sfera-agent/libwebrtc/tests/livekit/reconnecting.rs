//! Connections that are lost and come back.

use livekit::{SimulateScenario, prelude::*};

use crate::{livekit_server::LiveKitServer, party::Party};

fn reconnected(event: RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::Reconnected).then_some(())
}

async fn survives(scenario: SimulateScenario) {
    let server = LiveKitServer::start();
    let mut alice = Party::join(&server, "alice").await;
    let mut bob = Party::join(&server, "bob").await;
    alice.meets("bob").await;
    alice.send(b"before", true).await;
    assert_eq!(bob.data().await, b"before");
    alice
        .room
        .simulate_scenario(scenario)
        .await
        .expect("asked for");
    alice.until("the reconnection", reconnected).await;
    alice.meets("bob").await;
    bob.meets("alice").await;
    alice.send(b"after", true).await;
    assert_eq!(bob.data().await, b"after");
    bob.send(b"back", true).await;
    assert_eq!(alice.data().await, b"back");
    alice.room.close().await.expect("left");
    bob.room.close().await.expect("left");
}

#[tokio::test]
async fn a_lost_signal_is_resumed() {
    survives(SimulateScenario::SignalReconnect).await;
}

#[tokio::test]
async fn a_full_reconnect_brings_everything_back() {
    survives(SimulateScenario::FullReconnect).await;
}

#[tokio::test]
async fn a_resume_that_fails_becomes_a_full_reconnect() {
    survives(SimulateScenario::DisconnectSignalOnResume).await;
}

#[tokio::test]
async fn a_node_that_fails_is_left_for_another() {
    survives(SimulateScenario::NodeFailure).await;
}

#[tokio::test]
async fn a_server_that_dies_and_comes_back_is_joined_again() {
    let mut server = LiveKitServer::start();
    let mut alice = Party::join(&server, "alice").await;
    let mut bob = Party::join(&server, "bob").await;
    alice.meets("bob").await;
    server.restart();
    alice.until("alice's reconnection", reconnected).await;
    bob.until("bob's reconnection", reconnected).await;
    alice.meets("bob").await;
    alice.send(b"after", true).await;
    assert_eq!(bob.data().await, b"after");
    alice.room.close().await.expect("left");
    bob.room.close().await.expect("left");
}
