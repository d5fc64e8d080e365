//! Running tool calls.

use super::report::{Report, Tasks};
use crate::{
    Language,
    knowledge::Citation,
    llm::Message,
    memory::UserId,
    tools::{ToolCall, ToolContext, ToolOutcome, ToolRegistry, ToolSpec},
    turn::Input,
};
use std::{collections::HashMap, sync::Arc};
use tokio_util::task::AbortOnDropHandle;

/// The tools of one session and the calls that run.
pub(super) struct Hands {
    registry: Arc<ToolRegistry>,
    language: Language,
    user: Option<UserId>,
    running: HashMap<Arc<str>, (AbortOnDropHandle<()>, bool)>,
}

impl Hands {
    pub(super) fn new(registry: ToolRegistry, language: Language, user: Option<UserId>) -> Self {
        Self {
            registry: Arc::new(registry),
            language,
            user,
            running: HashMap::new(),
        }
    }

    /// What the LLM may call.
    pub(super) fn specs(&self) -> Vec<ToolSpec> {
        self.registry.specs()
    }

    /// Whom the tools asked whose results the LLM gets for the user's last words.
    pub(super) fn citations(&self, messages: &[Message]) -> Vec<Citation> {
        let is_user = |message: &Message| matches!(message, Message::User { .. });
        let turn = messages.rsplit(is_user).next().unwrap_or_default();
        let worked = |call: &ToolCall| {
            turn.iter().any(|message| {
                matches!(message, Message::ToolResult { id, outcome: ToolOutcome::Ok(_) } if *id == call.id)
            })
        };
        let calls = turn.iter().filter_map(|message| match message {
            Message::ToolCall(call) if worked(call) => Some(call),
            _ => None,
        });
        let cited = calls.filter_map(|call| self.registry.citation(call, self.language));
        cited.collect()
    }

    /// Runs a call; its result is reported.
    pub(super) fn run(&mut self, call: ToolCall, tasks: &Tasks) {
        self.running.retain(|_, (task, _)| !task.is_finished());
        let id = call.id.clone();
        let cancellable = self
            .registry
            .spec(&call.name)
            .is_none_or(|spec| spec.cancellable);
        let context = ToolContext {
            call_id: id.clone(),
            language: self.language,
            user: self.user.clone(),
        };
        let registry = self.registry.clone();
        let fallen_id = id.clone();
        let task = tasks.spawn(
            {
                let id = id.clone();
                move |reports| async move {
                    let outcome = registry.run(&call, context).await;
                    // The loop is gone only when nobody waits for the result.
                    let _gone = reports.send(result(id, outcome)).await;
                }
            },
            move |_| result(fallen_id, ToolOutcome::Failed("the tool broke".to_owned())),
        );
        self.running.insert(id, (task, cancellable));
    }

    /// Stops a call that can be stopped, and gives its result.
    pub(super) fn cancel(&mut self, id: &Arc<str>) -> Option<Input> {
        if !self.running.get(id)?.1 {
            return None;
        }
        self.running.remove(id);
        Some(Input::ToolResult {
            id: id.clone(),
            outcome: ToolOutcome::Cancelled,
        })
    }
}

const fn result(id: Arc<str>, outcome: ToolOutcome) -> Report {
    Report::Input(Input::ToolResult { id, outcome })
}
