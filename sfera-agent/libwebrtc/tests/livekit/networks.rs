//! Networks that are in the way.

use crate::{
    coturn::Turn,
    livekit_server::LiveKitServer,
    party::{Party, relay_only},
};

#[tokio::test]
async fn where_only_tcp_is_offered_tcp_is_used() {
    let server = LiveKitServer::with("  force_tcp: true\n");
    let mut alice = Party::join(&server, "alice").await;
    let mut bob = Party::join(&server, "bob").await;
    alice.meets("bob").await;
    alice.send(b"over TCP", true).await;
    assert_eq!(bob.data().await, b"over TCP");
    let (local, remote) = alice.pair().await;
    assert_eq!(
        (local.protocol.as_str(), remote.protocol.as_str()),
        ("tcp", "tcp")
    );
    alice.room.close().await.expect("left");
    bob.room.close().await.expect("left");
}

#[tokio::test]
async fn where_only_a_relay_may_be_used_it_is() {
    let turn = Turn::start();
    // The server takes an address of another interface for its own on loopback, if it may: what it sends
    // from there the relay has no permission to pass on.
    let only_loopback = "  interfaces:\n    includes: ['lo']\n";
    let server = LiveKitServer::with(&(turn.announced() + only_loopback));
    let mut alice = Party::join_with(&server, "alice", relay_only()).await;
    let mut bob = Party::join(&server, "bob").await;
    alice.meets("bob").await;
    alice.send(b"by relay", true).await;
    assert_eq!(bob.data().await, b"by relay");
    bob.send(b"and back", false).await;
    assert_eq!(alice.data().await, b"and back");
    alice.room.close().await.expect("left");
    bob.room.close().await.expect("left");
}
