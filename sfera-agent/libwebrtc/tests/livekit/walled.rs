//! Networks with walls: what cannot pass does not, and people hear each other all the same.

use std::env;

use livekit::{prelude::*, webrtc::stats::IceCandidateType};
use serde_json::json;
use tokio::{process::Command, time::timeout};

use crate::{
    interop::judge,
    listen,
    official_client::OfficialClient,
    party::{LIMIT, Party},
    sound::{Microphone, RATE, hear, subscribed},
    walls::Walled,
};

const URL: &str = "SFERA_TEST_URL";
const TOKEN: &str = "SFERA_TEST_TOKEN";
const PROTOCOL: &str = "SFERA_TEST_PROTOCOL";
const RELAYED: &str = "SFERA_TEST_RELAYED";

/// How somebody behind the wall gets out: the protocol, and whether by a relay.
type Way = (&'static str, bool);
const TCP: Way = ("tcp", false);
const RELAY: Way = ("udp", true);

/// Google's engine shows that the wall stands and that there is a way around it.
async fn the_official_client_gets_out(walled: Option<Walled>, (protocol, relayed): Way) {
    let Some(walled) = walled else { return };
    let server = &walled.server;
    let mut inside = OfficialClient::python_under(&walled.wrapper());
    let mut outside = OfficialClient::python();
    inside
        .connect(&server.url(), &server.token("room", "inside"))
        .await;
    outside
        .connect(&server.url(), &server.token("room", "outside"))
        .await;
    inside.run(json!({"do": "publish"})).await;
    outside.until_any("track_subscribed").await;
    let recording = outside.begin_recording(2000).await;
    inside.tone(440, 3500).await;
    judge(&outside.recorded(recording).await, 440.0);
    let pair = inside.run(json!({"do": "pair"})).await;
    let local = &pair["local"];
    assert_eq!(
        (&local["protocol"], local["kind"] == "RELAY"),
        (&json!(protocol), relayed),
        "{pair}"
    );
    inside.leave().await;
    outside.leave().await;
}

/// The same for ours, which is this test binary once more, behind the wall.
async fn ours_gets_out(walled: Option<Walled>, (protocol, relayed): Way) {
    let Some(walled) = walled else { return };
    let server = &walled.server;
    let mut outside = OfficialClient::python();
    outside
        .connect(&server.url(), &server.token("room", "outside"))
        .await;
    outside.run(json!({"do": "publish"})).await;
    let line = walled.wrapper();
    let mut inside = Command::new(&line[0])
        .args(&line[1..])
        .arg(env::current_exe().expect("this binary"))
        .args([
            "--exact",
            "walled::behind_the_wall",
            "--ignored",
            "--nocapture",
        ])
        .envs([(URL, server.url()), (TOKEN, server.token("room", "inside"))])
        .envs([
            (PROTOCOL, protocol),
            (RELAYED, if relayed { "yes" } else { "no" }),
        ])
        .kill_on_drop(true)
        .spawn()
        .expect("it runs");
    outside.until_any("track_subscribed").await;
    let recording = outside.begin_recording(2000).await;
    judge(&outside.recorded(recording).await, 440.0);
    outside.tone(600, 3500).await;
    let ended = timeout(LIMIT, inside.wait())
        .await
        .expect("in time")
        .expect("it ended");
    assert!(ended.success(), "behind the wall: {ended}");
    outside.leave().await;
}

#[tokio::test]
#[ignore = "run behind a wall by the tests beside it"]
async fn behind_the_wall() {
    let told = |name| env::var(name).expect("the test beside it tells");
    let options = RoomOptions::default();
    let mut ours = Party::join_by(&told(URL), &told(TOKEN), options).await;
    let microphone = Microphone::publish(&ours).await;
    let tone = listen::tone(RATE, 440.0, 1000, 8000.0);
    let speak = async {
        loop {
            microphone.give(&tone).await;
        }
    };
    let listen = async {
        let track = subscribed(&mut ours).await;
        hear(&track, 2000).await
    };
    tokio::select! {
        heard = listen => judge(&heard, 600.0),
        () = speak => {}
    }
    let (local, _) = ours.pair().await;
    let relayed = local.candidate_type == Some(IceCandidateType::Relay);
    assert_eq!(
        (local.protocol, relayed),
        (told(PROTOCOL), told(RELAYED) == "yes")
    );
    ours.room.close().await.expect("left");
}

#[tokio::test]
async fn the_official_client_gets_out_by_tcp() {
    the_official_client_gets_out(Walled::tcp_only(), TCP).await;
}

#[tokio::test]
async fn the_official_client_gets_out_by_relay() {
    the_official_client_gets_out(Walled::relay_only(), RELAY).await;
}

#[tokio::test]
async fn ours_gets_out_by_tcp() {
    ours_gets_out(Walled::tcp_only(), TCP).await;
}

#[tokio::test]
async fn ours_gets_out_by_relay() {
    ours_gets_out(Walled::relay_only(), RELAY).await;
}
