//! What the courier asks of the outbox.

use super::{Letter, Millis, Outcome, StateError, Store, outbox::letter};
use crate::telegram::{Urgency, Weight};
use sqlx::{Row as _, any::AnyRow};

/// What letters of broadcasts are called.
pub const BROADCAST: &str = "broadcast:";

/// What is next in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The chat.
    pub lane: i64,
    /// What it weighs.
    pub weight: Weight,
    /// Whether somebody waits for it.
    pub urgency: Urgency,
}

impl Store {
    /// What is due and next in its lane, the oldest first. A lane whose last attempt is to be repeated
    /// later is not among them: what comes after it waits too.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn due_heads(&self, now: Millis) -> Result<Vec<Head>, StateError> {
        let rows = sqlx::query(
            "SELECT outbox.lane, key, SUBSTR(call, 1, 24), heads.many FROM outbox JOIN \
             (SELECT MIN(id) AS head, COUNT(*) AS many FROM outbox \
             WHERE state = 'waiting' AND not_before <= $1 AND lane NOT IN \
             (SELECT lane FROM outbox WHERE state = 'waiting' AND attempts > 0 AND not_before > $1) \
             GROUP BY lane) heads ON outbox.id = heads.head ORDER BY outbox.id",
        )
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(head).collect()
    }

    /// When something is due that is not yet.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StateError> {
        let row = sqlx::query(
            "SELECT MIN(not_before) FROM outbox WHERE state = 'waiting' AND not_before > $1",
        )
        .bind(now)
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// The next thing of a lane, marked as on its way.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn next_letter(&self, lane: i64, now: Millis) -> Result<Option<Letter>, StateError> {
        let mut work = self.begin(now).await?;
        let row = sqlx::query(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = \
             (SELECT MIN(id) FROM outbox WHERE lane = $1 AND state = 'waiting' AND not_before <= $2 \
             AND NOT EXISTS (SELECT 1 FROM outbox late WHERE late.lane = $1 \
             AND late.state = 'waiting' AND late.attempts > 0 AND late.not_before > $2)) \
             RETURNING id, key, lane, call, attempts",
        )
        .bind(lane)
        .bind(now)
        .fetch_optional(&mut *work.db)
        .await?;
        let letter = row.as_ref().map(letter).transpose()?;
        work.commit().await?;
        Ok(letter)
    }

    /// How the attempt ended, where nothing else follows from it.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn sent(
        &self,
        letter: i64,
        outcome: &Outcome,
        now: Millis,
    ) -> Result<(), StateError> {
        let mut work = self.begin(now).await?;
        work.settle(letter, outcome).await?;
        work.commit().await
    }
}

/// A broadcast's letter that something else waits for in its lane is as urgent as that.
fn head(row: &AnyRow) -> Result<Head, StateError> {
    let (key, call): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    let is_alone = row.try_get::<i64, _>(3)? == 1;
    Ok(Head {
        lane: row.try_get(0)?,
        weight: Weight::of_stored(&call),
        urgency: match is_alone && key.starts_with(BROADCAST) {
            true => Urgency::Broadcast,
            false => Urgency::Letter,
        },
    })
}
