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
use std::{fmt, path::PathBuf, sync::Arc};

/// What conversations can do beyond their tools, and where calls are written down; cloning shares it.
#[derive(Clone, Default)]
pub struct Hands {
    #[cfg(feature = "mcp")]
    mcp: Option<Arc<McpServers>>,
    calls: Calls,
}

/// Where calls are written down.
#[derive(Clone, Default)]
enum Calls {
    #[default]
    Nowhere,
    Journal(Arc<FileJournal>),
    /// In this folder, which could not be opened: what was written before may be there.
    Shut(PathBuf),
}

impl Calls {
    /// Beside the memory, which outlives the program too.
    async fn usual() -> Self {
        match FileMemory::usual_folder() {
            Some(folder) => Self::open(folder.with_file_name("calls")).await,
            None => Self::Nowhere,
        }
    }

    async fn open(folder: PathBuf) -> Self {
        match FileJournal::open(&folder).await {
            Ok(journal) => Self::Journal(Arc::new(journal)),
            Err(_) => Self::Shut(folder),
        }
    }

    async fn forget(&self, user: &UserId) -> Result<(), JournalError> {
        match self {
            Self::Journal(journal) => journal.forget(user).await,
            Self::Shut(folder) if folder.exists() => {
                FileJournal::open(folder).await?.forget(user).await
            }
            Self::Shut(_) | Self::Nowhere => Ok(()),
        }
    }

    fn journal(&self) -> Option<Arc<FileJournal>> {
        match self {
            Self::Journal(journal) => Some(journal.clone()),
            Self::Shut(_) | Self::Nowhere => None,
        }
    }
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
            calls: Calls::usual().await,
        }
    }

    /// These servers' tools and this journal.
    #[cfg(feature = "mcp")]
    #[must_use]
    pub const fn new(servers: Arc<McpServers>, journal: Arc<FileJournal>) -> Self {
        Self {
            mcp: Some(servers),
            calls: Calls::Journal(journal),
        }
    }

    /// The MCP servers, if any are named.
    #[cfg(feature = "mcp")]
    #[must_use]
    pub fn servers(&self) -> Option<&McpServers> {
        self.mcp.as_deref()
    }

    /// Deletes what the journal holds about a user; what other processes on this machine wrote stays with
    /// them. One that could not be opened before is tried once more.
    ///
    /// # Errors
    /// [`JournalError`] if something may be left.
    pub async fn forget(&self, user: &UserId) -> Result<(), JournalError> {
        self.calls.forget(user).await
    }

    /// The same memory; whoever has it forget them is forgotten by this journal too, as by
    /// [`Hands::forget`].
    #[must_use]
    pub fn forgetting(&self, memory: Arc<dyn Memory>) -> Arc<dyn Memory> {
        match self.calls {
            Calls::Nowhere => memory,
            Calls::Journal(_) | Calls::Shut(_) => Arc::new(Forgetting::new(memory, self.clone())),
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
        match self.calls.journal() {
            Some(journal) => session.journal(journal),
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
        match self.calls.journal() {
            Some(journal) => chat.journal(journal),
            None => chat,
        }
    }
}

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        memory::MemoryError,
        tools::journal::{Begun, Intent},
    };
    use serde_json::json;

    pub(in super::super) fn writing(journal: Arc<FileJournal>) -> Hands {
        Hands {
            calls: Calls::Journal(journal),
            ..Hands::default()
        }
    }

    #[tokio::test]
    async fn who_is_forgotten_where_the_journal_is_shut_is_told_that_something_may_be_left() {
        let folder = tempfile::tempdir().unwrap();
        let calls = folder.path().join("calls");
        let alex = UserId::new("alex");
        let intent = Intent::new(Some(&alex), "order", &json!({}), "заказать уху");
        let begun = FileJournal::open(&calls)
            .await
            .unwrap()
            .begin(&intent, false)
            .await;
        assert!(matches!(begun, Ok(Begun::Run(_))));
        // Somebody put a file where the folder was.
        let away = folder.path().join("away");
        std::fs::rename(&calls, &away).unwrap();
        std::fs::write(&calls, "").unwrap();
        let hands = Hands {
            calls: Calls::open(calls.clone()).await,
            ..Hands::default()
        };
        let people = FileMemory::open(folder.path().join("memory")).await;
        let memory = hands.forgetting(Arc::new(people.unwrap()));
        assert_eq!(memory.forget(&alex).await, Err(MemoryError::Unavailable));
        std::fs::remove_file(&calls).unwrap();
        assert_eq!(memory.forget(&alex).await, Ok(()), "nothing is there");
        std::fs::rename(&away, &calls).unwrap();
        assert_eq!(memory.forget(&alex).await, Ok(()));
        let left = FileJournal::open(&calls).await.unwrap();
        assert!(!left.is_in_doubt(&intent));
    }
}
