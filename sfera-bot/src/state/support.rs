//! Whose message is in the administrators' chat.

use super::{StateError, Work};
use sqlx::{Row as _, any::AnyRow};

impl Work {
    /// A letter to the administrators carries a person's message.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn carries(
        &mut self,
        letter: &str,
        user: i64,
        message: i64,
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO support (letter, user_id, message) VALUES ($1, $2, $3) \
             ON CONFLICT (letter) DO NOTHING",
        )
        .bind(letter)
        .bind(user)
        .bind(message)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Who is behind a message in the administrators' chat, and which of their messages it is.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn behind(
        &mut self,
        chat: i64,
        message: i64,
    ) -> Result<Option<(i64, i64)>, StateError> {
        let row = sqlx::query(
            "SELECT support.user_id, support.message FROM support \
             JOIN outbox ON outbox.key = support.letter \
             WHERE outbox.lane = $1 AND outbox.message_id = $2",
        )
        .bind(chat)
        .bind(message)
        .fetch_optional(&mut *self.db)
        .await?;
        row.as_ref().map(pair).transpose()
    }

    /// Whose message a letter to the administrators carries, and which it is.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn carried_by(&mut self, letter: &str) -> Result<Option<(i64, i64)>, StateError> {
        let row = sqlx::query("SELECT user_id, message FROM support WHERE letter = $1")
            .bind(letter)
            .fetch_optional(&mut *self.db)
            .await?;
        row.as_ref().map(pair).transpose()
    }

    /// Where a person's message is in the administrators' chat: None if it was never carried there, and
    /// a message only once Telegram has taken it.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn copy_of(
        &mut self,
        user: i64,
        message: i64,
    ) -> Result<Option<Option<i64>>, StateError> {
        let row = sqlx::query(
            "SELECT outbox.message_id FROM support LEFT JOIN outbox ON outbox.key = support.letter \
             WHERE support.user_id = $1 AND support.message = $2 ORDER BY outbox.id DESC LIMIT 1",
        )
        .bind(user)
        .bind(message)
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// A letter carries an answer of the administrators to a person.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn answers(
        &mut self,
        letter: &str,
        user: i64,
        (chat, message): (i64, i64),
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO support_answers (letter, user_id, chat, message) VALUES ($1, $2, $3, $4)",
        )
        .bind(letter)
        .bind(user)
        .bind(chat)
        .bind(message)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Which message of the administrators a letter carries: chat and message.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn answer_by(&mut self, letter: &str) -> Result<Option<(i64, i64)>, StateError> {
        let row = sqlx::query("SELECT chat, message FROM support_answers WHERE letter = $1")
            .bind(letter)
            .fetch_optional(&mut *self.db)
            .await?;
        row.as_ref().map(pair).transpose()
    }

    /// To whom a message of the administrators went as an answer.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn answered_with(
        &mut self,
        chat: i64,
        message: i64,
    ) -> Result<Option<i64>, StateError> {
        let row = sqlx::query(
            "SELECT user_id FROM support_answers WHERE chat = $1 AND message = $2 LIMIT 1",
        )
        .bind(chat)
        .bind(message)
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Whether what a person sees there is an answer of the administrators.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_answer(&mut self, user: i64, message: i64) -> Result<bool, StateError> {
        let row = sqlx::query(
            "SELECT 1 FROM support_answers JOIN outbox ON outbox.key = support_answers.letter \
             WHERE outbox.lane = $1 AND outbox.message_id = $2",
        )
        .bind(user)
        .bind(message)
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(row.is_some())
    }

    /// A person waits for the administrators.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn open_request(&mut self, user: i64) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO requests (user_id, opened) VALUES ($1, $2) ON CONFLICT (user_id) \
             DO UPDATE SET opened = excluded.opened, closed = NULL \
             WHERE requests.closed IS NOT NULL",
        )
        .bind(user)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// A person does not any more. False if they did not before.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn close_request(&mut self, user: i64) -> Result<bool, StateError> {
        let closed =
            sqlx::query("UPDATE requests SET closed = $2 WHERE user_id = $1 AND closed IS NULL")
                .bind(user)
                .bind(self.now)
                .execute(&mut *self.db)
                .await?;
        Ok(closed.rows_affected() == 1)
    }
}

fn pair(row: &AnyRow) -> Result<(i64, i64), StateError> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}
