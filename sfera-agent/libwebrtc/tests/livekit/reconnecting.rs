//! Connections that are lost and come back.

use std::time::Duration;

use livekit::{SimulateScenario, prelude::*};
use tokio::time::timeout;

use crate::{
    listen,
    livekit_server::LiveKitServer,
    party::{LIMIT, Party},
    sound::{Microphone, RATE, hear},
};

/// A track that is silent for so long may be the one from before the loss.
const SILENT: Duration = Duration::from_secs(4);

fn reconnected(event: RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::Reconnected).then_some(())
}

/// Two people in a room of whom one speaks without end.
struct Talk {
    alice: Party,
    bob: Party,
    microphone: Microphone,
    tone: Vec<i16>,
}

impl Talk {
    async fn begin(server: &LiveKitServer) -> Self {
        let mut alice = Party::join(server, "alice").await;
        let bob = Party::join(server, "bob").await;
        alice.meets("bob").await;
        let mut talk = Self {
            microphone: Microphone::publish(&alice).await,
            alice,
            bob,
            tone: listen::tone(RATE, 440.0, 1000, 8000.0),
        };
        talk.is_heard().await;
        talk.data_goes_both_ways(b"before").await;
        talk
    }

    async fn data_goes_both_ways(&mut self, word: &[u8]) {
        self.alice.send(word, true).await;
        assert_eq!(self.bob.data().await, word);
        self.bob.send(word, true).await;
        assert_eq!(self.alice.data().await, word);
    }

    /// What is said is heard without a gap, and once the jitter buffer has found its length, whole.
    async fn is_heard(&mut self) {
        let speak = async {
            loop {
                self.microphone.give(&self.tone).await;
            }
        };
        let listen = async {
            loop {
                let track = voice(&mut self.bob).await;
                if let Ok(heard) = timeout(SILENT, hear(&track, 2500)).await {
                    return heard;
                }
            }
        };
        let heard = tokio::select! {
            heard = timeout(LIMIT, listen) => heard.expect("sound in time"),
            () = speak => unreachable!("it never ends"),
        };
        let steady = &heard[RATE as usize / 2..];
        let pieces = steady.chunks_exact(RATE as usize / 2);
        let snr = pieces.map(|piece| listen::tone_snr(piece, RATE, 440.0));
        let best = snr.fold(f64::MIN, f64::max);
        assert!(best > 20.0, "{best} dB over the noise");
        assert_eq!(
            listen::gaps(steady, RATE, 20),
            Vec::<usize>::new(),
            "no gaps"
        );
    }

    /// Sound goes on while `what` is waited for.
    async fn speaking_until<T>(
        &mut self,
        what: &str,
        wanted: impl FnMut(RoomEvent) -> Option<T>,
    ) -> T {
        let speak = async {
            loop {
                self.microphone.give(&self.tone).await;
            }
        };
        tokio::select! {
            found = self.alice.until(what, wanted) => found,
            () = speak => unreachable!("it never ends"),
        }
    }

    async fn end(self) {
        self.alice.room.close().await.expect("left");
        self.bob.room.close().await.expect("left");
    }
}

/// The track that alice is heard by now.
async fn voice(bob: &mut Party) -> RemoteAudioTrack {
    let now = |bob: &Party| {
        let others = bob.room.remote_participants();
        let alice = others.get(&"alice".to_owned().into())?;
        let track = alice
            .track_publications()
            .into_values()
            .find_map(|publication| publication.track());
        match track {
            Some(RemoteTrack::Audio(track)) => Some(track),
            _ => None,
        }
    };
    loop {
        if let Some(track) = now(bob) {
            return track;
        }
        bob.until("a track", |event| {
            matches!(event, RoomEvent::TrackSubscribed { .. }).then_some(())
        })
        .await;
    }
}

async fn survives(scenario: SimulateScenario) {
    let server = LiveKitServer::start();
    let mut talk = Talk::begin(&server).await;
    talk.alice
        .room
        .simulate_scenario(scenario)
        .await
        .expect("asked for");
    talk.speaking_until("the reconnection", reconnected).await;
    talk.alice.meets("bob").await;
    talk.bob.meets("alice").await;
    talk.data_goes_both_ways(b"after").await;
    talk.is_heard().await;
    talk.end().await;
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
    let mut talk = Talk::begin(&server).await;
    server.restart();
    talk.speaking_until("alice's reconnection", reconnected)
        .await;
    talk.bob.until("bob's reconnection", reconnected).await;
    talk.alice.meets("bob").await;
    talk.data_goes_both_ways(b"after").await;
    talk.is_heard().await;
    talk.end().await;
}
