//! Speech recognition of your own: it counts knocks. Nothing private of Sfera is needed for that.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use sfera_agent::{
    audio::{Frame, Level, SampleRate},
    llm::Assistant,
    session::{Providers, Session},
    stt::{
        Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
    },
    testing::ScriptedVad,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// One knock says hello, two ask what it can do, three ask for a name.
struct Knocks;

#[async_trait]
impl Stt for Knocks {
    fn name(&self) -> &str {
        "knocks"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let heard = stream::unfold(
            (input, Counter::default()),
            |(mut input, mut counter)| async {
                while let Some(next) = input.next().await {
                    match next {
                        SttInput::Audio(frame) => counter.hear(&frame),
                        SttInput::SpeechStarted => {}
                        SttInput::SpeechEnded => {
                            let text = counter.finish().to_owned();
                            let confidence = None;
                            let heard = SttEvent::Final(Transcript { text, confidence });
                            return Some((Ok(heard), (input, counter)));
                        }
                    }
                }
                None
            },
        );
        Ok(heard.boxed())
    }
}

#[derive(Default)]
struct Counter {
    loud: bool,
    knocks: usize,
}

impl Counter {
    fn hear(&mut self, frame: &Frame) {
        let loud = Level::of(frame.samples()).rms_dbfs > -40.0;
        self.knocks += usize::from(loud && !self.loud);
        self.loud = loud;
    }

    fn finish(&mut self) -> &'static str {
        match std::mem::take(&mut self.knocks) {
            0 => "",
            1 => "Привет",
            2 => "Что ты умеешь?",
            _ => "Как тебя зовут?",
        }
    }
}

/// Knocks at the pace of real time, then silence until the answer is over.
async fn knock(microphone: &mpsc::Sender<Frame>, knocks: usize) {
    let rate = SampleRate::HZ_16000;
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let knocking = (0..knocks).flat_map(|_| [true, true, true, false, false, false, false]);
    for loud in knocking.chain(std::iter::repeat_n(false, 100)) {
        tick.tick().await;
        let frame = match loud {
            true => Frame::new(rate, vec![9_000; 320]),
            false => Frame::silence(rate, Duration::from_millis(20)),
        };
        if microphone.send(frame).await.is_err() {
            return;
        }
    }
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "the examples talk to the terminal")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let providers = Providers {
        vad: Arc::new(ScriptedVad::by_loudness()),
        stt: Arc::new(Knocks),
        ..sfera_examples::typed(Assistant::new()?)
    };
    let (microphone, input) = mpsc::channel(50);
    let mut session = Session::builder(providers).start(input)?;
    let mut events = session.events();
    let speaker = session.playout().ok_or("nobody else took it")?;
    let talk = async {
        for knocks in 1..=3 {
            println!("you:   knock × {knocks}");
            let answered = sfera_examples::print_until_answered(&mut events);
            tokio::join!(knock(&microphone, knocks), answered).1?;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    tokio::select! {
        done = talk => done,
        () = sfera_examples::play(speaker) => Ok(()),
    }
}
