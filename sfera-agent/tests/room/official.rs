//! What LiveKit's own client sees of an agent: the contract with every front end.

use crate::{
    livekit_server::LiveKitServer,
    official_client::OfficialClient,
    world::{Agent, ROOM},
};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;

const AGENT: &str = "agent-AJ_test";

/// The first event of this name and kind, already seen or not: which form of a caption is told first,
/// nobody promises.
async fn find(client: &mut OfficialClient, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let known = |event: &&Value| event["event"] == name && wanted(event);
    if let Some(event) = client.seen.iter().find(known) {
        return event.clone();
    }
    client.until(name, &wanted).await
}

/// A caption as text stream, whole and final.
fn is_final(event: &Value, identity: &str) -> bool {
    event["topic"] == "lk.transcription"
        && event["ended"] == true
        && event["identity"] == identity
        && event["attributes"]["lk.transcription_final"] == "true"
}

#[tokio::test]
async fn an_official_client_finds_an_agent_as_front_ends_expect_it() {
    let server = LiveKitServer::start();
    let mut alex = OfficialClient::python();
    alex.connect(&server.url(), &server.token(ROOM, "alex"))
        .await;
    let microphone = alex.run(json!({"do": "publish"})).await["sid"].clone();
    let _agent = Agent::usual(
        &server,
        ScriptedLlm::saying("Слышу вас хорошо."),
        &["Проверка"],
    )
    .await;

    let came = find(&mut alex, "participant_connected", |event| {
        event["kind"] == "AGENT"
    })
    .await;
    assert_eq!(came["identity"], AGENT);
    let track = find(&mut alex, "track_published", |_| true).await;
    assert_eq!(
        (&track["identity"], &track["name"], &track["source"]),
        (&json!(AGENT), &json!("roomio_audio"), &json!("MICROPHONE"))
    );
    let named = find(&mut alex, "attributes_changed", |event| {
        event["attributes"]["lk.agent.state"] == "listening"
    })
    .await;
    assert_eq!(named["attributes"]["lk.agent.name"], "sfera");

    find(&mut alex, "track_subscribed", |event| {
        event["identity"] == AGENT
    })
    .await;
    alex.tone(440, 800).await;
    let mine = find(&mut alex, "text", |event| is_final(event, "alex")).await;
    let packet = find(&mut alex, "transcription", |event| {
        event["identity"] == "alex"
    })
    .await;
    assert_eq!(
        (&mine["text"], &packet["text"]),
        (&json!("Проверка"), &json!("Проверка"))
    );
    about(&mine, &packet, &microphone);

    let begun = find(&mut alex, "text", |event| event["identity"] == AGENT).await;
    assert_eq!(begun["attributes"]["lk.transcription_final"], "false");
    let said = find(&mut alex, "text", |event| is_final(event, AGENT)).await;
    let packet = find(&mut alex, "transcription", |event| {
        event["identity"] == AGENT && event["final"] == true
    })
    .await;
    assert_eq!(
        (&said["text"], &packet["text"]),
        (&json!("Слышу вас хорошо."), &json!("Слышу вас хорошо."))
    );
    assert_eq!(
        begun["stream"], said["stream"],
        "words come as they are spoken"
    );
    about(&said, &packet, &track["sid"]);
    assert_ne!(
        said["attributes"]["lk.segment_id"],
        mine["attributes"]["lk.segment_id"]
    );
    alex.leave().await;
}

/// Both forms of a caption name the same segment, of this track.
fn about(stream: &Value, packet: &Value, track: &Value) {
    let attributes = &stream["attributes"];
    let segment = attributes["lk.segment_id"].as_str().expect("a segment");
    assert!(segment.starts_with("SG_"), "{segment}");
    assert_eq!(attributes["lk.transcribed_track_id"], *track);
    assert_eq!(packet["segment"], segment);
    assert_eq!(packet["track"], *track);
}
