//! Where people are remembered, if that is a server.

use super::finding::Finding;
use crate::{
    config::Settings,
    providers::memory::{self, Place},
    text::Text,
};

const PART: &str = "memory";

/// The memory of people on a server, opened as a conversation opens it; nothing where it is on this
/// machine, or off.
pub async fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let Some(Place::Server(server)) = memory::place(settings) else {
        return None;
    };
    let host = server.host.clone();
    Some(match memory::open(Place::Server(server), settings).await {
        Ok(_) => Finding::ok(PART, text.memory_fine(host)),
        Err(error) => {
            let what = error.sentence(text).unwrap_or_default();
            Finding::fail(PART, what, text.fix_memory())
        }
    })
}
