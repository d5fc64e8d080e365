//! The bot in numbers.

use super::{Millis, StateError, Work};
use sqlx::Row as _;

const DAY: Millis = 24 * 3_600 * 1_000;

/// The bot in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// People the bot knows.
    pub people: i64,
    /// Those who came in the last 24 hours, and in the last 7 days.
    pub new: (i64, i64),
    /// Those who did something in the last 24 hours, and in the last 7 days.
    pub active: (i64, i64),
    /// Those who do not want to hear from the bot.
    pub blocked: i64,
    /// Those who are not served.
    pub banned: i64,
    /// Questions of the last 24 hours.
    pub questions: i64,
    /// Those that were answered.
    pub answers: i64,
    /// Those that could not be.
    pub failed: i64,
    /// People who wait for the administrators.
    pub requests: i64,
    /// Conversations by voice, where the bot has them.
    pub calls: Option<i64>,
    /// Broadcasts that go on or wait for that.
    pub broadcasts: i64,
    /// What waits: updates to be handled, questions to be answered, messages to be sent.
    pub queues: (i64, i64, i64),
}

impl Work {
    /// Counts.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn statistics(&mut self) -> Result<Statistics, StateError> {
        let (day, week) = (self.now - DAY, self.now - 7 * DAY);
        let row = sqlx::query(
            "SELECT COUNT(*), COUNT(CASE WHEN first_seen > $1 THEN 1 END), \
             COUNT(CASE WHEN first_seen > $2 THEN 1 END), COUNT(CASE WHEN last_seen > $1 THEN 1 END), \
             COUNT(CASE WHEN last_seen > $2 THEN 1 END), COUNT(CASE WHEN blocked <> 0 THEN 1 END), \
             COUNT(banned) FROM users",
        )
        .bind(day)
        .bind(week)
        .fetch_one(&mut *self.db)
        .await?;
        let turns = sqlx::query(
            "SELECT COUNT(*), COUNT(CASE WHEN state = 'done' THEN 1 END), \
             COUNT(CASE WHEN state = 'failed' THEN 1 END) FROM turns WHERE created > $1",
        )
        .bind(day)
        .fetch_one(&mut *self.db)
        .await?;
        Ok(Statistics {
            people: row.try_get(0)?,
            new: (row.try_get(1)?, row.try_get(2)?),
            active: (row.try_get(3)?, row.try_get(4)?),
            blocked: row.try_get(5)?,
            banned: row.try_get(6)?,
            questions: turns.try_get(0)?,
            answers: turns.try_get(1)?,
            failed: turns.try_get(2)?,
            requests: self.count(OPEN).await?,
            calls: self.calls().await?,
            broadcasts: self.count(GOING).await?,
            queues: (
                self.count(TO_HANDLE).await?,
                self.count(TO_ANSWER).await?,
                self.count(TO_SEND).await?,
            ),
        })
    }

    async fn count(&mut self, sql: &'static str) -> Result<i64, StateError> {
        let row = sqlx::query(sql).fetch_one(&mut *self.db).await?;
        Ok(row.try_get(0)?)
    }

    async fn calls(&mut self) -> Result<Option<i64>, StateError> {
        match self.has_table("calls").await? {
            true => Ok(Some(self.count("SELECT COUNT(*) FROM calls").await?)),
            false => Ok(None),
        }
    }
}

const OPEN: &str = "SELECT COUNT(*) FROM requests WHERE closed IS NULL";
const GOING: &str = "SELECT COUNT(*) FROM broadcasts WHERE ended IS NULL AND started IS NOT NULL";
const TO_HANDLE: &str = "SELECT COUNT(*) FROM inbox WHERE done IS NULL";
const TO_ANSWER: &str = "SELECT COUNT(*) FROM turns WHERE state IN ('waiting', 'answering')";
const TO_SEND: &str = "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting') + \
    (SELECT COUNT(*) FROM outbox WHERE state = 'sending')";
