//! Reminders and the time zones of people.

use super::{Millis, StateError, Store, Work};
use sqlx::{Row as _, any::AnyRow};

/// How long one that was sent can still be put off.
const KEPT: Millis = 30 * 24 * 3_600 * 1_000;

/// A reminder to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New<'a> {
    /// Whose.
    pub user: i64,
    /// Where it is sent.
    pub chat: i64,
    /// Of what.
    pub text: &'a str,
    /// When it comes again, if it does.
    pub rule: Option<&'a str>,
    /// The time zone of the rule, and of what is said.
    pub zone: &'a str,
    /// When.
    pub due: Millis,
    /// What made it: the same thing makes no second one.
    pub source: &'a str,
}

/// A reminder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub user: i64,
    /// Where it is sent.
    pub chat: i64,
    /// Of what.
    pub text: String,
    /// When it comes again, if it does.
    pub rule: Option<String>,
    /// The time zone of the rule, and of what is said.
    pub zone: String,
    /// When.
    pub due: Millis,
}

/// One whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub reminder: Reminder,
    /// Whether the person wants to hear from the bot, and may.
    pub welcome: bool,
    /// The person's language, as its code.
    pub language: String,
}

impl Work {
    /// Makes a reminder, unless there are so many: then false. What was made by the same source before
    /// stays as it is.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn make_reminder(&mut self, new: &New<'_>, most: i64) -> Result<bool, StateError> {
        let row =
            sqlx::query("SELECT COUNT(*) FROM reminders WHERE user_id = $1 AND state = 'waiting'")
                .bind(new.user)
                .fetch_one(&mut *self.db)
                .await?;
        if row.try_get::<i64, _>(0)? >= most {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO reminders (user_id, chat, text, rule, zone, due, source, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source) DO NOTHING",
        )
        .bind(new.user)
        .bind(new.chat)
        .bind(new.text)
        .bind(new.rule)
        .bind(new.zone)
        .bind(new.due)
        .bind(new.source)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(true)
    }

    /// Somebody's reminders that are still to come, the next one first.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reminders_of(&mut self, user: i64) -> Result<Vec<Reminder>, StateError> {
        let rows = sqlx::query(
            "SELECT id, user_id, chat, text, rule, zone, due FROM reminders \
             WHERE user_id = $1 AND state = 'waiting' ORDER BY due, id",
        )
        .bind(user)
        .fetch_all(&mut *self.db)
        .await?;
        rows.iter().map(reminder).collect()
    }

    /// One of somebody's reminders, sent or not.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reminder_of(
        &mut self,
        user: i64,
        id: i64,
    ) -> Result<Option<Reminder>, StateError> {
        let row = sqlx::query(
            "SELECT id, user_id, chat, text, rule, zone, due FROM reminders \
             WHERE user_id = $1 AND id = $2",
        )
        .bind(user)
        .bind(id)
        .fetch_optional(&mut *self.db)
        .await?;
        row.as_ref().map(reminder).transpose()
    }

    /// Deletes one of somebody's reminders; false if there is none.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn delete_reminder(&mut self, user: i64, id: i64) -> Result<bool, StateError> {
        let deleted = sqlx::query("DELETE FROM reminders WHERE user_id = $1 AND id = $2")
            .bind(user)
            .bind(id)
            .execute(&mut *self.db)
            .await?;
        Ok(deleted.rows_affected() > 0)
    }

    /// The first one whose time has come.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn due_reminder(&mut self) -> Result<Option<Due>, StateError> {
        let row = sqlx::query(
            "SELECT r.id, r.user_id, r.chat, r.text, r.rule, r.zone, r.due, \
             users.blocked, users.banned, users.language \
             FROM reminders r LEFT JOIN users ON users.id = r.user_id \
             WHERE r.state = 'waiting' AND r.due <= $1 ORDER BY r.due, r.id LIMIT 1",
        )
        .bind(self.now)
        .fetch_optional(&mut *self.db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (blocked, banned): (Option<i64>, Option<String>) = (row.try_get(7)?, row.try_get(8)?);
        Ok(Some(Due {
            reminder: reminder(&row)?,
            welcome: blocked == Some(0) && banned.is_none(),
            language: row.try_get::<Option<String>, _>(9)?.unwrap_or_default(),
        }))
    }

    /// It was sent: it comes again at a moment, or never.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reminded(&mut self, id: i64, again: Option<Millis>) -> Result<(), StateError> {
        let state = if again.is_some() { "waiting" } else { "sent" };
        sqlx::query("UPDATE reminders SET state = $2, due = COALESCE($3, due) WHERE id = $1")
            .bind(id)
            .bind(state)
            .bind(again)
            .execute(&mut *self.db)
            .await?;
        sqlx::query("DELETE FROM reminders WHERE state = 'sent' AND due < $1")
            .bind(self.now - KEPT)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// The time zone that somebody named.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn zone_of(&mut self, user: i64) -> Result<Option<String>, StateError> {
        let row = sqlx::query("SELECT zone FROM zones WHERE user_id = $1")
            .bind(user)
            .fetch_optional(&mut *self.db)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Somebody named their time zone. Reminders that were made before keep theirs.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn choose_zone(&mut self, user: i64, zone: &str) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO zones (user_id, zone) VALUES ($1, $2) \
             ON CONFLICT (user_id) DO UPDATE SET zone = excluded.zone",
        )
        .bind(user)
        .bind(zone)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}

impl Store {
    /// When the next reminder is due.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn next_reminder(&self) -> Result<Option<Millis>, StateError> {
        let row = sqlx::query("SELECT MIN(due) FROM reminders WHERE state = 'waiting'")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get(0)?)
    }
}

fn reminder(row: &AnyRow) -> Result<Reminder, StateError> {
    Ok(Reminder {
        id: row.try_get(0)?,
        user: row.try_get(1)?,
        chat: row.try_get(2)?,
        text: row.try_get(3)?,
        rule: row.try_get(4)?,
        zone: row.try_get(5)?,
        due: row.try_get(6)?,
    })
}
