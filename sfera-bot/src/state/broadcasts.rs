//! Messages to everybody.
//!
//! A broadcast goes through the people in the order of their numbers. In one transaction the next few
//! get their letters and it is noted how far it came, so a process that dies goes on exactly there. Its
//! letters are sent like all others; how they ended is counted once, and their place taken off the list.

use super::{Millis, StateError, Work};
use sqlx::Row as _;

/// Whoever gets broadcasts.
pub(super) const READERS: &str = "blocked = 0 AND banned IS NULL";
/// How long a draft may be confirmed.
const FRESH: Millis = 24 * 3_600 * 1_000;
/// Telegram's word for a message that is not there any more.
pub(super) const GONE: &str = "message to copy not found";
/// Why a letter was taken back.
pub(super) const STOPPED: &str = "the broadcast was stopped";

/// A message to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Its number.
    pub id: i64,
    /// Who sends it.
    pub admin: i64,
    /// The message's chat.
    pub chat: i64,
    /// The message.
    pub message: i64,
    /// How far it is.
    pub stage: Stage,
    /// When it was begun.
    pub started: Millis,
    /// The last person to whom it was promised.
    pub reached: i64,
    /// Where its progress is shown: chat and message.
    pub shown: Option<(i64, i64)>,
    /// How often it was shown.
    pub shows: i64,
    /// The count.
    pub tally: Tally,
}

/// How far a broadcast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Letters are promised.
    Sending,
    /// No more are.
    Stopping,
}

/// What became of a broadcast's letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People it is for.
    pub people: i64,
    /// Telegram took it.
    pub sent: i64,
    /// They do not want to hear from the bot.
    pub blocked: i64,
    /// Telegram did not take it.
    pub refused: i64,
    /// Nobody knows.
    pub in_doubt: i64,
}

/// Letters of a broadcast that are not counted yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Underway {
    /// How many.
    pub letters: i64,
    /// Telegram wants to be left alone until then.
    pub rest: Option<Millis>,
    /// The message is gone: whoever wrote it took it away.
    pub is_gone: bool,
}

impl Work {
    /// How many people would get a broadcast, by language.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn readers(&mut self) -> Result<Vec<(String, i64)>, StateError> {
        let sql = format!(
            "SELECT language, COUNT(*) FROM users WHERE {READERS} GROUP BY language \
             ORDER BY COUNT(*) DESC, language"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut *self.db)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }

    /// Keeps a message as the draft of a broadcast; its number.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn draft(&mut self, admin: i64, chat: i64, message: i64) -> Result<i64, StateError> {
        let row = sqlx::query(
            "INSERT INTO broadcasts (admin, chat, message, created) VALUES ($1, $2, $3, $4) \
             RETURNING id",
        )
        .bind(admin)
        .bind(chat)
        .bind(message)
        .bind(self.now)
        .fetch_one(&mut *self.db)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// Begins a broadcast whose draft is fresh, and shows its progress in a message. False if there is
    /// no such draft: it was begun or thrown away before.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn begin_broadcast(
        &mut self,
        id: i64,
        shown: Option<(i64, i64)>,
    ) -> Result<bool, StateError> {
        let sql = format!(
            "UPDATE broadcasts SET state = 'sending', started = $2, shown_in = $3, shown_at = $4, \
             people = (SELECT COUNT(*) FROM users WHERE {READERS} AND first_seen <= $2) \
             WHERE id = $1 AND state = 'draft' AND created > $5"
        );
        let begun = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(self.now)
            .bind(shown.map(|(chat, _)| chat))
            .bind(shown.map(|(_, message)| message))
            .bind(self.now - FRESH)
            .execute(&mut *self.db)
            .await?;
        Ok(begun.rows_affected() == 1)
    }

    /// Throws a draft away. False if there is none.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn drop_draft(&mut self, id: i64) -> Result<bool, StateError> {
        let dropped = sqlx::query(
            "UPDATE broadcasts SET state = 'dropped', ended = $2 WHERE id = $1 AND state = 'draft'",
        )
        .bind(id)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(dropped.rows_affected() == 1)
    }

    /// Stops a broadcast: letters that are not on their way are taken back. False if it does not go on.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn stop_broadcast(&mut self, id: i64) -> Result<bool, StateError> {
        let stopped = sqlx::query(
            "UPDATE broadcasts SET state = 'stopping' WHERE id = $1 AND state = 'sending'",
        )
        .bind(id)
        .execute(&mut *self.db)
        .await?;
        sqlx::query(
            "UPDATE outbox SET state = 'refused', problem = $2 WHERE state = 'waiting' \
             AND key IN (SELECT letter FROM broadcast_letters WHERE broadcast = $1)",
        )
        .bind(id)
        .bind(STOPPED)
        .execute(&mut *self.db)
        .await?;
        Ok(stopped.rows_affected() == 1)
    }
}
