//! Somebody in a room: says recordings, hears the agent, reads its captions.

use super::hearing::{Heard, RATE, first_loud, last_loud, speech};
use crate::livekit_server::LiveKitServer;
use sfera_agent::{
    audio::{Frame, SampleRate},
    io::{
        WavReader,
        room::{Address, Caller, CallerEvent, CallerOptions, Caption, CaptionForm, Speaker},
    },
    knowledge::Citation,
    turn::AgentState,
};
use std::{path::Path, time::Duration};
use tokio::{
    sync::{
        broadcast,
        mpsc::{self, error::TryRecvError},
        oneshot, watch,
    },
    task::JoinSet,
    time::timeout,
};

/// What a busy machine needs at most.
pub const LIMIT: Duration = Duration::from_secs(60);
/// A microphone gives this much at a time.
const STEP: Duration = Duration::from_millis(20);

/// A recording, and who is told that it was said.
type Saying = (Frame, oneshot::Sender<()>);

pub struct Person {
    caller: Caller,
    events: broadcast::Receiver<CallerEvent>,
    mouth: mpsc::Sender<Saying>,
    heard: watch::Receiver<Heard>,
    /// Where in what was heard the last question begins.
    asked: usize,
    /// When its last word was over, by what was heard.
    asked_until: Duration,
    /// Mouth and ears end with the person.
    _tasks: JoinSet<()>,
}

/// What was shown and heard since a question.
pub struct Answer {
    pub words: String,
    pub sources: Vec<Citation>,
    pub sound: Vec<i16>,
}

/// What is shown of the agent since a question.
#[derive(Debug, Default)]
struct Shown {
    captions: Vec<Caption>,
    state: Option<AgentState>,
}

impl Shown {
    fn take(&mut self, event: CallerEvent) {
        match event {
            CallerEvent::AgentState(state) => self.state = Some(state),
            CallerEvent::Caption(caption)
                if caption.is_final
                    && caption.speaker == Speaker::Agent
                    && caption.form == CaptionForm::Stream =>
            {
                self.captions.push(caption);
            }
            _ => {}
        }
    }

    fn is_whole(&self) -> bool {
        !self.captions.is_empty() && self.state == Some(AgentState::Listening)
    }
}

impl Person {
    pub async fn join(server: &LiveKitServer, room: &str, identity: &str) -> Self {
        let address = Address::new(server.url(), server.token(room, identity));
        let mut caller = Caller::join(&address, CallerOptions::default())
            .await
            .unwrap();
        let mut tasks = JoinSet::new();
        let (mouth, sayings) = mpsc::channel(1);
        tasks.spawn(speak(caller.microphone(), sayings));
        let (ears, heard) = watch::channel(Heard::default());
        let mut voice = caller.voice().unwrap();
        tasks.spawn(async move {
            while let Some(frame) = voice.recv().await {
                ears.send_modify(|heard| heard.take(&frame));
            }
        });
        Self {
            events: caller.events(),
            caller,
            mouth,
            heard,
            asked: 0,
            asked_until: Duration::ZERO,
            _tasks: tasks,
        }
    }

    /// Says a recording to its end.
    pub async fn say(&mut self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../examples/conversation/ru/{name}.wav"));
        let recording = WavReader::open(path).unwrap().read_all().unwrap();
        while self.events.try_recv().is_ok() {}
        self.asked = self.heard_so_far();
        let last_word = last_loud(recording.samples(), recording.rate()).unwrap();
        let pause = recording.duration() - last_word;
        let (said, is_said) = oneshot::channel();
        self.mouth.send((recording, said)).await.unwrap();
        is_said.await.unwrap();
        self.asked_until = RATE.duration(self.heard_so_far() as u64) - pause;
    }

    fn heard_so_far(&self) -> usize {
        self.heard.borrow().samples.len()
    }

    /// Waits until the agent is heard, whatever it says. How long after the question that is.
    pub async fn hears_something(&mut self) -> f64 {
        let asked = self.asked;
        let heard = self.heard.wait_for(|heard| heard.spoke_after(asked));
        let heard = timeout(LIMIT, heard).await.expect("not silence").unwrap();
        let began =
            RATE.duration(asked as u64) + first_loud(&heard.samples[asked..], RATE).unwrap();
        began.as_secs_f64() - self.asked_until.as_secs_f64()
    }

    /// Waits until the agent has answered and listens again.
    pub async fn hears_answer(&mut self) -> Answer {
        let mut shown = Shown::default();
        let answered = timeout(LIMIT, self.until_answered(&mut shown)).await;
        assert!(answered.is_ok(), "no answer, or no end of it: {shown:#?}");
        let words: Vec<_> = shown.captions.iter().map(|c| c.text.trim()).collect();
        Answer {
            words: words.join(" "),
            sources: shown
                .captions
                .iter()
                .flat_map(|c| c.sources.clone())
                .collect(),
            sound: speech(&self.heard.borrow().samples[self.asked..]).to_vec(),
        }
    }

    async fn until_answered(&mut self, shown: &mut Shown) {
        while !shown.is_whole() {
            shown.take(self.events.recv().await.unwrap());
            if shown.is_whole() {
                let asked = self.asked;
                let heard = self.heard.wait_for(|heard| heard.ended_after(asked));
                drop(heard.await.unwrap());
                // A filler is followed by the answer itself.
                while let Ok(event) = self.events.try_recv() {
                    shown.take(event);
                }
            }
        }
    }

    pub async fn leave(self) {
        self.caller.leave().await;
    }
}

/// An open microphone: silent unless something is to be said.
async fn speak(microphone: mpsc::Sender<Frame>, mut sayings: mpsc::Receiver<Saying>) {
    loop {
        let (sound, said) = match sayings.try_recv() {
            Ok((sound, said)) => (sound, Some(said)),
            Err(TryRecvError::Empty) => (Frame::silence(SampleRate::HZ_16000, STEP), None),
            Err(TryRecvError::Disconnected) => return,
        };
        let rate = sound.rate();
        for piece in sound.samples().chunks(rate.samples(STEP) as usize) {
            if microphone.send(Frame::new(rate, piece)).await.is_err() {
                return;
            }
        }
        if let Some(said) = said {
            // Nobody need wait for it.
            let _unheard = said.send(());
        }
    }
}
