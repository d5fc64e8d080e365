//! How well the echo canceller works on human speech. Needs ffmpeg and the Debian package
//! asterisk-core-sounds-ru-g722 (`make test` installs both).
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod prompts;

use sfera_agent::audio::{EchoCanceller, Frame, Level, NoiseSuppression, SampleRate};

const RATE: SampleRate = SampleRate::HZ_16000;

/// `seconds` of prompts one after another, beginning with the `first`.
fn speech(first: usize, seconds: usize) -> Vec<i16> {
    let mut samples: Vec<i16> = prompts::russian(5)[first..]
        .iter()
        .flat_map(|frame| frame.samples().to_vec())
        .take(RATE.hz() as usize * seconds)
        .collect();
    samples.resize(RATE.hz() as usize * seconds, 0);
    samples
}

/// What a microphone hears of the loudspeaker: 80 ms later, 10 dB quieter, with two reflections.
fn echo(far: &[i16]) -> Vec<f32> {
    let paths = [(80, 0.3), (95, 0.12), (117, -0.06)];
    (0..far.len())
        .map(|n| {
            let heard = |(ms, gain): &(usize, f32)| {
                n.checked_sub(ms * 16)
                    .map_or(0.0, |at| f32::from(far[at]) * gain)
            };
            paths.iter().map(heard).sum()
        })
        .collect()
}

/// Noise of a quiet room, about −66 dBFS.
fn room(length: usize) -> Vec<f32> {
    let mut seed = 3u32;
    (0..length)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as i16) as f32 / 32_768.0 * 28.0
        })
        .collect()
}

fn mix(parts: &[&[f32]]) -> Vec<i16> {
    (0..parts[0].len())
        .map(|n| parts.iter().map(|p| p[n]).sum::<f32>().round() as i16)
        .collect()
}

/// Runs both directions in frames of 20 ms, as a session does.
fn cancel(far: &[i16], microphone: &[i16]) -> Vec<i16> {
    let mut canceller = EchoCanceller::new(NoiseSuppression::Moderate);
    let mut out = Vec::new();
    for (far, near) in far.chunks(320).zip(microphone.chunks(320)) {
        canceller.render(&Frame::new(RATE, far));
        out.extend_from_slice(canceller.capture(&Frame::new(RATE, near)).samples());
    }
    out
}

fn seconds(samples: &[i16], from: usize, to: usize) -> &[i16] {
    &samples[from * 16_000..to * 16_000]
}

fn db(samples: &[i16]) -> f32 {
    Level::of(samples).rms_dbfs
}

/// Loudness of each 10 ms. Filters turn the phases of a voice, so waves cannot be compared.
fn contour(samples: &[i16]) -> Vec<f64> {
    let loud = |block: &[i16]| {
        block
            .iter()
            .map(|s| f64::from(*s).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    samples.chunks_exact(160).map(loud).collect()
}

/// How alike two sounds' contours are, at the best shift up to 50 ms: 1 is the same, 0 unrelated.
fn likeness(one: &[i16], other: &[i16]) -> f64 {
    let (one, other) = (contour(one), contour(other));
    (0..5)
        .map(|shift| correlation(&one[..one.len() - shift], &other[shift..]))
        .fold(0.0, f64::max)
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

#[test]
fn the_agents_own_voice_is_taken_out_of_the_microphone() {
    let far = speech(0, 12);
    let microphone = mix(&[&echo(&far), &room(far.len())]);
    let clean = cancel(&far, &microphone);
    let (before, after) = (db(seconds(&microphone, 4, 12)), db(seconds(&clean, 4, 12)));
    println!(
        "echo {before:.1} dBFS → {after:.1} dBFS: {:.1} dB less",
        before - after
    );
    assert!(before - after > 20.0);
}

#[test]
fn somebody_who_talks_over_the_agent_stays_audible() {
    let far = speech(0, 12);
    let near: Vec<f32> = speech(25, 12)
        .iter()
        .enumerate()
        .map(|(n, s)| {
            if n > 6 * 16_000 {
                f32::from(*s) * 0.5
            } else {
                0.0
            }
        })
        .collect();
    let microphone = mix(&[&echo(&far), &near, &room(far.len())]);
    let clean = cancel(&far, &microphone);
    let near = mix(&[&near]);
    let (said, kept) = (seconds(&near, 7, 12), seconds(&clean, 7, 12));
    let (like, like_far) = (likeness(said, kept), likeness(seconds(&far, 7, 12), kept));
    println!(
        "near speech {:.1} dBFS → {:.1} dBFS, likeness to it {like:.2}, to the agent {like_far:.2}",
        db(said),
        db(kept)
    );
    assert!((db(said) - db(kept)).abs() < 6.0);
    assert!(like > 0.7 && like_far < 0.4);
}

#[test]
fn without_an_echo_speech_passes() {
    let near = speech(25, 6);
    let clean = cancel(&vec![0; near.len()], &near);
    let like = likeness(seconds(&near, 1, 6), seconds(&clean, 1, 6));
    println!(
        "{:.1} dBFS → {:.1} dBFS, likeness {like:.2}",
        db(&near),
        db(&clean)
    );
    assert!((db(&near) - db(&clean)).abs() < 3.0);
    assert!(like > 0.9);
}

#[test]
fn any_rate_goes_in_and_all_of_it_comes_out_at_16_khz() {
    for hz in [8_000, 11_025, 44_100, 48_000] {
        let rate = SampleRate::new(hz).unwrap();
        let mut canceller = EchoCanceller::new(NoiseSuppression::Off);
        let mut out = 0;
        for _ in 0..100 {
            let frame = Frame::new(rate, vec![0; hz as usize / 50]);
            canceller.render(&frame);
            let clean = canceller.capture(&frame);
            assert_eq!(clean.rate(), RATE);
            out += clean.samples().len();
        }
        assert!((31_000..=32_000).contains(&out), "{hz} Hz: {out}");
    }
}
