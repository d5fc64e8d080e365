//! What the agent can do.

use crate::config::Settings;
use sfera_agent::{
    assembly::{self, Services},
    tools::{SearchEngine, Tool},
};
use std::sync::Arc;

/// The built-in tools, with the services and the search engine of the settings.
pub fn built_in(settings: &Settings) -> Vec<Arc<dyn Tool>> {
    let engine = SearchEngine::of_environment(|name| settings.environment.get(name));
    let services = Services::of_environment(|name| settings.environment.get(name));
    let tools = assembly::tools_at(&services).into_iter();
    tools.chain(assembly::search_tools(engine)).collect()
}
