//! Sound without a server between.

use std::borrow::Cow;

use futures::StreamExt;
use libwebrtc::{
    audio_source::native::NativeAudioSource,
    audio_stream::native::NativeAudioStream,
    peer_connection_factory::{PeerConnectionFactory, native::PeerConnectionFactoryExt},
    prelude::*,
};
use tokio::time::timeout;

use crate::{
    listen,
    pair::{LIMIT, Peer, negotiate},
};

const RATE: u32 = 48_000;

#[tokio::test]
async fn a_track_that_is_added_is_heard_by_the_peer() {
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE, 1, 100);
    let track = PeerConnectionFactory::default().create_audio_track("voice", source.clone());
    let sender = one
        .connection
        .add_track(track.into(), &["stream"])
        .expect("added");
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    one.becomes(PeerConnectionState::Connected).await;
    let heard = timeout(LIMIT, two.tracks.recv())
        .await
        .expect("in time")
        .expect("a track");
    let MediaStreamTrack::Audio(heard) = heard else {
        panic!("{heard:?}")
    };
    assert_eq!(heard.id(), "voice");
    let mut stream = NativeAudioStream::new(heard, RATE as i32, 1);

    let speak = async {
        for frame in listen::tone(RATE, 440.0, 2000, 8000.0).chunks_exact(960) {
            let frame = AudioFrame {
                data: Cow::Borrowed(frame),
                sample_rate: RATE,
                num_channels: 1,
                samples_per_channel: 960,
            };
            source.capture_frame(&frame).await.expect("taken");
        }
    };
    let hear = async {
        let mut sound: Vec<i16> = Vec::new();
        while sound.len() < RATE as usize {
            let frame = stream.next().await.expect("it goes on");
            if !sound.is_empty() || listen::level(&frame.data) > -40.0 {
                sound.extend_from_slice(&frame.data);
            }
        }
        sound
    };
    let (sound, ()) = tokio::join!(timeout(LIMIT, hear), speak);
    let sound = sound.expect("sound in time");
    assert!(listen::tone_snr(&sound[RATE as usize / 2..], RATE, 440.0) > 25.0);

    one.connection.remove_track(sender).expect("removed");
    assert!(
        one.connection
            .senders()
            .iter()
            .all(|sender| sender.track().is_none())
    );
}
