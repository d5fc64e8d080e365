use jiff::{SignedDuration, Timestamp};

/// How much is remembered of one person, and how much of it an answer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Facts; beyond that the oldest of those that may be several go first.
    pub facts: usize,
    /// Exchanges; older ones are dropped.
    pub exchanges: usize,
    /// Summaries of conversations; older ones are dropped.
    pub summaries: usize,
    /// How long exchanges and summaries are kept.
    pub age: SignedDuration,
    /// How long facts are kept that nobody said again; for ever where it is `None`.
    pub facts_age: Option<SignedDuration>,
    /// Tokens that one answer's recollections take, at most. A token is counted as two letters; OpenAI's
    /// `cl100k_base` needs one for 2.3 letters of the Russian texts in `examples/knowledge`,
    /// `o200k_base` one for 3.8.
    pub recall_tokens: usize,
    /// Summaries that one answer gets, at most: those of the last conversations.
    pub recall_summaries: usize,
}

impl Default for Limits {
    /// 64 facts for ever, 100 exchanges and 20 summaries for a year; 600 tokens and 3 summaries an answer.
    fn default() -> Self {
        Self {
            facts: 64,
            exchanges: 100,
            summaries: 20,
            age: SignedDuration::from_hours(365 * 24),
            facts_age: None,
            recall_tokens: 600,
            recall_summaries: 3,
        }
    }
}

/// The moment before which things are too old.
pub(super) fn before(now: Timestamp, age: SignedDuration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}
