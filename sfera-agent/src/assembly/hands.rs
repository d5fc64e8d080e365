use super::forgetting::Forgetting;
#[cfg(feature = "mcp")]
use crate::tools::mcp::{McpConfig, McpConfigError, McpServers};
use crate::{
    chat::Chat,
    memory::{FileMemory, Memory, UserId},
    session::SessionBuilder,
    tools::{FileJournal, Journal, journal::JournalError},
};
#[cfg(feature = "mcp")]
use std::path::Path;
use std::{fmt, sync::Arc};

/// What conversations can do beyond their tools, and where calls are written down; cloning shares it.
#[derive(Clone, Default)]
pub struct Hands {
    #[cfg(feature = "mcp")]
    mcp: Option<Arc<McpServers>>,
    journal: Option<Arc<FileJournal>>,
}

impl Hands {
    /// Starts the MCP servers of the environment and opens the journal of this machine. A conversation is
    /// possible without either: what does not work is logged.
    pub async fn of_environment<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        #[cfg(feature = "mcp")]
        let mcp = match mcp(get) {
            Ok(config) => config.map(|config| Arc::new(McpServers::start(config))),
            Err(error) => {
                tracing::warn!(%error, "there are no tools of MCP servers");
                None
            }
        };
        #[cfg(not(feature = "mcp"))]
        let _ = get;
        Self {
            #[cfg(feature = "mcp")]
            mcp,
            journal: journal().await,
        }
    }

    /// These servers' tools and this journal.
    #[cfg(feature = "mcp")]
    #[must_use]
    pub const fn new(servers: Arc<McpServers>, journal: Arc<FileJournal>) -> Self {
        Self {
            mcp: Some(servers),
            journal: Some(journal),
        }
    }

    /// The MCP servers, if any are named.
    #[cfg(feature = "mcp")]
    #[must_use]
    pub fn servers(&self) -> Option<&McpServers> {
        self.mcp.as_deref()
    }

    /// Deletes what the journal holds about a user; what other processes on this machine wrote stays with
    /// them.
    ///
    /// # Errors
    /// [`JournalError`] if something may be left.
    pub async fn forget(&self, user: &UserId) -> Result<(), JournalError> {
        match &self.journal {
            Some(journal) => journal.forget(user).await,
            None => Ok(()),
        }
    }

    /// The same memory; whoever has it forget them is forgotten by this journal too, as by
    /// [`Hands::forget`].
    #[must_use]
    pub fn forgetting(&self, memory: Arc<dyn Memory>) -> Arc<dyn Memory> {
        match &self.journal {
            Some(journal) => Arc::new(Forgetting::new(memory, journal.clone())),
            None => memory,
        }
    }

    /// The same session with these tools and this journal.
    #[must_use]
    pub fn give(&self, session: SessionBuilder) -> SessionBuilder {
        #[cfg(feature = "mcp")]
        let session = match &self.mcp {
            Some(mcp) => session.tool_source(mcp.clone()),
            None => session,
        };
        match &self.journal {
            Some(journal) => session.journal(journal.clone()),
            None => session,
        }
    }

    /// The same typed conversations with these tools and this journal.
    #[must_use]
    pub fn give_chat(&self, chat: Chat) -> Chat {
        #[cfg(feature = "mcp")]
        let chat = match &self.mcp {
            Some(mcp) => chat.tool_source(mcp.clone()),
            None => chat,
        };
        match &self.journal {
            Some(journal) => chat.journal(journal.clone()),
            None => chat,
        }
    }
}

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}

/// Beside the memory, which outlives the program too.
async fn journal() -> Option<Arc<FileJournal>> {
    let folder = FileMemory::usual_folder()?.with_file_name("calls");
    FileJournal::open(folder).await.ok().map(Arc::new)
}

/// The MCP servers of the file that `SFERA_MCP` names; none if it names none.
///
/// # Errors
/// [`McpConfigError`] if the file cannot be used.
#[cfg(feature = "mcp")]
pub fn mcp<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Option<McpConfig>, McpConfigError> {
    let path = get("SFERA_MCP");
    path.map(|path| McpConfig::read(Path::new(path)))
        .transpose()
}
