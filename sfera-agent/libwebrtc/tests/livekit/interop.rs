//! Rooms with somebody whose WebRTC nobody here wrote: LiveKit's official clients.

use livekit::{
    SimulateScenario,
    data_stream::api::{SendByteOptions, SendTextOptions, StreamReader},
    prelude::*,
};
use serde_json::json;

use crate::{
    listen,
    livekit_server::LiveKitServer,
    official_client::OfficialClient,
    party::Party,
    sound::{Microphone, RATE, hear, subscribed},
};

/// What was heard is this tone, whole. A machine that is busy with something else may be late once: of
/// ten windows two may suffer from that, and sound may be missing in one place.
pub fn judge(heard: &[i16], hz: f64) {
    // The first packets fill the jitter buffers; the steady tone is judged.
    let steady = &heard[RATE as usize / 2..];
    let found = listen::frequency(steady, RATE, hz);
    let level = listen::level(steady);
    let windows = listen::tone_snr_by_window(steady, RATE, found);
    let gaps = listen::gaps(steady, RATE, 20);
    let said = format!("{found:.1} Hz, {level:.1} dBFS, gaps {gaps:?}, windows {windows:.1?}");
    println!("{said}");
    assert!((found - hz).abs() < 1.0, "another tone: {said}");
    assert!((-18.0..-12.0).contains(&level), "another loudness: {said}");
    assert!(windows[windows.len() / 5] > 20.0, "noise: {said}");
    assert!(gaps.len() <= 1, "gaps: {said}");
}

/// One of the clients in a room with ours, each knowing of the other.
async fn meet(server: &LiveKitServer, mut other: OfficialClient) -> (Party, OfficialClient) {
    let mut ours = Party::join(server, "ours").await;
    other
        .connect(&server.url(), &server.token("room", "other"))
        .await;
    ours.meets("other").await;
    (ours, other)
}

pub async fn leave(ours: Party, other: OfficialClient) {
    ours.room.close().await.expect("left");
    other.leave().await;
}

fn tone(hz: f64) -> Vec<i16> {
    listen::tone(RATE, hz, 3500, 8000.0)
}

/// Ours speaks, the other hears.
async fn is_heard(microphone: &Microphone, other: &mut OfficialClient) {
    let recording = other.begin_recording(2000).await;
    microphone.give(&tone(440.0)).await;
    judge(&other.recorded(recording).await, 440.0);
}

/// The other speaks, ours hears.
async fn hears(track: &RemoteAudioTrack, other: &mut OfficialClient) {
    let (heard, _) = tokio::join!(hear(track, 2000), other.tone(600, 3500));
    judge(&heard, 600.0);
}

async fn sound_goes_both_ways(other: OfficialClient) {
    let server = LiveKitServer::start();
    let (mut ours, mut other) = meet(&server, other).await;
    let microphone = Microphone::publish(&ours).await;
    let published = other.until_any("track_subscribed").await;
    assert_eq!(published["source"], "MICROPHONE");
    is_heard(&microphone, &mut other).await;
    other.run(json!({"do": "publish"})).await;
    let track = subscribed(&mut ours).await;
    hears(&track, &mut other).await;
    leave(ours, other).await;
}

async fn a_mute_is_seen_both_ways(other: OfficialClient) {
    let server = LiveKitServer::start();
    let (mut ours, mut other) = meet(&server, other).await;
    let microphone = Microphone::publish(&ours).await;
    other.until_any("track_subscribed").await;
    microphone.track.mute();
    other
        .until("track_muted", |event| event["identity"] == "ours")
        .await;
    microphone.track.unmute();
    other
        .until("track_unmuted", |event| event["identity"] == "ours")
        .await;
    is_heard(&microphone, &mut other).await;
    other.run(json!({"do": "publish"})).await;
    let track = subscribed(&mut ours).await;
    other.run(json!({"do": "mute"})).await;
    let muted = |event| matches!(event, RoomEvent::TrackMuted { .. }).then_some(());
    ours.until("the mute", muted).await;
    other.run(json!({"do": "unmute"})).await;
    let unmuted = |event| matches!(event, RoomEvent::TrackUnmuted { .. }).then_some(());
    ours.until("the end of the mute", unmuted).await;
    hears(&track, &mut other).await;
    leave(ours, other).await;
}

/// Levels are in the packets (RFC 6464); the server makes speakers of them.
async fn who_speaks_is_known_both_ways(other: OfficialClient) {
    let server = LiveKitServer::start();
    let (mut ours, mut other) = meet(&server, other).await;
    let microphone = Microphone::publish(&ours).await;
    other.until_any("track_subscribed").await;
    let speakers = |event: &serde_json::Value, who: &[&str]| event["identities"] == json!(who);
    let speaks = other.until("active_speakers", |event| speakers(event, &["ours"]));
    let sound = tone(440.0);
    tokio::join!(speaks, microphone.give(&sound));
    other
        .until("active_speakers", |event| speakers(event, &[]))
        .await;
    other.run(json!({"do": "publish"})).await;
    subscribed(&mut ours).await;
    let level = |event| match event {
        RoomEvent::ActiveSpeakersChanged { speakers } => speakers
            .iter()
            .find(|speaker| speaker.identity().as_str() == "other")
            .map(Participant::audio_level),
        _ => None,
    };
    let (level, _) = tokio::join!(ours.until("a speaker", level), other.tone(600, 3500));
    println!("the other one speaks at {level}");
    assert!((0.01..=1.0).contains(&level), "{level}");
    leave(ours, other).await;
}

/// Packets, streams of text and bytes; 100 kB take several messages of a data channel.
async fn data_goes_both_ways(other: OfficialClient) {
    let server = LiveKitServer::start();
    let (mut ours, mut other) = meet(&server, other).await;
    for reliable in [true, false] {
        ours.send(b"\xff\x00 from ours", reliable).await;
        let came = other.until_any("data").await;
        assert_eq!(came["payload"], "\u{ff}\0 from ours");
        assert_eq!(came["reliable"], reliable);
        other
            .run(json!({"do": "data", "payload": "\u{fe} to ours", "reliable": reliable}))
            .await;
        assert_eq!(ours.data().await, b"\xfe to ours");
    }
    let me = ours.room.local_participant();
    let text = SendTextOptions::new_with_topic("test");
    me.send_text("Здравствуйте!", text).await.expect("sent");
    let came = other.until("text", |event| event["ended"] == true).await;
    assert_eq!(
        (&came["text"], &came["identity"]),
        (&json!("Здравствуйте!"), &json!("ours"))
    );
    let bytes = SendByteOptions::new_with_topic("test");
    me.send_bytes(vec![0xab; 100_000], bytes)
        .await
        .expect("sent");
    let came = other.until_any("bytes").await;
    assert_eq!(came["payload"], "\u{ab}".repeat(100_000));
    other.run(json!({"do": "chat", "text": "Алло?"})).await;
    assert_eq!(text_of(&mut ours, "lk.chat").await, "Алло?");
    let payload = "\u{cd}".repeat(100_000);
    other
        .run(json!({"do": "bytes", "topic": "test", "payload": payload}))
        .await;
    assert_eq!(bytes_of(&mut ours).await, vec![0xcd; 100_000]);
    leave(ours, other).await;
}

async fn text_of(ours: &mut Party, wanted: &str) -> String {
    let stream = |event| match event {
        RoomEvent::TextStreamOpened { reader, topic, .. } if topic == wanted => reader.take(),
        _ => None,
    };
    let reader = ours.until("a text", stream).await;
    reader.read_all().await.expect("the whole text")
}

async fn bytes_of(ours: &mut Party) -> Vec<u8> {
    let stream = |event| match event {
        RoomEvent::ByteStreamOpened { reader, .. } => reader.take(),
        _ => None,
    };
    let reader = ours.until("bytes", stream).await;
    reader.read_all().await.expect("all bytes").to_vec()
}

async fn methods_are_called_both_ways(other: OfficialClient) {
    let server = LiveKitServer::start();
    let (ours, mut other) = meet(&server, other).await;
    let me = ours.room.local_participant();
    me.register_rpc_method("echo".to_owned(), |call| {
        Box::pin(async move { Ok(format!("ours: {}", call.payload)) })
    });
    let call = |method| json!({"do": "rpc", "to": "ours", "method": method, "payload": "ping"});
    assert_eq!(other.run(call("echo")).await["answer"], "ours: ping");
    other.fails(call("unknown")).await;
    other
        .run(json!({"do": "serve", "method": "echo", "answer": "other: "}))
        .await;
    let mut call = PerformRpcData::new("other", "echo");
    call.payload = "pong".to_owned();
    assert_eq!(
        me.perform_rpc(call).await.expect("an answer"),
        "other: pong"
    );
    let unknown = me
        .perform_rpc(PerformRpcData::new("other", "unknown"))
        .await;
    let code = unknown.expect_err("there is none").code;
    assert_eq!(code, RpcErrorCode::UnsupportedMethod as u32);
    leave(ours, other).await;
}

async fn sound_goes_on_after_reconnects(other: OfficialClient, scenario: &str) {
    let server = LiveKitServer::start();
    let (mut ours, mut other) = meet(&server, other).await;
    let microphone = Microphone::publish(&ours).await;
    other.until_any("track_subscribed").await;
    other
        .run(json!({"do": "simulate", "scenario": scenario}))
        .await;
    other.until_each(&["reconnected", "track_subscribed"]).await;
    is_heard(&microphone, &mut other).await;
    let full = SimulateScenario::FullReconnect;
    ours.room.simulate_scenario(full).await.expect("asked for");
    let back = |event| matches!(event, RoomEvent::Reconnected).then_some(());
    ours.until("the reconnection", back).await;
    other
        .until("track_subscribed", |event| event["identity"] == "ours")
        .await;
    is_heard(&microphone, &mut other).await;
    leave(ours, other).await;
}

mod python {
    use super::*;

    #[tokio::test]
    async fn sound_goes_both_ways() {
        super::sound_goes_both_ways(OfficialClient::python()).await;
    }

    #[tokio::test]
    async fn a_mute_is_seen_both_ways() {
        super::a_mute_is_seen_both_ways(OfficialClient::python()).await;
    }

    #[tokio::test]
    async fn who_speaks_is_known_both_ways() {
        super::who_speaks_is_known_both_ways(OfficialClient::python()).await;
    }

    #[tokio::test]
    async fn data_goes_both_ways() {
        super::data_goes_both_ways(OfficialClient::python()).await;
    }

    #[tokio::test]
    async fn methods_are_called_both_ways() {
        super::methods_are_called_both_ways(OfficialClient::python()).await;
    }

    #[tokio::test]
    async fn sound_goes_on_after_reconnects() {
        super::sound_goes_on_after_reconnects(OfficialClient::python(), "FULL_RECONNECT").await;
    }
}

mod chromium {
    use super::*;

    #[tokio::test]
    async fn sound_goes_both_ways() {
        super::sound_goes_both_ways(OfficialClient::chromium()).await;
    }

    #[tokio::test]
    async fn a_mute_is_seen_both_ways() {
        super::a_mute_is_seen_both_ways(OfficialClient::chromium()).await;
    }

    #[tokio::test]
    async fn data_goes_both_ways() {
        super::data_goes_both_ways(OfficialClient::chromium()).await;
    }

    #[tokio::test]
    async fn methods_are_called_both_ways() {
        super::methods_are_called_both_ways(OfficialClient::chromium()).await;
    }

    #[tokio::test]
    async fn sound_goes_on_after_reconnects() {
        super::sound_goes_on_after_reconnects(OfficialClient::chromium(), "FULL_RECONNECT").await;
    }
}
