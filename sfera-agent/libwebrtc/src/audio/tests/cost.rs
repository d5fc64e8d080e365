use std::time::{Duration, Instant};

use super::speech::babble;
use crate::{
    audio::{ReceiveStream, SendOptions, SendStream},
    audio_frame::AudioFrame,
    audio_source::{AudioSourceOptions, native::NativeAudioSource},
    simulation::{Network, packets},
};

/// Microseconds for each of `count` calls.
#[allow(
    clippy::disallowed_methods,
    reason = "what a computer takes is measured by its clock"
)]
fn micros(count: usize, mut call: impl FnMut(usize)) -> f64 {
    let began = Instant::now();
    (0..count).for_each(&mut call);
    began.elapsed().as_secs_f64() * 1e6 / count as f64
}

async fn sending(rate: u32, speaking: bool) -> f64 {
    let source = NativeAudioSource::new(AudioSourceOptions::default(), rate, 1, 20_000);
    let options = SendOptions {
        max_bitrate: None,
        dtx: true,
        fec: true,
        red: false,
        stereo: false,
    };
    let mut stream = SendStream::new(&source, options).unwrap();
    if speaking {
        let voice: Vec<i16> = babble(10, 1)
            .into_iter()
            .step_by(48_000 / rate as usize)
            .collect();
        let frame = AudioFrame {
            samples_per_channel: voice.len() as u32,
            data: voice.into(),
            sample_rate: rate,
            num_channels: 1,
        };
        source.capture_frame(&frame).await.unwrap();
    }
    micros(450, |_| {
        stream.next(true);
    })
}

fn receiving(network: Network) -> f64 {
    let voice = packets(&babble(10, 1), network).unwrap();
    let mut receiver = ReceiveStream::new();
    micros(450, |n| {
        let at = Duration::from_millis(20 * n as u64);
        receiver.push(at, voice[n].1.borrow());
        receiver.pull(at, &mut [0; 960]);
        receiver.pull(at + Duration::from_millis(10), &mut [0; 960]);
    })
}

fn receiving_silence() -> f64 {
    let mut receiver = ReceiveStream::new();
    let voice = packets(&vec![0; 48_000], Network::default()).unwrap();
    for (at, packet) in &voice {
        receiver.push(*at, packet.borrow());
        receiver.pull(*at, &mut [0; 960]);
        receiver.pull(*at, &mut [0; 960]);
    }
    micros(1_000, |n| {
        let at = Duration::from_millis(1_000 + 20 * n as u64);
        receiver.pull(at, &mut [0; 960]);
        receiver.pull(at + Duration::from_millis(10), &mut [0; 960]);
    })
}

#[tokio::test]
#[ignore = "a measurement"]
async fn microseconds_for_20_ms() {
    for rate in [48_000, 24_000, 16_000] {
        println!(
            "sending speech, {rate} Hz: {:.1}",
            sending(rate, true).await
        );
    }
    println!("sending silence: {:.2}", sending(48_000, false).await);
    println!("receiving speech: {:.1}", receiving(Network::default()));
    println!("receiving silence: {:.2}", receiving_silence());
}
