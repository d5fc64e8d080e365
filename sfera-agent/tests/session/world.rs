//! A user with a microphone and a loudspeaker, and providers that do as they are told.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use sfera_agent::{
    audio::{Frame, SampleRate},
    llm::Llm,
    playout::PlayoutReader,
    session::{
        Providers, Session, SessionBuilder, SessionControl, SessionEvent, SessionEventKind,
        SessionOptions,
    },
    stt::{
        Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
    },
    testing::{ScriptedLlm, ScriptedVad},
    tts::{Tts, TtsError, TtsRequest, TtsStream},
    turn::{Event, TurnOptions},
};
use std::{
    collections::VecDeque,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI16, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

pub const RATE: SampleRate = SampleRate::HZ_16000;
const FRAME: usize = 320;
const TICK: Duration = Duration::from_millis(20);

/// Samples of a character: 50 ms.
pub const PER_CHAR: usize = 800;

/// Understands the next text of its script each time speech ends, 100 ms later.
pub struct Dictation(pub Arc<Mutex<VecDeque<&'static str>>>);

impl Dictation {
    pub fn of(texts: &[&'static str]) -> Self {
        Self(Arc::new(Mutex::new(texts.iter().copied().collect())))
    }
}

#[async_trait]
impl Stt for Dictation {
    fn name(&self) -> &str {
        "dictation"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let texts = self.0.clone();
        let finals = input.filter_map(move |input| {
            let texts = texts.clone();
            async move {
                if input != SttInput::SpeechEnded {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                let text = texts
                    .lock()
                    .unwrap()
                    .pop_front()
                    .unwrap_or_default()
                    .to_owned();
                Some(Ok(SttEvent::Final(Transcript {
                    text,
                    confidence: None,
                })))
            }
        });
        Ok(finals.boxed())
    }
}

/// Speaks samples that count up, so that none can be lost or heard twice unnoticed.
#[derive(Default)]
pub struct Counting(Arc<AtomicI16>);

#[async_trait]
impl Tts for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let counter = self.0.clone();
        let frames = (0..request.text.trim().chars().count()).map(move |_| {
            let samples: Vec<_> = (0..PER_CHAR).map(|_| next(&counter)).collect();
            Ok(Frame::new(RATE, samples))
        });
        Ok(stream::iter(frames).boxed())
    }
}

/// 1…30,000 and round again: never 0, which is silence.
fn next(counter: &AtomicI16) -> i16 {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            Some(n % 30_000 + 1)
        })
        .unwrap()
        % 30_000
        + 1
}

/// A session under way with its user.
pub struct World {
    pub session: Option<Session>,
    pub control: SessionControl,
    pub began: Instant,
    events: broadcast::Receiver<SessionEvent>,
    pub seen: Vec<SessionEvent>,
    heard: Arc<Mutex<Vec<i16>>>,
    _user: JoinSet<()>,
}

pub fn providers(llm: impl Llm + 'static, texts: &[&'static str]) -> Providers {
    Providers {
        vad: Arc::new(ScriptedVad::by_loudness()),
        stt: Arc::new(Dictation::of(texts)),
        llm: Arc::new(llm),
        tts: Arc::new(Counting::default()),
    }
}

/// Options with the test's rate and no echo, whose warm-up would only hide interruptions.
pub fn options() -> SessionOptions {
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

impl World {
    /// A user who speaks during these milliseconds.
    pub fn new(builder: SessionBuilder, speech: &[Range<u64>]) -> Self {
        let (microphone, input) = mpsc::channel(50);
        let mut session = builder.start(input).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut user = JoinSet::new();
        user.spawn(speak(microphone, speech.to_vec()));
        user.spawn(listen(session.playout().unwrap(), heard.clone()));
        Self {
            control: session.control(),
            events: session.events(),
            session: Some(session),
            began: Instant::now(),
            seen: Vec::new(),
            heard,
            _user: user,
        }
    }

    /// A user who answers `llm`'s agent with these texts, spoken during these milliseconds.
    pub fn talk(llm: ScriptedLlm, speech: &[(Range<u64>, &'static str)]) -> Self {
        let (spans, texts): (Vec<_>, Vec<_>) = speech.iter().cloned().unzip();
        Self::new(
            Session::builder(providers(llm, &texts)).options(options()),
            &spans,
        )
    }

    /// Lets the session live until that many milliseconds after its start.
    pub async fn until(&mut self, ms: u64) -> &mut Self {
        sleep_until(self.began + Duration::from_millis(ms)).await;
        self.drain();
        self
    }

    fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.seen.push(event);
        }
    }

    /// The machine's events so far.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.seen.iter().filter_map(|event| match &event.kind {
            SessionEventKind::Turn(event) => Some(event),
            _ => None,
        })
    }

    /// The agent's caption so far.
    pub fn caption(&self) -> String {
        let delta = |event: &Event| match event {
            Event::AgentTranscript { delta, .. } => Some(delta.clone()),
            _ => None,
        };
        self.events().filter_map(delta).collect()
    }

    /// Everything the loudspeaker played, silence included, from the start.
    pub fn sound(&self) -> Vec<i16> {
        self.heard.lock().unwrap().clone()
    }

    /// The agent's own samples without the silence between them.
    pub fn voice(&self) -> Vec<i16> {
        self.sound()
            .into_iter()
            .filter(|sample| *sample != 0)
            .collect()
    }
}

/// Whether samples count up by one from the first.
pub fn is_whole(voice: &[i16]) -> bool {
    voice.windows(2).all(|pair| pair[1] == pair[0] % 30_000 + 1)
}

async fn speak(microphone: mpsc::Sender<Frame>, speech: Vec<Range<u64>>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for n in 0.. {
        ticks.tick().await;
        let loud = speech.iter().any(|span| span.contains(&(n * 20)));
        let frame = Frame::new(RATE, vec![if loud { 8_000 } else { 0 }; FRAME]);
        if microphone.send(frame).await.is_err() {
            return;
        }
    }
}

async fn listen(mut reader: PlayoutReader, heard: Arc<Mutex<Vec<i16>>>) {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let mut samples = vec![0; FRAME];
        reader.read(&mut samples);
        heard.lock().unwrap().extend(samples);
    }
}
