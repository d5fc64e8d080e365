//! One caller, whose ear keeps time.

use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use livekit_api::access_token::{AccessToken, VideoGrants};
use sfera_agent::{
    audio::{Frame, Level},
    io::room::{Address, Caller, CallerEvent, CallerOptions, Reception},
    worker::{Secret, Server, dispatch},
};
use sfera_benches::{FRAME, RATE};
use std::time::Duration;
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

/// What takes longer does not come.
const LIMIT: Duration = Duration::from_secs(30);
/// The agent's tone is louder than this, dBFS (RMS).
const AUDIBLE: f32 = -40.0;
/// Silence after which an answer is over; shorter is a hole in it.
const OVER: Duration = Duration::from_millis(400);
/// How long a caller speaks.
const QUESTION: Duration = Duration::from_secs(1);
/// How long it takes until an answer has been given: half a second of silence, three of sound, and some.
const ANSWER: Duration = Duration::from_millis(4_100);
/// How far into an answer it is interrupted.
const INTO: Duration = Duration::from_millis(700);

/// Sound that began or ended.
struct Edge {
    at: Instant,
    loud: bool,
}

/// A reply's beginning.
pub struct Reply {
    /// From the end of the question to the first sound.
    pub latency: Duration,
}

/// A conversation that goes on.
pub struct Call {
    /// From the dispatch until the agent was in the room.
    pub joined: Duration,
    /// From the dispatch until it was heard.
    pub first_audio: Duration,
    /// Holes in answers so far.
    pub holes: usize,
    caller: Caller,
    speaking: watch::Sender<bool>,
    spoken: mpsc::Receiver<Edge>,
    heard: mpsc::Receiver<Edge>,
    _tasks: JoinSet<()>,
}

impl Call {
    /// Opens a room, asks for the agent and waits until it is heard.
    pub async fn begin(server: &LiveKitServer, room: &str) -> Self {
        let token = server.token(room, "caller");
        let mut call = Self::join(server, room, token, CallerOptions::default()).await;
        let mut events = call.caller.events();
        let api = Server {
            url: server.url(),
            key: KEY.to_owned(),
            secret: Secret::new(SECRET),
        };
        let began = Instant::now();
        let room = room.to_owned();
        let mut asking = JoinSet::new();
        asking.spawn(async move { dispatch(&api, "sfera", &room, "", LIMIT).await });
        agent_comes(&mut events).await;
        call.joined = began.elapsed();
        call.first_audio = call.until(true).await - began;
        call
    }

    async fn join(
        server: &LiveKitServer,
        room: &str,
        token: String,
        options: CallerOptions,
    ) -> Self {
        let address = Address::new(server.url(), token);
        let joined = Caller::join(&address, options).await;
        let mut caller = joined.unwrap_or_else(|error| panic!("{room}: {error}"));
        let (speaking, wanted) = watch::channel(false);
        let (told, spoken) = mpsc::channel(64);
        let (edges, heard) = mpsc::channel(1_024);
        let mut tasks = JoinSet::new();
        tasks.spawn(speak(caller.microphone(), wanted, told));
        tasks.spawn(listen(caller.voice().expect("a voice"), edges));
        Self {
            joined: Duration::ZERO,
            first_audio: Duration::ZERO,
            holes: 0,
            caller,
            speaking,
            spoken,
            heard,
            _tasks: tasks,
        }
    }

    /// Opens a room with an agent that talks as with any other, and does not hear it: what the agent does
    /// is the same, what it costs here is less.
    pub async fn begin_deaf(server: &LiveKitServer, room: &str) -> Self {
        let options = CallerOptions {
            deaf: true,
            ..CallerOptions::default()
        };
        let mut call = Self::join(server, room, server.token(room, "caller"), options).await;
        let mut events = call.caller.events();
        let api = Server {
            url: server.url(),
            key: KEY.to_owned(),
            secret: Secret::new(SECRET),
        };
        let (asked, ()) = tokio::join!(
            dispatch(&api, "sfera", room, "", LIMIT),
            agent_comes(&mut events)
        );
        asked.expect("an agent");
        call
    }

    /// Asks a question and waits as long as an answer takes.
    pub async fn ask_unheard(&mut self) {
        self.say(true).await;
        sleep(QUESTION).await;
        self.say(false).await;
        sleep(ANSWER).await;
    }

    /// Asks a question and waits until the answer begins.
    pub async fn ask(&mut self) -> Reply {
        self.say(true).await;
        sleep(QUESTION).await;
        let ended = self.say(false).await;
        let latency = self.until(true).await - ended;
        Reply { latency }
    }

    /// Interrupts the answer that has begun: from the first sound of it until the agent is silent.
    pub async fn interrupt(&mut self) -> Duration {
        sleep(INTO).await;
        let began = self.say(true).await;
        let stopped = self.until(false).await;
        sleep(FRAME).await;
        self.say(false).await;
        self.until(true).await;
        stopped - began
    }

    /// Waits until the answer that has begun is over.
    pub async fn hear_out(&mut self) {
        loop {
            self.until(false).await;
            match timeout(OVER, self.heard.recv()).await {
                Err(_) => return,
                Ok(edge) => {
                    assert!(edge.is_some(), "the call goes on");
                    self.holes += 1;
                }
            }
        }
    }

    /// How well the agent's voice came so far.
    pub async fn reception(&self) -> Reception {
        self.caller.reception().await.unwrap_or_default()
    }

    pub async fn end(self) {
        self.caller.leave().await;
    }

    /// Begins or ends to speak; when that was.
    async fn say(&mut self, loud: bool) -> Instant {
        self.speaking.send_replace(loud);
        self.spoken.recv().await.expect("a microphone").at
    }

    async fn until(&mut self, loud: bool) -> Instant {
        loop {
            let edge = timeout(LIMIT, self.heard.recv()).await;
            let edge = edge.expect("sound in time").expect("the call goes on");
            if edge.loud == loud {
                return edge.at;
            }
        }
    }
}

async fn agent_comes(events: &mut broadcast::Receiver<CallerEvent>) {
    loop {
        let event = timeout(LIMIT, events.recv()).await;
        if let CallerEvent::AgentJoined { .. } = event.expect("an agent").expect("a room") {
            return;
        }
    }
}

/// A microphone, open all the time. A frame is sent when its sound has passed, so what changes in it
/// began a frame earlier.
async fn speak(
    microphone: mpsc::Sender<Frame>,
    wanted: watch::Receiver<bool>,
    told: mpsc::Sender<Edge>,
) {
    let mut ticks = interval(FRAME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut was, mut n) = (false, 0);
    loop {
        ticks.tick().await;
        let loud = *wanted.borrow();
        if microphone.send(voice(loud, &mut n)).await.is_err() {
            return;
        }
        if loud != was {
            was = loud;
            let at = Instant::now() - FRAME;
            if told.send(Edge { at, loud }).await.is_err() {
                return;
            }
        }
    }
}

/// 20 ms of a hum or of silence.
fn voice(loud: bool, n: &mut u64) -> Frame {
    let length = RATE.samples(FRAME);
    let from = *n;
    *n += length;
    let loudness = if loud { 8_000.0 } else { 0.0 };
    let wave = |n: u64| ((n as f64 * 0.04).sin() * loudness) as i16;
    Frame::new(RATE, (from..from + length).map(wave).collect::<Vec<_>>())
}

async fn listen(mut voice: mpsc::Receiver<Frame>, edges: mpsc::Sender<Edge>) {
    let mut was = false;
    while let Some(frame) = voice.recv().await {
        let loud = Level::of(frame.samples()).rms_dbfs > AUDIBLE;
        if loud != was {
            was = loud;
            let at = Instant::now();
            if edges.send(Edge { at, loud }).await.is_err() {
                return;
            }
        }
    }
}

/// How long sound takes from one of us to another through the server, in ms: from the frame that is
/// sent first to the frame that is heard first.
pub async fn legs(server: &LiveKitServer, count: usize) -> Vec<f64> {
    let room = "legs";
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        agent: true,
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(KEY, SECRET)
        .with_identity("speaker")
        .with_kind("agent")
        .with_grants(grants)
        .to_jwt()
        .unwrap();
    let usual = CallerOptions::default;
    let mut listener = Call::join(server, room, server.token(room, "listener"), usual()).await;
    let mut speaker = Call::join(server, room, token, usual()).await;
    let mut legs = Vec::new();
    // The first sound finds jitter buffers that know nothing yet.
    for n in 0..=count {
        let sent = speaker.say(true).await + FRAME;
        let leg = listener.until(true).await - sent;
        sleep(QUESTION).await;
        speaker.say(false).await;
        listener.hear_out().await;
        if n > 0 {
            legs.push(leg.as_secs_f64() * 1e3);
        }
    }
    speaker.end().await;
    listener.end().await;
    legs
}
