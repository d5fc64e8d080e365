//! Calls written down before they run, so that after a crash it is known which were begun and never
//! ended, and none of them is made again by itself.

mod book;
mod file;
mod memory;

pub use file::FileJournal;
pub use memory::MemoryJournal;

use crate::{Language, memory::UserId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Where calls that change something are written down.
///
/// # Contract
/// - A call is safe against a crash when [`Journal::begin`] has answered, and forgotten when
///   [`Journal::end`] has.
/// - What began and did not end is *in doubt* as soon as nobody runs it any more: its process died, or
///   it was given up ([`Journal::abandon`]). A later call that is the same has its key.
/// - Calls of one user never match those of another; without a user no call matches any other.
/// - Dropping a future leaves its work to end by itself.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Writes down that a call begins. One that is in doubt is begun again, with the key it had, only
    /// if `again` is set.
    ///
    /// # Errors
    /// [`JournalError`]; the call must not run then.
    async fn begin(&self, intent: &Intent, again: bool) -> Result<Begun, JournalError>;

    /// Writes down that how the call ended is known.
    ///
    /// # Errors
    /// [`JournalError`]; the call stays in doubt.
    async fn end(&self, key: &str) -> Result<(), JournalError>;

    /// The call was given up without knowing its end. Answers at once.
    fn abandon(&self, key: &str);

    /// Whether the same call was begun before and is in doubt. Answers at once, from what is known.
    fn is_in_doubt(&self, intent: &Intent) -> bool;

    /// A user's calls in doubt that they were not told of, oldest first; calls of processes that died
    /// in the meantime are among them.
    ///
    /// # Errors
    /// [`JournalError`].
    async fn untold(&self, user: &UserId) -> Result<Vec<Doubt>, JournalError>;

    /// The user was told of these.
    ///
    /// # Errors
    /// [`JournalError`]; they may be told again.
    async fn told(&self, keys: &[Arc<str>]) -> Result<(), JournalError>;

    /// Deletes all about a user. What was in doubt is known no more, and may be done a second time; what
    /// is running goes on, and is never in doubt.
    ///
    /// # Errors
    /// [`JournalError`] if something may be left.
    async fn forget(&self, user: &UserId) -> Result<(), JournalError>;
}

/// What somebody wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// For whom.
    pub user: Option<UserId>,
    /// What is the same for the same user, tool and arguments. The arguments themselves are not kept.
    pub fingerprint: Uuid,
    /// What it does, in a few words.
    pub action: Arc<str>,
}

impl Intent {
    /// Characters of an action, at most.
    const MAX_ACTION: usize = 200;

    /// A call of a tool with these arguments; their order does not matter.
    #[must_use]
    pub fn new(
        user: Option<&UserId>,
        tool: &str,
        arguments: &serde_json::Value,
        action: &str,
    ) -> Self {
        let who = user.map_or("", UserId::as_str);
        // serde_json keeps an object's fields sorted, or as they came if a host says so.
        let name = format!("{who}\0{tool}\0{}", sorted(arguments));
        Self {
            user: user.cloned(),
            fingerprint: Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()),
            action: action
                .chars()
                .take(Self::MAX_ACTION)
                .collect::<String>()
                .into(),
        }
    }
}

fn sorted(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            let fields = fields.into_iter().map(|(name, value)| {
                let name = Value::String(name.clone());
                format!("{name}:{}", sorted(value))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(sorted).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

/// Whether a call may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is written down: run it under this key.
    Run(Arc<str>),
    /// The same call is in doubt and must not run.
    InDoubt,
}

/// A call whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Its idempotency key.
    pub key: Arc<str>,
    /// What it does, in a few words.
    pub action: Arc<str>,
    /// When it began.
    pub began: jiff::Timestamp,
}

/// What a user is to be told of calls in doubt, and the keys of those calls; nothing if there are none or
/// the journal cannot be read.
pub async fn in_doubt(
    journal: &dyn Journal,
    user: &UserId,
    language: Language,
) -> Option<(String, Vec<Arc<str>>)> {
    /// More than these are not told one by one.
    const TOLD: usize = 3;
    let doubts = journal.untold(user).await.ok()?;
    let actions = doubts.iter().rev().take(TOLD);
    let actions: Vec<_> = actions.map(|doubt| &*doubt.action).collect();
    let actions = actions.join("; ");
    let more = doubts.len().saturating_sub(TOLD);
    let text = match (language, more) {
        _ if doubts.is_empty() => return None,
        (Language::Ru, 0) => {
            format!(
                "В прошлый раз осталось неизвестным, чем кончилось: {actions}. Это лучше проверить."
            )
        }
        (Language::Ru, _) => format!(
            "В прошлый раз осталось неизвестным, чем кончилось: {actions} и другое, всего {}. \
             Это лучше проверить.",
            doubts.len()
        ),
        (Language::En, 0) => {
            format!("Last time I did not learn how it ended: {actions}. Better check it.")
        }
        (Language::En, _) => format!(
            "Last time I did not learn how it ended: {actions} and more, {} in all. Better check it.",
            doubts.len()
        ),
    };
    Some((text, doubts.into_iter().map(|doubt| doubt.key).collect()))
}

/// Why the journal cannot be used. The details are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Its folder cannot be read or written: is the disk full, whose is it?
    #[error("the journal of calls cannot be read or written")]
    Unavailable,
    /// So many calls are open that no other is begun.
    #[error("too many calls are open")]
    Full,
}
