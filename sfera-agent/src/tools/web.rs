//! Asking a web service for JSON.

use super::ToolError;
use reqwest::{Client, Url};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A source is given up after this; the session's own limit is ten seconds.
const TIMEOUT: Duration = Duration::from_secs(6);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of an answer. Those asked for here have at most some ten thousand.
const MAX_BYTES: usize = 1 << 20;

/// A service at an address.
#[derive(Clone, Debug)]
pub(super) struct Source {
    // Neither a wrong address nor a machine without certificates is worth a panic or an error at
    // start: the service is then simply not reachable.
    client: Option<Client>,
    url: Option<Url>,
}

impl Source {
    pub(super) fn new(url: &str) -> Self {
        let client = crate::http::client()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT);
        Self {
            client: client.build().ok(),
            url: Url::parse(url).ok(),
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        query: &[(&str, &str)],
    ) -> Result<T, ToolError> {
        let (Some(client), Some(url)) = (&self.client, &self.url) else {
            return Err(ToolError::Unreachable);
        };
        let mut url = url.clone();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let unreachable = |error: reqwest::Error| {
            tracing::debug!(error = %error.without_url(), "a tool's source cannot be reached");
            ToolError::Unreachable
        };
        let mut response = client.get(url).send().await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => {}
            status if status.as_u16() == 404 => return Err(ToolError::NotFound),
            status if status.is_server_error() || status.as_u16() == 429 => {
                return Err(ToolError::Unreachable);
            }
            _ => return Err(ToolError::Protocol),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err(ToolError::Protocol);
            }
        }
        serde_json::from_slice(&body).map_err(|_| ToolError::Protocol)
    }
}

/// A text argument that must be there.
pub(super) fn text<'a>(arguments: &'a serde_json::Value, name: &str) -> Result<&'a str, ToolError> {
    let text = arguments.get(name).and_then(serde_json::Value::as_str);
    match text.map(str::trim) {
        None | Some("") => Err(ToolError::Arguments(format!("`{name}` must be a text"))),
        Some(text) if text.chars().count() > 100 => {
            Err(ToolError::Arguments(format!("`{name}` is too long")))
        }
        Some(text) => Ok(text),
    }
}
