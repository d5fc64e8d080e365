//! Updates that were accepted, handled in the order in which Telegram numbered them, a lane (a chat)
//! at a time.

use super::{Millis, StateError, Store, Work};
use crate::figures::seconds;
use sqlx::Row as _;

/// Attempts after which an update that breaks its handling is left alone. Many: a process that is killed
/// has begun with updates that are not to blame, and those are not to be lost.
pub const ATTEMPTS: i64 = 20;

/// An update as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Telegram's number.
    pub update_id: i64,
    /// Whom it concerns: updates of one lane are handled one after another.
    pub lane: i64,
    /// JSON.
    pub body: String,
}

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Telegram's number.
    pub update_id: i64,
    /// JSON.
    pub body: String,
    /// How often its handling was begun.
    pub attempts: i64,
}

impl Store {
    /// Stores updates; those that are known are left as they are. How many are new.
    ///
    /// # Errors
    /// [`StateError`]: then none is stored.
    pub async fn accept(&self, updates: &[Accepted], now: Millis) -> Result<u64, StateError> {
        let mut work = self.begin(now).await?;
        let mut new = 0;
        for update in updates {
            let stored = sqlx::query(
                "INSERT INTO inbox (update_id, lane, body, received) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (update_id) DO NOTHING",
            )
            .bind(update.update_id)
            .bind(update.lane)
            .bind(update.body.as_str())
            .bind(now);
            new += stored.execute(&mut *work.db).await?.rows_affected();
        }
        work.commit().await?;
        self.figures.accepted.inc_by(new);
        Ok(new)
    }

    /// Lanes in which something waits.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn waiting_lanes(&self) -> Result<Vec<i64>, StateError> {
        let rows = sqlx::query("SELECT DISTINCT lane FROM inbox WHERE done IS NULL")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The first of a lane that waits, with one more attempt counted: a process that dies over it will
    /// know.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn take_up(&self, lane: i64, now: Millis) -> Result<Option<Pending>, StateError> {
        let mut work = self.begin(now).await?;
        let row = sqlx::query(
            "UPDATE inbox SET attempts = attempts + 1 WHERE update_id = \
             (SELECT MIN(update_id) FROM inbox WHERE lane = $1 AND done IS NULL) \
             RETURNING update_id, body, attempts",
        )
        .bind(lane)
        .fetch_optional(&mut *work.db)
        .await?;
        let pending = row.map(|row| -> Result<_, StateError> {
            Ok(Pending {
                update_id: row.try_get(0)?,
                body: row.try_get(1)?,
                attempts: row.try_get(2)?,
            })
        });
        let pending = pending.transpose()?;
        work.commit().await?;
        Ok(pending)
    }

    /// Forgets updates that were handled before a moment.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_handled(&self, before: Millis) -> Result<u64, StateError> {
        let forgotten = sqlx::query("DELETE FROM inbox WHERE done < $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(forgotten.rows_affected())
    }
}

impl Work {
    /// The update was handled, with all that this transaction holds. What was said in it is not kept.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn handled(&mut self, update_id: i64) -> Result<(), StateError> {
        let row = sqlx::query(
            "UPDATE inbox SET done = $2, body = '' WHERE update_id = $1 RETURNING received",
        )
        .bind(update_id)
        .bind(self.now)
        .fetch_optional(&mut *self.db)
        .await?;
        if let Some(row) = row {
            self.figures.handled.inc();
            let passed = seconds(row.try_get(0)?, crate::clock::now());
            self.figures.handling.observe(passed);
        }
        Ok(())
    }

    /// How many updates are known.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn updates_taken(&mut self) -> Result<i64, StateError> {
        let row = sqlx::query("SELECT COUNT(*) FROM inbox")
            .fetch_one(&mut *self.db)
            .await?;
        Ok(row.try_get(0)?)
    }
}
