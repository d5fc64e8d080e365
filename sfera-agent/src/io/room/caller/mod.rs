//! The other side: a person who calls an agent.

mod companion;
mod event;
mod reception;

pub use event::{CallerEvent, Caption, CaptionForm, Speaker};
pub use reception::Reception;

use super::{
    Address, JoinError,
    connection::Connection,
    preconnect::{self, Splice},
    publish::Microphone,
    subscribe::{Ear, HeardTrack},
    text::CHAT,
};
use crate::{
    audio::{Frame, Resampler, SampleRate},
    io::INPUT_QUEUE,
};
use companion::Companion;
use livekit::{SendByteOptions, SendTextOptions, prelude::PerformRpcData};
use std::{fmt, time::Duration};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
};

/// Rate of the sound both ways.
const RATE: SampleRate = SampleRate::HZ_48000;
/// Frames of the microphone that wait to be sent, at most.
const MICROPHONE: usize = 5;
/// Events that a slow reader may fall behind before it loses the oldest.
const EVENTS: usize = 1_024;
/// How much a microphone's sound may wait: whoever is faster than the track waits with it.
const QUEUE_MS: u32 = 10;
/// Sound is sent in pieces of this length.
const PIECE: Duration = Duration::from_millis(10);

/// How a caller calls.
#[derive(Clone, Debug, Default)]
pub struct CallerOptions {
    /// What was said before the agent was there; it is sent as raw PCM once one comes.
    pub recorded: Option<Frame>,
    /// Does not hear the agent: for load, where hearing would be what is measured.
    pub deaf: bool,
}

/// Something could not be sent: the connection is broken, or the agent refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was not sent: {0}")]
pub struct CallFailed(pub String);

/// A person in a room who speaks, and hears the first agent there. Dropping it leaves the room; a host
/// that ends then calls [`Caller::leave`] or awaits [`farewells`](super::farewells).
pub struct Caller {
    connection: Connection,
    microphone: Microphone,
    speech: mpsc::Sender<Frame>,
    voice: Option<mpsc::Receiver<Frame>>,
    events: broadcast::Sender<CallerEvent>,
    first: Option<broadcast::Receiver<CallerEvent>>,
    agent: watch::Receiver<Option<String>>,
    heard: watch::Receiver<Option<HeardTrack>>,
    /// They end with the caller.
    _tasks: JoinSet<()>,
}

impl Caller {
    /// Joins and publishes a microphone. Dropping the future gives up and leaves.
    ///
    /// # Errors
    /// [`JoinError`]; nothing is left running then.
    pub async fn join(address: &Address, options: CallerOptions) -> Result<Self, JoinError> {
        let (connection, room_events) = Connection::open(address).await?;
        let (events, first) = broadcast::channel(EVENTS);
        let (track, tracks) = watch::channel(None);
        let (_, recordings) = mpsc::channel(1);
        let (heard, voice) = mpsc::channel(INPUT_QUEUE);
        let (_, next_sessions) = mpsc::channel(1);
        let (found, agent) = watch::channel(None);
        let following = tracks.clone();
        let mut tasks = JoinSet::new();
        let companion = Companion::new(
            connection.room(),
            !options.deaf,
            track,
            found,
            events.clone(),
        );
        // Before the microphone is published: what the agent does meanwhile is to be seen.
        tasks.spawn(companion.run(room_events));
        let recorded = options.recorded.is_some();
        let participant = connection.participant();
        let published = Microphone::publish(&participant, RATE, QUEUE_MS, recorded).await;
        let microphone = match published {
            Ok(microphone) => microphone,
            Err(error) => {
                connection.leave().await;
                return Err(error);
            }
        };
        tasks.spawn(
            Ear {
                tracks,
                recordings,
                splice: Splice::new(RATE, Duration::ZERO, Duration::ZERO),
                session: heard,
                next_sessions,
                rate: RATE,
                #[cfg(feature = "aec")]
                noise: None,
            }
            .run(),
        );
        let (speech, said) = mpsc::channel(MICROPHONE);
        tasks.spawn(speak(said, microphone.clone()));
        if let Some(recorded) = options.recorded {
            let track = microphone.publication.sid().to_string();
            let sending = send_recorded(recorded, participant, track, agent.clone());
            tasks.spawn(sending);
        }
        Ok(Self {
            connection,
            microphone,
            speech,
            voice: Some(voice),
            events,
            first: Some(first),
            agent,
            heard: following,
            _tasks: tasks,
        })
    }

    /// Where the caller's sound goes in: frames of any rate, at the pace of the sound. Whoever is
    /// faster waits.
    #[must_use]
    pub fn microphone(&self) -> mpsc::Sender<Frame> {
        self.speech.clone()
    }

    /// The agent's voice, 20 ms at a time at 48 kHz, silence included, while it is received. Where
    /// nobody takes it, 15 s wait and the rest is lost. Only the first call gives it.
    pub const fn voice(&mut self) -> Option<mpsc::Receiver<Frame>> {
        self.voice.take()
    }

    /// What happens, from joining (first call) or from now (later calls). A reader more than 1,024
    /// events behind loses the oldest.
    pub fn events(&mut self) -> broadcast::Receiver<CallerEvent> {
        let later = || self.events.subscribe();
        self.first.take().unwrap_or_else(later)
    }

    /// The agent's identity, if one is there.
    #[must_use]
    pub fn agent(&self) -> Option<String> {
        self.agent.borrow().clone()
    }

    /// How well the agent's voice arrives; nothing before it came.
    pub async fn reception(&self) -> Option<Reception> {
        let heard = self.heard.borrow().clone()?;
        reception::of(&heard.track).await
    }

    /// Types a line to the agent.
    ///
    /// # Errors
    /// [`CallFailed`] while the connection is broken.
    pub async fn type_text(&self, line: &str) -> Result<(), CallFailed> {
        let options = SendTextOptions::new_with_topic(CHAT);
        let sent = self.connection.participant().send_text(line, options).await;
        sent.map(drop)
            .map_err(|error| CallFailed(error.to_string()))
    }

    /// Calls a method of the agent and gives its answer.
    ///
    /// # Errors
    /// [`CallFailed`] if no agent is there, or it refuses, breaks or does not answer within 15 s.
    pub async fn call(&self, method: &str, payload: &str) -> Result<String, CallFailed> {
        let agent = self
            .agent()
            .ok_or_else(|| CallFailed("no agent is there".to_owned()))?;
        let data = PerformRpcData::new(agent, method).with_payload(payload);
        let answer = self.connection.participant().perform_rpc(data).await;
        answer.map_err(|error| CallFailed(error.message))
    }

    /// Sends nothing until [`Caller::unmute`].
    pub fn mute(&self) {
        self.microphone.publication.mute();
    }

    /// Speaks again.
    pub fn unmute(&self) {
        self.microphone.publication.unmute();
    }

    /// Takes the microphone out of the room.
    ///
    /// # Errors
    /// [`CallFailed`] while the connection is broken.
    pub async fn unpublish(&self) -> Result<(), CallFailed> {
        let sid = self.microphone.publication.sid();
        let gone = self.connection.participant().unpublish_track(&sid).await;
        gone.map(drop)
            .map_err(|error| CallFailed(error.to_string()))
    }

    /// Leaves and tells the server so.
    pub async fn leave(self) {
        self.connection.leave().await;
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// Sends what is said, at the pace of the track.
async fn speak(mut said: mpsc::Receiver<Frame>, microphone: Microphone) {
    let mut resampler: Option<Resampler> = None;
    let mut samples = Vec::new();
    let length = RATE.samples(PIECE) as usize;
    while let Some(frame) = said.recv().await {
        let fitting = resampler
            .take()
            .filter(|known| known.from() == frame.rate());
        let resampler =
            resampler.insert(fitting.unwrap_or_else(|| Resampler::new(frame.rate(), RATE)));
        resampler.push(frame.samples(), &mut samples);
        let whole = samples.len() / length * length;
        for piece in samples
            .drain(..whole)
            .collect::<Vec<_>>()
            .chunks_exact(length)
        {
            microphone.send(piece).await;
        }
    }
}

/// Sends a recording to the first agent that comes.
async fn send_recorded(
    recorded: Frame,
    participant: livekit::prelude::LocalParticipant,
    track: String,
    mut agent: watch::Receiver<Option<String>>,
) {
    let agent = match agent.wait_for(Option::is_some).await {
        Ok(agent) => agent.clone().unwrap_or_default(),
        Err(_) => return,
    };
    let bytes: Vec<u8> = recorded
        .samples()
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let options = SendByteOptions::new_with_topic(preconnect::TOPIC)
        .with_name("preconnect-buffer")
        .with_mime_type("audio/pcm")
        .with_attribute("trackId", track)
        .with_attribute("sampleRate", recorded.rate().hz().to_string())
        .with_attribute("channels", "1")
        .with_destination_identity(agent);
    if let Err(error) = participant.send_bytes(bytes, options).await {
        tracing::warn!(%error, "what was said before was not sent");
    }
}
