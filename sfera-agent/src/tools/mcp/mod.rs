//! Tools of other programs, by the Model Context Protocol: over a program's standard input and output, or
//! over streamable HTTP.

mod config;
mod connection;
mod tool;

pub use config::{McpConfig, McpConfigError};

use super::{Tool, ToolSource};
use connection::Connection;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// The servers of a configuration and their tools.
///
/// Each server is started or reached by itself, and again when it goes, after a pause of one second that
/// doubles up to a minute. A tool is named `server_tool`, its results are text of strangers
/// ([`super::ToolSpec::untrusted`]), and what its server does not call read-only is confirmed by the user
/// first. What a server changes in its list of tools is followed. A call that is given up is cancelled at
/// the server.
///
/// A program gets the variables of its own entry and no others but `PATH`, `HOME` and the like. Dropping
/// this ends all programs, in the background; [`McpServers::close`] waits for it.
pub struct McpServers {
    servers: BTreeMap<String, Arc<Shared>>,
    tasks: TaskTracker,
    _end: DropGuard,
    end: CancellationToken,
}

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpState {
    /// It has not answered yet.
    Starting,
    /// It offers so many tools.
    Ready(usize),
    /// It is away, and why; it is tried again.
    Away(McpAway),
}

/// Why a server is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum McpAway {
    /// Its program does not start; the system says why.
    #[error("its program does not start: {0}")]
    Program(io::ErrorKind),
    /// It cannot be reached, or what answers does not speak the protocol.
    #[error("it cannot be reached, or does not speak the protocol")]
    Protocol,
    /// It takes too long.
    #[error("it does not answer")]
    Silent,
    /// It does not say which tools it has.
    #[error("it does not list its tools")]
    NoTools,
    /// It was there and went.
    #[error("it has ended")]
    Ended,
    /// A header in its entry cannot be one.
    #[error("one of its headers is none")]
    Header,
    /// This machine's certificates cannot be read.
    #[error("this machine has no TLS")]
    Tls,
}

/// What is known of a server.
struct Shared {
    state: tokio::sync::watch::Sender<McpState>,
    tools: RwLock<Vec<Arc<dyn Tool>>>,
}

impl Shared {
    fn tools(&self) -> Vec<Arc<dyn Tool>> {
        let tools = self.tools.read().unwrap_or_else(PoisonError::into_inner);
        tools.clone()
    }

    fn set(&self, tools: Vec<Arc<dyn Tool>>, state: McpState) {
        *self.tools.write().unwrap_or_else(PoisonError::into_inner) = tools;
        self.state.send_replace(state);
    }
}

impl McpServers {
    /// How long programs may take to end when they are asked to.
    const FAREWELL: Duration = Duration::from_secs(10);

    /// Starts or reaches all servers, each in a task of its own on the current tokio runtime.
    #[must_use]
    pub fn start(config: McpConfig) -> Self {
        let (tasks, end) = (TaskTracker::new(), CancellationToken::new());
        let servers = config.servers.into_iter().map(|(name, server)| {
            let (state, _) = tokio::sync::watch::channel(McpState::Starting);
            let shared = Arc::new(Shared {
                state,
                tools: RwLock::default(),
            });
            let connection = Connection {
                name: name.clone(),
                server,
                shared: shared.clone(),
                tasks: tasks.clone(),
            };
            tasks.spawn(connection.run(end.clone()));
            (name, shared)
        });
        Self {
            servers: servers.collect(),
            tasks,
            _end: end.clone().drop_guard(),
            end,
        }
    }

    /// How each server is, by name.
    #[must_use]
    pub fn states(&self) -> Vec<(String, McpState)> {
        let states = self.servers.iter();
        let states = states.map(|(name, shared)| (name.clone(), shared.state.borrow().clone()));
        states.collect()
    }

    /// Waits until every server has answered or failed once, at most so long.
    pub async fn settled(&self, patience: Duration) {
        let all = async {
            for shared in self.servers.values() {
                let mut state = shared.state.subscribe();
                // It is only gone where nobody waits any more.
                let _gone = state.wait_for(|state| *state != McpState::Starting).await;
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::debug!("an MCP server has not answered yet");
        }
    }

    /// Ends all programs and connections, and waits for that, ten seconds at most.
    pub async fn close(self) {
        self.end.cancel();
        self.tasks.close();
        if tokio::time::timeout(Self::FAREWELL, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("an MCP server does not end");
        }
    }
}

impl ToolSource for McpServers {
    fn tools(&self) -> Vec<Arc<dyn Tool>> {
        self.servers.values().flat_map(|s| s.tools()).collect()
    }
}

impl std::fmt::Debug for McpServers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.states()).finish()
    }
}
