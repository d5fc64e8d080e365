use crate::Language;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// What the LLM is told about a tool, and how its calls are treated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Name, `[a-z0-9_]`, at most 64 bytes, unique in a session.
    pub name: String,
    /// When to use it, in one or two sentences.
    pub description: String,
    /// JSON Schema of the arguments: an object, without references.
    pub parameters: Value,
    /// Whether an interruption cancels a running call.
    pub cancellable: bool,
    /// When the session gives up.
    pub timeout: Duration,
    /// What a repeated call would do.
    pub repeat: Repeat,
    /// What happens to a second call with the same arguments.
    pub duplicates: Duplicates,
    /// Whether people are asked before each call: it costs or changes something.
    pub confirm: bool,
    /// How long a call may be silent before the agent says that it is looking; `None`: for ever.
    pub filler: Option<Duration>,
    /// Whether results hold text of strangers (a web page, another program). It is marked as data for
    /// the LLM, and from then on no call that is not [`Repeat::Harmless`] runs unconfirmed.
    pub untrusted: bool,
}

/// What it does to call a tool a second time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Nothing: the tool only looks. Such calls are not written down.
    Harmless,
    /// Nothing, as long as it is [`super::ToolContext::idempotency_key`] that tells calls apart.
    ByKey,
    /// The same thing twice. A call whose end is not known is never made again by itself.
    #[default]
    Never,
}

/// What happens to a call of the same tool with the same arguments while the first one runs, or after
/// it was done in the same answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It runs like any other.
    #[default]
    Allow,
    /// It does not run; the LLM is told that it is being done, or was.
    Reject,
    /// The first one is cancelled and it runs in its place. A tool that cannot be cancelled rejects.
    Replace,
    /// People are asked whether they want it once more.
    Confirm,
}

impl ToolSpec {
    /// Silence after which the agent says that it is looking. A pause of about a second is where
    /// callers begin to wonder whether they were heard.
    pub const FILLER: Duration = Duration::from_millis(700);

    /// A tool without arguments, cancellable, with 10 s to answer. It is taken to change something:
    /// the same call is rejected while it runs.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            parameters: serde_json::json!({ "type": "object", "properties": {} }),
            cancellable: true,
            timeout: Duration::from_secs(10),
            repeat: Repeat::Never,
            duplicates: Duplicates::Reject,
            confirm: false,
            filler: Some(Self::FILLER),
            untrusted: false,
        }
    }

    /// Sets the JSON Schema of the arguments.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    /// The tool only looks: its calls may be repeated at will.
    #[must_use]
    pub fn harmless(mut self) -> Self {
        self.repeat = Repeat::Harmless;
        self.duplicates = Duplicates::Allow;
        self
    }

    /// The tool does nothing twice under one [`super::ToolContext::idempotency_key`].
    #[must_use]
    pub fn repeatable_by_key(mut self) -> Self {
        self.repeat = Repeat::ByKey;
        self
    }

    /// People are asked aloud before each call.
    #[must_use]
    pub fn confirmed(mut self) -> Self {
        self.confirm = true;
        self
    }

    /// An interruption lets a running call go on to its end.
    #[must_use]
    pub fn uncancellable(mut self) -> Self {
        self.cancellable = false;
        self
    }

    /// Sets what happens to a second call with the same arguments.
    #[must_use]
    pub fn with_duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Sets when the session gives up.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Results hold text of strangers.
    #[must_use]
    pub fn untrusted(mut self) -> Self {
        self.untrusted = true;
        self
    }
}

/// How the turn machine treats a call: what is known of its tool. [`super::ToolRegistry::treatment`]
/// says it; the default lets it run as it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Treatment {
    /// What happens to a second call with the same arguments.
    pub duplicates: Duplicates,
    /// Whether people are asked first.
    pub confirm: bool,
    /// Whether a repeated call changes something.
    pub harmful: bool,
    /// What the call does, as an infinitive: «отменить заказ №5». `None`: the tool's name stands for it.
    pub action: Option<Arc<str>>,
    /// Silence after which the agent says that it is looking.
    pub filler: Option<Duration>,
}

impl Treatment {
    /// What people are asked before a call of the tool `name` runs; `again` if it runs already, or did.
    #[must_use]
    pub fn question(&self, name: &str, again: bool, language: Language) -> String {
        let (carry_out, once_more) = match language {
            Language::Ru => ("Выполнить", "ещё раз"),
            Language::En => ("Run", "once more"),
        };
        let named = || format!("{carry_out} {name}");
        let action = self.action.as_deref().map_or_else(named, str::to_owned);
        let mut letters = action.trim_end_matches(['?', '.', ' ']).chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let text: String = first.chain(letters).collect();
        match again {
            true => format!("{text} {once_more}?"),
            false => format!("{text}?"),
        }
    }
}
