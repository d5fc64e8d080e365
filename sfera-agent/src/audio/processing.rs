use super::{Frame, Resampler, SampleRate};
use serde::{Deserialize, Serialize};
use sonora::{
    AudioProcessing, Config, StreamConfig,
    config::{
        EchoCanceller as Echo, HighPassFilter, NoiseSuppression as Noise, NoiseSuppressionLevel,
    },
};
use std::{fmt, time::Duration};

/// How strongly steady noise is lowered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseSuppression {
    /// Not at all.
    Off,
    /// By about 6 dB.
    Low,
    /// By about 12 dB.
    #[default]
    Moderate,
    /// By about 18 dB; speech suffers a little.
    High,
}

/// Takes the agent's own voice and steady noise out of what a microphone hears: WebRTC's audio
/// processing (AEC3) in Rust.
///
/// Everything that goes to the loudspeaker, silence included, is given to
/// [`EchoCanceller::render`] before or while it is played, everything the microphone hears to
/// [`EchoCanceller::capture`]. Both at the pace of the sound; the canceller finds the delay between
/// them itself, up to about half a second, and adapts within the first second of speech. Frames may
/// have any rate and length. Captured sound comes back at [`EchoCanceller::RATE`] with the rest of a
/// 10 ms block waiting for more.
pub struct EchoCanceller {
    processing: AudioProcessing,
    far: Blocks,
    near: Blocks,
}

impl EchoCanceller {
    /// The rate of the cleaned sound: what VAD and STT listen at.
    pub const RATE: SampleRate = SampleRate::HZ_16000;

    /// A canceller for one pair of microphone and loudspeaker.
    #[must_use]
    pub fn new(noise: NoiseSuppression) -> Self {
        Self {
            processing: processing(noise, Some(Echo::default())),
            far: Blocks::new(),
            near: Blocks::new(),
        }
    }

    /// Says how long sound is under way: from [`EchoCanceller::render`] to the loudspeaker plus from
    /// the microphone to [`EchoCanceller::capture`], at most 500 ms. A hint that shortens the search.
    pub fn set_delay(&mut self, delay: Duration) {
        let ms = delay.as_millis().min(500) as i32;
        // Refused only outside 0…500 ms.
        let _ = self.processing.set_stream_delay_ms(ms);
    }

    /// Takes what goes to the loudspeaker.
    pub fn render(&mut self, frame: &Frame) {
        self.far.push(frame);
        let mut unused = [0; BLOCK];
        while let Some(block) = self.far.next() {
            if let Err(error) = self.processing.process_render_i16(&block, &mut unused) {
                tracing::warn!(%error, "the echo canceller refused a block of output");
            }
        }
    }

    /// Takes what the microphone heard; as much of it, cleaned, as makes whole blocks.
    pub fn capture(&mut self, frame: &Frame) -> Frame {
        capture(&mut self.processing, &mut self.near, frame)
    }
}

fn processing(noise: NoiseSuppression, echo: Option<Echo>) -> AudioProcessing {
    let level = match noise {
        NoiseSuppression::Off => None,
        NoiseSuppression::Low => Some(NoiseSuppressionLevel::Low),
        NoiseSuppression::Moderate => Some(NoiseSuppressionLevel::Moderate),
        NoiseSuppression::High => Some(NoiseSuppressionLevel::High),
    };
    let config = Config {
        echo_canceller: echo,
        high_pass_filter: Some(HighPassFilter::default()),
        noise_suppression: level.map(|level| Noise {
            level,
            ..Noise::default()
        }),
        ..Config::default()
    };
    let stream = StreamConfig::new(EchoCanceller::RATE.hz(), 1);
    AudioProcessing::builder()
        .config(config)
        .capture_config(stream)
        .render_config(stream)
        .build()
}

fn capture(processing: &mut AudioProcessing, near: &mut Blocks, frame: &Frame) -> Frame {
    near.push(frame);
    let mut clean = Vec::with_capacity(frame.samples().len() + BLOCK);
    while let Some(mut block) = near.next() {
        let dirty = block;
        if let Err(error) = processing.process_capture_i16(&dirty, &mut block) {
            tracing::warn!(%error, "the audio processing refused a block of input");
            block = dirty;
        }
        clean.extend_from_slice(&block);
    }
    Frame::new(EchoCanceller::RATE, clean)
}

/// Takes steady noise out of what a microphone hears, where nobody needs its echo cancelled: callers
/// in a room, whose devices do that themselves.
///
/// Frames may have any rate and length; cleaned sound comes back at [`EchoCanceller::RATE`], with the
/// rest of a 10 ms block waiting for more.
pub struct NoiseSuppressor {
    processing: AudioProcessing,
    near: Blocks,
}

impl NoiseSuppressor {
    /// A suppressor for one microphone; `None` where nothing is to be done.
    #[must_use]
    pub fn new(noise: NoiseSuppression) -> Option<Self> {
        (noise != NoiseSuppression::Off).then(|| Self {
            processing: processing(noise, None),
            near: Blocks::new(),
        })
    }

    /// The next sound, cleaned.
    pub fn clean(&mut self, frame: &Frame) -> Frame {
        capture(&mut self.processing, &mut self.near, frame)
    }
}

impl fmt::Debug for NoiseSuppressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoiseSuppressor")
    }
}

impl fmt::Debug for EchoCanceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EchoCanceller")
    }
}

/// 10 ms: what WebRTC's processing takes at a time.
const BLOCK: usize = 160;

/// Cuts frames of any rate into blocks.
struct Blocks {
    resampler: Resampler,
    waiting: Vec<i16>,
    taken: usize,
}

impl Blocks {
    fn new() -> Self {
        Self {
            resampler: Resampler::new(EchoCanceller::RATE, EchoCanceller::RATE),
            waiting: Vec::new(),
            taken: 0,
        }
    }

    fn push(&mut self, frame: &Frame) {
        if self.resampler.from() != frame.rate() {
            self.resampler.flush(&mut self.waiting);
            self.resampler = Resampler::new(frame.rate(), EchoCanceller::RATE);
        }
        self.waiting.drain(..self.taken);
        self.taken = 0;
        self.resampler.push(frame.samples(), &mut self.waiting);
    }

    fn next(&mut self) -> Option<[i16; BLOCK]> {
        let block = *self.waiting[self.taken..].first_chunk()?;
        self.taken += BLOCK;
        Some(block)
    }
}
