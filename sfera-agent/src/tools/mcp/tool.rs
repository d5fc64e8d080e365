use crate::{
    Language,
    tools::{Duplicates, Tool, ToolContext, ToolError, ToolSpec, schema},
};
use async_trait::async_trait;
use futures::StreamExt;
use rmcp::{
    Peer, RoleClient,
    handler::client::progress::ProgressDispatcher,
    model::{
        CallToolRequest, CallToolRequestParams, CallToolResult, CancelledNotification,
        CancelledNotificationParam, ClientRequest, ContentBlock, ProgressNotificationParam,
        RequestId, ServerResult, Tool as Described,
    },
    service::PeerRequestOptions,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

/// Programs of others do things that take a while.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a name, at most; the rest is cut off.
const MAX_NAME: usize = 64;
/// Characters of a description and of a result that the LLM gets.
const MAX_DESCRIPTION: usize = 1_000;
const MAX_RESULT: usize = 12_000;
/// Characters of an error.
const MAX_ERROR: usize = 300;

/// A tool of a server.
pub(super) struct McpTool {
    spec: ToolSpec,
    /// What the server calls it.
    theirs: String,
    title: String,
    peer: Peer<RoleClient>,
    progress: ProgressDispatcher,
    tasks: TaskTracker,
}

impl McpTool {
    pub(super) fn new(
        (server, confirm): (&str, bool),
        tool: Described,
        peer: Peer<RoleClient>,
        (progress, tasks): (ProgressDispatcher, TaskTracker),
    ) -> Self {
        let hints = tool.annotations.clone().unwrap_or_default();
        let about = tool.description.as_deref().unwrap_or_default();
        let about: String = about.chars().take(MAX_DESCRIPTION).collect();
        let parameters = schema::plain(&Value::Object((*tool.input_schema).clone()));
        let mut spec = ToolSpec::new(name(server, &tool.name), about)
            .with_parameters(parameters)
            .with_timeout(TIMEOUT)
            .untrusted();
        if hints.read_only_hint == Some(true) {
            spec = spec.harmless();
        } else {
            spec.confirm = confirm;
            spec.duplicates = Duplicates::Reject;
        }
        let title = tool.title.or(hints.title);
        Self {
            spec,
            title: title.unwrap_or_else(|| tool.name.to_string()),
            theirs: tool.name.to_string(),
            peer,
            progress,
            tasks,
        }
    }
}

/// `server_tool` in the letters that LLM servers allow.
fn name(server: &str, tool: &str) -> String {
    let letter = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9') => c,
        _ => '_',
    };
    let name: String = format!("{server}_{tool}").chars().map(letter).collect();
    name[..name.len().min(MAX_NAME)].to_owned()
}

/// A request that is under way. Whoever drops it cancels it at the server.
struct UnderWay {
    id: Option<RequestId>,
    peer: Peer<RoleClient>,
    tasks: TaskTracker,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        let peer = self.peer.clone();
        // The connection's tracker owns it: closing waits for it.
        self.tasks.spawn(async move {
            let params = CancelledNotificationParam::new(Some(id), Some("given up".to_owned()));
            let cancelled = CancelledNotification::new(params);
            // A server that is gone has nothing to cancel.
            let _gone = peer.send_notification(cancelled.into()).await;
        });
    }
}

#[async_trait]
impl Tool for McpTool {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let Value::Object(arguments) = arguments else {
            return Err(ToolError::Arguments("not a JSON object".to_owned()));
        };
        let params = CallToolRequestParams::new(self.theirs.clone()).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let options = PeerRequestOptions::no_options();
        let sent = self.peer.send_cancellable_request(request, options).await;
        // It was not sent: nothing was done.
        let handle = sent.map_err(|_| ToolError::Unreachable)?;
        let mut under_way = UnderWay {
            id: Some(handle.id.clone()),
            peer: self.peer.clone(),
            tasks: self.tasks.clone(),
        };
        let mut news = self.progress.subscribe(handle.progress_token.clone()).await;
        let mut answer = std::pin::pin!(handle.await_response());
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut answer => break answer,
                Some(news) = news.next() => context.progress.tell(told(&news)),
            }
        };
        under_way.id = None;
        match answer {
            Ok(ServerResult::CallToolResult(result)) => said(&result),
            Ok(_) => Err(ToolError::Protocol),
            Err(rmcp::ServiceError::McpError(error)) => Err(refused(&error.message)),
            // The connection broke while it worked.
            Err(_) => Err(ToolError::InDoubt),
        }
    }

    fn action(&self, arguments: &Value, language: Language) -> Option<String> {
        let do_it = match language {
            Language::Ru => "выполнить",
            Language::En => "run",
        };
        // What is asked must say what it is asked about; long arguments cannot be listened to.
        let values = arguments
            .as_object()?
            .values()
            .filter_map(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
        let values = values.collect::<Vec<_>>().join(", ");
        let short: String = values.chars().take(80).collect();
        let what = [self.title.as_str(), short.as_str()];
        let what = what.iter().filter(|part| !part.is_empty());
        let what = what.copied().collect::<Vec<_>>().join(": ");
        Some(format!("{do_it} {what}"))
    }
}

fn told(news: &ProgressNotificationParam) -> Arc<str> {
    match (&news.message, news.total) {
        (Some(message), _) => message.as_str().into(),
        (None, Some(total)) => format!("{} / {total}", news.progress).into(),
        (None, None) => news.progress.to_string().into(),
    }
}

fn refused(why: &str) -> ToolError {
    ToolError::Refused(why.chars().take(MAX_ERROR).collect())
}

fn said(result: &CallToolResult) -> Result<String, ToolError> {
    let texts = result.content.iter().filter_map(|block| match block {
        ContentBlock::Text(text) => Some(text.text.clone()),
        ContentBlock::ResourceLink(link) => Some(link.uri.clone()),
        _ => None,
    });
    let mut text = texts.collect::<Vec<_>>().join("\n");
    if let Some(structured) = result
        .structured_content
        .as_ref()
        .filter(|_| text.is_empty())
    {
        text = structured.to_string();
    }
    if result.is_error == Some(true) {
        return Err(refused(&text));
    }
    match text.is_empty() {
        true => Ok("done".to_owned()),
        false => Ok(text.chars().take(MAX_RESULT).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_servers_allow() {
        assert_eq!(name("files", "readFile"), "files_readfile");
        assert_eq!(name("My-Shop", "order.new"), "my_shop_order_new");
        assert_eq!(name("a", &"x".repeat(100)).len(), MAX_NAME);
        assert_eq!(name("a", "имя"), "a____");
    }
}
