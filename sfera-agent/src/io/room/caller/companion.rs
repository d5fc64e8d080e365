//! Who watches the room for a caller.

use super::{CallerEvent, Caption, CaptionForm, Speaker};
use crate::{
    io::room::{
        attendant::is_microphone,
        captions::{FINAL, SEGMENT, SOURCES, TOPIC},
        state::told,
        subscribe::HeardTrack,
    },
    turn::AgentState,
};
use futures::StreamExt;
use livekit::{
    Room, RoomEvent, StreamReader, TextStreamReader,
    participant::ParticipantKind,
    prelude::{
        Participant, ParticipantIdentity, RemoteParticipant, RemoteTrack, TranscriptionSegment,
    },
};
use std::sync::Arc;
use tokio::{
    sync::{broadcast, mpsc::UnboundedReceiver, watch},
    task::JoinSet,
};

/// Captions read at a time; more are left unread.
const READERS: usize = 32;
/// The longest caption, in bytes.
const LONGEST: usize = 64 * 1024;

/// Watches one room for one caller.
pub(super) struct Companion {
    room: Arc<Room>,
    me: String,
    hears: bool,
    agent: Option<String>,
    state: Option<AgentState>,
    track: watch::Sender<Option<HeardTrack>>,
    found: watch::Sender<Option<String>>,
    events: broadcast::Sender<CallerEvent>,
    readers: JoinSet<()>,
}

impl Companion {
    pub(super) fn new(
        room: Arc<Room>,
        hears: bool,
        track: watch::Sender<Option<HeardTrack>>,
        found: watch::Sender<Option<String>>,
        events: broadcast::Sender<CallerEvent>,
    ) -> Self {
        Self {
            me: room.local_participant().identity().into(),
            room,
            hears,
            agent: None,
            state: None,
            track,
            found,
            events,
            readers: JoinSet::new(),
        }
    }

    /// Watches until the room is over.
    pub(super) async fn run(mut self, mut events: UnboundedReceiver<RoomEvent>) {
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.take(event),
                    None => return,
                },
                Some(_read) = self.readers.join_next() => {}
            }
        }
    }

    fn take(&mut self, event: RoomEvent) {
        match event {
            RoomEvent::Connected {
                participants_with_tracks,
            } => {
                for (participant, _) in participants_with_tracks {
                    self.joined(&participant);
                }
            }
            RoomEvent::ParticipantConnected(participant) => self.joined(&participant),
            // Some attributes come only after the participant itself.
            RoomEvent::ParticipantAttributesChanged {
                participant: Participant::Remote(participant),
                ..
            } => {
                self.joined(&participant);
                self.tell_state(&participant);
            }
            RoomEvent::ParticipantDisconnected(participant)
                if self.is_agent(&participant.identity()) =>
            {
                self.lose_agent();
            }
            RoomEvent::TrackPublished {
                publication,
                participant,
            } if self.is_agent(&participant.identity()) && is_microphone(&publication) => {
                publication.set_subscribed(self.hears);
            }
            RoomEvent::TrackSubscribed {
                track: RemoteTrack::Audio(track),
                participant,
                ..
            } if self.is_agent(&participant.identity()) => {
                self.track.send_replace(Some(HeardTrack {
                    track,
                    recorded: false,
                }));
                self.tell(CallerEvent::AgentHeard);
            }
            RoomEvent::TextStreamOpened {
                reader,
                topic,
                participant_identity,
            } if topic == TOPIC => {
                if let Some(reader) = reader.take() {
                    self.read_caption(reader, &participant_identity);
                }
            }
            RoomEvent::TranscriptionReceived {
                participant,
                segments,
                ..
            } => {
                self.show_packets(participant.as_ref(), segments);
            }
            RoomEvent::Reconnecting => self.tell(CallerEvent::Reconnecting),
            RoomEvent::Reconnected => {
                // What was subscribed to in the middle of it went to the connection before.
                let others = self.room.remote_participants();
                if let Some(agent) = others.values().find(|p| self.is_agent(&p.identity())) {
                    self.subscribe(agent);
                }
                self.tell(CallerEvent::Reconnected);
            }
            RoomEvent::Disconnected { reason } => self.tell(CallerEvent::Ended(reason.into())),
            _ => {}
        }
    }

    fn joined(&mut self, participant: &RemoteParticipant) {
        let on_behalf = participant
            .attributes()
            .contains_key("lk.publish_on_behalf");
        let agent = participant.kind() == ParticipantKind::Agent && !on_behalf;
        if !agent || self.agent.is_some() {
            return;
        }
        let identity: String = participant.identity().into();
        self.agent = Some(identity.clone());
        self.found.send_replace(Some(identity.clone()));
        self.tell(CallerEvent::AgentJoined { identity });
        self.tell_state(participant);
        self.subscribe(participant);
    }

    fn subscribe(&self, agent: &RemoteParticipant) {
        for publication in agent.track_publications().values() {
            if is_microphone(publication) {
                publication.set_subscribed(self.hears);
            }
        }
    }

    fn lose_agent(&mut self) {
        self.agent = None;
        self.state = None;
        self.found.send_replace(None);
        self.track.send_replace(None);
        self.tell(CallerEvent::AgentLeft);
        let others = self.room.remote_participants();
        for participant in others.values() {
            self.joined(participant);
        }
    }

    fn tell_state(&mut self, participant: &RemoteParticipant) {
        let state = told(&participant.attributes());
        if self.is_agent(&participant.identity()) && self.state != state {
            self.state = state;
            if let Some(state) = state {
                self.tell(CallerEvent::AgentState(state));
            }
        }
    }

    fn is_agent(&self, identity: &ParticipantIdentity) -> bool {
        self.agent.as_deref() == Some(identity.as_str())
    }

    fn speaker(&self, identity: &str) -> Speaker {
        match identity {
            me if me == self.me => Speaker::Me,
            agent if self.agent.as_deref() == Some(agent) => Speaker::Agent,
            other => Speaker::Other(other.to_owned()),
        }
    }

    fn show_packets(&self, participant: Option<&Participant>, segments: Vec<TranscriptionSegment>) {
        let identity: String = participant.map_or_else(String::new, |p| p.identity().into());
        for segment in segments {
            self.tell(CallerEvent::Caption(Caption {
                speaker: self.speaker(&identity),
                segment: segment.id,
                text: segment.text,
                is_final: segment.r#final,
                sources: Vec::new(),
                form: CaptionForm::Packet,
            }));
        }
    }

    fn read_caption(&mut self, reader: TextStreamReader, from: &ParticipantIdentity) {
        if self.readers.len() >= READERS {
            tracing::warn!("too many captions at a time: one is not read");
            return;
        }
        let speaker = self.speaker(from.as_str());
        self.readers
            .spawn(read(reader, speaker, self.events.clone()));
    }

    fn tell(&self, event: CallerEvent) {
        // Nobody need listen.
        let _listeners = self.events.send(event);
    }
}

/// Tells a caption as it grows, and once more when it is final.
async fn read(
    mut reader: TextStreamReader,
    speaker: Speaker,
    events: broadcast::Sender<CallerEvent>,
) {
    let segment = reader
        .info()
        .attributes()
        .remove(SEGMENT)
        .unwrap_or_default();
    let mut caption = Caption {
        speaker,
        segment,
        text: String::new(),
        is_final: false,
        sources: Vec::new(),
        form: CaptionForm::Stream,
    };
    let mut told = false;
    while let Some(Ok(part)) = reader.next().await {
        caption.text.push_str(&part);
        if caption.text.len() > LONGEST {
            return;
        }
        caption.learn(&reader);
        told = caption.is_final;
        let _listeners = events.send(CallerEvent::Caption(caption.clone()));
    }
    caption.learn(&reader);
    if caption.is_final && !told {
        let _listeners = events.send(CallerEvent::Caption(caption));
    }
}

impl Caption {
    /// Takes what the stream's attributes say so far.
    fn learn(&mut self, reader: &TextStreamReader) {
        let attributes = reader.info().attributes();
        self.is_final = attributes.get(FINAL).is_some_and(|text| text == "true");
        let sources = attributes
            .get(SOURCES)
            .map(|list| serde_json::from_str(list));
        self.sources = sources.and_then(Result::ok).unwrap_or_default();
    }
}
