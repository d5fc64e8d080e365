use super::*;
use crate::{audio::CLOCK, audio_frame::AudioFrame, audio_source::AudioSourceOptions};

const OPTIONS: SendOptions = SendOptions {
    max_bitrate: None,
    dtx: true,
    fec: true,
    red: false,
    stereo: false,
};

fn source(rate: u32, channels: u32, queue_ms: u32) -> NativeAudioSource {
    NativeAudioSource::new(AudioSourceOptions::default(), rate, channels, queue_ms)
}

fn frame(rate: u32, channels: u32, samples: Vec<i16>) -> AudioFrame<'static> {
    AudioFrame {
        sample_rate: rate,
        num_channels: channels,
        samples_per_channel: samples.len() as u32 / channels,
        data: samples.into(),
    }
}

/// A tone of 440 Hz, the same in all channels.
fn tone(rate: u32, channels: u32, ms: u32) -> AudioFrame<'static> {
    let step = std::f64::consts::TAU * 440.0 / f64::from(rate);
    let samples = (0..rate / 1_000 * ms).flat_map(|n| {
        std::iter::repeat_n(
            ((f64::from(n) * step).sin() * 8_000.0) as i16,
            channels as usize,
        )
    });
    frame(rate, channels, samples.collect())
}

fn decode(packet: &[u8]) -> Vec<i16> {
    let mut decoder = opus::Decoder::new(CLOCK, opus::Channels::Mono).unwrap();
    let mut out = vec![0; FRAME];
    decoder.decode(packet, &mut out, false).unwrap();
    out
}

/// The part of the energy that a tone of 440 Hz explains, dB over the rest.
fn purity(sound: &[i16]) -> f64 {
    let step = std::f64::consts::TAU * 440.0 / f64::from(CLOCK);
    let (mut sin, mut cos, mut all) = (0.0, 0.0, 0.0);
    for (n, s) in sound.iter().enumerate() {
        let (a, b) = (n as f64 * step).sin_cos();
        sin += a * f64::from(*s);
        cos += b * f64::from(*s);
        all += f64::from(*s).powi(2);
    }
    let tone = (sin * sin + cos * cos) * 2.0 / sound.len() as f64;
    10.0 * (tone / (all - tone).max(1.0)).log10()
}

#[tokio::test]
async fn sound_of_any_rate_and_layout_is_sent_as_it_is() {
    for (rate, channels) in [
        (8_000, 1),
        (16_000, 1),
        (24_000, 1),
        (44_100, 2),
        (48_000, 1),
        (48_000, 2),
        (192_000, 1),
    ] {
        let source = source(rate, channels, 1_000);
        let loud = SendOptions {
            max_bitrate: Some(64_000),
            ..OPTIONS
        };
        let mut stream = SendStream::new(&source, loud).unwrap();
        source
            .capture_frame(&tone(rate, channels, 1_000))
            .await
            .unwrap();
        let mut decoder = opus::Decoder::new(CLOCK, opus::Channels::Mono).unwrap();
        let mut sound = Vec::new();
        for _ in 0..50 {
            let packet = stream.next(true).unwrap();
            assert!(
                (-20..=-10).contains(&packet.level),
                "{rate} Hz: {} dBov",
                packet.level
            );
            assert!(packet.voice);
            let mut out = vec![0; FRAME];
            decoder.decode(packet.payload, &mut out, false).unwrap();
            sound.extend(out);
        }
        // Whole periods, from the middle.
        let purity = purity(&sound[9_600..9_600 + 24_000]);
        println!("{rate} Hz, {channels}: {purity:.1} dB");
        assert!(purity > 20.0, "{rate} Hz, {channels} channels: {purity} dB");
    }
}

#[tokio::test]
async fn a_rate_that_cannot_be_resampled_is_refused() {
    let Err(error) = SendStream::new(&source(4_000, 1, 100), OPTIONS) else {
        panic!("4 kHz was taken");
    };
    assert!(error.message.contains("4000 Hz"), "{error}");
}

#[tokio::test]
async fn timestamps_go_on_through_silence_which_costs_next_to_nothing() {
    let source = source(48_000, 1, 1_000);
    let mut stream = SendStream::new(&source, OPTIONS).unwrap();
    source.capture_frame(&tone(48_000, 1, 200)).await.unwrap();
    let first = stream.next(true).unwrap().timestamp;
    let mut sent = 0;
    for _ in 1..500 {
        if let Some(packet) = stream.next(true) {
            assert!(!packet.marker);
            sent += 1;
        }
    }
    // 200 ms of sound, as much until Opus believes it, then one packet in 400 ms.
    assert!((30..70).contains(&sent), "{sent} packets in 10 s");
    source.capture_frame(&tone(48_000, 1, 200)).await.unwrap();
    let packet = stream.next(true).unwrap();
    assert!(packet.marker, "sound after silence");
    assert_eq!(packet.timestamp, first.wrapping_add(500 * 960));
    assert!(!stream.next(true).unwrap().marker);
    assert_eq!(stream.stats().packets, sent + 3);
}

#[tokio::test]
async fn without_dtx_silence_is_sent_like_sound() {
    let options = SendOptions {
        dtx: false,
        ..OPTIONS
    };
    let mut stream = SendStream::new(&source(48_000, 1, 100), options).unwrap();
    for _ in 0..100 {
        let packet = stream.next(true).unwrap();
        assert!(packet.payload.len() > 2);
        assert_eq!((packet.level, packet.voice), (-127, false));
    }
}

#[tokio::test]
async fn a_disabled_track_sends_silence_and_drops_its_sound() {
    let source = source(48_000, 1, 1_000);
    let mut stream = SendStream::new(&source, OPTIONS).unwrap();
    source.capture_frame(&tone(48_000, 1, 500)).await.unwrap();
    for _ in 0..25 {
        if let Some(packet) = stream.next(false) {
            assert_eq!(packet.level, -127);
            let peak = decode(packet.payload)
                .iter()
                .map(|s| s.unsigned_abs())
                .max();
            assert!(peak.unwrap() < 50, "{peak:?}");
        }
    }
    assert_eq!(source.queue().len(), 0);
}

#[tokio::test]
async fn what_is_cleared_is_not_sent_any_more() {
    let source = source(24_000, 1, 1_000);
    let mut stream = SendStream::new(&source, OPTIONS).unwrap();
    source.capture_frame(&tone(24_000, 1, 1_000)).await.unwrap();
    assert!(stream.next(true).unwrap().level > -20);
    source.clear_buffer();
    // The filter's end, a few milliseconds, then nothing.
    assert!(stream.next(true).is_some());
    assert!(stream.sound.iter().skip(400).all(|s| s.unsigned_abs() < 50));
    for _ in 0..10 {
        let level = stream.next(true).map(|packet| packet.level);
        assert!(level.is_none_or(|level| level == -127), "{level:?}");
    }
}

#[tokio::test]
async fn sound_that_ends_in_a_wave_fades() {
    let source = source(48_000, 1, 1_000);
    let mut stream = SendStream::new(&source, OPTIONS).unwrap();
    // Ends at its peak, 25 ms in; 1 ms of silence comes first.
    source
        .capture_frame(&frame(48_000, 1, vec![10_000; 1_200]))
        .await
        .unwrap();
    stream.next(true);
    stream.next(true);
    let fading = &stream.sound[200..];
    assert!(stream.sound[287] == 10_000 && stream.sound[288] < 10_000);
    assert!(fading.windows(2).all(|w| w[0] - w[1] <= 600), "no step");
    assert!(stream.sound[550] < 10);
}

#[tokio::test]
async fn frames_that_come_one_by_one_play_without_a_hole() {
    let source = source(48_000, 1, 0);
    let mut stream = SendStream::new(&source, OPTIONS).unwrap();
    let whole = tone(48_000, 1, 1_000);
    let frames: Vec<_> = whole.data.chunks(480).collect();
    let mut levels = Vec::new();
    for (n, samples) in frames.iter().enumerate() {
        source
            .capture_frame(&frame(48_000, 1, samples.to_vec()))
            .await
            .unwrap();
        // Every second frame comes a little late.
        if n % 2 == 0 && n > 0 {
            levels.push(stream.next(true).map_or(-127, |packet| packet.level));
        }
    }
    let sound: Vec<_> = levels.iter().skip_while(|level| **level < -20).collect();
    assert!(sound.len() > 46, "{levels:?}");
    assert!(sound.iter().all(|level| **level > -20), "{levels:?}");
}

#[tokio::test]
async fn redundant_packets_hold_the_one_before() {
    let source = source(48_000, 1, 1_000);
    let options = SendOptions {
        red: true,
        ..OPTIONS
    };
    let mut stream = SendStream::new(&source, options).unwrap();
    source.capture_frame(&tone(48_000, 1, 100)).await.unwrap();
    let mut before = Vec::new();
    for n in 0..5 {
        let packet = stream.next(true).unwrap();
        assert_eq!(packet.codec, Codec::Red);
        let blocks = red::parse(packet.payload).unwrap();
        let (new, earlier) = blocks.split_last().unwrap();
        assert_eq!(earlier.len(), usize::from(n > 0));
        for block in earlier {
            assert_eq!((block.offset, block.payload), (960, before.as_slice()));
        }
        before = new.payload.to_vec();
    }
}

#[tokio::test]
async fn loss_makes_packets_hold_coarse_copies() {
    let copies = async |loss: f32| {
        let source = source(48_000, 1, 2_000);
        let mut stream = SendStream::new(&source, OPTIONS).unwrap();
        stream.set_packet_loss(loss);
        let voice = crate::audio::tests::babble(2, 1);
        source
            .capture_frame(&frame(48_000, 1, voice))
            .await
            .unwrap();
        let sent = (0..100).filter_map(|_| {
            let packet = stream.next(true)?;
            Some(opus_packet::has_copy(packet.payload))
        });
        sent.filter(|copy| *copy).count()
    };
    assert_eq!(copies(0.0).await, 0);
    assert!(copies(0.03).await > 50);
}

#[tokio::test]
async fn a_lower_bitrate_takes_fewer_bytes() {
    let bytes = async |bitrate: Option<u64>| {
        let source = source(48_000, 1, 2_000);
        let mut stream = SendStream::new(&source, OPTIONS).unwrap();
        stream.set_max_bitrate(bitrate);
        let voice = crate::audio::tests::babble(2, 1);
        source
            .capture_frame(&frame(48_000, 1, voice))
            .await
            .unwrap();
        for _ in 0..100 {
            stream.next(true);
        }
        stream.stats()
    };
    let speech = bytes(None).await;
    assert_eq!(speech.target_bitrate, 24_000);
    assert!((3_000..7_500).contains(&speech.bytes), "{speech:?}");
    let thin = bytes(Some(8_000)).await;
    assert!(thin.bytes < speech.bytes / 2, "{thin:?}");
}

#[tokio::test]
async fn loss_is_believed_at_once_and_forgotten_slowly() {
    let mut stream = SendStream::new(&source(48_000, 1, 100), OPTIONS).unwrap();
    stream.set_packet_loss(0.08);
    for second in 0..60 {
        let told = stream.encoder.told_loss();
        assert_eq!(told > 0, second < 42, "{told} % after {second} s");
        for _ in 0..50 {
            stream.set_packet_loss(0.0);
        }
    }
}
