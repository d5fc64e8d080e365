use std::time::Duration;

use tokio_stream::StreamExt;

use super::speech::babble;
use crate::{
    audio::RemoteAudio,
    audio_stream::native::{NativeAudioStream, NativeAudioStreamOptions},
    audio_track::RtcAudioTrack,
    media_stream_track::RtcTrackState,
    simulation::{Network, packets},
};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Plays a second of speech.
fn play(audio: &RemoteAudio) {
    for (at, packet) in packets(&babble(1, 1), Network::default()).unwrap() {
        audio.push(at, packet.borrow());
        audio.tick(at);
        audio.tick(at + ms(10));
    }
}

fn loudest(frame: &[i16]) -> u16 {
    frame
        .iter()
        .map(|s| s.unsigned_abs())
        .max()
        .unwrap_or_default()
}

#[tokio::test]
async fn each_reader_hears_the_track_in_its_own_format() {
    let track = RtcAudioTrack::remote("TR_1".to_owned());
    let audio = track.remote_audio().unwrap();
    assert!(!audio.has_sinks());
    let options = NativeAudioStreamOptions {
        queue_size_frames: Some(0),
    };
    let formats = [
        (48_000, 2),
        (48_000, 1),
        (16_000, 1),
        (24_000, 1),
        (8_000, 2),
        (44_100, 1),
    ];
    let streams = formats.map(|(rate, channels)| {
        NativeAudioStream::with_options(track.clone(), rate, channels, options.clone())
    });
    play(&audio);
    audio.end();
    for (stream, (rate, channels)) in streams.into_iter().zip(formats) {
        let frames: Vec<_> = stream.collect().await;
        assert_eq!(frames.len(), 100, "{rate} Hz: a frame each 10 ms");
        for frame in &frames {
            assert_eq!(
                (frame.sample_rate, frame.num_channels),
                (rate as u32, channels as u32)
            );
            assert_eq!(frame.samples_per_channel, rate as u32 / 100);
            assert_eq!(frame.data.len(), rate as usize / 100 * channels as usize);
        }
        assert!(
            frames.iter().any(|frame| loudest(&frame.data) > 2_000),
            "{rate} Hz"
        );
    }
    assert!(!audio.has_sinks(), "closed with their streams");
    assert_eq!(track.state(), RtcTrackState::Ended);
}

#[tokio::test]
async fn who_reads_slowly_hears_the_newest() {
    let track = RtcAudioTrack::remote("TR_1".to_owned());
    let audio = track.remote_audio().unwrap();
    let stream = NativeAudioStream::new(track, 48_000, 1);
    play(&audio);
    audio.end();
    let frames: Vec<_> = stream.collect().await;
    assert_eq!(frames.len(), 10);
}

#[tokio::test]
async fn a_disabled_track_is_heard_as_silence() {
    let track = RtcAudioTrack::remote("TR_1".to_owned());
    let audio = track.remote_audio().unwrap();
    assert!(track.set_enabled(false) && !track.set_enabled(false));
    let stream = NativeAudioStream::new(track.clone(), 48_000, 1);
    play(&audio);
    audio.end();
    let frames: Vec<_> = stream.collect().await;
    assert!(frames.iter().all(|frame| loudest(&frame.data) == 0));
    assert!(!track.enabled());
}

#[tokio::test]
async fn a_closed_stream_is_over_and_a_late_one_too() {
    let track = RtcAudioTrack::remote("TR_1".to_owned());
    let audio = track.remote_audio().unwrap();
    let mut stream = NativeAudioStream::new(track.clone(), 48_000, 1);
    play(&audio);
    stream.close();
    assert!(stream.next().await.is_none());
    audio.end();
    assert!(
        NativeAudioStream::new(track, 48_000, 1)
            .next()
            .await
            .is_none()
    );
}

#[tokio::test]
async fn a_rate_that_cannot_be_had_ends_the_stream() {
    let track = RtcAudioTrack::remote("TR_1".to_owned());
    let audio = track.remote_audio().unwrap();
    let mut stream = NativeAudioStream::new(track, -1, 1);
    play(&audio);
    assert!(stream.next().await.is_none());
}
