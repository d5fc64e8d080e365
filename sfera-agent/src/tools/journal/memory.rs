use super::{
    Begun, Doubt, Intent, Journal, JournalError,
    book::{Book, Line},
};
use crate::memory::UserId;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A journal that ends with the process. What is given up in it is in doubt as in any other.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    book: Mutex<Book>,
}

impl MemoryJournal {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn begin(&self, intent: &Intent, again: bool) -> Result<Begun, JournalError> {
        let mut book = self.book();
        book.forget_old(Timestamp::now());
        let (line, begun) = book.begin(intent, again, Timestamp::now())?;
        if let Some(line) = line {
            book.read(line, true);
        }
        Ok(begun)
    }

    async fn end(&self, key: &str) -> Result<(), JournalError> {
        self.book().read(Line::End { key: key.into() }, true);
        Ok(())
    }

    fn abandon(&self, key: &str) {
        self.book().abandon(key);
    }

    fn is_in_doubt(&self, intent: &Intent) -> bool {
        self.book().doubt(intent).is_some()
    }

    async fn untold(&self, user: &UserId) -> Result<Vec<Doubt>, JournalError> {
        Ok(self.book().untold(user))
    }

    async fn told(&self, keys: &[Arc<str>]) -> Result<(), JournalError> {
        let mut book = self.book();
        for key in keys {
            book.read(Line::Told { key: key.clone() }, true);
        }
        Ok(())
    }

    async fn forget(&self, user: &UserId) -> Result<(), JournalError> {
        self.book().forget(user);
        Ok(())
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::journal_conformance;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        journal_conformance(&MemoryJournal::new()).await;
    }

    #[tokio::test]
    async fn it_is_bounded() {
        let journal = MemoryJournal::new();
        let intent = |n: usize| Intent::new(None, "order", &serde_json::json!({ "n": n }), "");
        for n in 0..Book::MAX_OPEN {
            journal.begin(&intent(n), false).await.unwrap();
        }
        let full = journal.begin(&intent(0), false).await;
        assert_eq!(full, Err(JournalError::Full));
    }
}
