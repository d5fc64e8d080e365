//! Asking the LLM, with what memory and knowledge say.

use super::{
    SessionOptions,
    report::{Report, Tasks},
};
use crate::{
    knowledge::{Knowledge, Passage},
    llm::{Llm, LlmError, LlmEvent, LlmRequest, Message},
    memory::{Exchange, Memory, Recollection},
    tools::ToolSpec,
    turn::{Failure, Input, ReplyId},
};
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// The LLM and what it is told.
#[derive(Clone)]
pub(super) struct MindParts {
    pub(super) llm: Arc<dyn Llm>,
    pub(super) memory: Option<Arc<dyn Memory>>,
    pub(super) knowledge: Option<Arc<dyn Knowledge>>,
    pub(super) options: Arc<SessionOptions>,
}

/// The LLM's work of one session: at most a reply and a speculation at a time.
pub(super) struct Mind {
    parts: MindParts,
    working: HashMap<ReplyId, AbortOnDropHandle<()>>,
    remembering: TaskTracker,
    keepers: HashMap<ReplyId, AbortOnDropHandle<()>>,
}

impl Mind {
    /// How long a closing session waits for what must still be remembered.
    const LAST_MEMORIES: Duration = Duration::from_secs(5);

    pub(super) fn new(parts: MindParts) -> Self {
        let (working, keepers) = (HashMap::new(), HashMap::new());
        Self {
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
        let known = self
            .parts
            .memory
            .clone()
            .zip(self.parts.options.user.clone());
        let Some((memory, id)) = known.filter(|_| !user.is_empty()) else {
            return;
        };
        let exchange = Exchange {
            user: user.to_owned(),
            agent: heard.to_owned(),
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
        if timeout(Self::LAST_MEMORIES, self.remembering.wait())
            .await
            .is_err()
        {
            tracing::warn!("the memory did not answer before the session ended");
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
            let input = match event? {
                LlmEvent::Text(text) => Input::LlmText { reply, step, text },
                LlmEvent::ToolCall(call) => Input::LlmToolCall { reply, step, call },
                LlmEvent::Usage(usage) => {
                    tracing::debug!(?usage, llm = self.llm.name(), "answered");
                    continue;
                }
            };
            if reports.send(Report::Input(input)).await.is_err() {
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
        let query = request.last_user_text();
        let (recalled, passages) = tokio::join!(self.recall(query), self.look_up(query));
        (request.recalled, request.passages) = (recalled, passages);
        request
    }

    async fn recall(&self, query: &str) -> Vec<Recollection> {
        let (Some(memory), Some(user)) = (&self.memory, &self.options.user) else {
            return Vec::new();
        };
        let answer = memory.recall(user, query, self.options.recall_limit);
        in_time(self.options.recall_budget, answer, "memory").await
    }

    async fn look_up(&self, query: &str) -> Vec<Passage> {
        let Some(knowledge) = &self.knowledge else {
            return Vec::new();
        };
        let answer = knowledge.search(query, self.options.recall_limit);
        in_time(self.options.recall_budget, answer, "knowledge").await
    }
}

/// The answer, or nothing if there is none in time: a turn does not wait for it.
async fn in_time<T, E: std::fmt::Display>(
    budget: Duration,
    answer: impl Future<Output = Result<Vec<T>, E>>,
    source: &'static str,
) -> Vec<T> {
    match timeout(budget, answer).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, source, "answering without it");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!(source, ?budget, "too slow: answering without it");
            Vec::new()
        }
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
