//! The LiveKit server, where one is set.

use super::finding::Finding;
use crate::{config::Settings, text::Text, worker};
use sfera_agent::worker::probe;

const PART: &str = "livekit";
/// What is set for LiveKit. A conversation at the terminal needs none of it.
const NAMES: [&str; 3] = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"];

pub async fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let is_set = |name: &&str| {
        let value = settings.environment.get(name);
        value.is_some_and(|value| !value.is_empty())
    };
    if !NAMES.iter().any(is_set) {
        return None;
    }
    let missing: Vec<&str> = NAMES.into_iter().filter(|name| !is_set(name)).collect();
    let Ok(server) = worker::server(settings) else {
        let what = text.livekit_partly(missing.join(", "));
        return Some(Finding::warn(PART, what, text.fix_livekit_partly()));
    };
    Some(match probe(&server).await {
        Ok(()) => Finding::ok(PART, text.livekit_fine(&server.url)),
        Err(error) => {
            let what = text.livekit_refuses(&server.url);
            Finding::warn(PART, what, text.join_problem(error))
        }
    })
}
