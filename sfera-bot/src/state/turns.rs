//! Questions in chat and their answers.

use super::{Millis, StateError, Store, Work};
use crate::figures::seconds;
use sfera_agent::llm::Message;
use sqlx::{Row as _, any::AnyRow};

/// Turns of a dialogue that an answer knows of, at most.
const KNOWN: i64 = 20;

/// A question to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Who asks.
    pub user: i64,
    /// Where.
    pub chat: i64,
    /// What.
    pub text: &'a str,
    /// The letter whose message becomes the answer.
    pub placeholder: &'a str,
}

/// A question that is being answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Its number.
    pub id: i64,
    /// Who asks.
    pub user: i64,
    /// What.
    pub question: String,
    /// The letter whose message becomes the answer.
    pub placeholder: String,
    /// What was said before in this dialogue.
    pub history: Vec<Message>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Answered, or stopped by the user: it is part of the dialogue.
    Answered,
    /// There is no answer: the dialogue goes on as if nothing had been asked.
    Failed,
}

impl Work {
    /// Promises an answer.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO turns (user_id, chat, dialogue, question, placeholder, created) \
             SELECT id, $2, dialogue, $3, $4, $5 FROM users WHERE id = $1",
        )
        .bind(question.user)
        .bind(question.chat)
        .bind(question.text)
        .bind(question.placeholder)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// The last question of a dialogue, which is forgotten with its answer: it will be asked again.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn take_back_question(&mut self, user: i64) -> Result<Option<String>, StateError> {
        let row = sqlx::query(
            "UPDATE turns SET state = 'replaced' WHERE id = (SELECT MAX(turns.id) FROM turns \
             JOIN users ON users.id = turns.user_id AND users.dialogue = turns.dialogue \
             WHERE user_id = $1 AND state IN ('done', 'failed')) RETURNING question",
        )
        .bind(user)
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Stops answers of a chat; how many.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn stop_answers(&mut self, chat: i64) -> Result<u64, StateError> {
        let stopped = sqlx::query(
            "UPDATE turns SET stopping = 1 \
             WHERE chat = $1 AND state IN ('waiting', 'answering') AND stopping = 0",
        )
        .bind(chat)
        .execute(&mut *self.db)
        .await?;
        Ok(stopped.rows_affected())
    }

    /// Begins a new dialogue.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn begin_dialogue(&mut self, user: i64) -> Result<(), StateError> {
        sqlx::query("UPDATE users SET dialogue = dialogue + 1 WHERE id = $1")
            .bind(user)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// How a turn ended, and what was said in it. False where it was forgotten meanwhile.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn end_turn(
        &mut self,
        turn: i64,
        ended: Ended,
        messages: &[Message],
    ) -> Result<bool, StateError> {
        let messages = serde_json::to_string(messages).map_err(|_| StateError::Refused)?;
        let state = match ended {
            Ended::Answered => "done",
            Ended::Failed => "failed",
        };
        let row = sqlx::query(
            "UPDATE turns SET state = $2, messages = $3, ended = $4 WHERE id = $1 RETURNING created",
        )
        .bind(turn)
        .bind(state)
        .bind(messages)
        .bind(self.now)
        .fetch_optional(&mut *self.db)
        .await?;
        match ended {
            Ended::Answered => self.figures.answers.inc(),
            Ended::Failed => self.figures.answers_failed.inc(),
        };
        if let Some(row) = &row {
            let passed = seconds(row.try_get(0)?, self.now);
            self.figures.answering.observe(passed);
        }
        Ok(row.is_some())
    }
}

impl Store {
    /// Chats in which an answer is awaited.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn asking_chats(&self) -> Result<Vec<i64>, StateError> {
        let rows = sqlx::query("SELECT DISTINCT chat FROM turns WHERE state = 'waiting'")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The first question of a chat, with what was said before.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn take_question(&self, chat: i64, now: Millis) -> Result<Option<Turn>, StateError> {
        let mut work = self.begin(now).await?;
        let row = sqlx::query(
            "UPDATE turns SET state = 'answering' WHERE id = \
             (SELECT MIN(id) FROM turns WHERE chat = $1 AND state = 'waiting') \
             RETURNING id, user_id, question, placeholder, dialogue",
        )
        .bind(chat)
        .fetch_optional(&mut *work.db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (id, user, dialogue): (i64, i64, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(4)?);
        let rows = sqlx::query(
            "SELECT messages FROM turns WHERE user_id = $1 AND dialogue = $2 AND id < $3 \
             AND state = 'done' ORDER BY id DESC LIMIT $4",
        )
        .bind(user)
        .bind(dialogue)
        .bind(id)
        .bind(KNOWN)
        .fetch_all(&mut *work.db)
        .await?;
        let mut history = Vec::new();
        for row in rows.iter().rev() {
            history.extend(messages(row)?);
        }
        work.commit().await?;
        Ok(Some(Turn {
            id,
            user,
            question: row.try_get(2)?,
            placeholder: row.try_get(3)?,
            history,
        }))
    }

    /// Whether an answer is to be stopped; one to a question that was forgotten is.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_stopping(&self, turn: i64) -> Result<bool, StateError> {
        let row = sqlx::query("SELECT stopping FROM turns WHERE id = $1")
            .bind(turn)
            .fetch_optional(&self.pool)
            .await?;
        let stopping: Option<i64> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(stopping != Some(0))
    }

    /// Questions whose answer broke off with the process are asked again.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reopen_questions(&self) -> Result<u64, StateError> {
        let reopened = sqlx::query("UPDATE turns SET state = 'waiting' WHERE state = 'answering'")
            .execute(&self.pool)
            .await?;
        Ok(reopened.rows_affected())
    }
}

fn messages(row: &AnyRow) -> Result<Vec<Message>, StateError> {
    let text: String = row.try_get(0)?;
    serde_json::from_str(&text).map_err(|_| StateError::Version)
}
