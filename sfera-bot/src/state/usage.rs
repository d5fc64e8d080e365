//! What people ask in a day, and what it costs.

use super::{Millis, StateError, Work};
use sfera_agent::llm;
use sqlx::Row as _;

/// A day; one begins at midnight UTC.
pub const DAY: Millis = 24 * 3_600 * 1_000;

/// What a person asked today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Questions.
    pub questions: i64,
    /// Tokens that were read and written for them.
    pub tokens: i64,
}

impl Work {
    /// What a person asked today.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn usage(&mut self, user: i64) -> Result<Usage, StateError> {
        let row = sqlx::query(
            "SELECT questions, tokens_in + tokens_out FROM chat_usage WHERE user_id = $1 AND day = $2",
        )
        .bind(user)
        .bind(self.now / DAY)
        .fetch_optional(&mut *self.db)
        .await?;
        let usage = row.map(|row| -> Result<_, StateError> {
            Ok(Usage {
                questions: row.try_get(0)?,
                tokens: row.try_get(1)?,
            })
        });
        Ok(usage.transpose()?.unwrap_or_default())
    }

    /// A person asked something.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn count_question(&mut self, user: i64) -> Result<(), StateError> {
        self.spend(user, 1, llm::Usage::default()).await
    }

    /// What an answer cost.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn count_tokens(&mut self, user: i64, cost: llm::Usage) -> Result<(), StateError> {
        self.spend(user, 0, cost).await
    }

    async fn spend(
        &mut self,
        user: i64,
        questions: i64,
        cost: llm::Usage,
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO chat_usage (user_id, day, questions, tokens_in, tokens_out) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, day) DO UPDATE SET \
             questions = chat_usage.questions + excluded.questions, \
             tokens_in = chat_usage.tokens_in + excluded.tokens_in, \
             tokens_out = chat_usage.tokens_out + excluded.tokens_out",
        )
        .bind(user)
        .bind(self.now / DAY)
        .bind(questions)
        .bind(i64::from(cost.prompt_tokens))
        .bind(i64::from(cost.completion_tokens))
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}
