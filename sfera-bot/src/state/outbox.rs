//! What is to be sent.
//!
//! Telegram has no way to say "do this once". A message that was on its way when the process died may
//! have arrived or not; it is *in doubt*, is not sent again, and its reader is told that something may
//! be missing. What can be repeated without harm (an edit, an answer to a button, such a notice) is
//! repeated.

use super::{Millis, StateError, Store, Work};
use crate::{figures::seconds, telegram::Call};
use sqlx::{Row as _, any::AnyRow};

/// Something to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// Its place in the order.
    pub id: i64,
    /// Names it across restarts.
    pub key: String,
    /// The chat.
    pub lane: i64,
    /// What to do.
    pub call: Call,
    /// How often it was begun.
    pub attempts: i64,
}

/// What keys of notices begin with, which say that something may be missing.
pub const NOTICE: &str = "doubt:";

impl Letter {
    /// Whether sending it twice does no harm.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.call.is_repeatable() || self.key.starts_with(NOTICE)
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Telegram did it; the number of the message, if there is one.
    Sent(Option<i64>),
    /// Not now: again at this moment.
    Later(Millis),
    /// Never; why.
    Refused(String),
    /// It may have arrived; nobody knows.
    InDoubt,
}

/// What is known of something that was to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Not yet.
    Waiting,
    /// Done; the number of the message, if there is one.
    Sent(Option<i64>),
    /// Nobody knows.
    InDoubt,
    /// Telegram did not want it.
    Refused,
}

impl Work {
    /// Promises to send something; under a known key nothing is promised twice.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn send(&mut self, key: &str, lane: i64, call: &Call) -> Result<(), StateError> {
        self.send_at(key, lane, call, self.now).await
    }

    /// The same, not before a moment.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn send_at(
        &mut self,
        key: &str,
        lane: i64,
        call: &Call,
        not_before: Millis,
    ) -> Result<(), StateError> {
        let call = serde_json::to_string(call).map_err(|_| StateError::Refused)?;
        sqlx::query(
            "INSERT INTO outbox (key, lane, call, not_before, created) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING",
        )
        .bind(key)
        .bind(lane)
        .bind(call)
        .bind(not_before)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// How the attempt ended.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn settle(&mut self, letter: i64, outcome: &Outcome) -> Result<(), StateError> {
        let now = self.now;
        let (state, message, problem, not_before) = match outcome {
            Outcome::Sent(message) => ("sent", *message, None, now),
            Outcome::Later(at) => ("waiting", None, None, *at),
            Outcome::Refused(why) => ("refused", None, Some(why.as_str()), now),
            Outcome::InDoubt => ("in doubt", None, None, now),
        };
        let row = sqlx::query(
            "UPDATE outbox SET state = $2, message_id = $3, problem = $4, not_before = $5 \
             WHERE id = $1 RETURNING created",
        )
        .bind(letter)
        .bind(state)
        .bind(message)
        .bind(problem)
        .bind(not_before)
        .fetch_optional(&mut *self.db)
        .await?;
        match (outcome, row) {
            (Outcome::Sent(_), Some(row)) => {
                self.figures.sent.inc();
                self.figures.sending.observe(seconds(row.try_get(0)?, now));
            }
            (Outcome::Refused(_) | Outcome::InDoubt, _) => {
                self.figures.failed.inc();
            }
            (Outcome::Sent(_) | Outcome::Later(_), _) => {}
        }
        Ok(())
    }

    /// What was on its way when the process died: repeatable things wait again, the others are in
    /// doubt and given back.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn recover(&mut self) -> Result<Vec<Letter>, StateError> {
        let rows = sqlx::query(
            "SELECT id, key, lane, call, attempts FROM outbox WHERE state = 'sending' ORDER BY id",
        )
        .fetch_all(&mut *self.db)
        .await?;
        let mut doubtful = Vec::new();
        for row in &rows {
            let letter = letter(row)?;
            match letter.is_repeatable() {
                true => self.settle(letter.id, &Outcome::Later(self.now)).await?,
                false => {
                    self.settle(letter.id, &Outcome::InDoubt).await?;
                    doubtful.push(letter);
                }
            }
        }
        Ok(doubtful)
    }
}

impl Store {
    /// Forgets what was said in letters that were sent or given up before a moment; that they were is
    /// still known.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_words(&self, before: Millis) -> Result<u64, StateError> {
        let forgotten = sqlx::query(
            "UPDATE outbox SET call = '' \
             WHERE created < $1 AND call <> '' AND state NOT IN ('waiting', 'sending')",
        )
        .bind(before)
        .execute(&self.pool)
        .await?;
        Ok(forgotten.rows_affected())
    }

    /// How many letters wait.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn letters_waiting(&self) -> Result<i64, StateError> {
        let row = sqlx::query("SELECT COUNT(*) FROM outbox WHERE state IN ('waiting', 'sending')")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// What is known of something that was promised.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn delivery(&self, key: &str) -> Result<Option<Delivery>, StateError> {
        let row = sqlx::query("SELECT state, message_id FROM outbox WHERE key = $1")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(delivery).transpose()
    }

    /// Forgets what was sent or given up before a moment.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_sent(&self, before: Millis) -> Result<u64, StateError> {
        let forgotten = sqlx::query(
            "DELETE FROM outbox WHERE created < $1 AND state NOT IN ('waiting', 'sending') \
             AND key NOT IN (SELECT letter FROM support) \
             AND key NOT IN (SELECT letter FROM support_answers)",
        )
        .bind(before)
        .execute(&self.pool)
        .await?;
        Ok(forgotten.rows_affected())
    }
}

pub(super) fn letter(row: &AnyRow) -> Result<Letter, StateError> {
    let call: String = row.try_get(3)?;
    Ok(Letter {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        lane: row.try_get(2)?,
        call: serde_json::from_str(&call).map_err(|_| StateError::Version)?,
        attempts: row.try_get(4)?,
    })
}

fn delivery(row: &AnyRow) -> Result<Delivery, StateError> {
    let state: String = row.try_get(0)?;
    Ok(match state.as_str() {
        "sent" => Delivery::Sent(row.try_get(1)?),
        "in doubt" => Delivery::InDoubt,
        "refused" => Delivery::Refused,
        _ => Delivery::Waiting,
    })
}
