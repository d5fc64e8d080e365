//! LiveKit's official clients among themselves: what others are measured by.

use serde_json::json;

use crate::{
    interop::judge, livekit_server::LiveKitServer, official_client::OfficialClient, sound::RATE,
};

/// What the clients make of each other is the measure; and proves that they do what they say.
#[tokio::test]
async fn the_official_clients_understand_each_other() {
    let server = LiveKitServer::start();
    let (mut python, mut chromium) = (OfficialClient::python(), OfficialClient::chromium());
    python
        .connect(&server.url(), &server.token("room", "python"))
        .await;
    chromium
        .connect(&server.url(), &server.token("room", "chromium"))
        .await;
    let there = chromium.until_any("participant_connected").await;
    assert_eq!(
        (&there["identity"], &there["kind"]),
        (&json!("python"), &json!("STANDARD"))
    );
    for (speaker, listener, hz) in [("python", "chromium", 440), ("chromium", "python", 600)] {
        let (speaks, hears) = match speaker {
            "python" => (&mut python, &mut chromium),
            _ => (&mut chromium, &mut python),
        };
        speaks.run(json!({"do": "publish"})).await;
        hears
            .until("track_subscribed", |event| event["identity"] == speaker)
            .await;
        let recording = hears.begin_recording(2000).await;
        speaks.tone(hz, 3500).await;
        println!("{listener} hears {speaker}");
        judge(&hears.recorded(recording).await, f64::from(hz));
        let heard = hears.heard(speaker).await;
        assert!(heard.len() > 3 * RATE as usize);
        hears
            .until("sound_ended", |event| event["identity"] == speaker)
            .await;
    }
    python
        .run(json!({"do": "text", "topic": "test", "chunks": ["a", "b"], "attributes": {"k": "v"}}))
        .await;
    let came = chromium.until("text", |event| event["ended"] == true).await;
    assert_eq!(
        (&came["text"], &came["attributes"]["k"]),
        (&json!("ab"), &json!("v"))
    );
    python.kill().await;
    let gone = chromium.until_any("participant_disconnected").await;
    assert_eq!(gone["identity"], "python");
    chromium.leave().await;
}
