//! Running tool calls.

use super::report::{Report, Tasks};
use crate::{
    Language,
    knowledge::Citation,
    llm::Message,
    memory::UserId,
    tools::{
        Progress, ToolCall, ToolContext, ToolOutcome, ToolRegistry, ToolSpec, Treatment,
        journal::in_doubt,
    },
    turn::Input,
};
use std::{collections::HashMap, pin::pin, sync::Arc};
use tokio_util::task::AbortOnDropHandle;

/// The tools of one session and the calls that run.
pub(super) struct Hands {
    registry: Arc<ToolRegistry>,
    language: Language,
    user: Option<UserId>,
    running: HashMap<Arc<str>, (AbortOnDropHandle<()>, bool)>,
    /// Looks for what an earlier conversation left in doubt.
    recalling: Option<AbortOnDropHandle<()>>,
}

impl Hands {
    pub(super) fn new(registry: ToolRegistry, language: Language, user: Option<UserId>) -> Self {
        Self {
            registry: Arc::new(registry),
            language,
            user,
            running: HashMap::new(),
            recalling: None,
        }
    }

    /// Tells the user what an earlier conversation began and did not see the end of.
    pub(super) fn recall_doubts(&mut self, tasks: &Tasks) {
        let Some(user) = self.user.clone() else {
            return;
        };
        let (journal, language) = (self.registry.journal().clone(), self.language);
        let nothing_said = || {
            Report::Input(Input::Say {
                text: String::new(),
                interruptible: true,
            })
        };
        let task = tasks.spawn(
            move |reports| async move {
                let Some((text, keys)) = in_doubt(&*journal, &user, language).await else {
                    return;
                };
                let interruptible = true;
                let say = Input::Say {
                    text,
                    interruptible,
                };
                if reports.send(Report::Input(say)).await.is_ok()
                    && let Err(error) = journal.told(&keys).await
                {
                    tracing::warn!(%error, "what was left in doubt may be told again");
                }
            },
            move |_| nothing_said(),
        );
        self.recalling = Some(task);
    }

    /// What is known of the tool of a call.
    pub(super) fn treatment(&self, call: &ToolCall) -> Treatment {
        let user = self.user.as_ref();
        self.registry.treatment(call, self.language, user)
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

    /// Runs a call; its progress and its result are reported.
    pub(super) fn run(&mut self, call: ToolCall, confirmed: bool, tasks: &Tasks) {
        self.running.retain(|_, (task, _)| !task.is_finished());
        let id = call.id.clone();
        let cancellable = self
            .registry
            .spec(&call.name)
            .is_none_or(|spec| spec.cancellable);
        let (progress, mut news) = Progress::new();
        let context = ToolContext {
            call_id: id.clone(),
            language: self.language,
            user: self.user.clone(),
            progress,
            ..ToolContext::default()
        };
        let registry = self.registry.clone();
        let fallen_id = id.clone();
        let task = tasks.spawn(
            {
                let id = id.clone();
                move |reports| async move {
                    let mut running = pin!(registry.run(&call, context, confirmed));
                    let outcome = loop {
                        tokio::select! {
                            biased;
                            outcome = &mut running => break outcome,
                            // When the tool has dropped it, there is no more news.
                            Ok(()) = news.changed() => {
                                let text = news.borrow_and_update().clone();
                                let id = id.clone();
                                // The loop is gone only when nobody waits for the result.
                                let _gone = reports.send(Report::Progress { id, text }).await;
                            }
                        }
                    };
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
