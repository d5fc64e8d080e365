use super::finding::Finding;
use crate::{config::Settings, text::Text};
use sfera_agent::{
    assembly,
    tools::mcp::{McpServers, McpState},
};
use std::time::Duration;

/// How long the servers may take to say which tools they have.
const PATIENCE: Duration = Duration::from_secs(20);

/// The MCP servers, one by one; nothing where none is named.
pub async fn examine(settings: &Settings, text: Text) -> Vec<Finding> {
    let config = match assembly::mcp(|name| settings.environment.get(name)) {
        Ok(None) => return Vec::new(),
        Ok(Some(config)) => config,
        Err(error) => {
            let what = text.mcp_problem(&error);
            return vec![Finding::warn("mcp", what, text.fix_mcp_file())];
        }
    };
    let servers = McpServers::start(config);
    servers.settled(PATIENCE).await;
    let findings = servers
        .states()
        .into_iter()
        .map(|(name, state)| match state {
            McpState::Ready(tools) => Finding::ok("mcp", text.mcp_ready(&name, tools)),
            McpState::Starting => {
                Finding::warn("mcp", text.mcp_silent(&name), text.fix_mcp_server())
            }
            McpState::Away(why) => {
                let what = text.mcp_away(&name, text.mcp_why(why));
                Finding::warn("mcp", what, text.fix_mcp_server())
            }
        });
    let findings = findings.collect();
    servers.close().await;
    findings
}
