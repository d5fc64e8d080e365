//! Runnable examples stand beside this file; run one with `cargo run -p sfera-examples --example parrot`.
//!
//! This is what they share: a terminal in place of a microphone and speakers, so that each runs
//! anywhere and shows only its own subject. `sfera talk` is the real thing.

#![allow(clippy::print_stdout, reason = "the examples talk to the terminal")]

use async_trait::async_trait;
use futures::{StreamExt, stream};
use sfera_agent::{
    audio::{Frame, SampleRate},
    llm::Llm,
    playout::PlayoutReader,
    session::{Providers, Session, SessionBuilder, SessionEventKind},
    stt::{Stt, SttError, SttEventStream, SttInputStream, SttOptions},
    testing::ScriptedVad,
    tts::{Tts, TtsError, TtsRequest, TtsStream},
    turn::Event,
};
use std::{error::Error, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Providers for a typed conversation with this LLM.
pub fn typed(llm: impl Llm + 'static) -> Providers {
    Providers {
        vad: Arc::new(ScriptedVad::by_loudness()),
        stt: Arc::new(Deaf),
        llm: Arc::new(llm),
        tts: Arc::new(Hum),
    }
}

/// Types the lines one after another, each after the answer to the one before, and prints who says
/// what and which tools are called.
///
/// # Errors
/// If the session does not start or ends too early.
pub async fn converse(builder: SessionBuilder, lines: &[&str]) -> Result<(), Box<dyn Error>> {
    // Nobody speaks, but the line stays open.
    let (_microphone, input) = mpsc::channel(1);
    let mut session = builder.start(input)?;
    let mut events = session.events();
    let speaker = session.playout().ok_or("nobody else took it")?;
    let control = session.control();
    let talk = async {
        for line in lines {
            println!("you:   {line}");
            control.type_text(*line).await?;
            print_until_answered(&mut events).await?;
        }
        control.close(true).await?;
        session.closed().await?;
        Ok(())
    };
    tokio::select! {
        done = talk => done,
        () = play(speaker) => Ok(()),
    }
}

/// Prints what happens until the agent has answered.
///
/// # Errors
/// If the session ends first.
pub async fn print_until_answered(
    events: &mut tokio::sync::broadcast::Receiver<sfera_agent::session::SessionEvent>,
) -> Result<(), Box<dyn Error>> {
    loop {
        let SessionEventKind::Turn(event) = events.recv().await?.kind else {
            continue;
        };
        match event {
            Event::ToolStarted { call } => println!("       [{} {}]", call.name, call.arguments),
            Event::ReplyEnded { heard, .. } => {
                println!("agent: {heard}");
                return Ok(());
            }
            _ => {}
        }
    }
}

/// Listens like a sound card: 20 ms at a time, at the pace of real time.
pub async fn play(mut speaker: PlayoutReader) {
    let samples = speaker.rate().samples(Duration::from_millis(20));
    let mut heard = vec![0; usize::try_from(samples).unwrap_or(960)];
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    loop {
        tick.tick().await;
        speaker.read(&mut heard);
    }
}

/// A voice that hums: 15 ms for each letter.
pub struct Hum;

#[async_trait]
impl Tts for Hum {
    fn name(&self) -> &str {
        "hum"
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let rate = SampleRate::HZ_24000;
        let letters = request.text.trim().chars().count();
        let letter = Frame::new(
            rate,
            (0..360).map(|n| (n % 120 - 60) * 50).collect::<Vec<i16>>(),
        );
        Ok(stream::iter((0..letters).map(move |_| Ok(letter.clone()))).boxed())
    }
}

/// Hears nothing.
struct Deaf;

#[async_trait]
impl Stt for Deaf {
    fn name(&self) -> &str {
        "deaf"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        Ok(input.filter_map(|_| async { None }).boxed())
    }
}

/// Begins a session; what every example does first.
#[must_use]
pub fn session(llm: impl Llm + 'static) -> SessionBuilder {
    Session::builder(typed(llm))
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../README.en.md")]
struct Readme;
