use super::LlmRequest;
use crate::{
    knowledge::{Knowledge, Passage},
    memory::{Memory, Recollection},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// What an answer stands on beside the conversation: memory of the user, and the knowledge base. Both
/// are asked at once and under a time budget, since an answer does not wait for them.
#[derive(Clone)]
pub struct Grounding {
    /// Who remembers people.
    pub memory: Option<Arc<dyn Memory>>,
    /// Who looks things up.
    pub knowledge: Option<Arc<dyn Knowledge>>,
    /// How long either may take.
    pub budget: Duration,
    /// Passages, at most.
    pub limit: usize,
    /// Recollections, at most; memory keeps them under a budget of tokens too.
    pub recollections: usize,
}

impl Default for Grounding {
    fn default() -> Self {
        Self {
            memory: None,
            knowledge: None,
            budget: Duration::from_millis(150),
            limit: 5,
            recollections: 20,
        }
    }
}

impl Grounding {
    /// Fills in what is known about the user and about their latest words. What fails or is late is
    /// left out. Dropping the future leaves the request as it was.
    pub async fn ground(&self, request: &mut LlmRequest) {
        let query = request.last_user_text();
        let (recalled, passages) = tokio::join!(self.recall(request, query), self.look_up(query));
        (request.recalled, request.passages) = (recalled, passages);
    }

    async fn recall(&self, request: &LlmRequest, query: &str) -> Vec<Recollection> {
        let (Some(memory), Some(user)) = (&self.memory, &request.user) else {
            return Vec::new();
        };
        let answer = memory.recall(user, query, self.recollections);
        in_time(self.budget, answer, "memory").await
    }

    async fn look_up(&self, query: &str) -> Vec<Passage> {
        let Some(knowledge) = &self.knowledge else {
            return Vec::new();
        };
        let answer = knowledge.search(query, self.limit);
        in_time(self.budget, answer, "knowledge").await
    }
}

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
