//! The real `livekit` crate over this engine, in rooms of a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

#[path = "../../../tests/coturn/mod.rs"]
mod coturn;
mod frontend;
mod interop;
#[path = "../../../tests/listen/mod.rs"]
mod listen;
#[path = "../../../tests/livekit_server/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod livekit_server;
mod networks;
mod official;
#[path = "../../../tests/official_client/mod.rs"]
mod official_client;
mod party;
mod reconnecting;
mod sound;
mod walled;
#[path = "../../../tests/walls/mod.rs"]
mod walls;

use livekit::prelude::*;
use livekit_server::LiveKitServer;

use crate::party::Party;

async fn data_goes_both_ways(single: bool) {
    let server = LiveKitServer::start();
    let mut options = RoomOptions::default();
    options.single_peer_connection = single;
    let mut alice = Party::join_with(&server, "alice", options.clone()).await;
    let mut bob = Party::join_with(&server, "bob", options).await;
    alice.meets("bob").await;
    for reliable in [true, false] {
        alice.send(&[7; 1000], reliable).await;
        assert_eq!(bob.data().await, [7; 1000]);
        bob.send(&[8; 900], reliable).await;
        assert_eq!(alice.data().await, [8; 900]);
    }
    alice.room.close().await.expect("left");
    let left = |event| matches!(event, RoomEvent::ParticipantDisconnected(_)).then_some(());
    bob.until("the leaving", left).await;
    bob.room.close().await.expect("left");
}

#[tokio::test]
async fn data_goes_both_ways_over_one_connection() {
    data_goes_both_ways(true).await;
}

#[tokio::test]
async fn data_goes_both_ways_over_two_connections() {
    data_goes_both_ways(false).await;
}
