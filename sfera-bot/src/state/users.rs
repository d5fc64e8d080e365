//! Who writes to the bot.

use super::{Millis, Newcomer, StateError, Store, Work};
use sfera_agent::Language;
use sqlx::{AssertSqlSafe, Row as _, any::AnyRow};

/// A person the bot knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Telegram's number, also that of the private chat.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Without the @.
    pub username: Option<String>,
    /// The bot's language for this person: their own choice, or Telegram's.
    pub language: Language,
    /// Where what they write goes.
    pub room: String,
    /// Why they are not served, if they are not.
    pub banned: Option<String>,
    /// Whether this is their first message.
    pub is_new: bool,
}

impl Work {
    /// A person wrote: they are known from now on, by their newest name.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn meet(&mut self, who: &Newcomer) -> Result<User, StateError> {
        let chosen = "language = CASE users.chosen WHEN 0 THEN excluded.language ELSE users.language END, \
                      blocked = 0";
        let row = self.know(who, chosen).await?;
        let mut user = user(&row)?;
        user.is_new = row.try_get::<Millis, _>(6)? == self.now;
        Ok(user)
    }

    /// Somebody is known from now on, by their newest name. What else changes where they were known.
    pub(super) async fn know(&mut self, who: &Newcomer, also: &str) -> Result<AnyRow, StateError> {
        let comma = if also.is_empty() { "" } else { ", " };
        let statement = format!(
            "INSERT INTO users (id, name, username, language, first_seen, last_seen) \
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (id) DO UPDATE SET \
             name = excluded.name, username = excluded.username, last_seen = excluded.last_seen\
             {comma}{also} RETURNING id, name, username, language, room, banned, first_seen"
        );
        let row = sqlx::query(AssertSqlSafe(statement))
            .bind(who.id)
            .bind(who.name.as_str())
            .bind(who.username.as_deref())
            .bind(who.language.code())
            .bind(self.now)
            .fetch_one(&mut *self.db)
            .await?;
        Ok(row)
    }

    /// A person chose the bot's language.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn choose_language(&mut self, id: i64, language: Language) -> Result<(), StateError> {
        sqlx::query("UPDATE users SET language = $2, chosen = 1 WHERE id = $1")
            .bind(id)
            .bind(language.code())
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// Whether a person wants to hear from the bot.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn set_blocked(&mut self, id: i64, blocked: bool) -> Result<(), StateError> {
        sqlx::query("UPDATE users SET blocked = $2 WHERE id = $1")
            .bind(id)
            .bind(i64::from(blocked))
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// The language of a person, if the bot knows them.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn language_of(&mut self, id: i64) -> Result<Option<Language>, StateError> {
        let row = sqlx::query("SELECT language FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *self.db)
            .await?;
        let code: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(code.and_then(|code| code.parse().ok()))
    }

    /// What a person writes goes to another room from now on.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn enter(&mut self, id: i64, room: &str) -> Result<(), StateError> {
        sqlx::query("UPDATE users SET room = $2 WHERE id = $1")
            .bind(id)
            .bind(room)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }
}

impl Work {
    /// Where what a person writes goes, if the bot knows them.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn room_of(&mut self, id: i64) -> Result<Option<String>, StateError> {
        let row = sqlx::query("SELECT room FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *self.db)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// A person leaves a room for another one. False if they are elsewhere.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn leave(&mut self, id: i64, room: &str, other: &str) -> Result<bool, StateError> {
        let left = sqlx::query("UPDATE users SET room = $3 WHERE id = $1 AND room = $2")
            .bind(id)
            .bind(room)
            .bind(other)
            .execute(&mut *self.db)
            .await?;
        Ok(left.rows_affected() == 1)
    }
}

impl Store {
    /// Whether a person's words go to a room.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_in(&self, id: i64, room: &str) -> Result<bool, StateError> {
        let row = sqlx::query("SELECT 1 FROM users WHERE id = $1 AND room = $2")
            .bind(id)
            .bind(room)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}

pub(super) fn user(row: &AnyRow) -> Result<User, StateError> {
    let language: String = row.try_get(3)?;
    Ok(User {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        username: row.try_get(2)?,
        language: language.parse().unwrap_or_default(),
        room: row.try_get(4)?,
        banned: row.try_get(5)?,
        is_new: false,
    })
}
