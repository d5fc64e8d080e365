//! The real `livekit` crate over this engine, in rooms of a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "../../tests/livekit_server/mod.rs"]
mod livekit_server;

use std::time::Duration;

use livekit::prelude::*;
use livekit_server::LiveKitServer;
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(20);

struct Party {
    room: Room,
    events: UnboundedReceiver<RoomEvent>,
}

impl Party {
    async fn join(server: &LiveKitServer, identity: &str, single: bool) -> Self {
        let mut options = RoomOptions::default();
        options.single_peer_connection = single;
        let token = server.token("room", identity);
        let (room, events) = timeout(LIMIT, Room::connect(&server.url(), &token, options))
            .await
            .expect("in time")
            .expect("joined");
        Self { room, events }
    }

    /// The next event that is the wanted one.
    async fn until<T>(&mut self, what: &str, mut wanted: impl FnMut(RoomEvent) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the room is there");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        timeout(LIMIT, search).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }
}

async fn data_goes_both_ways(single: bool) {
    let server = LiveKitServer::start();
    let mut alice = Party::join(&server, "alice", single).await;
    let mut bob = Party::join(&server, "bob", single).await;
    alice
        .until("bob", |event| matches!(event, RoomEvent::ParticipantConnected(_)).then_some(()))
        .await;
    for (from, to) in [(&alice.room, &mut bob.events), (&bob.room, &mut alice.events)] {
        for reliable in [true, false] {
            let packet = DataPacket { payload: vec![7; 1000], reliable, ..DataPacket::default() };
            from.local_participant().publish_data(packet).await.expect("sent");
            let came = timeout(LIMIT, async {
                loop {
                    if let RoomEvent::DataReceived { payload, .. } = to.recv().await.expect("an event") {
                        return payload;
                    }
                }
            });
            assert_eq!(came.await.expect("in time").as_slice(), [7; 1000]);
        }
    }
    alice.room.close().await.expect("left");
    bob.until("the leaving", |event| matches!(event, RoomEvent::ParticipantDisconnected(_)).then_some(()))
        .await;
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
