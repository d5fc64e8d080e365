use sfera_agent::session::SessionControl;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The agents that this process holds conversations with, by their rooms. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Speakers(Arc<Mutex<HashMap<String, SessionControl>>>);

impl Speakers {
    /// One speaks in a room from now on.
    pub fn begins(&self, room: String, control: SessionControl) {
        self.lock().insert(room, control);
    }

    /// Has a text said in a room, not to be interrupted. False where none of these speaks there.
    pub(super) async fn say(&self, room: &str, text: &str) -> bool {
        let control = self.lock().get(room).cloned();
        match control {
            Some(control) => control.say(text, false).await.is_ok(),
            None => false,
        }
    }

    /// Forgets all but those in these rooms.
    pub(super) fn keep(&self, rooms: &HashSet<&str>) {
        self.lock().retain(|room, _| rooms.contains(room.as_str()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, SessionControl>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
