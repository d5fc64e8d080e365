//! Asking the LLM, with what memory and knowledge say.

use super::{
    SessionOptions,
    report::{Report, Tasks},
};
use crate::{
    llm::{Grounding, Llm, LlmError, LlmEvent, LlmRequest, Message},
    memory::{Exchange, Origin},
    tools::ToolSpec,
    turn::{Failure, Input, ReplyId},
};
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use uuid::Uuid;

/// The LLM and what it is told.
#[derive(Clone)]
pub(super) struct MindParts {
    pub(super) llm: Arc<dyn Llm>,
    pub(super) grounding: Grounding,
    pub(super) options: Arc<SessionOptions>,
}

/// The LLM's work of one session: at most a reply and a speculation at a time.
pub(super) struct Mind {
    parts: MindParts,
    working: HashMap<ReplyId, AbortOnDropHandle<()>>,
    remembering: TaskTracker,
    keepers: HashMap<ReplyId, AbortOnDropHandle<()>>,
    conversation: Origin,
}

impl Mind {
    /// Where sessions are held, for memory.
    const HOST: &str = "voice";
    /// How long a closing session waits for what must still be remembered.
    const LAST_MEMORIES: Duration = Duration::from_secs(5);

    pub(super) fn new(parts: MindParts) -> Self {
        let (working, keepers) = (HashMap::new(), HashMap::new());
        let conversation = Origin {
            host: Some(Self::HOST.into()),
            conversation: Some(Uuid::new_v4().to_string().into()),
            at: None,
        };
        Self {
            conversation,
            parts,
            working,
            remembering: TaskTracker::new(),
            keepers,
        }
    }

    /// Asks the LLM for a reply's step.
    pub(super) fn generate(
        &mut self,
        (reply, step): (ReplyId, u32),
        messages: Vec<Message>,
        tools: Vec<ToolSpec>,
        tasks: &Tasks,
    ) {
        let parts = self.parts.clone();
        let fallen = move |failure| {
            Report::Input(Input::LlmFailed {
                reply,
                step,
                failure,
            })
        };
        let task = tasks.spawn(
            move |reports| async move {
                let end = match parts.answer((reply, step), messages, tools, &reports).await {
                    Ok(()) => Input::LlmDone { reply, step },
                    Err(error) => Input::LlmFailed {
                        reply,
                        step,
                        failure: failure_of(&error),
                    },
                };
                // The loop is gone only when nobody waits for the answer.
                let _gone = reports.send(Report::Input(end)).await;
            },
            fallen,
        );
        self.working.insert(reply, task);
    }

    /// Stops the LLM's work for a reply.
    pub(super) fn cancel(&mut self, reply: ReplyId) {
        self.working.remove(&reply);
    }

    /// Takes from a finished reply what is worth remembering; after the turn, not on its path.
    pub(super) fn remember(&mut self, reply: ReplyId, user: &str, heard: &str) {
        self.working.remove(&reply);
        self.keepers.retain(|_, task| !task.is_finished());
        let memory = self.parts.grounding.memory.clone();
        let known = memory.zip(self.parts.options.user.clone());
        let Some((memory, id)) = known.filter(|_| !user.is_empty()) else {
            return;
        };
        let exchange = Exchange {
            user: user.to_owned(),
            agent: heard.to_owned(),
            origin: self.conversation.clone(),
        };
        let task = self.remembering.spawn(async move {
            if let Err(error) = memory.remember(&id, &exchange).await {
                tracing::warn!(%error, "the exchange was not remembered");
            }
        });
        self.keepers.insert(reply, AbortOnDropHandle::new(task));
    }

    /// Ends all work but what must still be remembered, and waits for that.
    pub(super) async fn close(&mut self) {
        self.working.clear();
        self.remembering.close();
        let last = timeout(Self::LAST_MEMORIES, self.remember_last()).await;
        if last.is_err() {
            tracing::warn!("the memory did not answer before the session ended");
        }
    }

    async fn remember_last(&self) {
        self.remembering.wait().await;
        let known = self.parts.grounding.memory.as_ref();
        let Some((memory, user)) = known.zip(self.parts.options.user.as_ref()) else {
            return;
        };
        if let Err(error) = memory.conclude(user, &self.conversation).await {
            tracing::warn!(%error, "the conversation was not summed up");
        }
    }
}

impl MindParts {
    async fn answer(
        &self,
        (reply, step): (ReplyId, u32),
        messages: Vec<Message>,
        tools: Vec<ToolSpec>,
        reports: &mpsc::Sender<Report>,
    ) -> Result<(), LlmError> {
        let request = self.request(messages, tools).await;
        let mut events = self.llm.generate(request).await?;
        while let Some(event) = events.next().await {
            let report = match event? {
                LlmEvent::Text(text) => Report::Input(Input::LlmText { reply, step, text }),
                LlmEvent::ToolCall(call) => Report::Call { reply, step, call },
                LlmEvent::Citation(citation) => Report::Citation { reply, citation },
                LlmEvent::Usage(usage) => {
                    tracing::debug!(?usage, llm = self.llm.name(), "answered");
                    continue;
                }
            };
            if reports.send(report).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn request(&self, messages: Vec<Message>, tools: Vec<ToolSpec>) -> LlmRequest {
        let mut request = LlmRequest {
            instructions: self.options.instructions.clone(),
            messages,
            tools,
            language: self.options.turn.language,
            user: self.options.user.clone(),
            ..LlmRequest::default()
        };
        self.grounding.ground(&mut request).await;
        request
    }
}

const fn failure_of(error: &LlmError) -> Failure {
    match error {
        LlmError::Timeout(_) => Failure::Timeout,
        LlmError::Unavailable => Failure::Unavailable,
        LlmError::Unauthorized | LlmError::RateLimited(_) | LlmError::Refused => Failure::Refused,
        LlmError::Protocol => Failure::Nonsense,
    }
}
