//! One server: reached, listened to, reached again.

use super::{
    McpAway, McpState, Shared,
    config::{Reach, Server},
    tool::McpTool,
};
use crate::tools::Tool;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    handler::client::progress::ProgressDispatcher,
    model::ProgressNotificationParam,
    service::{NotificationContext, RunningService},
    transport::{
        StreamableHttpClientTransport, TokioChildProcess,
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use std::{collections::HashMap, process::Stdio, sync::Arc, time::Duration};
use tokio::{process::Command, sync::Notify};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A server that does not answer its first request within this is given up; a program may have to be
/// downloaded first.
const START: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a connection may take to end in order.
const FAREWELL: Duration = Duration::from_secs(8);
/// Tools of one server, at most.
const MAX_TOOLS: usize = 100;
/// What a program needs of this one's environment to run at all; nothing else is passed on.
const PASSED_ON: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "TERM",
    "TMPDIR",
    "APPDATA",
    "USERPROFILE",
    "SYSTEMROOT",
    "TEMP",
];

pub(super) struct Connection {
    pub(super) name: String,
    pub(super) server: Server,
    pub(super) shared: Arc<Shared>,
    pub(super) tasks: TaskTracker,
}

/// What the server tells without being asked.
#[derive(Clone, Default)]
pub(super) struct Ear {
    pub(super) progress: ProgressDispatcher,
    changed: Arc<Notify>,
}

impl ClientHandler for Ear {
    async fn on_progress(
        &self,
        news: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.progress.handle_notification(news).await;
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}

type Running = RunningService<RoleClient, Ear>;

impl Connection {
    pub(super) async fn run(self, end: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let connected = tokio::time::timeout(START, self.connect());
            let Some(connected) = end.run_until_cancelled(connected).await else {
                return;
            };
            let why = match connected {
                Ok(Ok((mut service, ear))) => {
                    let began = tokio::time::Instant::now();
                    let followed = end.run_until_cancelled(self.follow(&service, &ear)).await;
                    self.shared.set(Vec::new(), McpState::Starting);
                    let _ended = service.close_with_timeout(FAREWELL).await;
                    let Some(why) = followed else { return };
                    if began.elapsed() > LONGEST_PAUSE {
                        pause = FIRST_PAUSE;
                    }
                    why
                }
                Ok(Err(why)) => why,
                Err(_) => McpAway::Silent,
            };
            tracing::warn!(server = self.name, %why, "an MCP server is away");
            self.shared.set(Vec::new(), McpState::Away(why));
            if end
                .run_until_cancelled(tokio::time::sleep(pause))
                .await
                .is_none()
            {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<(Running, Ear), McpAway> {
        let ear = Ear::default();
        let service = match &self.server.reach {
            Reach::Program { .. } => {
                let program = self.program();
                let program = program.map_err(|error| McpAway::Program(error.kind()))?;
                ear.clone().serve(program).await
            }
            Reach::Http { url, headers } => ear.clone().serve(http(url, headers.iter())?).await,
        };
        let service = service.map_err(|error| {
            // The error may hold what the server wrote, and the server knows secrets.
            tracing::debug!(server = self.name, %error, "an MCP server does not start");
            McpAway::Protocol
        })?;
        Ok((service, ear))
    }

    fn program(&self) -> std::io::Result<TokioChildProcess> {
        let Reach::Program {
            command,
            args,
            env,
            folder,
        } = &self.server.reach
        else {
            return Err(std::io::Error::other("it is no program"));
        };
        let mut program = Command::new(command);
        program.args(args).env_clear().kill_on_drop(true);
        let passed_on = PASSED_ON
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        program.envs(passed_on).envs(env);
        if let Some(folder) = folder {
            program.current_dir(folder);
        }
        // What it writes there may hold secrets, and nobody reads it.
        let program = TokioChildProcess::builder(program).stderr(Stdio::null());
        program.spawn().map(|(program, _)| program)
    }

    /// Keeps the list of tools until the server goes; answers why.
    async fn follow(&self, service: &Running, ear: &Ear) -> McpAway {
        loop {
            match tokio::time::timeout(START, service.list_all_tools()).await {
                Ok(Ok(tools)) => {
                    let tools: Vec<Arc<dyn Tool>> = tools
                        .into_iter()
                        .take(MAX_TOOLS)
                        .map(|tool| {
                            let tool = McpTool::new(
                                (&self.name, self.server.confirm),
                                tool,
                                service.peer().clone(),
                                (ear.progress.clone(), self.tasks.clone()),
                            );
                            Arc::new(tool) as Arc<dyn Tool>
                        })
                        .collect();
                    let state = McpState::Ready(tools.len());
                    self.shared.set(tools, state);
                }
                Ok(Err(error)) => {
                    tracing::debug!(server = self.name, %error, "an MCP server lists no tools");
                    return McpAway::NoTools;
                }
                Err(_) => return McpAway::Silent,
            }
            tokio::select! {
                () = ear.changed.notified() => {}
                () = closed(service) => return McpAway::Ended,
            }
        }
    }
}

/// Waits until the other side has gone.
async fn closed(service: &Running) {
    /// rmcp tells nobody when a connection ends, so it is looked at.
    const LOOK: Duration = Duration::from_millis(500);
    while !service.peer().is_transport_closed() {
        tokio::time::sleep(LOOK).await;
    }
}

fn http<'a>(
    url: &str,
    headers: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<StreamableHttpClientTransport<reqwest::Client>, McpAway> {
    let mut custom = HashMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_str());
        let value = HeaderValue::try_from(value.as_str());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(McpAway::Header);
        };
        custom.insert(name, value);
    }
    let mut config = StreamableHttpClientTransportConfig::with_uri(url);
    config.custom_headers = custom;
    // A header with a key must not follow a redirect to somebody else.
    let client = crate::http::client().redirect(reqwest::redirect::Policy::none());
    let client = client.connect_timeout(Duration::from_secs(10)).build();
    let client = client.map_err(|_| McpAway::Tls)?;
    Ok(StreamableHttpClientTransport::with_client(client, config))
}
