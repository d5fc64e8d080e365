//! A connected room that is always left in order.

use super::{Address, JoinError};
use livekit::{Room, RoomEvent, prelude::LocalParticipant};
use std::{
    mem,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc::UnboundedReceiver, task::JoinHandle, time::timeout};
use tokio_util::task::TaskTracker;

/// Attempts to join after the first one. Each may take 15 s where no way for sound is found.
const RETRIES: u32 = 1;
/// How long leaving may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// Farewells under way. They are the library's own tasks: whoever drops a room cannot wait in a
/// destructor, and may itself be gone before the server was told. Never open, so that it can be waited
/// for until it is empty; each of them is over after [`FAREWELL`].
static FAREWELLS: LazyLock<TaskTracker> = LazyLock::new(|| {
    let farewells = TaskTracker::new();
    farewells.close();
    farewells
});

/// Waits until the server knows of every room that was left or dropped before, 5 s at most.
///
/// For hosts that end then: [`AgentRoom::run`](super::AgentRoom::run) and
/// [`Caller::leave`](super::Caller::leave) return when it is told, but who only drops a room or the
/// future that runs in it, leaves in the background. A server that is not told takes the participant
/// for present until it misses them.
pub async fn farewells() {
    if timeout(FAREWELL, FAREWELLS.wait()).await.is_err() {
        tracing::debug!("not every room was left in order");
    }
}

/// A room one is in. Dropping it leaves the room too, in the background: a server that is not told
/// forces the same identity to ICE-TCP the next time.
#[derive(Debug)]
pub(super) struct Connection {
    room: Arc<Room>,
    /// Where the room is left from, whichever thread drops it.
    runtime: Handle,
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
            runtime: Handle::current(),
            left: false,
        };
        match connection.participant().permission() {
            Some(allowed) if !allowed.can_publish => {
                connection.leave().await;
                Err(JoinError::MayNotPublish)
            }
            _ => Ok((connection, events)),
        }
    }

    pub(super) fn room(&self) -> Arc<Room> {
        self.room.clone()
    }

    pub(super) fn participant(&self) -> LocalParticipant {
        self.room.local_participant()
    }

    /// Leaves and tells the server so, also where this future is dropped.
    pub(super) async fn leave(mut self) {
        if let Some(farewell) = self.farewell() {
            // It ends early only with its runtime.
            let _told = farewell.await;
        }
    }

    fn farewell(&mut self) -> Option<JoinHandle<()>> {
        let left = mem::replace(&mut self.left, true);
        (!left).then(|| FAREWELLS.spawn_on(leave(self.room.clone()), &self.runtime))
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
        drop(self.farewell());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;
    use std::pin::pin;
    use tokio::{sync::oneshot, time::advance};

    #[tokio::test(start_paused = true)]
    async fn farewells_are_waited_for_but_not_for_ever() {
        let (said, saying) = oneshot::channel::<()>();
        FAREWELLS.spawn(saying);
        let mut all = pin!(farewells());
        assert!(poll!(&mut all).is_pending());
        said.send(()).unwrap();
        all.await;

        let (_never, saying) = oneshot::channel::<()>();
        FAREWELLS.spawn(saying);
        let mut all = pin!(farewells());
        assert!(poll!(&mut all).is_pending());
        advance(FAREWELL - Duration::from_millis(1)).await;
        assert!(poll!(&mut all).is_pending());
        all.await;
    }
}
