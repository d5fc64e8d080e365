//! What conversations are made of, put together from what runs in the process: a host names a server or
//! a folder where it wants another, and the rest is embedded.
//!
//! ```no_run
//! # async fn talk() -> Result<(), Box<dyn std::error::Error>> {
//! use sfera_agent::{
//!     Language,
//!     assembly::{Parts, assistant, tools, voice, whisper, Voice},
//!     models::Models,
//!     llm::Formality,
//!     session::{Providers, SessionOptions},
//!     vad::Earshot,
//! };
//! use std::sync::Arc;
//!
//! let (_, stt) = whisper(&Models::open(None)?, "whisper-base").await?;
//! let providers = Providers {
//!     vad: Arc::new(Earshot),
//!     stt,
//!     llm: assistant(Formality::Formal)?,
//!     tts: voice(Voice::Best, Language::Ru).await?,
//! };
//! let parts = Parts { providers, memory: None, knowledge: None, tools: tools() };
//! let session = parts.session(SessionOptions::default())?;
//! # let _ = session;
//! # Ok(())
//! # }
//! ```

mod ears;
mod forgetting;
mod hands;
#[cfg(all(feature = "ingest", feature = "store-sqlite"))]
mod library;
mod mind;
mod services;
mod silent;
mod voice;

#[cfg(feature = "silero")]
pub use ears::silero;
pub use ears::whisper;
pub use hands::Hands;
#[cfg(feature = "mcp")]
pub use hands::mcp;
#[cfg(all(
    feature = "ingest",
    feature = "store-sqlite",
    feature = "embed-e5",
    feature = "embed-openai"
))]
pub use library::embedder;
#[cfg(all(feature = "ingest", feature = "store-sqlite", feature = "rerank-http"))]
pub use library::reranker;
#[cfg(all(feature = "ingest", feature = "store-sqlite"))]
pub use library::{
    ReadyKnowledge, knowledge_base, knowledge_base_is_words, reranked, searchable, usual_store,
};
#[cfg(all(
    feature = "ingest",
    feature = "store-sqlite",
    feature = "embed-e5",
    feature = "embed-openai",
    feature = "rerank-http"
))]
pub use library::{knowledge_in, usual_knowledge};
#[cfg(feature = "web-search")]
pub use mind::search_tools;
pub use mind::{assistant, knowledge, memory, memory_tools, shared_memory, tools, tools_at};
#[cfg(feature = "openai")]
pub use mind::{llm, question_writer, reader};
pub use services::Services;
pub use silent::{deaf, mute};
pub use voice::{Voice, voice};

use crate::{
    knowledge::Knowledge,
    memory::Memory,
    models::ModelError,
    session::{Providers, Session, SessionBuilder, SessionOptions, StartError},
    tools::Tool,
    tts::LocalTtsError,
};
use std::sync::Arc;

/// Everything that sessions are made of, loaded once. Cloning shares it.
#[derive(Clone)]
pub struct Parts {
    /// Who listens, answers and speaks.
    pub providers: Providers,
    /// Who remembers people, if anybody does; the LLM may ask it, and have it forget.
    pub memory: Option<Arc<dyn Memory>>,
    /// Where things are looked up, if anywhere.
    pub knowledge: Option<Arc<dyn Knowledge>>,
    /// What the LLM may call.
    pub tools: Vec<Arc<dyn Tool>>,
}

impl Parts {
    /// A session of these parts, not yet started.
    ///
    /// # Errors
    /// [`StartError::Tools`] if two tools have one name, or one is no good.
    pub fn session(&self, options: SessionOptions) -> Result<SessionBuilder, StartError> {
        let mut builder = Session::builder(self.providers.clone()).options(options);
        if let Some(memory) = &self.memory {
            builder = builder.memory(memory.clone());
            for tool in memory_tools(memory) {
                builder = builder.tool(tool)?;
            }
        }
        if let Some(knowledge) = &self.knowledge {
            builder = builder.knowledge(knowledge.clone());
        }
        for tool in &self.tools {
            builder = builder.tool(tool.clone())?;
        }
        Ok(builder)
    }
}

/// Why a part cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// A model file is missing or damaged.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// No program here speaks.
    #[error(transparent)]
    Voice(#[from] LocalTtsError),
    /// This part does not start.
    #[error("{0} does not start")]
    Part(&'static str),
}
