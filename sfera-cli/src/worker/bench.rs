//! `sfera worker … --bench`: providers that take no time, so that what is measured is Sfera's own.
//!
//! Loud is speech; every question is understood as the same one; every answer is three seconds of a
//! tone. Nothing is loaded and nothing remembered.

use async_trait::async_trait;
use futures::{StreamExt, future, stream};
use sfera_agent::{
    audio::{Frame, Level},
    io::room::CallerInfo,
    llm::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream},
    session::{Providers, Session, SessionOptions},
    stt::{
        Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
    },
    tts::{Tts, TtsError, TtsRequest, TtsStream},
    turn::TurnOptions,
    vad::{Vad, VadError, VadListener},
    worker::{Conversation, Job, JobFailed},
};
use std::{f64::consts::TAU, sync::Arc, time::Duration};

use super::VOICE_RATE;

/// Length and pitch of every answer.
const ANSWER: Duration = Duration::from_secs(3);
const PITCH_HZ: f64 = 440.0;
const LOUDNESS: f64 = 8_000.0;
/// Speech is louder than this, dBFS (RMS): as loud as a caller hears the agent's tone begin and end.
const SPEECH_DBFS: f32 = -40.0;
/// The VAD's window: 10 ms at its 16 kHz.
const WINDOW: usize = 160;
/// Pieces in which the voice gives its sound.
const PIECE: Duration = Duration::from_millis(20);

/// Sessions of instant providers, each with a greeting.
pub fn conversations()
-> impl Fn(&Job, &CallerInfo) -> Result<Conversation, JobFailed> + Send + Sync + 'static {
    let providers = Providers {
        vad: Arc::new(Loudness),
        stt: Arc::new(SameQuestion),
        llm: Arc::new(SameAnswer),
        tts: Arc::new(Tone::new()),
    };
    move |_, _| {
        Ok(Conversation {
            session: Session::builder(providers.clone()).options(options()),
            greeting: Some("Beep".to_owned()),
        })
    }
}

/// The usual times, and ears that need not get used to an echo first.
fn options() -> SessionOptions {
    let mut turn = TurnOptions {
        playout_rate: VOICE_RATE,
        user_away: None,
        ..TurnOptions::default()
    };
    turn.interruption.echo_warmup = None;
    SessionOptions {
        turn,
        ..SessionOptions::default()
    }
}

/// Silence that ends a turn, and speech at which the agent falls silent, until it is known whether it
/// was interrupted.
pub fn declared() -> (Duration, Duration) {
    let options = options();
    (options.turn.endpointing.min_delay, options.vad.min_speech)
}

struct Loudness;

impl Vad for Loudness {
    fn name(&self) -> &'static str {
        "loudness"
    }

    fn open(&self) -> Result<Box<dyn VadListener>, VadError> {
        Ok(Box::new(Self))
    }
}

impl VadListener for Loudness {
    fn window(&self) -> usize {
        WINDOW
    }

    fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError> {
        VadError::check_window(samples, WINDOW)?;
        let loud = Level::of(samples).rms_dbfs > SPEECH_DBFS;
        Ok(if loud { 1.0 } else { 0.0 })
    }

    fn reset(&mut self) {}
}

struct SameQuestion;

#[async_trait]
impl Stt for SameQuestion {
    fn name(&self) -> &str {
        "same question"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let finals = input.filter_map(|input| {
            let transcript = Transcript {
                text: "Какой сегодня день?".to_owned(),
                confidence: None,
            };
            let ended = input == SttInput::SpeechEnded;
            future::ready(ended.then_some(Ok(SttEvent::Final(transcript))))
        });
        Ok(finals.boxed())
    }
}

struct SameAnswer;

#[async_trait]
impl Llm for SameAnswer {
    fn name(&self) -> &str {
        "same answer"
    }

    async fn generate(&self, _: LlmRequest) -> Result<LlmStream, LlmError> {
        let answer = LlmEvent::Text("Beep".to_owned());
        Ok(stream::iter([Ok(answer)]).boxed())
    }
}

struct Tone(Arc<[Frame]>);

impl Tone {
    fn new() -> Self {
        let step = TAU * PITCH_HZ / f64::from(VOICE_RATE.hz());
        let wave = |n: u64| ((n as f64 * step).sin() * LOUDNESS) as i16;
        let sound: Vec<i16> = (0..VOICE_RATE.samples(ANSWER)).map(wave).collect();
        let pieces = sound.chunks(VOICE_RATE.samples(PIECE) as usize);
        Self(pieces.map(|piece| Frame::new(VOICE_RATE, piece)).collect())
    }
}

#[async_trait]
impl Tts for Tone {
    fn name(&self) -> &str {
        "tone"
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let spoken = request.text.chars().any(char::is_alphanumeric);
        let pieces = if spoken { self.0.len() } else { 0 };
        let sound = self.0.clone();
        let frames = (0..pieces).map(move |n| Ok(sound[n].clone()));
        Ok(stream::iter(frames).boxed())
    }
}
