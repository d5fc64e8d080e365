//! A session in its room, from beginning to end.

use super::{
    RoomEnd,
    agent::{AgentRoom, CallerInfo, ended},
    captions::{CaptionBook, CaptionWriter, TypedLines, Voice, segment_id},
    publish::{Microphone, speak},
    state::Shown,
};
use crate::{
    session::{Session, SessionControl, SessionEvent, SessionEventKind, SessionPanicked},
    turn::{CloseReason, Event, ReplyEnd},
};
use livekit::prelude::{LocalParticipant, TrackSource};
use std::{
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc, watch,
    },
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a session may take to finish what it says before it is cut off.
const DRAIN: Duration = Duration::from_secs(60);
/// How long the last captions may take to be sent.
const LAST_CAPTIONS: Duration = Duration::from_secs(2);
/// The track plays silence for so long after the last word: what was pulled is sent, and a caller's
/// jitter buffer plays it to the end.
const TAIL: Duration = Duration::from_millis(100);
/// Events that the captions may fall behind before some are left out.
const EVENTS: usize = 1_024;

/// A session and its room.
pub(super) struct Conversation<'a> {
    room: &'a mut AgentRoom,
    session: Session,
    control: SessionControl,
    typed: TypedLines,
    captions: JoinSet<()>,
    /// What plays the session's voice and shows what it does. They end with the conversation.
    tasks: JoinSet<()>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(room: &'a mut AgentRoom, session: Session) -> Self {
        Self {
            room,
            control: session.control(),
            session,
            typed: TypedLines::default(),
            captions: JoinSet::new(),
            tasks: JoinSet::new(),
        }
    }

    pub(super) async fn hold(mut self, stop: &CancellationToken) -> RoomEnd {
        let words = self.room.options.captions.then(|| self.write_captions());
        let (shown, microphone) = (self.room.shown.clone(), self.room.microphone.clone());
        let following = follow(self.session.events(), shown, microphone.clone(), words);
        self.tasks.spawn(following);
        if let Some(reader) = self.session.playout() {
            let audible = self.room.audible.clone();
            self.tasks.spawn(speak(reader, microphone, audible));
        }
        let mut closed = pin!(self.session.closed());
        let end = tokio::select! {
            closed = &mut closed => of_session(closed),
            end = watch(self.room, &self.control, &self.typed) => end,
            () = stop.cancelled() => RoomEnd::Stopped,
        };
        if !matches!(end, RoomEnd::Session(_) | RoomEnd::SessionBroke) {
            finish(&self.control, closed, end, self.room).await;
        }
        // Captions end with the session; late ones are left out.
        let _late = timeout(LAST_CAPTIONS, self.captions.join_next()).await;
        if matches!(end, RoomEnd::Session(_) | RoomEnd::Stopped) {
            sleep(TAIL).await;
        }
        end
    }

    /// Begins to write captions of the events that are put into this queue.
    fn write_captions(&mut self) -> mpsc::Sender<SessionEventKind> {
        let (words, events) = mpsc::channel(EVENTS);
        let participant = self.room.connection.participant();
        let (typed, caller) = (self.typed.clone(), self.room.caller.clone());
        self.captions
            .spawn(caption(events, typed, participant, caller));
        words
    }
}

/// Passes on what is typed, until the room ends or the caller left.
async fn watch(room: &mut AgentRoom, control: &SessionControl, typed: &TypedLines) -> RoomEnd {
    let mut over = room.over.subscribe();
    loop {
        tokio::select! {
            end = ended(&mut room.end) => return end,
            () = is_over(&mut over) => return RoomEnd::CallerLeft,
            Some(line) = room.typed.recv() => {
                typed.note(&line);
                // The session has ended, which the other side notices too.
                let _over = control.type_text(line).await;
            }
        }
    }
}

/// Shows what the session does, from its first event to its last, and gives them to whoever writes
/// captions, who may be held up by the connection.
async fn follow(
    mut events: broadcast::Receiver<SessionEvent>,
    shown: watch::Sender<Shown>,
    microphone: Microphone,
    words: Option<mpsc::Sender<SessionEventKind>>,
) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "what is shown fell behind");
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        match &event.kind {
            SessionEventKind::Turn(event) => show(&shown, &microphone, event),
            SessionEventKind::Citation { .. } => {}
            SessionEventKind::Metrics { .. }
            | SessionEventKind::ToolProgress { .. }
            | SessionEventKind::InputLevel { .. } => continue,
        }
        if let Some(words) = &words
            && words.try_send(event.kind).is_err()
        {
            tracing::warn!("captions fell behind");
        }
    }
}

/// Waits until the caller left for good and that ends the conversation.
async fn is_over(over: &mut watch::Receiver<bool>) {
    // The room, which outlives the conversation, holds the other end.
    let _known = over.wait_for(|over| *over).await;
}

fn show(shown: &watch::Sender<Shown>, microphone: &Microphone, event: &Event) {
    match event {
        Event::AgentState { state } => shown.send_modify(|shown| shown.state = *state),
        // Playout is clear already. What was pulled before, but is no whole packet yet, is not to be
        // heard either.
        Event::ReplyEnded {
            end: ReplyEnd::Interrupted,
            ..
        } => {
            microphone.source.clear_buffer();
        }
        _ => {}
    }
}

/// Ends the session: after what it is saying where the host asked and somebody hears it.
async fn finish(
    control: &SessionControl,
    mut closed: Pin<&mut impl Future<Output = Result<CloseReason, SessionPanicked>>>,
    end: RoomEnd,
    room: &AgentRoom,
) {
    let (mut audible, mut over) = (room.audible.clone(), room.end.clone());
    if end == RoomEnd::Stopped && *audible.borrow() {
        // An error means that the session has ended already.
        let _over = control.close(true).await;
        tokio::select! {
            _closed = &mut closed => return,
            _unheard = audible.wait_for(|audible| !audible) => {}
            _end = ended(&mut over) => {}
            () = sleep(DRAIN) => tracing::warn!("the agent did not finish in time and is cut off"),
        }
    }
    let _over = control.close(false).await;
    let _closed = closed.await;
}

const fn of_session(closed: Result<CloseReason, SessionPanicked>) -> RoomEnd {
    match closed {
        Ok(reason) => RoomEnd::Session(reason),
        Err(SessionPanicked) => RoomEnd::SessionBroke,
    }
}

/// Sends what both sides say until the session ends.
async fn caption(
    mut events: mpsc::Receiver<SessionEventKind>,
    typed: TypedLines,
    participant: LocalParticipant,
    caller: watch::Receiver<Option<CallerInfo>>,
) {
    let mut book = CaptionBook::new(segment_id, typed);
    let mut writer = CaptionWriter::new(participant.clone());
    while let Some(event) = events.recv().await {
        let spoken = match event {
            SessionEventKind::Turn(event) => book.observe(&event),
            SessionEventKind::Citation { reply, citation } => {
                book.cite(reply, citation);
                None
            }
            _ => None,
        };
        if let Some(spoken) = spoken {
            let user = user_voice(&caller);
            writer
                .write(spoken, &agent_voice(&participant), &user)
                .await;
        }
    }
}

fn user_voice(caller: &watch::Receiver<Option<CallerInfo>>) -> Voice {
    let caller = caller.borrow();
    caller.as_ref().map_or_else(Voice::default, |caller| Voice {
        identity: caller.identity.clone(),
        track: caller.track.clone(),
    })
}

/// The track is another one after a full reconnection.
fn agent_voice(participant: &LocalParticipant) -> Voice {
    let publications = participant.track_publications();
    let microphone = publications
        .values()
        .find(|publication| publication.source() == TrackSource::Microphone);
    Voice {
        identity: participant.identity().into(),
        track: microphone.map_or_else(String::new, |publication| publication.sid().to_string()),
    }
}
