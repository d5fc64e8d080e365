//! Who watches the room: takes each of its events at once and passes on what matters, bounded.

use super::{
    RoomEnd, RoomOptions,
    agent::CallerInfo,
    audible::Audible,
    early::Early,
    linking::{Change, Linking},
    preconnect,
    preconnect::Prelude,
    rival::Standing,
    state::Shown,
    subscribe::HeardTrack,
    text::{CHAT, Line, read_line},
};
use futures::FutureExt;
use livekit::{
    ByteStreamReader, Room, RoomEvent, TextStreamReader,
    participant::ParticipantKind,
    prelude::{
        AudioTrackFeature, ParticipantIdentity, RemoteParticipant, RemoteTrack,
        RemoteTrackPublication, TrackKind, TrackSource,
    },
};
use std::sync::Arc;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver},
        watch,
    },
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// Recordings read at a time; more are left unread.
const READERS: usize = 16;

/// Where an attendant's news go.
pub(super) struct News {
    pub(super) track: watch::Sender<Option<HeardTrack>>,
    pub(super) recordings: mpsc::Sender<Prelude>,
    pub(super) lines: mpsc::Sender<Line>,
    pub(super) caller: watch::Sender<Option<CallerInfo>>,
    /// Whether the caller left for good and that ended the conversation; the host takes it back where
    /// another one is to begin.
    pub(super) over: watch::Sender<bool>,
    /// Whether somebody else is there then.
    pub(super) somebody_left: watch::Sender<bool>,
    pub(super) audible: watch::Sender<bool>,
    pub(super) shown: watch::Sender<Shown>,
    pub(super) end: watch::Sender<Option<RoomEnd>>,
}

/// What a participant sends.
enum Stream {
    Line(TextStreamReader),
    Recording(ByteStreamReader),
}

/// Watches one room for one agent.
pub(super) struct Attendant {
    room: Arc<Room>,
    events: UnboundedReceiver<RoomEvent>,
    options: Arc<RoomOptions>,
    linking: Linking,
    audible: Audible,
    /// Whether a recording of the caller may be on its way: of one who waited for another's
    /// conversation to end, it was left unread.
    expects_recording: bool,
    early: Early<Stream>,
    news: News,
    over: watch::Receiver<bool>,
    readers: JoinSet<()>,
}

impl Attendant {
    pub(super) fn new(
        room: Arc<Room>,
        events: UnboundedReceiver<RoomEvent>,
        options: Arc<RoomOptions>,
        news: News,
    ) -> Self {
        let wanted = options.caller.clone();
        Self {
            room,
            events,
            linking: Linking::new(wanted, options.after_leave, options.grace),
            options,
            audible: Audible::default(),
            expects_recording: true,
            early: Early::default(),
            over: news.over.subscribe(),
            news,
            readers: JoinSet::new(),
        }
    }

    /// Watches until the room, or the conversation in it, is over.
    pub(super) async fn run(mut self) {
        while self.news.end.borrow().is_none() {
            let deadlines = [self.linking.deadline(), self.audible.deadline()];
            let deadline = deadlines.into_iter().flatten().min();
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.take(event),
                    None => self.end(RoomEnd::ConnectionLost),
                },
                () = until(deadline) => self.tick(),
                Ok(()) = self.over.changed() => self.begin_anew(),
                Some(_read) = self.readers.join_next() => {}
            }
            tell(&self.news.audible, self.audible.is());
            tell(&self.news.somebody_left, self.linking.is_somebody_left());
        }
    }

    fn take(&mut self, event: RoomEvent) {
        match event {
            RoomEvent::Connected {
                participants_with_tracks,
            } => {
                let mut there: Vec<_> = participants_with_tracks
                    .into_iter()
                    .map(|(p, _)| p)
                    .collect();
                there.sort_by_key(RemoteParticipant::joined_at);
                for participant in &there {
                    self.joined(participant);
                }
                self.yield_to_rivals();
            }
            RoomEvent::ParticipantConnected(participant) => {
                self.joined(&participant);
                self.yield_to_rivals();
            }
            RoomEvent::ParticipantDisconnected(participant) => {
                let identity = participant.identity();
                let change = self.linking.left(identity.as_str(), Instant::now());
                self.follow(change);
            }
            RoomEvent::TrackPublished {
                publication,
                participant,
            } => {
                self.subscribe(&publication, &participant.identity());
            }
            RoomEvent::TrackSubscribed {
                track,
                publication,
                participant,
            } => {
                self.hear(track, &publication, &participant);
            }
            RoomEvent::TrackUnsubscribed { publication, .. }
            | RoomEvent::TrackUnpublished { publication, .. } => self.unhear(&publication),
            RoomEvent::LocalTrackSubscribed { .. } => self.audible.subscribed(),
            RoomEvent::TextStreamOpened {
                reader,
                topic,
                participant_identity,
            } if topic == CHAT => {
                if let Some(reader) = reader.take() {
                    self.opened(Stream::Line(reader), &participant_identity);
                }
            }
            RoomEvent::ByteStreamOpened {
                reader,
                topic,
                participant_identity,
            } if topic == preconnect::TOPIC => {
                if let Some(reader) = reader.take() {
                    self.opened(Stream::Recording(reader), &participant_identity);
                }
            }
            RoomEvent::Reconnecting => {
                self.linking.reconnecting();
                self.audible.reconnecting();
            }
            RoomEvent::Reconnected => self.reconnected(),
            RoomEvent::Disconnected { reason } => self.end(reason.into()),
            _ => {}
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.audible.tick(now);
        let change = self.linking.tick(now);
        self.follow(change);
    }

    fn begin_anew(&mut self) {
        if !*self.over.borrow_and_update() {
            let change = self.linking.begin_anew();
            self.follow(change);
        }
    }

    fn joined(&mut self, participant: &RemoteParticipant) {
        if is_person(participant) {
            let change = self.linking.joined(participant.identity().as_str());
            self.follow(change);
        }
    }

    fn follow(&mut self, change: Option<Change>) {
        match change {
            Some(Change::Linked {
                identity,
                was_there,
            }) => {
                tracing::info!(%identity, "the caller is here");
                self.expects_recording = !was_there;
                match was_there {
                    true => self.audible.caller_was_there(),
                    false => self.audible.caller_came(Instant::now()),
                }
                self.attend(&identity);
                for stream in self.early.of(&identity) {
                    self.read(stream);
                }
            }
            Some(Change::Returned(identity)) => {
                tracing::info!(%identity, "the caller is back");
                self.expects_recording = true;
                self.audible.caller_came(Instant::now());
                self.attend(&identity);
            }
            Some(Change::Away) => {
                self.audible.caller_left();
                self.news.track.send_replace(None);
            }
            Some(Change::Alone) => {
                self.news.caller.send_replace(None);
            }
            Some(Change::Over) => {
                self.news.caller.send_replace(None);
                // Whoever waits for the end must see who is there then.
                tell(&self.news.somebody_left, self.linking.is_somebody_left());
                self.news.over.send_replace(true);
            }
            None => {}
        }
    }

    /// Turns to a caller.
    fn attend(&mut self, identity: &str) {
        let identity = ParticipantIdentity::from(identity);
        let Some(caller) = self.room.remote_participants().remove(&identity) else {
            return;
        };
        self.news.caller.send_modify(|known| {
            *known = Some(CallerInfo::of(&caller).after(known.take()));
        });
        for publication in caller.track_publications().values() {
            self.subscribe(publication, &identity);
        }
    }

    fn subscribe(&self, publication: &RemoteTrackPublication, identity: &ParticipantIdentity) {
        if self.linking.is_caller(identity.as_str()) && is_microphone(publication) {
            publication.set_subscribed(true);
        }
    }

    fn hear(
        &self,
        track: RemoteTrack,
        publication: &RemoteTrackPublication,
        participant: &RemoteParticipant,
    ) {
        let identity = participant.identity();
        let RemoteTrack::Audio(track) = track else {
            return;
        };
        if !self.linking.is_caller(identity.as_str()) || !is_microphone(publication) {
            return;
        }
        let announced = publication
            .audio_features()
            .contains(&AudioTrackFeature::TfPreconnectBuffer);
        self.news.caller.send_if_modified(|caller| {
            caller.as_mut().is_some_and(|caller| {
                caller.track = publication.sid().to_string();
                true
            })
        });
        self.news.track.send_replace(Some(HeardTrack {
            track,
            recorded: announced && self.options.preconnect && self.expects_recording,
        }));
    }

    fn unhear(&self, publication: &RemoteTrackPublication) {
        self.news.track.send_if_modified(|heard| {
            let gone = heard.take_if(|heard| heard.track.sid() == publication.sid());
            gone.is_some()
        });
    }

    fn opened(&mut self, stream: Stream, from: &ParticipantIdentity) {
        match self.linking.caller() {
            Some(caller) if caller == from.as_str() => self.read(stream),
            Some(_) => {}
            None => self.early.keep(from.as_str(), stream),
        }
    }

    fn read(&mut self, stream: Stream) {
        match stream {
            Stream::Line(reader) if self.options.chat => self.read_chat(reader),
            Stream::Recording(reader) if self.options.preconnect => self.read_recording(reader),
            Stream::Line(_) | Stream::Recording(_) => {}
        }
    }

    fn read_chat(&self, reader: TextStreamReader) {
        if self.news.lines.try_send(read_line(reader).boxed()).is_err() {
            tracing::warn!("too many typed lines at a time: one is not read");
        }
    }

    fn read_recording(&mut self, reader: ByteStreamReader) {
        if self.readers.len() >= READERS {
            tracing::warn!("too many recordings at a time: one is not read");
            return;
        }
        let (recordings, rate) = (self.news.recordings.clone(), self.options.heard_rate());
        self.readers.spawn(async move {
            if let Some(recording) = preconnect::read(reader, rate).await {
                // Nobody waits for recordings when the conversation is over.
                let _over = recordings.send(recording).await;
            }
        });
    }

    fn reconnected(&mut self) {
        self.linking.reconnected(Instant::now());
        self.audible.reconnected();
        // After a full reconnection the server knows nothing of the agent's attributes, and what was
        // subscribed to in the middle of it went to the connection before.
        self.news.shown.send_modify(|shown| shown.epoch += 1);
        if let Some(caller) = self.linking.caller().map(str::to_owned) {
            self.attend(&caller);
        }
        self.yield_to_rivals();
    }

    /// Two agents would talk at once.
    fn yield_to_rivals(&self) {
        let (Some(name), None) = (&self.options.agent_name, &self.options.caller) else {
            return;
        };
        let own = self.room.local_participant();
        let Some(own) = Standing::of(own.identity().into(), &own.attributes()) else {
            return;
        };
        let others = self.room.remote_participants();
        let mut agents = others
            .values()
            .filter(|other| other.kind() == ParticipantKind::Agent);
        if agents.any(|other| own.yields_to(name, other.identity().into(), &other.attributes())) {
            tracing::info!("another agent was here before");
            self.end(RoomEnd::AlreadyServed);
        }
    }

    fn end(&self, end: RoomEnd) {
        self.news.end.send_replace(Some(end));
    }
}

/// Those kinds of participants behind which there is a person.
fn is_person(participant: &RemoteParticipant) -> bool {
    matches!(
        participant.kind(),
        ParticipantKind::Standard | ParticipantKind::Sip | ParticipantKind::Connector
    )
}

/// The sound of a person, not of their screen.
pub(super) fn is_microphone(publication: &RemoteTrackPublication) -> bool {
    publication.kind() == TrackKind::Audio && publication.source() == TrackSource::Microphone
}

/// Tells a change.
fn tell(known: &watch::Sender<bool>, now: bool) {
    known.send_if_modified(|known| std::mem::replace(known, now) != now);
}

/// Waits until then; for ever, if there is no such moment.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
