//! What single parts cost: VAD with resampling, playout, the sentence splitter, the turn machine.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has no figures"
)]
#![allow(missing_docs, reason = "criterion_group makes public functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    playout::Playout,
    session::recording::LineKind,
    testing::simulation::{self, Planted},
    tts::SentenceSplitter,
    turn::{Machine, SegmentId},
    vad::{Earshot, Vad},
};
use std::{hint::black_box, time::Duration};

const WINDOW: Duration = Duration::from_millis(32);

/// A voice-like hum: three harmonics that swell and fade.
fn hum(rate: SampleRate, length: Duration) -> Vec<i16> {
    let hz = f64::from(rate.hz());
    let sample = |n: u64| {
        let t = n as f64 / hz;
        let tone = |f: f64| (t * f * std::f64::consts::TAU).sin();
        let swell = (t * 4.0).sin().abs();
        ((tone(140.0) + tone(280.0) * 0.6 + tone(900.0) * 0.3) * swell * 6_000.0) as i16
    };
    (0..rate.samples(length)).map(sample).collect()
}

fn vad(c: &mut Criterion) {
    let mut listener = Earshot.open().unwrap();
    let window = listener.window();
    let length = SampleRate::HZ_16000.duration(window as u64);
    let (from, to) = (SampleRate::HZ_48000, SampleRate::HZ_16000);
    let input = hum(from, Duration::from_secs(4));
    let mut resampler = Resampler::new(from, to);
    let (mut out, mut at) = (Vec::new(), 0);
    c.bench_function("vad/earshot, 32 ms from 48 kHz", |b| {
        b.iter(|| {
            let samples = from.samples(WINDOW) as usize;
            if at + samples > input.len() {
                at = 0;
            }
            resampler.push(&input[at..at + samples], &mut out);
            at += samples;
            let whole = out.len() / window * window;
            for chunk in out[..whole].chunks_exact(window) {
                black_box(listener.probability(chunk).unwrap());
            }
            out.drain(..whole);
        });
    });
    let chunk = hum(to, length);
    c.bench_function(&format!("vad/earshot, a window of {length:?} alone"), |b| {
        b.iter(|| black_box(listener.probability(&chunk).unwrap()));
    });
    c.bench_function("resample/32 ms, 48 to 16 kHz", |b| {
        let mut out = Vec::new();
        b.iter(|| {
            out.clear();
            resampler.push(&input[..from.samples(WINDOW) as usize], &mut out);
        });
    });
}

fn playout(c: &mut Criterion) {
    let rate = SampleRate::HZ_48000;
    let frame = Frame::silence(rate, Duration::from_millis(20));
    let mut heard = vec![0; frame.samples().len()];
    let mut group = c.benchmark_group("playout");
    group.throughput(Throughput::Elements(1));
    group.bench_function("20 ms written and read", |b| {
        let (playout, mut reader) = Playout::new(rate);
        playout.open(SegmentId(1));
        b.iter(|| {
            playout.try_write(SegmentId(1), frame.samples()).unwrap();
            reader.read(&mut heard);
            playout.take_events()
        });
    });
    group.finish();
}

fn sentences(c: &mut Criterion) {
    let text = "Сегодня на рынке спокойно, т. е. цена почти не движется. Завтра выйдет отчёт за III \
                кв. 2025 г., и тогда посмотрим! А пока лучше подождать… ";
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    c.bench_function("sentences/27 words, word by word", |b| {
        b.iter(|| {
            let (mut splitter, mut sentences) = (SentenceSplitter::default(), Vec::new());
            for word in &words {
                splitter.push(word, &mut sentences);
            }
            splitter.finish(&mut sentences);
            sentences
        });
    });
}

fn machine(c: &mut Criterion) {
    let recordings: Vec<_> = (0..50)
        .map(|seed| simulation::record(&simulation::from_seed(seed), Planted::Nothing).1)
        .collect();
    let is_input = |kind: &LineKind| matches!(kind, LineKind::Input(_));
    let lines = recordings.iter().flat_map(|r| &r.lines);
    let inputs = lines.filter(|line| is_input(&line.kind)).count() as u64;
    let mut group = c.benchmark_group("machine");
    group.throughput(Throughput::Elements(inputs));
    group.bench_function("50 simulated conversations", |b| {
        b.iter(|| {
            for recording in &recordings {
                let mut machine = Machine::new(recording.header.options.clone());
                for line in &recording.lines {
                    if let LineKind::Input(input) = &line.kind {
                        machine.handle(line.at, input.clone());
                        while let Some(effect) = machine.poll_effect() {
                            black_box(effect);
                        }
                    }
                }
            }
        });
    });
    group.finish();
}

criterion_group!(parts, vad, playout, sentences, machine);
criterion_main!(parts);
