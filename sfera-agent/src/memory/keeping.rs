//! What every memory does with what is known of people, wherever that is kept.

use super::{
    Digest, Exchange, Extractor, Limits, MemoryError, Origin, Recollection, UserId,
    record::{Conversation, Record},
    rules::{self, topics::topics},
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// People whose conversations wait to be read, at most; who does not fit is read after their next words.
const WAITING: usize = 256;
/// How long a model may take to read one conversation.
const READING: Duration = Duration::from_secs(30);
/// The same while somebody waits for the end of a session, which waits 5 s at most.
const READING_LAST: Duration = Duration::from_secs(4);

/// What is to be changed.
pub(super) type Change = Box<dyn FnOnce(&mut Record) + Send>;

/// The time, which tests set.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes ready what answers and rules need. A memory that is opened waits for it, so that no turn does.
pub(super) async fn prepare() {
    // A panic comes again where the rules are used.
    let _done = tokio::task::spawn_blocking(rules::prepare).await;
}

/// Where people's records are.
#[async_trait]
pub(super) trait Shelf: Send + Sync + 'static {
    /// All that is known; an empty record if nothing is.
    async fn read(&self, user: &UserId) -> Result<Record, MemoryError>;

    /// What an answer gets.
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
        limits: &Limits,
    ) -> Result<Vec<Recollection>, MemoryError>;

    /// Changes what is known; nothing that is added at the same time is lost.
    async fn change(&self, user: &UserId, change: Change) -> Result<(), MemoryError>;

    /// Deletes everything.
    async fn clear(&self, user: &UserId) -> Result<(), MemoryError>;
}

/// Memory of people on a shelf.
pub(super) struct People<S> {
    shelf: Arc<S>,
    limits: Limits,
    clock: Clock,
    reader: Option<Reader>,
}

/// Who reads conversations that are over, one at a time.
#[derive(Clone)]
struct Reader {
    extractor: Arc<dyn Extractor>,
    waiting: mpsc::Sender<UserId>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl<S: Shelf> People<S> {
    pub(super) fn new(shelf: S) -> Self {
        Self {
            shelf: Arc::new(shelf),
            limits: Limits::default(),
            clock: Arc::new(Timestamp::now),
            reader: None,
        }
    }

    pub(super) fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    #[cfg(test)]
    pub(super) fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    pub(super) const fn shelf(&self) -> &Arc<S> {
        &self.shelf
    }

    /// Has conversations read by a model. The task that does so ends with the last clone.
    pub(super) fn extractor(mut self, extractor: Arc<dyn Extractor>) -> Self {
        let (waiting, inbox) = mpsc::channel(WAITING);
        let reading = read(self.clone(), extractor.clone(), inbox);
        let task = AbortOnDropHandle::new(TaskTracker::new().spawn(reading));
        self.reader = Some(Reader {
            extractor,
            waiting,
            _task: Arc::new(task),
        });
        self
    }

    pub(super) async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.shelf.recall(user, query, limit, &self.limits).await
    }

    pub(super) async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        Ok(self.shelf.read(user).await?.known())
    }

    pub(super) async fn remember(
        &self,
        user: &UserId,
        exchange: &Exchange,
    ) -> Result<(), MemoryError> {
        if rules::is_unkept(&exchange.user) {
            return Ok(());
        }
        let (exchange, now, limits) = (exchange.clone(), (self.clock)(), self.limits);
        let by_rules = self.reader.is_none();
        let change = move |record: &mut Record| {
            let over = if by_rules {
                record.over(now)
            } else {
                Vec::new()
            };
            for conversation in over {
                record.keep_digest(&conversation, by_the_rules(&conversation), false);
            }
            record.remember(&exchange, now);
            record.keep(&limits, now);
        };
        self.shelf.change(user, Box::new(change)).await?;
        if let Some(reader) = &self.reader {
            // Who finds no place comes again.
            let _full = reader.waiting.try_send(user.clone());
        }
        Ok(())
    }

    pub(super) async fn conclude(&self, user: &UserId, origin: &Origin) -> Result<(), MemoryError> {
        let conversations = self.shelf.read(user).await?.ended(origin);
        for conversation in conversations {
            let (digest, draft) = match &self.reader {
                None => (by_the_rules(&conversation), false),
                Some(reader) => {
                    let read = by_a_model(&conversation, &*reader.extractor, READING_LAST).await;
                    let draft = read.is_none();
                    (read.unwrap_or_else(|| by_the_rules(&conversation)), draft)
                }
            };
            self.keep(user, conversation, digest, draft).await?;
        }
        Ok(())
    }

    pub(super) async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        let kind = kind.to_owned();
        let change = move |record: &mut Record| record.forget_kind(&kind);
        self.shelf.change(user, Box::new(change)).await
    }

    pub(super) async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        self.shelf.clear(user).await
    }

    async fn keep(
        &self,
        user: &UserId,
        of: Conversation,
        digest: Digest,
        draft: bool,
    ) -> Result<(), MemoryError> {
        let (now, limits) = ((self.clock)(), self.limits);
        let change = move |record: &mut Record| {
            record.keep_digest(&of, digest, draft);
            record.keep(&limits, now);
        };
        self.shelf.change(user, Box::new(change)).await
    }
}

/// Reads the conversations of those who wait.
async fn read<S: Shelf>(
    people: People<S>,
    extractor: Arc<dyn Extractor>,
    mut waiting: mpsc::Receiver<UserId>,
) {
    while let Some(user) = waiting.recv().await {
        let over = match people.shelf.read(&user).await {
            Ok(record) => record.over((people.clock)()),
            Err(error) => {
                tracing::warn!(%error, "a conversation waits to be read");
                continue;
            }
        };
        for conversation in over {
            let read = by_a_model(&conversation, &*extractor, READING).await;
            let digest = read.unwrap_or_else(|| by_the_rules(&conversation));
            let kept = people.keep(&user, conversation, digest, false).await;
            if let Err(error) = kept {
                tracing::warn!(%error, "what a conversation leaves was not kept");
            }
        }
    }
}

/// What a conversation leaves; rules have found its facts when it was remembered.
fn by_the_rules(of: &Conversation) -> Digest {
    Digest {
        findings: Vec::new(),
        summary: topics(&of.said()),
    }
}

/// The same by a model, if it answers in time.
async fn by_a_model(
    of: &Conversation,
    extractor: &dyn Extractor,
    time: Duration,
) -> Option<Digest> {
    match timeout(time, extractor.digest(&of.said())).await {
        Ok(Ok(digest)) => Some(digest),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a conversation is summed up by rules");
            None
        }
        Err(_) => {
            tracing::warn!(after = ?time, "a conversation is summed up by rules");
            None
        }
    }
}

// Derived, it would want the shelf to be cloned.
impl<S> Clone for People<S> {
    fn clone(&self) -> Self {
        Self {
            shelf: self.shelf.clone(),
            limits: self.limits,
            clock: self.clock.clone(),
            reader: self.reader.clone(),
        }
    }
}

impl<S> fmt::Debug for People<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
