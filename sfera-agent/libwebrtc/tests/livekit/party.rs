//! A participant of a test.

use std::time::Duration;

use livekit::{
    prelude::*,
    webrtc::{
        prelude::IceTransportsType,
        stats::{RtcStats, dictionaries::IceCandidateStats},
    },
};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

use crate::livekit_server::LiveKitServer;

/// What a loaded machine needs at most.
pub const LIMIT: Duration = Duration::from_secs(30);

pub struct Party {
    pub room: Room,
    pub events: UnboundedReceiver<RoomEvent>,
}

impl Party {
    pub async fn join(server: &LiveKitServer, identity: &str) -> Self {
        Self::join_with(server, identity, RoomOptions::default()).await
    }

    pub async fn join_with(server: &LiveKitServer, identity: &str, options: RoomOptions) -> Self {
        Self::join_by(&server.url(), &server.token("room", identity), options).await
    }

    pub async fn join_by(url: &str, token: &str, options: RoomOptions) -> Self {
        let (room, events) = timeout(LIMIT, Room::connect(url, token, options))
            .await
            .expect("in time")
            .expect("joined");
        Self { room, events }
    }

    /// The next event that is the wanted one.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(RoomEvent) -> Option<T>,
    ) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the room is there");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        timeout(LIMIT, search)
            .await
            .unwrap_or_else(|_| panic!("{what} did not come"))
    }

    pub async fn meets(&mut self, identity: &str) {
        if self
            .room
            .remote_participants()
            .keys()
            .any(|known| known.as_str() == identity)
        {
            return;
        }
        let is = |event| match event {
            RoomEvent::ParticipantConnected(other) => {
                (other.identity().as_str() == identity).then_some(())
            }
            _ => None,
        };
        self.until(identity, is).await;
    }

    pub async fn send(&self, payload: &[u8], reliable: bool) {
        let packet = DataPacket {
            payload: payload.to_vec(),
            reliable,
            ..DataPacket::default()
        };
        self.room
            .local_participant()
            .publish_data(packet)
            .await
            .expect("sent");
    }

    pub async fn data(&mut self) -> Vec<u8> {
        let data = |event| match event {
            RoomEvent::DataReceived { payload, .. } => Some(payload.to_vec()),
            _ => None,
        };
        self.until("a message", data).await
    }

    /// The pair of addresses in use, from the figures of the connection that sends.
    pub async fn pair(&self) -> (IceCandidateStats, IceCandidateStats) {
        let search = async {
            loop {
                let stats = self
                    .room
                    .get_stats()
                    .await
                    .expect("figures")
                    .publisher_stats;
                let local = stats.iter().find_map(|stats| match stats {
                    RtcStats::LocalCandidate(stats) => Some(stats.local_candidate.clone()),
                    _ => None,
                });
                let remote = stats.iter().find_map(|stats| match stats {
                    RtcStats::RemoteCandidate(stats) => Some(stats.remote_candidate.clone()),
                    _ => None,
                });
                if let (Some(local), Some(remote)) = (local, remote) {
                    return (local, remote);
                }
                // Figures are renewed once a second.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(LIMIT, search).await.expect("a pair is selected")
    }
}

/// Everything through TURN.
pub fn relay_only() -> RoomOptions {
    let mut options = RoomOptions::default();
    options.rtc_config.ice_transport_type = IceTransportsType::Relay;
    options
}
