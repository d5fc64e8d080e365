//! What frontends do in a browser.

use livekit::{
    data_stream::api::{ByteStreamReader, StreamReader},
    prelude::*,
};
use livekit_api::access_token::{AccessToken, VideoGrants};
use serde_json::json;

use crate::{
    interop::leave,
    listen,
    livekit_server::{KEY, LiveKitServer, SECRET},
    official_client::OfficialClient,
    party::Party,
    sound::{RATE, hear},
};

/// What a frontend does when somebody speaks before the agent is there.
#[tokio::test]
async fn a_browser_sends_what_was_said_before_it_connected() {
    let server = LiveKitServer::start();
    let (mut browser, folder) = (
        OfficialClient::chromium(),
        tempfile::tempdir().expect("a folder"),
    );
    let path = folder.path().join("microphone.wav");
    write_wav(&path, &listen::tone(RATE, 440.0, 3500, 8000.0));
    browser
        .run(json!({"do": "microphone", "path": path, "preConnect": true}))
        .await;
    browser
        .connect(&server.url(), &server.token("room", "browser"))
        .await;
    let mut agent = Party::join_by(&server.url(), &agent_token(), RoomOptions::default()).await;
    let ((reader, topic), track) = recording_and_track(&mut agent).await;
    // The browser plays its file in a loop: where it begins anew is no fault of ours.
    let found = listen::frequency(&hear(&track, 2000).await, RATE, 440.0);
    assert!((found - 440.0).abs() < 2.0, "{found} Hz");
    assert_eq!(topic, "lk.agent.pre-connect-audio-buffer");
    let attributes = reader.info().attributes().clone();
    assert_eq!(attributes["trackId"], track.sid().to_string());
    assert!(!reader.read_all().await.expect("all of it").is_empty());
    leave(agent, browser).await;
}

/// Either may come first.
async fn recording_and_track(agent: &mut Party) -> ((ByteStreamReader, String), RemoteAudioTrack) {
    let (mut recording, mut voice) = (None, None);
    agent
        .until("the recording and the track", |event| {
            match event {
                RoomEvent::ByteStreamOpened { reader, topic, .. } => {
                    recording = reader.take().map(|reader| (reader, topic));
                }
                RoomEvent::TrackSubscribed {
                    track: RemoteTrack::Audio(track),
                    ..
                } => voice = Some(track),
                _ => {}
            }
            let both = recording.is_some() && voice.is_some();
            both.then(|| recording.take().zip(voice.take())).flatten()
        })
        .await
}

fn agent_token() -> String {
    let grants = VideoGrants {
        room_join: true,
        room: "room".to_owned(),
        agent: true,
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(KEY, SECRET)
        .with_identity("agent")
        .with_kind("agent");
    token.with_grants(grants).to_jwt().expect("a token")
}

fn write_wav(path: &std::path::Path, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a file");
    for sample in samples {
        writer.write_sample(*sample).expect("written");
    }
    writer.finalize().expect("written");
}
