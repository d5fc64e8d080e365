//! What the agent can do beyond the built-in tools, and where its calls are written down.

use crate::config::Settings;
use sfera_agent::{
    assembly::{self, Services},
    memory::FileMemory,
    session::SessionBuilder,
    tools::{
        FileJournal, SearchEngine, Tool,
        mcp::{McpConfig, McpConfigError, McpServers},
    },
};
use std::{path::Path, sync::Arc};

/// Tools of the settings and the journal, shared by all sessions.
#[derive(Default)]
pub struct Hands {
    mcp: Option<Arc<McpServers>>,
    journal: Option<Arc<FileJournal>>,
}

impl Hands {
    /// Starts the servers and opens the journal. A conversation is possible without either: what does not
    /// work is logged, and `sfera doctor` says it.
    pub async fn load(settings: &Settings) -> Self {
        let mcp = match mcp(settings) {
            Ok(config) => config.map(|config| Arc::new(McpServers::start(config))),
            Err(error) => {
                tracing::warn!(%error, "there are no tools of MCP servers");
                None
            }
        };
        Self {
            mcp,
            journal: journal().await,
        }
    }

    /// The same session with these tools and this journal.
    pub fn give(&self, mut session: SessionBuilder) -> SessionBuilder {
        if let Some(mcp) = &self.mcp {
            session = session.tool_source(mcp.clone());
        }
        match &self.journal {
            Some(journal) => session.journal(journal.clone()),
            None => session,
        }
    }
}

/// Beside the memory, which outlives the program too.
async fn journal() -> Option<Arc<FileJournal>> {
    let folder = FileMemory::usual_folder()?.with_file_name("calls");
    FileJournal::open(folder).await.ok().map(Arc::new)
}

/// The servers of the file that `SFERA_MCP` names; none if it names none.
pub fn mcp(settings: &Settings) -> Result<Option<McpConfig>, McpConfigError> {
    let path = settings.environment.get("SFERA_MCP");
    path.map(|path| McpConfig::read(Path::new(path)))
        .transpose()
}

/// The built-in tools, with the services and the search engine of the settings.
pub fn built_in(settings: &Settings) -> Vec<Arc<dyn Tool>> {
    let variable = |name| settings.environment.get(name).map(str::to_owned);
    let engine = variable("BRAVE_API_KEY").map(SearchEngine::Brave);
    let engine = engine.or_else(|| variable("TAVILY_API_KEY").map(SearchEngine::Tavily));
    let engine = engine.or_else(|| variable("SEARXNG_URL").map(SearchEngine::SearXng));
    let services = Services::of_environment(|name| settings.environment.get(name));
    let tools = assembly::tools_at(&services).into_iter();
    tools.chain(assembly::search_tools(engine)).collect()
}
