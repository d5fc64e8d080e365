//! Whose message is in the administrators' chat.

use super::{StateError, Work};
use sqlx::Row as _;

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
        sqlx::query("INSERT INTO support (letter, user_id, message) VALUES ($1, $2, $3)")
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
        let found =
            row.map(|row| -> Result<_, StateError> { Ok((row.try_get(0)?, row.try_get(1)?)) });
        found.transpose()
    }
}
