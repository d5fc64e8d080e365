use futures::{StreamExt, future, stream};
use sfera_agent::{
    audio::{Frame, SampleRate},
    session::{Providers, SessionOptions},
    stt::{
        Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
    },
    testing::{ScriptedLlm, ScriptedTts, ScriptedVad},
    turn::TurnOptions,
};
use std::{sync::Arc, time::Duration};

/// Rate of the microphone and of playout.
pub const RATE: SampleRate = SampleRate::HZ_48000;

/// Length of a microphone's frame.
pub const FRAME: Duration = Duration::from_millis(20);

/// A frame of the microphone, loud or silent.
#[must_use]
pub fn frame(loud: bool) -> Frame {
    let level = if loud { 8_000 } else { 0 };
    Frame::new(RATE, vec![level; RATE.samples(FRAME) as usize])
}

/// Understands the same question whenever speech ends, at once.
struct Same;

#[async_trait::async_trait]
impl Stt for Same {
    fn name(&self) -> &str {
        "same"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let finals = input.filter_map(|input| {
            let text = "Какой сегодня день?".to_owned();
            let transcript = Transcript {
                text,
                confidence: None,
            };
            let ended = input == SttInput::SpeechEnded;
            future::ready(ended.then_some(Ok(SttEvent::Final(transcript))))
        });
        Ok(finals.chain(stream::pending()).boxed())
    }
}

/// Providers that take no time: what is left is Sfera's own.
#[must_use]
pub fn providers() -> Providers {
    let answer = "Сегодня хороший день, чтобы спокойно посмотреть на рынок и ничего не покупать.";
    Providers {
        vad: Arc::new(ScriptedVad::by_loudness()),
        stt: Arc::new(Same),
        llm: Arc::new(ScriptedLlm::saying(answer)),
        tts: Arc::new(ScriptedTts::default()),
    }
}

/// The defaults, without the first three seconds' deafness to echo.
#[must_use]
pub fn session_options() -> SessionOptions {
    let mut turn = TurnOptions {
        playout_rate: RATE,
        ..TurnOptions::default()
    };
    turn.interruption.echo_warmup = None;
    SessionOptions {
        turn,
        ..SessionOptions::default()
    }
}
