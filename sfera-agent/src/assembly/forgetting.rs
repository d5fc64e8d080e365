//! Whoever wants to be forgotten is forgotten by the journal of calls too.

use super::Hands;
use crate::memory::{Exchange, Memory, MemoryError, Origin, Recollection, UserId};
use async_trait::async_trait;
use std::sync::Arc;

/// A memory, and those whose journal forgets with it.
pub(super) struct Forgetting {
    memory: Arc<dyn Memory>,
    hands: Hands,
}

impl Forgetting {
    pub(super) const fn new(memory: Arc<dyn Memory>, hands: Hands) -> Self {
        Self { memory, hands }
    }
}

#[async_trait]
impl Memory for Forgetting {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        self.memory.recall(user, query, limit).await
    }

    async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        self.memory.known(user).await
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.memory.remember(user, exchange).await
    }

    async fn conclude(&self, user: &UserId, conversation: &Origin) -> Result<(), MemoryError> {
        self.memory.conclude(user, conversation).await
    }

    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        self.memory.forget_kind(user, kind).await
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        self.memory.forget(user).await?;
        let forgotten = self.hands.forget(user).await;
        // Why is in the log.
        forgotten.map_err(|_| MemoryError::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assembly::hands::tests::writing,
        memory::FileMemory,
        tools::{
            FileJournal, ForgetTool, Journal, ToolCall, ToolContext, ToolOutcome, ToolRegistry,
            journal::{Begun, Intent},
        },
    };
    use serde_json::json;
    use std::path::Path;
    use tempfile::TempDir;

    fn alex() -> UserId {
        UserId::new("alex")
    }

    fn holds(folder: &Path, words: &str) -> bool {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.any(|path| match path.is_dir() {
            true => holds(&path, words),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                String::from_utf8_lossy(&bytes).contains(words)
            }
        })
    }

    async fn both() -> (TempDir, TempDir, Arc<FileJournal>, Arc<dyn Memory>) {
        let people = tempfile::tempdir().unwrap();
        let calls = tempfile::tempdir().unwrap();
        let memory = Arc::new(FileMemory::open(people.path()).await.unwrap());
        let journal = Arc::new(FileJournal::open(calls.path()).await.unwrap());
        let both: Arc<dyn Memory> = Arc::new(Forgetting::new(memory, writing(journal.clone())));
        (people, calls, journal, both)
    }

    #[tokio::test]
    async fn no_word_of_who_is_forgotten_stays_on_the_disk() {
        let (people, calls, journal, memory) = both().await;
        let exchange = Exchange {
            user: "Меня зовут Алекс".into(),
            ..Exchange::default()
        };
        memory.remember(&alex(), &exchange).await.unwrap();
        let order = async |user: &UserId, dish: &str| {
            let (arguments, action) = (json!({ "dish": dish }), format!("заказать {dish}"));
            let intent = Intent::new(Some(user), "order", &arguments, &action);
            match journal.begin(&intent, false).await.unwrap() {
                Begun::Run(key) => key,
                Begun::InDoubt => panic!("{dish} is in doubt"),
            }
        };
        let ended = order(&alex(), "суп").await;
        journal.end(&ended).await.unwrap();
        let in_doubt = order(&alex(), "чай").await;
        journal.abandon(&in_doubt);
        let running = order(&alex(), "уху").await;
        order(&UserId::new("olga"), "борщ").await;
        assert!(holds(people.path(), "Алекс"));
        for words in ["alex", "суп", "чай", "уху"] {
            assert!(holds(calls.path(), words), "{words}");
        }

        // The call that forgets is written down too.
        let mut registry = ToolRegistry::new();
        registry.set_journal(journal.clone());
        registry.add(Arc::new(ForgetTool::new(memory))).unwrap();
        let call = ToolCall {
            id: "1".into(),
            name: "forget_me".into(),
            arguments: "{}".into(),
        };
        let context = ToolContext {
            user: Some(alex()),
            ..ToolContext::default()
        };
        let outcome = registry.run(&call, context, true).await;
        assert!(matches!(outcome, ToolOutcome::Ok(_)), "{outcome:?}");
        // What ran meanwhile ends, and nothing of it comes back.
        journal.end(&running).await.unwrap();
        for words in ["alex", "суп", "чай", "уху", "забыть"] {
            assert!(!holds(calls.path(), words), "{words}");
        }
        assert!(!holds(people.path(), "Алекс"));
        assert!(holds(calls.path(), "борщ"), "it is of somebody else");
    }

    #[tokio::test]
    async fn one_fact_is_no_reason_to_forget_calls() {
        let (_people, calls, journal, memory) = both().await;
        let intent = Intent::new(Some(&alex()), "order", &json!({}), "заказать уху");
        journal.begin(&intent, false).await.unwrap();
        memory.forget_kind(&alex(), "city").await.unwrap();
        assert!(holds(calls.path(), "уху"));
    }
}
