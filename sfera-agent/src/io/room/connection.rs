//! A connected room that is always left in order.

use super::{Address, JoinError};
use livekit::{Room, RoomEvent, prelude::LocalParticipant};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, sync::mpsc::UnboundedReceiver, time::timeout};
use tokio_util::task::TaskTracker;

/// Attempts to join after the first one. Each may take 15 s where no way for sound is found.
const RETRIES: u32 = 1;
/// How long leaving may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// A room one is in. Dropping it leaves the room too, in the background: a server that is not told
/// forces the same identity to ICE-TCP the next time.
#[derive(Debug)]
pub(super) struct Connection {
    room: Arc<Room>,
    left: bool,
}

impl Connection {
    /// Joins and subscribes to nothing yet. Dropping the future gives up.
    pub(super) async fn open(
        address: &Address,
    ) -> Result<(Self, UnboundedReceiver<RoomEvent>), JoinError> {
        if !["ws://", "wss://", "http://", "https://"]
            .iter()
            .any(|scheme| address.url.starts_with(scheme))
        {
            return Err(JoinError::Url);
        }
        let mut options = livekit::RoomOptions::default();
        // Only one track is heard; the server need not send the others.
        options.auto_subscribe = false;
        options.join_retries = RETRIES;
        let joined = Room::connect(&address.url, &address.token, options).await;
        let (room, events) = joined.map_err(|error| JoinError::from(&error))?;
        let connection = Self {
            room: Arc::new(room),
            left: false,
        };
        match connection.participant().permission() {
            Some(allowed) if !allowed.can_publish => Err(JoinError::MayNotPublish),
            _ => Ok((connection, events)),
        }
    }

    pub(super) fn room(&self) -> Arc<Room> {
        self.room.clone()
    }

    pub(super) fn participant(&self) -> LocalParticipant {
        self.room.local_participant()
    }

    /// Leaves and tells the server so.
    pub(super) async fn leave(mut self) {
        self.left = true;
        leave(self.room.clone()).await;
    }
}

async fn leave(room: Arc<Room>) {
    match timeout(FAREWELL, room.close()).await {
        Ok(Ok(()) | Err(livekit::RoomError::AlreadyClosed)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the room was not left in order"),
        Err(_elapsed) => tracing::debug!("leaving the room took too long"),
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            TaskTracker::new().spawn_on(leave(self.room.clone()), &runtime);
        }
    }
}
