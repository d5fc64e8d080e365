//! Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Gemini, llama.cpp, Ollama,
//! vLLM.

mod citing;
mod error;
mod prompt;
mod services;
mod wire;

use super::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream};
use async_trait::async_trait;
use citing::citations;
use eventsource_stream::Eventsource;
use futures::{StreamExt, stream};
use reqwest::{Client, header};
use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};
use wire::Assembler;

/// Where the model is and how it answers.
#[derive(Clone)]
pub struct OpenAiOptions {
    /// Address of the API up to the version: `https://api.openai.com/v1`, `http://localhost:8080/v1`.
    pub base_url: String,
    /// The model's name.
    pub model: String,
    /// The key, if the server wants one. Not shown by `Debug`.
    pub key: Option<Arc<str>>,
    /// How freely it answers, 0…2; the server's default if not set.
    pub temperature: Option<f32>,
    /// Tokens of one answer, at most; a spoken answer needs few.
    pub max_tokens: Option<u32>,
    /// How long the server may be silent, before its answer and within it.
    pub timeout: Duration,
    /// Whether the model looks at pictures; they are not sent otherwise.
    pub sees_images: bool,
}

impl OpenAiOptions {
    /// A model at an address, without a key; silent for at most 30 s.
    #[must_use]
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            key: None,
            temperature: None,
            max_tokens: Some(400),
            timeout: Duration::from_secs(30),
            sees_images: false,
        }
    }

    /// Sets the key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.key = Some(key.into());
        self
    }
}

impl fmt::Debug for OpenAiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiOptions")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("temperature", &self.temperature)
            .field("max_tokens", &self.max_tokens)
            .field("timeout", &self.timeout)
            .field("sees_images", &self.sees_images)
            .finish()
    }
}

/// A language model behind an OpenAI-compatible server.
///
/// Instructions, what is remembered and the passages go into the system message. A tool call is
/// delivered once its arguments are complete; one whose result is still missing is shown to the model
/// as running. Nothing is tried again here: wrap it in [`super::RetryLlm`].
///
/// ```
/// use sfera_agent::llm::{OpenAiLlm, OpenAiOptions};
///
/// let options = OpenAiOptions::new("http://localhost:8080/v1", "local").with_key("secret");
/// let llm = OpenAiLlm::new(options)?;
/// # assert!(!format!("{llm:?}").contains("secret"));
/// # Ok::<(), sfera_agent::llm::LlmError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenAiLlm {
    client: Client,
    options: OpenAiOptions,
}

impl OpenAiLlm {
    /// Prepares the connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] if the address is none or the machine's certificates cannot be
    /// read, [`LlmError::Unauthorized`] if the key cannot be a key.
    pub fn new(options: OpenAiOptions) -> Result<Self, LlmError> {
        let mut headers = header::HeaderMap::new();
        if let Some(key) = &options.key {
            let bearer = header::HeaderValue::from_str(&format!("Bearer {key}"));
            let mut bearer = bearer.map_err(|_| LlmError::Unauthorized)?;
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let address = reqwest::Url::parse(&options.base_url);
        let address = address.map_err(|_| LlmError::Unavailable)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(LlmError::Unavailable);
        }
        let client = crate::http::client()
            .default_headers(headers)
            .connect_timeout(options.timeout.min(Duration::from_secs(5)))
            .read_timeout(options.timeout);
        let client = client.build().map_err(|_| LlmError::Unavailable)?;
        Ok(Self { client, options })
    }
}

#[async_trait]
impl Llm for OpenAiLlm {
    fn name(&self) -> &str {
        &self.options.model
    }

    fn sees_images(&self) -> bool {
        self.options.sees_images
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let url = format!(
            "{}/chat/completions",
            self.options.base_url.trim_end_matches('/')
        );
        let body = prompt::body(&self.options, &request);
        let citations = citations(&request);
        let limit = self.options.timeout;
        let sending = self.client.post(url).json(&body).send();
        let sent = tokio::time::timeout(limit, sending).await;
        let response = sent.map_err(|_| LlmError::Timeout(limit))?;
        let response = response.map_err(|e| error::of_transport(&e, limit))?;
        if !response.status().is_success() {
            return Err(error::of_response(response).await);
        }
        let offered = request.tools.into_iter().map(|tool| tool.name).collect();
        let bytes = response.bytes_stream();
        let answer = Answer {
            chunks: bytes.eventsource().boxed(),
            assembler: Assembler::new(offered),
            ready: VecDeque::new(),
            citations,
            limit,
        };
        let events = stream::unfold(Some(answer), |answer| async {
            let mut answer = answer?;
            match answer.next().await {
                Ok(Some(event)) => Some((Ok(event), Some(answer))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(events.boxed())
    }
}

type Chunks = stream::BoxStream<
    'static,
    Result<eventsource_stream::Event, eventsource_stream::EventStreamError<reqwest::Error>>,
>;

/// An answer on its way.
struct Answer {
    chunks: Chunks,
    assembler: Assembler,
    ready: VecDeque<LlmEvent>,
    /// Told with the first words.
    citations: Vec<LlmEvent>,
    limit: Duration,
}

impl Answer {
    async fn next(&mut self) -> Result<Option<LlmEvent>, LlmError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.assembler.is_done() {
                return Ok(None);
            }
            match self.chunks.next().await {
                Some(Ok(chunk)) => {
                    self.ready.extend(self.assembler.take(&chunk.data)?);
                    if matches!(self.ready.front(), Some(LlmEvent::Text(_))) {
                        self.ready.extend(self.citations.drain(..));
                    }
                }
                Some(Err(eventsource_stream::EventStreamError::Transport(error))) => {
                    return Err(error::of_transport(&error, self.limit));
                }
                Some(Err(_)) => return Err(LlmError::Protocol),
                None => self.ready.extend(self.assembler.end()?),
            }
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
