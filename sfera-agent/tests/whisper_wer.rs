//! How well and how fast Whisper base hears recorded Russian speech.

#![cfg(all(feature = "whisper", feature = "models", feature = "test-util"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods
)]

mod whisper_ears;

use sfera_agent::{
    stt::{Recognizer, SttOptions},
    testing::{WordErrors, wer},
};
use std::{fs, time::Instant};
use whisper_ears::{prompt, prompts, whisper};

/// The word error rate that the whole set may have.
const MOST: f64 = 0.20;

/// CPU seconds this process has used, from the kernel's ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks = |n: usize| fields[n].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

#[tokio::test]
async fn full_whisper_hears_recorded_russian() {
    let (whisper, options) = (whisper(2).await, SttOptions::default());
    let mut all = WordErrors::default();
    let (mut cpu, mut speech) = (0.0, 0.0);
    let mut waits = Vec::new();
    for (name, said) in prompts() {
        let sound = prompt(name);
        speech += sound.duration().as_secs_f64();
        let (before, asked) = (cpu_seconds(), Instant::now());
        let heard = whisper.recognize(sound, &options).await.unwrap();
        let took = cpu_seconds() - before;
        cpu += took;
        waits.push(asked.elapsed().as_secs_f64());
        let errors = wer(said, &heard.text);
        all += errors;
        println!(
            "{took:5.2} CPU-s {}/{} {name}: {heard:?}",
            errors.errors, errors.words
        );
    }
    let count = prompts().len() as f64;
    waits.sort_by(f64::total_cmp);
    println!(
        "{count} prompts, {speech:.0} s of speech: WER {:.1} %, {:.2} CPU-s an utterance, median wait {:.2} s",
        100.0 * all.rate(),
        cpu / count,
        waits[waits.len() / 2],
    );
    assert!(all.rate() <= MOST, "WER {:.1} %", 100.0 * all.rate());
}
