//! A signal with what matters of a voice: pitch that glides, formants that change, hiss, and pauses.

use crate::simulation::Random;

const RATE: f64 = 48_000.0;

/// Formants of a, e, i, o, u: Hz.
const VOWELS: [[f64; 3]; 5] = [
    [730.0, 1_090.0, 2_440.0],
    [530.0, 1_840.0, 2_480.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
    [300.0, 870.0, 2_240.0],
];

/// Seconds of speech, 48 kHz.
pub(super) fn speech(seconds: usize, seed: u64) -> Vec<i16> {
    let mut random = Random::new(seed);
    let mut voice = Voice::default();
    let mut out = Vec::new();
    while out.len() < seconds * 48_000 {
        for _ in 0..6 + random.next() % 5 {
            voice.syllable(&mut random, &mut out);
        }
        let pause = 9_600 + random.next() as usize % 24_000;
        out.resize(out.len() + pause, 0);
    }
    out.truncate(seconds * 48_000);
    out
}

/// Seconds of speech without a pause.
pub(in crate::audio) fn babble(seconds: usize, seed: u64) -> Vec<i16> {
    let mut random = Random::new(seed);
    let mut voice = Voice::default();
    let mut out = Vec::new();
    while out.len() < seconds * 48_000 {
        voice.syllable(&mut random, &mut out);
    }
    out.truncate(seconds * 48_000);
    out
}

#[derive(Default)]
struct Voice {
    phase: f64,
    pitch: f64,
    /// The last two outputs of each formant's resonator.
    memory: [[f64; 2]; 3],
}

impl Voice {
    fn syllable(&mut self, random: &mut Random, out: &mut Vec<i16>) {
        if random.chance(0.6) {
            self.hiss(random, out);
        }
        let formants = VOWELS[random.next() as usize % VOWELS.len()];
        let length = 5_000 + random.next() as usize % 6_000;
        let goal = 90.0 + 60.0 * random.fraction();
        if self.pitch == 0.0 {
            self.pitch = goal;
        }
        for n in 0..length {
            self.pitch += (goal - self.pitch) / 4_000.0;
            self.phase += self.pitch / RATE;
            let pulse = if self.phase >= 1.0 { 1.0 } else { 0.0 };
            self.phase -= self.phase.floor();
            let breath = (random.fraction() - 0.5) * 0.004;
            let at = n as f64 / length as f64;
            let envelope = (std::f64::consts::PI * at).sin().sqrt();
            out.push((self.resonate(&formants, pulse + breath) * envelope * 2_600.0) as i16);
        }
    }

    fn resonate(&mut self, formants: &[f64; 3], input: f64) -> f64 {
        let mut sum = 0.0;
        for (n, (memory, hz)) in self.memory.iter_mut().zip(formants).enumerate() {
            let radius = (-std::f64::consts::PI * 90.0 / RATE).exp();
            let angle = std::f64::consts::TAU * hz / RATE;
            let [one, two] = *memory;
            let now = input + 2.0 * radius * angle.cos() * one - radius * radius * two;
            *memory = [now, one];
            sum += now * angle.sin() * [1.0, 0.6, 0.3][n];
        }
        sum
    }

    fn hiss(&mut self, random: &mut Random, out: &mut Vec<i16>) {
        let length = 2_000 + random.next() as usize % 2_500;
        let mut before = 0.0;
        for n in 0..length {
            let white = random.fraction() - 0.5;
            let envelope = (std::f64::consts::PI * n as f64 / length as f64).sin();
            out.push(((white - before) * envelope * 4_000.0) as i16);
            before = white;
        }
    }
}
