//! Offers and answers that do not go the straight way.

use libwebrtc::{
    audio_source::native::NativeAudioSource,
    peer_connection_factory::{PeerConnectionFactory, native::PeerConnectionFactoryExt},
    prelude::*,
};
use tokio::time::timeout;

use crate::pair::{Ear, LIMIT, Peer, agree, connected, negotiate};

async fn offer(peer: &Peer) -> SessionDescription {
    peer.connection
        .create_offer(OfferOptions::default())
        .await
        .expect("an offer")
}

fn rollback() -> SessionDescription {
    SessionDescription::parse("v=0\r\n", SdpType::Rollback).expect("a rollback")
}

fn voice() -> MediaStreamTrack {
    let source = NativeAudioSource::new(AudioSourceOptions::default(), 48_000, 1, 100);
    PeerConnectionFactory::default()
        .create_audio_track("voice", source)
        .into()
}

fn agreed(id: i32) -> DataChannelInit {
    DataChannelInit {
        negotiated: true,
        id,
        ..DataChannelInit::default()
    }
}

/// livekit throws its first offer away where the server wants two connections.
#[tokio::test]
async fn an_offer_made_again_before_its_answer_has_all_that_the_first_one_had() {
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let mut near = Ear::new(
        one.connection
            .create_data_channel("talk", DataChannelInit::default())
            .unwrap(),
    );
    let mut seven = Ear::new(
        one.connection
            .create_data_channel("seven", agreed(7))
            .unwrap(),
    );
    let mut far = Ear::new(
        two.connection
            .create_data_channel("seven", agreed(7))
            .unwrap(),
    );
    let first = offer(&one).await.to_string();
    assert!(first.contains("m=application"));
    one.connection
        .add_track(voice(), &["stream"])
        .expect("added");
    let second = offer(&one).await.to_string();
    assert!(second.contains("m=application") && second.contains("m=audio"));
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    for ear in [&mut near, &mut seven, &mut far] {
        ear.becomes(DataChannelState::Open).await;
    }
    seven.channel.send(b"seven", true).unwrap();
    assert_eq!(far.hears().await.0, b"seven");
    let talk = timeout(LIMIT, two.channels.recv()).await.expect("in time");
    let mut talk = Ear::new(talk.expect("a channel"));
    assert_eq!(talk.channel.label(), "talk");
    near.channel.send(b"talk", true).unwrap();
    assert_eq!(talk.hears().await.0, b"talk");
    timeout(LIMIT, two.tracks.recv())
        .await
        .expect("in time")
        .expect("a track");
    assert!(two.channels.try_recv().is_err(), "no channel but those");
}

#[tokio::test]
async fn a_change_of_direction_survives_an_offer_that_was_thrown_away() {
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let sender = one.connection.add_track(voice(), &["stream"]).unwrap();
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    one.becomes(PeerConnectionState::Connected).await;
    one.connection.remove_track(sender).unwrap();
    offer(&one).await;
    agree(&one, &two, OfferOptions::default()).await;
    let direction = one.connection.transceivers()[0].current_direction();
    assert!(
        !matches!(
            direction,
            Some(RtpTransceiverDirection::SendOnly | RtpTransceiverDirection::SendRecv)
        ),
        "{direction:?}"
    );
}

#[tokio::test]
async fn an_offer_of_nothing_is_an_error() {
    let peer = Peer::new();
    let error = peer
        .connection
        .create_offer(OfferOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.error_type, RtcErrorType::InvalidState);
    assert!(error.message.contains("nothing to offer"), "{error}");
}

#[tokio::test]
async fn an_answer_to_nothing_is_an_error() {
    let (mut one, mut two) = (Peer::new(), Peer::new());
    one.connection
        .create_data_channel("talk", DataChannelInit::default())
        .unwrap();
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    let answer = two
        .connection
        .current_local_description()
        .expect("an answer");
    let late = answer.to_string().replace("o=", "o=again");
    let late = SessionDescription::parse(&late, SdpType::Answer).unwrap();
    for peer in [&one, &two, &Peer::new()] {
        let error = peer
            .connection
            .set_remote_description(late.clone())
            .await
            .unwrap_err();
        assert_eq!(error.error_type, RtcErrorType::InvalidState, "{error}");
        let error = peer
            .connection
            .set_local_description(late.clone())
            .await
            .unwrap_err();
        assert_eq!(error.error_type, RtcErrorType::InvalidState, "{error}");
        assert_ne!(
            peer.connection.signaling_state(),
            SignalingState::HaveLocalOffer
        );
    }
}

#[tokio::test]
async fn an_offer_is_taken_back_and_made_again() {
    let (one, mut near, mut two, mut far) = connected(DataChannelInit::default()).await;
    let back = || async { one.connection.set_local_description(rollback()).await };
    assert_eq!(
        back().await.unwrap_err().error_type,
        RtcErrorType::InvalidState,
        "there is nothing to take back"
    );
    one.connection.add_track(voice(), &["stream"]).unwrap();
    let first = offer(&one).await;
    one.connection
        .set_local_description(first.clone())
        .await
        .unwrap();
    assert_eq!(
        one.connection.signaling_state(),
        SignalingState::HaveLocalOffer
    );
    let again = one.connection.create_offer(OfferOptions::default()).await;
    assert!(again.unwrap_err().message.contains("rolled back"));
    back().await.unwrap();
    assert_eq!(one.connection.signaling_state(), SignalingState::Stable);
    near.channel.send(b"meanwhile", true).unwrap();
    assert_eq!(far.hears().await.0, b"meanwhile");
    agree(&one, &two, OfferOptions::default()).await;
    timeout(LIMIT, two.tracks.recv())
        .await
        .expect("in time")
        .expect("a track");
    far.channel.send(b"after", true).unwrap();
    assert_eq!(near.hears().await.0, b"after");
}

/// Setting the last answer again is how livekit takes an offer back.
#[tokio::test]
async fn the_last_answer_set_again_takes_an_offer_back() {
    let (mut one, near, mut two, mut far) = connected(DataChannelInit::default()).await;
    one.connection.add_track(voice(), &["stream"]).unwrap();
    let first = offer(&one).await;
    one.connection.set_local_description(first).await.unwrap();
    let last = one.connection.current_remote_description().unwrap();
    one.connection.set_remote_description(last).await.unwrap();
    assert_eq!(one.connection.signaling_state(), SignalingState::Stable);
    let restart = OfferOptions {
        ice_restart: true,
        ..OfferOptions::default()
    };
    negotiate(&mut one, &mut two, restart).await;
    near.channel.send(b"on", true).unwrap();
    assert_eq!(far.hears().await.0, b"on");
}

#[tokio::test]
async fn where_both_offer_the_one_that_yields_offers_again() {
    let (mut one, _near, mut two, _far) = connected(DataChannelInit::default()).await;
    for peer in [&one, &two] {
        peer.connection.add_track(voice(), &["stream"]).unwrap();
        let offer = offer(peer).await;
        peer.connection.set_local_description(offer).await.unwrap();
    }
    two.connection
        .set_local_description(rollback())
        .await
        .unwrap();
    one.connection
        .set_local_description(rollback())
        .await
        .unwrap();
    agree(&one, &two, OfferOptions::default()).await;
    agree(&two, &one, OfferOptions::default()).await;
    for peer in [&mut one, &mut two] {
        timeout(LIMIT, peer.tracks.recv())
            .await
            .expect("in time")
            .expect("a track");
    }
}

#[tokio::test]
async fn an_offer_that_comes_while_one_is_out_goes_first() {
    let (mut one, _near, mut two, _far) = connected(DataChannelInit::default()).await;
    one.connection.add_track(voice(), &["stream"]).unwrap();
    two.connection.add_track(voice(), &["stream"]).unwrap();
    let ours = offer(&one).await;
    one.connection.set_local_description(ours).await.unwrap();
    agree(&two, &one, OfferOptions::default()).await;
    assert_eq!(one.connection.signaling_state(), SignalingState::Stable);
    // Theirs is a section of its own or the one ours waited for; one more round settles the rest.
    agree(&one, &two, OfferOptions::default()).await;
    for peer in [&mut one, &mut two] {
        timeout(LIMIT, peer.tracks.recv())
            .await
            .expect("in time")
            .expect("a track");
    }
}

#[tokio::test]
async fn the_peers_offer_is_answered_not_taken_back() {
    let (one, two) = (Peer::new(), Peer::new());
    one.connection
        .create_data_channel("talk", DataChannelInit::default())
        .unwrap();
    two.connection
        .set_remote_description(offer(&one).await)
        .await
        .unwrap();
    let error = two
        .connection
        .set_remote_description(rollback())
        .await
        .unwrap_err();
    assert!(error.message.contains("answer it"), "{error}");
    assert_eq!(
        two.connection.signaling_state(),
        SignalingState::HaveRemoteOffer
    );
}

#[tokio::test]
async fn sound_of_a_rate_that_cannot_be_resampled_is_refused_at_once() {
    let (peer, factory) = (Peer::new(), PeerConnectionFactory::default());
    let odd = NativeAudioSource::new(AudioSourceOptions::default(), 4_000, 1, 100);
    let odd: MediaStreamTrack = factory.create_audio_track("odd", odd).into();
    let error = peer
        .connection
        .add_track(odd.clone(), &["stream"])
        .unwrap_err();
    assert!(error.message.contains("4000 Hz"), "{error}");
    let sender = peer.connection.add_track(voice(), &["stream"]).unwrap();
    let error = sender.set_track(Some(odd)).unwrap_err();
    assert!(error.message.contains("4000 Hz"), "{error}");
}
