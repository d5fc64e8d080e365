use std::{f64::consts::TAU, time::Duration};

use opus::{Application, Bitrate, Channels, Encoder};

use crate::audio::{AudioPacket, Codec, ReceiveStream};

const PACKET: usize = 960;

/// A second of a tone on the left and nothing on the right, in packets of 20 ms; on one channel, the
/// tone alone.
fn tone(channels: Channels) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(48_000, channels, Application::Audio).unwrap();
    encoder.set_bitrate(Bitrate::Bits(96_000)).unwrap();
    let wave = |n: usize| ((n as f64 * 440.0 * TAU / 48_000.0).sin() * 8_000.0) as i16;
    let sound: Vec<i16> = (0..48_000)
        .flat_map(|n| match channels {
            Channels::Stereo => vec![wave(n), 0],
            _ => vec![wave(n)],
        })
        .collect();
    sound
        .chunks(PACKET * channels as usize)
        .map(|piece| encoder.encode_vec(piece, 1_500).unwrap())
        .collect()
}

/// How loud each side is in the last half of each second, dB.
fn heard(packets: &[Vec<u8>]) -> Vec<(f64, f64)> {
    let mut receiver = ReceiveStream::new();
    let mut sides = Vec::new();
    let (mut left, mut right) = (0.0, 0.0);
    for (n, payload) in packets.iter().enumerate() {
        let now = Duration::from_millis(20 * n as u64);
        receiver.push(
            now,
            AudioPacket {
                sequence: 1 + n as u64,
                timestamp: (PACKET * n) as u32,
                payload,
                codec: Codec::Opus,
                marker: n == 0,
            },
        );
        for half in 0..2 {
            let mut out = [0; PACKET];
            receiver.pull(now + Duration::from_millis(10 * half), &mut out);
            if n % 50 >= 25 {
                let energy = |side: usize| {
                    let samples = out.iter().skip(side).step_by(2);
                    samples.map(|s| f64::from(*s).powi(2)).sum::<f64>()
                };
                (left, right) = (left + energy(0), right + energy(1));
            }
        }
        if n % 50 == 49 {
            let db = |energy: f64| 10.0 * (energy / 24_000.0 + 1e-9).log10();
            sides.push((db(left), db(right)));
            (left, right) = (0.0, 0.0);
        }
    }
    sides
}

#[test]
fn two_channels_stay_two_and_one_is_heard_on_both_sides() {
    let (stereo, mono) = (tone(Channels::Stereo), tone(Channels::Mono));
    let packets: Vec<_> = [stereo.clone(), mono, stereo].concat();
    let sides = heard(&packets);
    // A sine of 8,000 is 75 dB here.
    for (second, (left, right)) in sides.iter().enumerate() {
        assert!((74.0..76.0).contains(left), "{second}: {sides:?}");
        if second == 1 {
            assert!((left - right).abs() < 0.1, "{second}: {sides:?}");
        } else {
            assert!(right + 30.0 < *left, "{second}: {sides:?}");
        }
    }
}
