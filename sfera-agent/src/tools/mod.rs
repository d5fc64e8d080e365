//! What the agent can do besides talking: [`Tool`]s, and the ledger that gives every call exactly one
//! result.

#[cfg(feature = "web-tools")]
mod price;
mod registry;
mod remembering;
#[cfg(feature = "time-tool")]
mod time;
#[cfg(feature = "web-tools")]
mod weather;
#[cfg(feature = "web-tools")]
mod web;

#[cfg(feature = "web-tools")]
pub use price::PriceTool;
pub use registry::{RegistryError, ToolRegistry};
pub use remembering::{ForgetTool, RecallTool};
#[cfg(feature = "time-tool")]
pub use time::TimeTool;
#[cfg(feature = "web-tools")]
pub use weather::WeatherTool;

use crate::{Language, knowledge::Citation, memory::UserId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// A function the LLM may call.
///
/// # Contract
/// - Dropping the future of [`Tool::call`] cancels the call if [`ToolSpec::cancellable`] is set;
///   otherwise the session lets it finish even when the user interrupts.
/// - The session gives up after [`ToolSpec::timeout`]; every call has exactly one result either way.
/// - The result is text for the LLM, in the language of [`ToolContext::language`] where it matters.
///
/// ```
/// use sfera_agent::tools::{Tool, ToolContext, ToolError, ToolSpec};
/// use serde_json::{Value, json};
///
/// struct Dice;
///
/// #[async_trait::async_trait]
/// impl Tool for Dice {
///     fn spec(&self) -> ToolSpec {
///         ToolSpec::new("roll_dice", "Rolls a die.").with_parameters(json!({
///             "type": "object",
///             "properties": { "sides": { "type": "integer" } },
///             "required": ["sides"],
///         }))
///     }
///
///     async fn call(&self, arguments: Value, _: ToolContext) -> Result<String, ToolError> {
///         match arguments["sides"].as_u64() {
///             Some(sides @ 1..) => Ok((1 + 41 % sides).to_string()),
///             _ => Err(ToolError::Arguments("`sides` must be positive".into())),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Tool: Send + Sync {
    /// What the LLM is told about the tool; constant.
    fn spec(&self) -> ToolSpec;

    /// Does it. `arguments` is a JSON object which the LLM wrote: check it.
    ///
    /// # Errors
    /// [`ToolError`]; the LLM is told, so that it can say what happened.
    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError>;

    /// Where the result of a call with these arguments comes from, if people should know. They are as
    /// the LLM wrote them; this answers at once.
    fn citation(&self, arguments: &Value, language: Language) -> Option<Citation> {
        let _ = (arguments, language);
        None
    }
}

/// What the LLM is told about a tool, and how the session treats its calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Name, `[a-z0-9_]`, at most 64 bytes, unique in a session.
    pub name: String,
    /// When to use it, in one or two sentences.
    pub description: String,
    /// JSON Schema of the arguments: an object.
    pub parameters: Value,
    /// Whether an interruption cancels a running call.
    pub cancellable: bool,
    /// When the session gives up.
    pub timeout: Duration,
}

impl ToolSpec {
    /// A tool without arguments, cancellable, with 10 s to answer.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            parameters: serde_json::json!({ "type": "object", "properties": {} }),
            cancellable: true,
            timeout: Duration::from_secs(10),
        }
    }

    /// Sets the JSON Schema of the arguments.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }
}

/// Who calls, and in which language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolContext {
    /// The call's id; the same call never runs twice under one id.
    pub call_id: Arc<str>,
    /// Language of the conversation.
    pub language: Language,
    /// The user, if known.
    pub user: Option<UserId>,
}

/// Why a tool gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// The arguments are wrong; the text says which and why.
    #[error("wrong arguments: {0}")]
    Arguments(String),
    /// The source of the answer cannot be reached; try later.
    #[error("the source cannot be reached")]
    Unreachable,
    /// The source knows no answer.
    #[error("nothing was found")]
    NotFound,
    /// The source answered something that cannot be understood.
    #[error("the source answered nonsense")]
    Protocol,
}

/// A call the LLM asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Unique in the conversation.
    pub id: Arc<str>,
    /// The tool's name, as the LLM wrote it; the tool may not exist.
    pub name: String,
    /// The arguments, as the LLM wrote them: JSON text, possibly broken.
    pub arguments: String,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolOutcome {
    /// The tool's answer.
    Ok(String),
    /// The tool failed; the text is for the LLM.
    Failed(String),
    /// An interruption cancelled it.
    Cancelled,
    /// It took longer than it may.
    TimedOut,
    /// There is no such tool.
    Unknown,
}
