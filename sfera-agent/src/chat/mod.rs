//! A typed conversation: words in, words out, with the same LLM, tools, memory and knowledge as by
//! voice.
//!
//! [`Chat`] holds no conversation: who embeds it keeps the history and gives it back with each turn,
//! so that it can lie in a database between two messages.
//!
//! A call that needs a yes is asked about at the end of an answer; the next turn of the same history
//! runs it if it is a clear yes ([`crate::tools::consents`]), and declines it otherwise.
//!
//! ```
//! # #[cfg(feature = "assistant")]
//! # async fn ask() -> Result<(), Box<dyn std::error::Error>> {
//! use sfera_agent::{
//!     chat::{Chat, ChatEvent, ChatTurn},
//!     llm::Assistant,
//! };
//! use std::sync::Arc;
//!
//! let chat = Chat::new(Arc::new(Assistant::new()?));
//! let mut answer = chat.answer(ChatTurn::new("Привет!"));
//! while let Some(event) = answer.next().await? {
//!     if let ChatEvent::Text(text) = event {
//!         print!("{text}");
//!     }
//! }
//! let history = answer.into_history();
//! # Ok(())
//! # }
//! ```

mod answering;

pub use answering::Answering;

use crate::{
    Language,
    knowledge::Citation,
    llm::{Grounding, Image, Llm, LlmRequest, Message, Usage},
    memory::{Exchange, Memory, MemoryError, UserId},
    tools::{Journal, RegistryError, Tool, ToolCall, ToolOutcome, ToolRegistry, ToolSource},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What conversations are made of; cloning shares it.
#[derive(Clone)]
pub struct Chat {
    llm: Arc<dyn Llm>,
    grounding: Grounding,
    tools: Arc<ToolRegistry>,
    max_steps: u32,
}

/// One turn of a typed conversation.
#[derive(Clone, Debug, Default)]
pub struct ChatTurn {
    /// Who the agent is and how it behaves.
    pub instructions: Arc<str>,
    /// What was said before, oldest first.
    pub history: Vec<Message>,
    /// What the user writes.
    pub text: Arc<str>,
    /// Pictures that came with it; only some models see them.
    pub images: Vec<Image>,
    /// Language to answer in.
    pub language: Language,
    /// The user, for memory and tools.
    pub user: Option<UserId>,
    /// Stops the answer: what was written so far stays, marked as interrupted, and a tool that cannot
    /// be cancelled still gets its result.
    pub cancel: CancellationToken,
}

impl ChatTurn {
    /// The first words of a conversation.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatEvent {
    /// More text, to be appended to what came before.
    Text(String),
    /// The agent begins to do something, which may take a while.
    ToolStarted(ToolCall),
    /// How that ended.
    ToolEnded {
        /// The call's id.
        id: Arc<str>,
        /// How it ended.
        outcome: ToolOutcome,
    },
    /// A document that the answer stands on.
    Citation(Citation),
    /// What a step cost.
    Usage(Usage),
}

impl Chat {
    /// LLM steps of one answer at most, as many as by voice; in the last one no tool is offered.
    const MAX_STEPS: u32 = 3;

    /// A conversation with an LLM alone.
    #[must_use]
    pub fn new(llm: Arc<dyn Llm>) -> Self {
        Self {
            llm,
            grounding: Grounding::default(),
            tools: Arc::new(ToolRegistry::new()),
            max_steps: Self::MAX_STEPS,
        }
    }

    /// The same LLM alone: nothing is recalled, looked up or done.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self::new(self.llm.clone())
    }

    /// What answers stand on.
    #[must_use]
    pub fn grounding(mut self, grounding: Grounding) -> Self {
        self.grounding = grounding;
        self
    }

    /// The same conversations with another memory.
    #[must_use]
    pub fn remembering(mut self, memory: Arc<dyn Memory>) -> Self {
        self.grounding.memory = Some(memory);
        self
    }

    /// Lets the LLM call a tool.
    ///
    /// # Errors
    /// [`RegistryError`] if its name is taken or its specification is no good.
    pub fn tool(mut self, tool: Arc<dyn Tool>) -> Result<Self, RegistryError> {
        Arc::make_mut(&mut self.tools).add(tool)?;
        Ok(self)
    }

    /// Lets the LLM call tools that come and go.
    #[must_use]
    pub fn tool_source(mut self, source: Arc<dyn ToolSource>) -> Self {
        Arc::make_mut(&mut self.tools).add_source(source);
        self
    }

    /// Writes calls down that change something, before they run. What was left in doubt is told before
    /// the next answer.
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        Arc::make_mut(&mut self.tools).set_journal(journal);
        self
    }

    /// Who answers, for logs.
    #[must_use]
    pub fn name(&self) -> &str {
        self.llm.name()
    }

    /// Whether the LLM looks at pictures.
    #[must_use]
    pub fn sees_images(&self) -> bool {
        self.llm.sees_images()
    }

    /// Who remembers people, if anybody does.
    #[must_use]
    pub fn memory(&self) -> Option<&Arc<dyn Memory>> {
        self.grounding.memory.as_ref()
    }

    /// Starts an answer; nothing happens until it is asked for pieces.
    #[must_use]
    pub fn answer(&self, turn: ChatTurn) -> Answering {
        let ChatTurn {
            instructions,
            history,
            text,
            images,
            language,
            user,
            cancel,
        } = turn;
        let mut messages = history;
        let new_from = messages.len();
        messages.push(Message::User { text });
        let request = LlmRequest {
            instructions,
            messages,
            images,
            language,
            user,
            written: true,
            ..LlmRequest::default()
        };
        Answering::new(self.clone(), request, new_from, cancel)
    }

    /// Takes from an exchange what is worth remembering; after the answer, not on its path.
    ///
    /// # Errors
    /// [`MemoryError`] if it could not be kept.
    pub async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        match &self.grounding.memory {
            Some(memory) if !exchange.user.is_empty() => memory.remember(user, exchange).await,
            _ => Ok(()),
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
