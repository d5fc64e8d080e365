//! Networks that are in the way.

use std::time::Duration;

use livekit::{
    RoomOptions,
    e2ee::{
        E2eeOptions, EncryptionType,
        key_provider::{KeyProvider, KeyProviderOptions},
    },
    prelude::*,
};
use tokio::time::Instant;

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
    let server = LiveKitServer::with(&turn.announced());
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

/// Half of the allocation's lifetime is 5 s, and no nonce is good for so long: without a second try of
/// each refresh the relay would be gone after 10 s.
#[tokio::test]
async fn a_relay_lives_on_where_nonces_go_stale_before_each_refresh() {
    let turn = Turn::with(&["--stale-nonce=2", "--max-allocate-lifetime=10"]);
    let server = LiveKitServer::with(&turn.announced());
    let mut alice = Party::join_with(&server, "alice", relay_only()).await;
    let mut bob = Party::join(&server, "bob").await;
    alice.meets("bob").await;
    let began = Instant::now();
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    while began.elapsed() < Duration::from_secs(13) {
        beat.tick().await;
        alice.send(b"by relay", false).await;
        assert_eq!(bob.data().await, b"by relay");
        bob.send(b"and back", false).await;
        assert_eq!(alice.data().await, b"and back");
    }
    assert_eq!(alice.room.connection_state(), ConnectionState::Connected);
    alice.room.close().await.expect("left");
    bob.room.close().await.expect("left");
}

#[tokio::test]
async fn a_room_that_is_to_be_encrypted_is_not_joined() {
    let server = LiveKitServer::start();
    let key_provider = KeyProvider::with_shared_key(KeyProviderOptions::default(), b"key".to_vec());
    let mut options = RoomOptions::default();
    options.encryption = Some(E2eeOptions {
        encryption_type: EncryptionType::Gcm,
        key_provider,
    });
    let joined = Room::connect(&server.url(), &server.token("room", "alice"), options).await;
    let error = joined.expect_err("nothing may go in the clear");
    assert!(format!("{error:?}").contains("encryption"), "{error:?}");
    // Nobody asks for it any more.
    let alice = Party::join(&server, "alice").await;
    alice.room.close().await.expect("left");
}
