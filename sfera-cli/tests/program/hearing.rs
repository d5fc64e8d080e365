//! What is heard in a room, and what Whisper understands of it.

use sfera_agent::{
    Language,
    audio::{Frame, Level, Resampler, SampleRate},
    models::Models,
    stt::{Recognizer, SttOptions, Whisper, WhisperOptions},
};
use std::{collections::HashSet, num::NonZeroUsize, time::Duration};

/// The rate at which a caller hears.
pub const RATE: SampleRate = SampleRate::HZ_48000;
/// Louder than this is speech, in dB of full scale: a codec's silence is far below.
const LOUD: f32 = -45.0;
/// Silence after which all is said.
const PAUSE: Duration = Duration::from_millis(900);
/// Whisper hears half a minute at a time.
const PIECE: Duration = Duration::from_secs(28);

/// All sound since the beginning of a call, silence included.
#[derive(Default)]
pub struct Heard {
    pub samples: Vec<i16>,
    /// Where speech ended so far.
    speech_end: usize,
}

impl Heard {
    pub fn take(&mut self, frame: &Frame) {
        self.samples.extend(frame.samples());
        if is_loud(frame.samples()) {
            self.speech_end = self.samples.len();
        }
    }

    /// Whether somebody spoke after this sample.
    pub fn spoke_after(&self, sample: usize) -> bool {
        self.speech_end > sample
    }

    /// Whether somebody spoke after this sample, and is silent since.
    pub fn ended_after(&self, sample: usize) -> bool {
        let silence = self.samples.len() - self.speech_end;
        self.spoke_after(sample) && silence as u64 >= RATE.samples(PAUSE)
    }
}

/// Where speech begins in sound of any rate.
pub fn first_loud(samples: &[i16], rate: SampleRate) -> Option<Duration> {
    let at = frames(samples, rate).position(is_loud)?;
    Some(FRAME * at as u32)
}

/// Where speech ends in sound of any rate.
pub fn last_loud(samples: &[i16], rate: SampleRate) -> Option<Duration> {
    let at = frames(samples, rate).rposition(is_loud)?;
    Some(FRAME * (at as u32 + 1))
}

const FRAME: Duration = Duration::from_millis(20);
/// What is left of the silence before and after speech.
const EDGE: Duration = Duration::from_millis(300);

fn frames(samples: &[i16], rate: SampleRate) -> std::slice::Chunks<'_, i16> {
    samples.chunks(rate.samples(FRAME) as usize)
}

/// Whether it is speech, and no pause.
pub fn is_loud(samples: &[i16]) -> bool {
    Level::of(samples).rms_dbfs > LOUD
}

/// The speech in sound of [`RATE`], without the silence around it.
pub fn speech(samples: &[i16]) -> &[i16] {
    let at = |time| RATE.samples(time) as usize;
    let begin = first_loud(samples, RATE).unwrap_or_default();
    let end = last_loud(samples, RATE).unwrap_or_default() + EDGE;
    &samples[at(begin.saturating_sub(EDGE))..at(end).min(samples.len())]
}

/// The loudness of the speech in it, pauses left out.
pub fn loudness(samples: &[i16]) -> f32 {
    let speech: Vec<i16> = frames(samples, RATE)
        .filter(|frame| is_loud(frame))
        .flatten()
        .copied()
        .collect();
    Level::of(&speech).rms_dbfs
}

/// Somebody who writes down what he hears.
pub struct Listener(Whisper);

impl Listener {
    /// One thread: two wait for each other all the time where the machine is busy.
    pub fn load(models: &Models) -> Self {
        let options = WhisperOptions {
            workers: NonZeroUsize::MIN,
            threads: NonZeroUsize::MIN,
        };
        let model = models.path("whisper-base").unwrap();
        Self(Whisper::load(&model, options).unwrap())
    }

    pub async fn words(&self, samples: &[i16]) -> String {
        let mut resampler = Resampler::new(RATE, SampleRate::HZ_16000);
        let mut sound = Vec::new();
        resampler.push(samples, &mut sound);
        resampler.flush(&mut sound);
        let options = SttOptions {
            language: Language::Ru,
            ..SttOptions::default()
        };
        let mut words = String::new();
        for piece in sound.chunks(SampleRate::HZ_16000.samples(PIECE) as usize) {
            let piece = Frame::new(SampleRate::HZ_16000, piece);
            let heard = self.0.recognize(piece, &options).await.unwrap();
            words = words + " " + &heard.text;
        }
        words
    }
}

/// How many of the longer words of one text are in the other, 0 to 1: their beginnings, as Whisper hears a
/// synthetic voice's endings badly. Figures do not count: it writes them in its own way.
pub fn share_of(said: &str, heard: &str) -> f64 {
    let beginning = |word: &String| word.chars().take(4).collect::<String>();
    let known: HashSet<_> = words_of(heard).iter().map(beginning).collect();
    let telling: Vec<_> = words_of(said)
        .into_iter()
        .filter(|word| word.chars().count() > 3)
        .collect();
    let found = telling
        .iter()
        .filter(|word| known.contains(&beginning(word)));
    found.count() as f64 / telling.len().max(1) as f64
}

fn words_of(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('ё', "е");
    let text = text.replace('$', " доллар ").replace('%', " процент ");
    let words = text.split(|letter: char| !letter.is_alphabetic());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
