use crate::{Language, memory::UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::watch;

/// Who calls, in which language, and how the tool tells how far it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolContext {
    /// The call's id; the same call never runs twice under one id.
    pub call_id: Arc<str>,
    /// The same for every attempt at the same thing: a call that is repeated because the end of the
    /// first one is not known, even by another process, has the first one's key. Give it to whoever
    /// carries the call out, so that nothing is done twice. Empty for tools that are harmless.
    pub idempotency_key: Arc<str>,
    /// Language of the conversation.
    pub language: Language,
    /// The user, if known.
    pub user: Option<UserId>,
    /// Where the tool tells how far it is.
    pub progress: Progress,
}

/// Tells those who wait how far a call is. Only the latest news counts: nothing queues up, and telling
/// never waits.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<watch::Sender<Arc<str>>>);

impl Progress {
    /// A progress and where it is heard.
    #[must_use]
    pub fn new() -> (Self, watch::Receiver<Arc<str>>) {
        let (sender, receiver) = watch::channel(Arc::from(""));
        (Self(Some(sender)), receiver)
    }

    /// Tells it: «3 из 12».
    pub fn tell(&self, text: impl Into<Arc<str>>) {
        if let Some(sender) = &self.0 {
            sender.send_replace(text.into());
        }
    }
}

impl PartialEq for Progress {
    /// The same listener hears both.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => one.same_channel(other),
            _ => false,
        }
    }
}

/// Why a tool gave no result. It says that nothing was done; a tool that does not know whether it was
/// says [`ToolError::InDoubt`].
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
    /// The source was asked too often; try later.
    #[error("the source was asked too often, try again in a minute")]
    TooOften,
    /// It may have been done, or not; ask before it is done again.
    #[error("it is not known whether it was done")]
    InDoubt,
    /// It is not done, and why.
    #[error("refused: {0}")]
    Refused(String),
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

impl ToolCall {
    /// Whether both ask for the same: arguments are compared as JSON where they are.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        self.name == other.name
            && (self.arguments.trim() == other.arguments.trim()
                || json(&self.arguments).is_some_and(|one| json(&other.arguments) == Some(one)))
    }
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
    /// People were asked and did not say yes; it did not run.
    Declined,
    /// The same call runs already, or was done in this answer; it did not run again.
    Duplicate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_arguments_in_another_order_are_the_same() {
        let call = |name: &str, arguments: &str| ToolCall {
            id: "1".into(),
            name: name.into(),
            arguments: arguments.into(),
        };
        let one = call("order", r#"{"a": 1, "b": 2}"#);
        assert!(one.same_as(&call("order", r#"{"b":2,"a":1}"#)));
        assert!(!one.same_as(&call("order", r#"{"a": 1}"#)));
        assert!(!one.same_as(&call("cancel", r#"{"a": 1, "b": 2}"#)));
        assert!(call("order", "{broken").same_as(&call("order", " {broken")));
        assert!(!call("order", "{broken").same_as(&call("order", "{other")));
    }

    #[test]
    fn only_the_latest_progress_counts() {
        let (progress, mut heard) = Progress::new();
        progress.tell("1 из 2");
        progress.clone().tell("2 из 2");
        assert_eq!(&**heard.borrow_and_update(), "2 из 2");
        Progress::default().tell("nobody hears it");
        assert_eq!(progress, progress.clone());
        assert_ne!(progress, Progress::default());
    }
}
