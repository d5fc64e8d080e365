//! Any server with the interface of Jina and Cohere: both, llama.cpp, vLLM, LiteLLM, Infinity.

mod wire;

use super::{RerankError, Reranker};
use crate::http;
use async_trait::async_trait;
use futures::StreamExt;
use reqwest::{Client, Response, StatusCode, Url, header};
use std::{fmt, sync::Arc, time::Duration};

/// Bytes of an answer, at most.
const MAX_ANSWER: usize = 1 << 20;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// Where the model is.
#[derive(Clone)]
pub struct RerankServerOptions {
    /// Address of the API up to the version: `https://api.jina.ai/v1`, `http://localhost:8080/v1`.
    pub base_url: String,
    /// The model's name.
    pub model: String,
    /// The key, if the server wants one. Not shown by `Debug`.
    pub key: Option<Arc<str>>,
}

impl RerankServerOptions {
    /// The server that a host's environment names; none where it names none: `RERANK_BASE_URL` and
    /// `RERANK_MODEL`, with `RERANK_API_KEY` where it wants a key.
    ///
    /// # Errors
    /// [`RerankError::Setting`] names the variable that is missing.
    pub fn of_environment<'a>(
        get: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, RerankError> {
        let missing = |name: &str| RerankError::Setting(format!("{name} is not set"));
        match (get("RERANK_BASE_URL"), get("RERANK_MODEL")) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(missing("RERANK_BASE_URL")),
            (Some(_), None) => Err(missing("RERANK_MODEL")),
            (Some(base_url), Some(model)) => Ok(Some(Self {
                base_url: base_url.to_owned(),
                model: model.to_owned(),
                key: get("RERANK_API_KEY").map(Into::into),
            })),
        }
    }
}

impl fmt::Debug for RerankServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RerankServerOptions")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .finish()
    }
}

/// A reranking model behind a server. A request that fails is not sent again: a turn has no time for it.
/// Dropping the future ends the request.
///
/// ```
/// use sfera_agent::reranking::{RerankServer, RerankServerOptions};
///
/// let reranker = RerankServer::new(RerankServerOptions {
///     base_url: "http://localhost:8080/v1".into(),
///     model: "bge-reranker-v2-m3".into(),
///     key: Some("secret".into()),
/// })?;
/// # assert!(!format!("{reranker:?}").contains("secret"));
/// # Ok::<(), sfera_agent::reranking::RerankError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RerankServer {
    client: Client,
    url: Url,
    model: String,
}

impl RerankServer {
    /// Prepares the connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`RerankError::Setting`] if the address is none, [`RerankError::Refused`] if the key cannot be a
    /// key, [`RerankError::Unavailable`] if the machine's certificates cannot be read.
    pub fn new(options: RerankServerOptions) -> Result<Self, RerankError> {
        let mut headers = header::HeaderMap::new();
        if let Some(key) = &options.key {
            let bearer = header::HeaderValue::from_str(&format!("Bearer {key}"));
            let mut bearer = bearer.map_err(|_| RerankError::Refused)?;
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let url = format!("{}/rerank", options.base_url.trim_end_matches('/'));
        let url = Url::parse(&url).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| RerankError::Setting("RERANK_BASE_URL is no URL".into()))?;
        let client = http::client().default_headers(headers);
        let client = client.connect_timeout(CONNECT).build();
        Ok(Self {
            client: client.map_err(|_| RerankError::Unavailable)?,
            url,
            model: options.model,
        })
    }
}

#[async_trait]
impl Reranker for RerankServer {
    async fn rerank(&self, question: &str, texts: &[String]) -> Result<Vec<f32>, RerankError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let request = wire::Request {
            model: &self.model,
            query: question,
            documents: texts,
            top_n: texts.len(),
            return_documents: false,
        };
        let sent = self.client.post(self.url.clone()).json(&request).send();
        let response = sent.await.map_err(|_| RerankError::Unavailable)?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(RerankError::Refused),
            status => {
                // What the server says about it may hold the texts.
                tracing::debug!(%status, "the reranker refused");
                return Err(RerankError::Unavailable);
            }
        }
        wire::likelihoods(&read(response).await?, texts.len())
    }
}

async fn read(response: Response) -> Result<Vec<u8>, RerankError> {
    let (mut body, mut pieces) = (Vec::new(), response.bytes_stream());
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(|_| RerankError::Unavailable)?);
        if body.len() > MAX_ANSWER {
            return Err(RerankError::Protocol);
        }
    }
    Ok(body)
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
