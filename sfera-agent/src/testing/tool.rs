//! [`ScriptedTool`], and what every [`Tool`] must do.

use crate::{
    Language,
    tools::{Tool, ToolContext, ToolError, ToolRegistry, ToolSpec},
};
use async_trait::async_trait;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Answers as its script says, in order; the last answer again and again. Clones share script and
/// records.
#[derive(Clone, Debug)]
pub struct ScriptedTool {
    spec: ToolSpec,
    delay: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Result<String, ToolError>>,
    calls: Vec<(Value, ToolContext)>,
    dropped: usize,
}

impl ScriptedTool {
    /// A tool with these answers; without any it hangs.
    #[must_use]
    pub fn new(spec: ToolSpec, answers: Vec<Result<String, ToolError>>) -> Self {
        let state = State {
            answers: answers.into(),
            ..State::default()
        };
        Self {
            spec,
            delay: Duration::ZERO,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// A tool that never answers.
    #[must_use]
    pub fn hanging(name: &str) -> Self {
        Self::new(ToolSpec::new(name, "Never answers."), Vec::new())
    }

    /// Lets each call take this long on tokio's clock.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// All calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<(Value, ToolContext)> {
        self.lock().calls.clone()
    }

    /// How many calls were dropped before they had a result.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a call that is dropped too early.
struct Running<'a>(&'a ScriptedTool, bool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.lock().dropped += 1;
        }
    }
}

#[async_trait]
impl Tool for ScriptedTool {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let answer = {
            let mut state = self.lock();
            state.calls.push((arguments, context));
            if state.answers.len() > 1 {
                state.answers.pop_front()
            } else {
                state.answers.front().cloned()
            }
        };
        let mut running = Running(self, false);
        tokio::time::sleep(self.delay).await;
        let Some(answer) = answer else {
            return std::future::pending().await;
        };
        running.1 = true;
        answer
    }
}

/// Checks a tool that answers a call with `arguments`, right ones.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn tool_conformance(tool: &dyn Tool, arguments: Value) {
    let spec = tool.spec();
    assert_eq!(spec, tool.spec(), "the spec is constant");
    assert!(
        !spec.description.trim().is_empty(),
        "the LLM is told when to use it"
    );
    assert!(!spec.timeout.is_zero(), "a call has some time");
    ToolRegistry::new().add(Arc::new(SpecOnly(spec))).unwrap();
    for language in Language::ALL {
        let context = |id: &str| ToolContext {
            call_id: id.into(),
            language,
            ..ToolContext::default()
        };
        let (one, other) = tokio::join!(
            tool.call(arguments.clone(), context("1")),
            tool.call(arguments.clone(), context("2")),
        );
        assert!(!one.unwrap().trim().is_empty(), "an answer is text");
        assert!(!other.unwrap().trim().is_empty(), "an answer is text");
        drop(tool.call(arguments.clone(), context("3")));
        // Whatever an LLM writes gives an answer or an error, no panic.
        for odd in [
            Value::Null,
            Value::from(1),
            serde_json::json!({ "\0": [[]] }),
        ] {
            let _ = tool.call(odd, context("4")).await;
        }
    }
}

/// Carries a spec through the registry's checks.
struct SpecOnly(ToolSpec);

#[async_trait]
impl Tool for SpecOnly {
    fn spec(&self) -> ToolSpec {
        self.0.clone()
    }

    async fn call(&self, _: Value, _: ToolContext) -> Result<String, ToolError> {
        Err(ToolError::NotFound)
    }
}
