//! Connections without a server between them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods
)]

mod link;
#[path = "../../../tests/listen/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod listen;
mod noise;
mod offers;
mod pair;
mod servers;
mod sound;
mod strangers;
mod weather;

use libwebrtc::{
    native::frame_cryptor::{
        DataPacketCryptor, EncryptedPacket, EncryptionAlgorithm, KeyDerivationAlgorithm,
        KeyProvider, KeyProviderOptions,
    },
    peer_connection_factory::{PeerConnectionFactory, native::PeerConnectionFactoryExt},
    prelude::*,
    stats::{IceCandidateType, RtcStats},
    video_source::native::NativeVideoSource,
};

use crate::pair::{LIMIT, Peer, connected, negotiate};

#[tokio::test]
async fn messages_go_both_ways_as_bytes_and_as_text() {
    let (_one, mut near, _two, mut far) = connected(DataChannelInit::default()).await;
    assert_eq!(
        (near.channel.label(), far.channel.label()),
        ("talk".to_owned(), "talk".to_owned())
    );
    near.channel.send(&[1, 2, 3], true).unwrap();
    assert_eq!(far.hears().await, (vec![1, 2, 3], true));
    far.channel.send("привет".as_bytes(), false).unwrap();
    assert_eq!(near.hears().await, ("привет".as_bytes().to_vec(), false));
    assert!(matches!(
        near.channel.send(&[0xff], false),
        Err(DataChannelError::Utf8(_))
    ));
}

#[tokio::test]
async fn every_byte_that_leaves_is_told_once() {
    let (_one, near, _two, mut far) = connected(DataChannelInit::default()).await;
    let message = vec![5; 30_000];
    let count = 100;
    for _ in 0..count {
        near.channel.send(&message, true).unwrap();
    }
    for _ in 0..count {
        assert_eq!(far.hears().await.0, message);
    }
    let left = async {
        while near.channel.buffered_amount() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, left)
        .await
        .expect("all of it leaves");
    // The last callback may still be on its way; a message there and back is behind it.
    far.channel.send(b"done", true).unwrap();
    let mut near = near;
    near.hears().await;
    assert_eq!(near.sent.lock().iter().sum::<u64>(), 3_000_000);
}

#[tokio::test]
async fn a_full_buffer_refuses_and_loses_nothing() {
    let (_one, mut near, _two, mut far) = connected(DataChannelInit::default()).await;
    let message = vec![9; 60_000];
    let mut taken = 0;
    while near.channel.send(&message, true).is_ok() {
        taken += 1;
        assert!(taken < 100_000, "the buffer has no end");
    }
    for _ in 0..taken {
        assert_eq!(far.hears().await.0.len(), 60_000);
    }
    near.channel
        .send(b"again", true)
        .expect("there is room again");
    assert_eq!(far.hears().await.0, b"again");
    far.channel.send(b"yes", true).unwrap();
    near.hears().await;
}

#[tokio::test]
async fn ice_restarts_while_messages_go() {
    let (mut one, mut near, mut two, mut far) = connected(DataChannelInit::default()).await;
    let before = one
        .connection
        .current_local_description()
        .unwrap()
        .to_string();
    negotiate(
        &mut one,
        &mut two,
        OfferOptions {
            ice_restart: true,
            ..OfferOptions::default()
        },
    )
    .await;
    let after = one
        .connection
        .current_local_description()
        .unwrap()
        .to_string();
    let ufrag = |sdp: &str| {
        sdp.lines()
            .find(|line| line.starts_with("a=ice-ufrag"))
            .map(str::to_owned)
    };
    assert_ne!(ufrag(&before), ufrag(&after));
    one.becomes(PeerConnectionState::Connected).await;
    near.channel.send(b"still here", true).unwrap();
    assert_eq!(far.hears().await.0, b"still here");
    far.channel.send(b"so am I", true).unwrap();
    assert_eq!(near.hears().await.0, b"so am I");
}

/// Loopback of IPv6, and nothing else.
#[tokio::test]
async fn messages_go_over_ipv6_alone() {
    if let Err(error) = std::net::UdpSocket::bind("[::1]:0") {
        println!("SKIPPED: this machine has no IPv6: {error}");
        return;
    }
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let mut near = pair::Ear::new(
        one.connection
            .create_data_channel("talk", DataChannelInit::default())
            .unwrap(),
    );
    pair::negotiate_over(&mut one, &mut two, "::1").await;
    near.becomes(DataChannelState::Open).await;
    let far = tokio::time::timeout(LIMIT, two.channels.recv()).await;
    let mut far = pair::Ear::new(far.expect("in time").expect("a channel"));
    near.channel.send(b"six", true).unwrap();
    assert_eq!(far.hears().await.0, b"six");
    let pair = async {
        loop {
            let stats = one.connection.get_stats().await.expect("figures");
            let local = stats.iter().find_map(|stats| match stats {
                RtcStats::LocalCandidate(stats) => Some(stats.local_candidate.clone()),
                _ => None,
            });
            if let Some(local) = local {
                return local;
            }
            // Figures are renewed once a second.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let local = tokio::time::timeout(LIMIT, pair).await.expect("in time");
    assert!(local.address.contains(':'), "{}", local.address);
    assert_eq!(local.candidate_type, Some(IceCandidateType::Host));
}

#[tokio::test]
async fn a_closed_connection_tells_its_peer_and_refuses() {
    let (mut one, mut near, mut two, _far) = connected(DataChannelInit::default()).await;
    one.connection.close();
    near.becomes(DataChannelState::Closed).await;
    one.becomes(PeerConnectionState::Closed).await;
    two.becomes(PeerConnectionState::Failed).await;
    assert!(near.channel.send(b"late", true).is_err());
    let error = one
        .connection
        .create_offer(OfferOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.error_type, RtcErrorType::InvalidState);
}

#[tokio::test]
async fn a_channel_of_an_agreed_number_needs_no_word() {
    let init = || DataChannelInit {
        negotiated: true,
        id: 7,
        ..DataChannelInit::default()
    };
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let near = one
        .connection
        .create_data_channel("agreed", init())
        .unwrap();
    let far = two
        .connection
        .create_data_channel("agreed", init())
        .unwrap();
    let taken = one
        .connection
        .create_data_channel("again", init())
        .unwrap_err();
    assert!(taken.to_string().contains("7"), "{taken}");
    let (mut near, mut far) = (pair::Ear::new(near), pair::Ear::new(far));
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    near.becomes(DataChannelState::Open).await;
    far.becomes(DataChannelState::Open).await;
    near.channel.send(b"seven", true).unwrap();
    assert_eq!(far.hears().await.0, b"seven");
}

#[tokio::test]
async fn descriptions_that_make_no_sense_are_refused() {
    let peer = Peer::new();
    for sdp in [
        "v=0\r\n",
        "v=0\r\nm=audio\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
    ] {
        let description = SessionDescription::parse(sdp, SdpType::Offer).unwrap();
        let error = peer
            .connection
            .set_remote_description(description)
            .await
            .unwrap_err();
        assert_eq!(
            error.error_type,
            RtcErrorType::InvalidSdp,
            "{sdp:?}: {error}"
        );
    }
    assert!(SessionDescription::parse("hello", SdpType::Offer).is_err());
    let candidate = IceCandidate::parse("0", 0, "candidate:not really").unwrap();
    assert!(peer.connection.add_ice_candidate(candidate).await.is_err());
}

#[tokio::test]
async fn what_is_not_supported_says_so() {
    let factory = PeerConnectionFactory::default();
    let peer = Peer::new();
    let video = factory.create_video_track("camera", NativeVideoSource::default());
    let error = peer
        .connection
        .add_track(video.into(), &["stream"])
        .unwrap_err();
    assert!(error.to_string().contains("video"), "{error}");

    let options = KeyProviderOptions {
        shared_key: true,
        ratchet_window_size: 0,
        ratchet_salt: Vec::new(),
        failure_tolerance: 0,
        key_ring_size: 1,
        key_derivation_algorithm: KeyDerivationAlgorithm::PBKDF2,
    };
    let keys = KeyProvider::new(options);
    let data = DataPacketCryptor::new(EncryptionAlgorithm::AesGcm, keys.clone());
    let error = data.encrypt("somebody", 0, b"secret").unwrap_err();
    assert!(error.to_string().contains("encryption"), "{error}");
    let packet = EncryptedPacket {
        data: vec![1],
        iv: vec![2],
        key_index: 0,
    };
    assert!(data.decrypt("somebody", &packet).is_err());
    let refused = factory
        .create_peer_connection(RtcConfiguration::default())
        .unwrap_err();
    assert!(refused.to_string().contains("encryption"), "{refused}");
    drop(keys);
    factory
        .create_peer_connection(RtcConfiguration::default())
        .expect("nobody wants encryption any more");
}
