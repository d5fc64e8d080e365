//! Answers that are still to be spoken.

use super::{StateError, Store, Work, turns::messages};
use sfera_agent::llm::Message;
use sqlx::Row as _;

/// An answer that is to be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unspoken {
    /// The turn.
    pub turn: i64,
    /// Who asked.
    pub user: i64,
    /// Where.
    pub chat: i64,
    /// The letter whose message became the answer.
    pub placeholder: String,
    /// The question's message, where the answer is a reply.
    pub reply_to: Option<i64>,
    /// What was answered.
    pub answer: String,
}

impl Store {
    /// The first answer that is to be spoken.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn unspoken(&self) -> Result<Option<Unspoken>, StateError> {
        let row = sqlx::query(
            "SELECT messages, id, user_id, chat, placeholder, reply_to FROM turns \
             WHERE speak = 1 AND state = 'done' ORDER BY id LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        let unspoken = row.map(|row| -> Result<_, StateError> {
            Ok(Unspoken {
                turn: row.try_get(1)?,
                user: row.try_get(2)?,
                chat: row.try_get(3)?,
                placeholder: row.try_get(4)?,
                reply_to: row.try_get(5)?,
                answer: said(&messages(&row)?),
            })
        });
        unspoken.transpose()
    }
}

impl Work {
    /// An answer was spoken, or will not be. False where it was forgotten meanwhile.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn spoken(&mut self, turn: i64) -> Result<bool, StateError> {
        let spoken = sqlx::query("UPDATE turns SET speak = 0 WHERE id = $1")
            .bind(turn)
            .execute(&mut *self.db)
            .await?;
        Ok(spoken.rows_affected() > 0)
    }
}

fn said(messages: &[Message]) -> String {
    let texts = messages.iter().filter_map(|message| match message {
        Message::Assistant { text, .. } => Some(text.as_ref()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}
