//! An agent with scripted providers, and callers.

use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use async_trait::async_trait;
use futures::StreamExt;
use livekit_api::access_token::{AccessToken, VideoGrants};
use sfera_agent::{
    audio::{Frame, Level, SampleRate},
    io::room::{
        Address, AgentRoom, Caller, CallerEvent, CallerOptions, Caption, CaptionForm, RoomEnd,
        RoomOptions,
    },
    llm::Llm,
    session::{Providers, Session, SessionControl, SessionOptions},
    stt::{
        Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
    },
    testing::{ScriptedLlm, ScriptedTts, ScriptedVad},
    turn::TurnOptions,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
    time::{Instant, interval, timeout},
};
use tokio_util::sync::CancellationToken;

pub const ROOM: &str = "room";
/// What a loaded machine needs at most.
pub const LIMIT: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(20);
const RATE: SampleRate = SampleRate::HZ_48000;
/// A pause of so many ticks parts two stretches of the agent's voice; a shorter one is what a busy machine
/// makes of one.
const PAUSE: usize = 15;

/// Understands the next text of its script each time speech ends.
pub struct Dictation {
    texts: Arc<Mutex<VecDeque<String>>>,
    /// How often speech began.
    begun: watch::Sender<u32>,
}

impl Dictation {
    fn of(texts: &[&str]) -> Self {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            texts: Arc::new(Mutex::new(texts)),
            begun: watch::Sender::new(0),
        }
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
        let (texts, begun) = (self.texts.clone(), self.begun.clone());
        let finals = input.filter_map(move |input| {
            if input == SttInput::SpeechStarted {
                begun.send_modify(|begun| *begun += 1);
            }
            let texts = texts.clone();
            async move {
                let ended = input == SttInput::SpeechEnded;
                ended.then(|| {
                    let text = texts.lock().unwrap().pop_front().unwrap_or_default();
                    Ok(SttEvent::Final(Transcript {
                        text,
                        confidence: None,
                    }))
                })
            }
        });
        Ok(finals.boxed())
    }
}

/// An agent at work.
pub struct Agent {
    pub llm: ScriptedLlm,
    pub control: SessionControl,
    pub stop: CancellationToken,
    /// How often it heard speech begin.
    begun: watch::Receiver<u32>,
    task: JoinSet<RoomEnd>,
}

impl Agent {
    /// An agent that greets, understands these texts and answers by `llm`.
    pub async fn join(
        server: &LiveKitServer,
        options: RoomOptions,
        llm: ScriptedLlm,
        texts: &[&str],
    ) -> Self {
        Self::join_at(&agent_address(server), options, llm, texts).await
    }

    /// The same with a token of its own.
    pub async fn join_at(
        address: &Address,
        options: RoomOptions,
        llm: ScriptedLlm,
        texts: &[&str],
    ) -> Self {
        let mut room = timeout(LIMIT, AgentRoom::join(address, options))
            .await
            .expect("in time")
            .expect("joined");
        let dictation = Dictation::of(texts);
        let begun = dictation.begun.subscribe();
        let providers = Providers {
            stt: Arc::new(dictation),
            ..providers(llm.clone(), &[])
        };
        let builder = Session::builder(providers).options(session_options());
        let session = builder.start(room.input().unwrap()).unwrap();
        let (control, stop) = (session.control(), CancellationToken::new());
        let mut task = JoinSet::new();
        task.spawn(room.run(session, stop.clone()));
        Self {
            llm,
            control,
            stop,
            begun,
            task,
        }
    }

    /// The same with the usual options.
    pub async fn usual(server: &LiveKitServer, llm: ScriptedLlm, texts: &[&str]) -> Self {
        Self::join(server, options(), llm, texts).await
    }

    /// How it ended.
    pub async fn end(&mut self) -> RoomEnd {
        let end = timeout(LIMIT, self.task.join_next())
            .await
            .expect("it ends in time");
        end.unwrap().unwrap()
    }
}

/// Options with a short grace.
pub fn options() -> RoomOptions {
    RoomOptions {
        agent_name: Some("sfera".into()),
        grace: Duration::from_secs(2),
        ..RoomOptions::default()
    }
}

pub fn providers(llm: impl Llm + 'static, texts: &[&str]) -> Providers {
    Providers {
        vad: Arc::new(ScriptedVad::by_loudness()),
        stt: Arc::new(Dictation::of(texts)),
        llm: Arc::new(llm),
        tts: Arc::new(ScriptedTts::default()),
    }
}

/// No echo, whose warm-up would only hide interruptions, and nobody who is away when they say nothing.
pub fn session_options() -> SessionOptions {
    let mut turn = TurnOptions::default();
    turn.interruption.echo_warmup = None;
    turn.user_away = None;
    SessionOptions {
        turn,
        ..SessionOptions::default()
    }
}

pub fn agent_address(server: &LiveKitServer) -> Address {
    address_of(server, "agent-AJ_test", &[])
}

/// The address of an agent with these attributes in its token.
pub fn address_of(server: &LiveKitServer, identity: &str, attributes: &[(&str, &str)]) -> Address {
    let grants = VideoGrants {
        room_join: true,
        room: ROOM.to_owned(),
        agent: true,
        can_update_own_metadata: Some(true),
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(KEY, SECRET)
        .with_identity(identity)
        .with_kind("agent")
        .with_attributes(attributes.iter().copied())
        .with_grants(grants);
    Address::new(server.url(), token.to_jwt().unwrap())
}

/// A caller with ears and a memory.
pub struct Person {
    pub caller: Caller,
    pub seen: Vec<CallerEvent>,
    events: broadcast::Receiver<CallerEvent>,
    speech: mpsc::Sender<Frame>,
    /// When each frame was heard, and how loud it was.
    heard: Arc<Mutex<Vec<(Instant, f32)>>>,
    _ear: JoinSet<()>,
}

impl Person {
    pub async fn join(server: &LiveKitServer, identity: &str) -> Self {
        Self::join_with(server, identity, CallerOptions::default()).await
    }

    pub async fn join_with(server: &LiveKitServer, identity: &str, options: CallerOptions) -> Self {
        let address = Address::new(server.url(), server.token(ROOM, identity));
        let joined = timeout(LIMIT, Caller::join(&address, options)).await;
        let mut caller = joined.expect("in time").expect("joined");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut ear = JoinSet::new();
        let mut voice = caller.voice().unwrap();
        ear.spawn({
            let heard = heard.clone();
            async move {
                while let Some(frame) = voice.recv().await {
                    let level = Level::of(frame.samples()).rms_dbfs;
                    heard.lock().unwrap().push((Instant::now(), level));
                }
            }
        });
        Self {
            events: caller.events(),
            speech: caller.microphone(),
            seen: Vec::new(),
            caller,
            heard,
            _ear: ear,
        }
    }

    /// Waits for an event and keeps all.
    pub async fn until(
        &mut self,
        what: &str,
        wanted: impl Fn(&CallerEvent) -> bool,
    ) -> CallerEvent {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the room is there");
                self.seen.push(event.clone());
                if wanted(&event) {
                    return event;
                }
            }
        };
        let found = timeout(LIMIT, search).await;
        found.unwrap_or_else(|_| panic!("{what} did not come; seen: {:#?}", self.seen))
    }

    /// Waits for a final caption that holds these words.
    pub async fn until_said(&mut self, words: &str) -> Caption {
        let said = |event: &CallerEvent| {
            matches!(event, CallerEvent::Caption(caption)
                if caption.is_final && caption.text.contains(words))
        };
        match self.until(words, said).await {
            CallerEvent::Caption(caption) => caption,
            other => panic!("{other:?}"),
        }
    }

    /// The same as a stream, which tells more.
    pub async fn until_stream_said(&mut self, words: &str) -> Caption {
        let said = |event: &CallerEvent| {
            matches!(event, CallerEvent::Caption(caption)
                if caption.is_final
                    && caption.form == CaptionForm::Stream
                    && caption.text.contains(words))
        };
        match self.until(words, said).await {
            CallerEvent::Caption(caption) => caption,
            other => panic!("{other:?}"),
        }
    }

    /// Speaks for so long: a tone, which the VAD takes for speech.
    pub async fn speak(&self, length: Duration) {
        self.sound(length, 6_000.0).await;
    }

    /// Speaks until this agent hears it, and from then on for so long: that the agent is heard does not
    /// mean that it hears already.
    pub async fn speak_to(&self, agent: &Agent, length: Duration) {
        let mut begun = agent.begun.clone();
        begun.mark_unchanged();
        tokio::select! {
            heard = begun.changed() => heard.expect("the agent is there"),
            () = self.speak(LIMIT) => panic!("the agent does not hear"),
        }
        self.speak(length).await;
    }

    /// Keeps the microphone open and says nothing.
    pub async fn be_silent(&self, length: Duration) {
        self.sound(length, 0.0).await;
    }

    async fn sound(&self, length: Duration, loudness: f32) {
        self.play(&tone(length, loudness)).await;
    }

    /// Lets the microphone hear this, of 48 kHz, at its own pace.
    pub async fn play(&self, sound: &Frame) {
        let mut ticks = interval(TICK);
        for frame in sound.samples().chunks_exact(RATE.samples(TICK) as usize) {
            ticks.tick().await;
            self.speech.send(Frame::new(RATE, frame)).await.unwrap();
        }
    }

    /// How long the agent was heard speaking since then.
    pub fn heard_since(&self, since: Instant) -> Duration {
        let heard = self.heard.lock().unwrap();
        let loud = heard
            .iter()
            .filter(|(at, level)| *at >= since && *level > -50.0);
        TICK * loud.count() as u32
    }

    /// How long the agent spoke each time, by the samples that came: not by when they came, which a
    /// busy machine decides.
    pub fn stretches(&self) -> Vec<Duration> {
        let heard = self.heard.lock().unwrap();
        let mut stretches: Vec<Duration> = Vec::new();
        let mut silent = PAUSE;
        for (_, level) in heard.iter() {
            if *level <= -50.0 {
                silent += 1;
                continue;
            }
            if silent >= PAUSE {
                stretches.push(Duration::ZERO);
            }
            silent = 0;
            if let Some(last) = stretches.last_mut() {
                *last += TICK;
            }
        }
        stretches
    }

    /// Waits until the agent was heard for so long from now on.
    pub async fn until_heard(&self, length: Duration) {
        self.until_heard_since(Instant::now(), length).await;
    }

    /// Waits until the agent was heard for so long since then: its words may be shown a little before
    /// their sound came through.
    pub async fn until_heard_since(&self, since: Instant, length: Duration) {
        let heard = async {
            let mut ticks = interval(TICK);
            while self.heard_since(since) < length {
                ticks.tick().await;
            }
        };
        timeout(LIMIT, heard)
            .await
            .expect("the agent is heard in time");
    }
}

pub fn tone(length: Duration, loudness: f32) -> Frame {
    let wave = |n: u64| ((n as f32 * 0.04).sin() * loudness) as i16;
    Frame::new(
        RATE,
        (0..RATE.samples(length)).map(wave).collect::<Vec<_>>(),
    )
}
