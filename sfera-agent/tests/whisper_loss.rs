//! How well Whisper base hears speech that came through a bad network: loss, bursts, jitter and
//! repetition by a seed, with the media engine's own sender and jitter buffer at the ends.

#![cfg(all(
    feature = "livekit",
    feature = "whisper",
    feature = "models",
    feature = "test-util"
))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod whisper_ears;

use std::time::Duration;

use libwebrtc::simulation::{Copies, Jitter, Loss, Network, through_network};
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    stt::{Recognizer, SttOptions, Whisper},
    testing::{WordErrors, wer},
};
use whisper_ears::{prompt, prompts, whisper};

fn random(part: f64, copies: Copies) -> Network {
    Network {
        loss: Loss::Random(part),
        copies,
        ..Network::default()
    }
}

/// Packets that overtake each other by up to 200 ms.
fn jitter() -> Network {
    Network {
        jitter: Jitter::Uniform(Duration::from_millis(200)),
        duplicates: 0.05,
        ..Network::default()
    }
}

/// A tenth is lost, five packets at a time.
fn bursts(copies: Copies) -> Network {
    Network {
        loss: Loss::Bursts {
            begin: 0.022,
            end: 0.2,
        },
        copies,
        ..Network::default()
    }
}

/// The sound of a prompt at the other end of a network.
fn through(sound: &Frame, network: Network, seed: u64) -> Frame {
    let mut sent = Vec::new();
    Resampler::new(sound.rate(), SampleRate::HZ_48000).push(sound.samples(), &mut sent);
    let received = through_network(&sent, network, seed).unwrap();
    let mut heard = Vec::new();
    Resampler::new(SampleRate::HZ_48000, sound.rate()).push(&received, &mut heard);
    Frame::new(sound.rate(), heard)
}

/// The words that are not heard right, of these prompts, after this network. Each prompt has luck of its
/// own: with one seed for all, the same packets of each were lost, and a seed's WER was 20 to 35 %.
async fn errors(
    whisper: &Whisper,
    said: impl Iterator<Item = &(&'static str, &'static str)>,
    network: Option<Network>,
) -> WordErrors {
    let mut all = WordErrors::default();
    for (seed, (name, words)) in (1..).zip(said) {
        let sound = prompt(name);
        let sound = network.map_or(sound.clone(), |network| through(&sound, network, seed));
        let heard = whisper.recognize(sound, &SttOptions::default()).await;
        all += wer(words, &heard.unwrap().text);
    }
    all
}

#[tokio::test]
async fn words_come_through_a_bad_network() {
    let whisper = whisper(1).await;
    let some: Vec<_> = prompts().into_iter().step_by(7).collect();
    let clean = errors(&whisper, some.iter(), None).await;
    for network in [random(0.2, Copies::Red), jitter()] {
        let heard = errors(&whisper, some.iter(), Some(network)).await;
        let worse = heard.rate() - clean.rate();
        assert!(
            worse <= 0.20,
            "{network:?}: {:.0} % instead of {:.0} %",
            100.0 * heard.rate(),
            100.0 * clean.rate()
        );
    }
}

#[tokio::test]
async fn full_whisper_hears_what_networks_leave() {
    let whisper = whisper(2).await;
    let all = prompts();
    let clean = errors(&whisper, all.iter(), None).await;
    println!("no network: WER {:.1} %", 100.0 * clean.rate());
    let cases = [
        ("no loss", Network::default(), 0.03),
        ("5 %", random(0.05, Copies::InBand), 0.05),
        ("10 %", random(0.10, Copies::InBand), 0.08),
        ("20 %", random(0.20, Copies::InBand), 0.20),
        ("20 %, RED", random(0.20, Copies::Red), 0.08),
        ("10 % in bursts of five", bursts(Copies::InBand), 0.25),
        ("10 % in bursts of five, RED", bursts(Copies::Red), 0.25),
        ("200 ms of jitter, 5 % twice", jitter(), 0.08),
    ];
    for (name, network, most) in cases {
        let heard = errors(&whisper, all.iter(), Some(network)).await;
        println!("{name}: WER {:.1} %", 100.0 * heard.rate());
        assert!(
            heard.rate() <= clean.rate() + most,
            "{name}: {:.1} %",
            100.0 * heard.rate()
        );
    }
}
