mod check;

use super::{
    Duplicates, Journal, MemoryJournal, Repeat, Tool, ToolCall, ToolContext, ToolError,
    ToolOutcome, ToolSpec, Treatment,
    journal::{Begun, Intent},
    strangers,
};
use crate::{Language, knowledge::Citation, memory::UserId};
use check::{arguments, checked};
use std::{collections::BTreeMap, sync::Arc};

/// The tools of a session, by name.
#[derive(Clone)]
pub struct ToolRegistry {
    tools: BTreeMap<String, Registered>,
    sources: Vec<Arc<dyn ToolSource>>,
    journal: Arc<dyn Journal>,
}

impl Default for ToolRegistry {
    fn default() -> Self {
        Self {
            tools: BTreeMap::new(),
            sources: Vec::new(),
            journal: Arc::new(MemoryJournal::new()),
        }
    }
}

/// Tools that come and go while sessions use them, such as those of other programs.
pub trait ToolSource: Send + Sync {
    /// Those there are now. It is asked with every call: answer at once, from what is known.
    fn tools(&self) -> Vec<Arc<dyn Tool>>;
}

#[derive(Clone)]
struct Registered {
    spec: ToolSpec,
    tool: Arc<dyn Tool>,
}

/// Why a tool cannot be registered; a mistake in the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is empty, too long or has other characters than `a-z`, `0-9` and `_`.
    #[error("{0:?} is no name for a tool: use a-z, 0-9 and _, at most 64 characters")]
    Name(String),
    /// Another tool has the name.
    #[error("there are two tools named {0}")]
    Duplicate(String),
    /// The arguments' JSON Schema is not that of an object.
    #[error("the parameters of the tool {0} are no JSON Schema of an object")]
    Schema(String),
}

impl std::fmt::Debug for ToolRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.tools.keys()).finish()
    }
}

impl ToolRegistry {
    /// No tools yet; calls are written down in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// [`RegistryError`] if its name or its parameters cannot be used; nothing is added then.
    pub fn add(&mut self, tool: Arc<dyn Tool>) -> Result<(), RegistryError> {
        let spec = checked(tool.spec())?;
        if self.tools.contains_key(&spec.name) {
            return Err(RegistryError::Duplicate(spec.name));
        }
        self.tools
            .insert(spec.name.clone(), Registered { spec, tool });
        Ok(())
    }

    /// Adds tools that come and go. One that has the name of another, or cannot be used, is left out.
    pub fn add_source(&mut self, source: Arc<dyn ToolSource>) {
        self.sources.push(source);
    }

    /// Where calls that change something are written down, in place of the memory.
    pub fn set_journal(&mut self, journal: Arc<dyn Journal>) {
        self.journal = journal;
    }

    /// Where calls that change something are written down.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// What the LLM is told, sorted by name.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        let mut all = self.tools.clone();
        for source in &self.sources {
            for tool in source.tools() {
                match checked(tool.spec()) {
                    Ok(spec) => {
                        let registered = || Registered {
                            spec: spec.clone(),
                            tool,
                        };
                        all.entry(spec.name.clone()).or_insert_with(registered);
                    }
                    Err(error) => tracing::warn!(%error, "a tool is left out"),
                }
            }
        }
        all.into_values().map(|t| t.spec).collect()
    }

    /// What is known about a tool.
    #[must_use]
    pub fn spec(&self, name: &str) -> Option<ToolSpec> {
        self.find(name).map(|t| t.spec)
    }

    fn find(&self, name: &str) -> Option<Registered> {
        if let Some(registered) = self.tools.get(name) {
            return Some(registered.clone());
        }
        let mut tools = self.sources.iter().flat_map(|source| source.tools());
        tools.find_map(|tool| {
            let spec = checked(tool.spec()).ok().filter(|spec| spec.name == name)?;
            Some(Registered { spec, tool })
        })
    }

    /// Where the result of a call comes from, if its tool says so.
    #[must_use]
    pub fn citation(&self, call: &ToolCall, language: Language) -> Option<Citation> {
        let Registered { spec, tool } = self.find(&call.name)?;
        let arguments = arguments(&call.arguments, &spec.parameters).ok()?;
        tool.citation(&arguments, language)
    }

    /// How a call is treated: what its tool says, and whether it was begun before and is in doubt.
    /// Answers at once.
    #[must_use]
    pub fn treatment(
        &self,
        call: &ToolCall,
        language: Language,
        user: Option<&UserId>,
    ) -> Treatment {
        let Some(registered) = self.find(&call.name) else {
            return Treatment::default();
        };
        let spec = &registered.spec;
        // A call with broken arguments does not run: nobody need be asked.
        let Ok(arguments) = arguments(&call.arguments, &spec.parameters) else {
            return Treatment::default();
        };
        let action = registered.tool.action(&arguments, language);
        let harmful = spec.repeat != Repeat::Harmless;
        let in_doubt = harmful && spec.repeat == Repeat::Never && {
            let intent = Intent::new(user, &spec.name, &arguments, "");
            self.journal.is_in_doubt(&intent)
        };
        Treatment {
            duplicates: match spec.duplicates {
                Duplicates::Replace if !spec.cancellable => Duplicates::Reject,
                other => other,
            },
            confirm: spec.confirm || in_doubt,
            harmful,
            action: action.map(Into::into),
            filler: spec.filler,
        }
    }

    /// Runs a call and answers how it ended: an unknown tool, broken arguments, an error and a
    /// time-out are outcomes like any other. Dropping the future drops that of [`Tool::call`].
    ///
    /// A call that changes something is written down first. One that is in doubt runs again only if
    /// its tool is [`Repeat::ByKey`] or people `confirmed` it, and then under the key it had.
    pub async fn run(
        &self,
        call: &ToolCall,
        mut context: ToolContext,
        confirmed: bool,
    ) -> ToolOutcome {
        let Some(Registered { spec, tool }) = self.find(&call.name) else {
            return ToolOutcome::Unknown;
        };
        let arguments = match arguments(&call.arguments, &spec.parameters) {
            Ok(arguments) => arguments,
            Err(error) => return ToolOutcome::Failed(error.to_string()),
        };
        let mut open = None;
        if spec.repeat != Repeat::Harmless {
            let action = tool.action(&arguments, context.language);
            let action = action.as_deref().unwrap_or(&spec.name);
            let intent = Intent::new(context.user.as_ref(), &spec.name, &arguments, action);
            let again = confirmed || spec.repeat == Repeat::ByKey;
            match self.journal.begin(&intent, again).await {
                Ok(Begun::Run(key)) => {
                    context.idempotency_key = key.clone();
                    open = Some(Open(self.journal.clone(), key));
                }
                Ok(Begun::InDoubt) => return ToolOutcome::Failed(IN_DOUBT.to_owned()),
                Err(error) => return ToolOutcome::Failed(format!("{error}: nothing was done")),
            }
        }
        let result = tokio::time::timeout(spec.timeout, tool.call(arguments, context)).await;
        if let (Some(open), Ok(_)) = (&open, &result)
            && !matches!(result, Ok(Err(ToolError::InDoubt)))
            && let Err(error) = self.journal.end(&open.1).await
        {
            tracing::warn!(%error, tool = spec.name, "the end of a call was not written down");
        }
        match result {
            Ok(Ok(text)) if spec.untrusted => ToolOutcome::Ok(strangers::mark(&text)),
            Ok(Ok(text)) => ToolOutcome::Ok(text),
            Ok(Err(error)) => ToolOutcome::Failed(error.to_string()),
            Err(_) => ToolOutcome::TimedOut,
        }
    }
}

/// What the LLM is told of a call that is in doubt.
const IN_DOUBT: &str = "the same call was begun before and it is not known whether it was done, so it \
                        was not made again; tell the user";

/// A call that runs. Whoever drops it leaves it in doubt, unless its end was written down.
struct Open(Arc<dyn Journal>, Arc<str>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abandon(&self.1);
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
