//! What the agent can do besides talking: [`Tool`]s, how their calls are treated, and the journal in
//! which calls are written down before they run.

#[cfg(feature = "calculator")]
mod calculator;
mod call;
mod consent;
#[cfg(feature = "web-search")]
mod guard;
pub mod journal;
#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "web-search")]
mod pages;
#[cfg(feature = "web-tools")]
mod price;
mod registry;
mod remembering;
#[cfg(any(feature = "typed-tools", feature = "mcp"))]
mod schema;
#[cfg(feature = "web-search")]
mod search;
mod spec;
pub(crate) mod strangers;
#[cfg(feature = "time-tool")]
mod time;
#[cfg(feature = "typed-tools")]
mod typed;
#[cfg(feature = "web-tools")]
mod weather;
#[cfg(any(feature = "web-tools", feature = "web-search"))]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod web;

#[cfg(feature = "calculator")]
pub use calculator::CalculatorTool;
#[cfg(feature = "assistant")]
pub(crate) use calculator::expression_in;
pub use call::{Progress, ToolCall, ToolContext, ToolError, ToolOutcome};
pub use consent::consents;
pub use journal::{FileJournal, Journal, MemoryJournal};
#[cfg(feature = "web-search")]
pub use pages::PageTool;
#[cfg(feature = "web-tools")]
pub use price::{PriceAddresses, PriceTool};
pub use registry::{RegistryError, ToolRegistry, ToolSource};
pub use remembering::{ForgetTool, RecallTool};
#[cfg(feature = "web-search")]
pub use search::{SearchEngine, SearchTool};
pub use spec::{Duplicates, Repeat, ToolSpec, Treatment};
pub use strangers::{is_untrusted, without_marks};
#[cfg(feature = "time-tool")]
pub use time::TimeTool;
#[cfg(feature = "typed-tools")]
pub use typed::TypedTool;
#[cfg(feature = "web-tools")]
pub use weather::WeatherTool;

use crate::{Language, knowledge::Citation};
use async_trait::async_trait;
use serde_json::Value;

/// A function the LLM may call.
///
/// # Contract
/// - Dropping the future of [`Tool::call`] cancels the call if [`ToolSpec::cancellable`] is set;
///   otherwise the session lets it finish even when the user interrupts.
/// - The session gives up after [`ToolSpec::timeout`]; every call has exactly one result either way.
/// - The result is text for the LLM, in the language of [`ToolContext::language`] where it matters.
/// - An error says that nothing was done, but for [`ToolError::InDoubt`].
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

    /// What a call with these arguments does, in a few words that can follow "shall I": «отменить заказ
    /// №5», "cancel order 5". People are asked by it, and told by it what was left in doubt. They are
    /// as the LLM wrote them; this answers at once.
    fn action(&self, arguments: &Value, language: Language) -> Option<String> {
        let _ = (arguments, language);
        None
    }

    /// Where the result of a call with these arguments comes from, if people should know. They are as
    /// the LLM wrote them; this answers at once.
    fn citation(&self, arguments: &Value, language: Language) -> Option<Citation> {
        let _ = (arguments, language);
        None
    }
}
