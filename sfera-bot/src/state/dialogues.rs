//! Which dialogue goes on where.

use super::{Dialogue, StateError, Work};
use sqlx::Row as _;

impl Work {
    /// The number of the dialogue that goes on.
    ///
    /// # Errors
    /// [`StateError`].
    pub(super) async fn dialogue(&mut self, chat: i64, kind: Dialogue) -> Result<i64, StateError> {
        let row = sqlx::query("SELECT number FROM dialogues WHERE chat = $1 AND kind = $2")
            .bind(chat)
            .bind(kind.name())
            .fetch_optional(&mut *self.db)
            .await?;
        let number = row.map(|row| row.try_get(0)).transpose()?;
        Ok(number.unwrap_or(1))
    }

    /// Begins a new dialogue.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn begin_dialogue(&mut self, chat: i64, kind: Dialogue) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO dialogues (chat, kind, number) VALUES ($1, $2, 2) \
             ON CONFLICT (chat, kind) DO UPDATE SET number = dialogues.number + 1",
        )
        .bind(chat)
        .bind(kind.name())
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Begins a new dialogue and forgets every word of those before it.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_dialogues(&mut self, chat: i64, kind: Dialogue) -> Result<(), StateError> {
        self.begin_dialogue(chat, kind).await?;
        sqlx::query(
            "DELETE FROM turns WHERE chat = $1 AND kind = $2 \
             AND state NOT IN ('waiting', 'answering')",
        )
        .bind(chat)
        .bind(kind.name())
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}
