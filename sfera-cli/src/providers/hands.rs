//! What the agent can do.

use crate::{config::Settings, error::Warning};
use sfera_agent::{
    assembly::{self, Hands, Services},
    tools::{
        SearchEngine, Tool,
        mcp::{McpServers, McpState},
    },
};
use std::{sync::Arc, time::Duration};

/// How long a conversation waits to learn which MCP servers are not there: a program that is missing is
/// missed at once, and a slow one may come later.
const PATIENCE: Duration = Duration::from_millis(300);

/// The built-in tools, with the services and the search engine of the settings.
pub fn built_in(settings: &Settings) -> Vec<Arc<dyn Tool>> {
    let engine = SearchEngine::of_environment(|name| settings.environment.get(name));
    let services = Services::of_environment(|name| settings.environment.get(name));
    let tools = assembly::tools_at(&services).into_iter();
    tools.chain(assembly::search_tools(engine)).collect()
}

/// The MCP servers and the journal of calls, and what is wrong with the servers.
pub async fn named(settings: &Settings) -> (Hands, Vec<Warning>) {
    let get = |name: &str| settings.environment.get(name);
    let broken = assembly::mcp(get).err().map(Warning::Servers);
    let hands = Hands::of_environment(get).await;
    let mut warnings: Vec<_> = broken.into_iter().collect();
    if let Some(servers) = hands.servers() {
        warnings.extend(away(servers).await);
    }
    (hands, warnings)
}

async fn away(servers: &McpServers) -> Vec<Warning> {
    servers.settled(PATIENCE).await;
    let states = servers.states().into_iter();
    let away = states.filter_map(|(name, state)| match state {
        McpState::Away(why) => Some(Warning::Server(name, why)),
        McpState::Starting | McpState::Ready(_) => None,
    });
    away.collect()
}
