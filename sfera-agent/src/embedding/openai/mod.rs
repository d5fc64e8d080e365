//! Any server that speaks OpenAI's embeddings: OpenAI, llama.cpp, Ollama, vLLM, text-embeddings-inference.

mod environment;
mod wire;

use super::{EmbedError, Embedder, TextKind};
use crate::{http, retry::RetryPolicy};
use async_trait::async_trait;
use backon::Retryable;
use futures::StreamExt;
use reqwest::{Client, Response, Url, header};
use std::{fmt, sync::Arc, time::Duration};

/// Texts of one request; servers of their own refuse much longer ones.
const BATCH: usize = 64;
/// Bytes of one answer, at most: 64 vectors of 4,096 numbers written out are 6 MB.
const MAX_ANSWER: usize = 32 << 20;

/// Where the model is and what its vectors are.
#[derive(Clone)]
pub struct OpenAiEmbedderOptions {
    /// Address of the API up to the version: `https://api.openai.com/v1`, `http://localhost:8080/v1`.
    pub base_url: String,
    /// The model's name.
    pub model: String,
    /// Numbers in its vectors; an answer with others is refused.
    pub dimension: usize,
    /// The key, if the server wants one. Not shown by `Debug`.
    pub key: Option<Arc<str>>,
    /// What the model wants before a query (`query: ` for E5); usually nothing.
    pub query_prefix: String,
    /// What the model wants before a passage (`passage: ` for E5); usually nothing.
    pub passage_prefix: String,
    /// Characters that are read of a text. OpenAI's models read 8,191 tokens and refuse more; servers of
    /// models that read 512 want some 1,000.
    pub max_chars: usize,
    /// When a failed request is sent again. [`RetryPolicy::timeout`] is for a whole answer.
    pub retry: RetryPolicy,
}

impl OpenAiEmbedderOptions {
    /// A model at an address, without a key and prefixes, 8,000 characters of a text.
    #[must_use]
    pub fn new(base_url: impl Into<String>, model: impl Into<String>, dimension: usize) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            dimension,
            key: None,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            max_chars: 8_000,
            retry: RetryPolicy::default(),
        }
    }

    /// Sets the key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.key = Some(key.into());
        self
    }
}

impl fmt::Debug for OpenAiEmbedderOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiEmbedderOptions")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("dimension", &self.dimension)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("query_prefix", &self.query_prefix)
            .field("passage_prefix", &self.passage_prefix)
            .field("max_chars", &self.max_chars)
            .field("retry", &self.retry)
            .finish()
    }
}

/// An embedding model behind an OpenAI-compatible server.
///
/// Texts are sent 64 at a time, one request after the other. A request that fails for the moment is sent
/// again; a server that wants to be left alone for longer than [`RetryPolicy::timeout`] is not waited for.
/// Dropping the future ends the request.
///
/// ```
/// use sfera_agent::embedding::{OpenAiEmbedder, OpenAiEmbedderOptions};
///
/// let options = OpenAiEmbedderOptions::new("http://localhost:8080/v1", "bge-m3", 1_024).with_key("secret");
/// let embedder = OpenAiEmbedder::new(options)?;
/// # assert!(!format!("{embedder:?}").contains("secret"));
/// # Ok::<(), sfera_agent::embedding::EmbedError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenAiEmbedder {
    client: Client,
    options: OpenAiEmbedderOptions,
}

impl OpenAiEmbedder {
    /// Prepares the connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`EmbedError::Unavailable`] if the address is none or the machine's certificates cannot be read,
    /// [`EmbedError::Refused`] if the key cannot be a key.
    pub fn new(options: OpenAiEmbedderOptions) -> Result<Self, EmbedError> {
        let mut headers = header::HeaderMap::new();
        if let Some(key) = &options.key {
            let bearer = header::HeaderValue::from_str(&format!("Bearer {key}"));
            let mut bearer = bearer.map_err(|_| EmbedError::Refused)?;
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let address = Url::parse(&options.base_url).map_err(|_| EmbedError::Unavailable)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(EmbedError::Unavailable);
        }
        let client = http::client()
            .default_headers(headers)
            .connect_timeout(options.retry.timeout.min(Duration::from_secs(5)));
        let client = client.build().map_err(|_| EmbedError::Unavailable)?;
        Ok(Self { client, options })
    }

    /// As the server gets it: never empty, never too long.
    fn input(&self, kind: TextKind, text: &str) -> String {
        let prefix = match kind {
            TextKind::Query => &self.options.query_prefix,
            TextKind::Passage => &self.options.passage_prefix,
        };
        let text: String = text.trim().chars().take(self.options.max_chars).collect();
        // OpenAI refuses texts without a character.
        let text = if text.is_empty() { "." } else { &text };
        format!("{prefix}{text}")
    }

    async fn batch(&self, input: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let limit = self.options.retry.timeout;
        let attempt = || async {
            let asked = tokio::time::timeout(limit, self.ask(input)).await;
            asked.unwrap_or(Err(Failure::Passing(None)))
        };
        let answered = attempt
            .retry(self.options.retry.pauses())
            .when(|failure| matches!(failure, Failure::Passing(_)))
            .adjust(|failure, pause| match failure {
                Failure::Passing(Some(wait)) if *wait > limit => None,
                Failure::Passing(Some(wait)) => pause.map(|pause| pause.max(*wait)),
                _ => pause,
            })
            .notify(|_, pause| tracing::debug!(?pause, "the embedding server is asked again"))
            .await;
        answered.map_err(|failure| match failure {
            Failure::Passing(_) => EmbedError::Unavailable,
            Failure::Lasting(error) => error,
        })
    }

    async fn ask(&self, input: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let url = format!("{}/embeddings", self.options.base_url.trim_end_matches('/'));
        let request = wire::Request {
            model: &self.options.model,
            input,
            encoding_format: "float",
        };
        let sent = self.client.post(url).json(&request).send().await;
        let response = sent.map_err(|_| Failure::Passing(None))?;
        let status = response.status();
        if !status.is_success() {
            // What the server says about it may hold the texts or a part of the key.
            tracing::debug!(%status, "the embedding server refused");
            return Err(self.refusal(&response));
        }
        let answer = read(response).await?;
        let vectors = wire::vectors(&answer, input.len(), self.options.dimension);
        vectors.map_err(Failure::Lasting)
    }

    fn refusal(&self, response: &Response) -> Failure {
        match response.status().as_u16() {
            401 | 403 => Failure::Lasting(EmbedError::Refused),
            402 | 429 => Failure::Passing(http::retry_after(response.headers())),
            408 | 409 | 425 | 500..=599 => Failure::Passing(None),
            400..=499 => Failure::Lasting(EmbedError::Model(self.options.model.clone())),
            _ => Failure::Lasting(EmbedError::Protocol),
        }
    }
}

/// Why one request failed.
enum Failure {
    /// It may go better in a moment, or when the server says.
    Passing(Option<Duration>),
    /// It will not.
    Lasting(EmbedError),
}

async fn read(response: Response) -> Result<Vec<u8>, Failure> {
    let (mut body, mut pieces) = (Vec::new(), response.bytes_stream());
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(|_| Failure::Passing(None))?);
        if body.len() > MAX_ANSWER {
            return Err(Failure::Lasting(EmbedError::Protocol));
        }
    }
    Ok(body)
}

#[async_trait]
impl Embedder for OpenAiEmbedder {
    fn model(&self) -> &str {
        &self.options.model
    }

    fn dimension(&self) -> usize {
        self.options.dimension
    }

    async fn embed(&self, kind: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let input: Vec<String> = batch.iter().map(|text| self.input(kind, text)).collect();
            vectors.extend(self.batch(&input).await?);
        }
        Ok(vectors)
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
