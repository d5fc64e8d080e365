//! Questions in chat and their answers.

use super::{
    Attachment, Dialogue, Ended, Millis, Question, Repeated, StateError, Store, Turn, Work,
};
use crate::figures::seconds;
use sfera_agent::llm::Message;
use sqlx::{Row as _, any::AnyRow};

/// Turns of a dialogue that an answer knows of, at most.
const KNOWN: i64 = 20;

impl Work {
    /// Promises an answer.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<(), StateError> {
        let dialogue = self.dialogue(question.chat, question.kind).await?;
        let attachment = question.attachment.map(serde_json::to_string).transpose();
        let attachment = attachment.map_err(|_| StateError::Refused)?;
        let is_voice = matches!(question.attachment, Some(Attachment::Voice { .. }));
        sqlx::query(
            "INSERT INTO turns (user_id, chat, kind, dialogue, question, attachment, placeholder, \
             heard, reply_to, thread, speak, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(question.user)
        .bind(question.chat)
        .bind(question.kind.name())
        .bind(dialogue)
        .bind(question.text)
        .bind(attachment)
        .bind(question.placeholder)
        .bind(question.heard)
        .bind(question.reply_to)
        .bind(question.thread)
        .bind(i64::from(is_voice))
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// A question that was answered at once, by a letter that is promised: the dialogue knows of it.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn answered_at_once(
        &mut self,
        question: &Question<'_>,
        messages: &[Message],
    ) -> Result<(), StateError> {
        self.ask(question).await?;
        let row = sqlx::query("SELECT id FROM turns WHERE placeholder = $1")
            .bind(question.placeholder)
            .fetch_one(&mut *self.db)
            .await?;
        self.end_turn(row.try_get(0)?, Ended::Answered, messages)
            .await?;
        Ok(())
    }

    /// What was said in a voice message.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn understood(&mut self, turn: i64, question: &str) -> Result<(), StateError> {
        sqlx::query("UPDATE turns SET question = $2, attachment = NULL WHERE id = $1")
            .bind(turn)
            .bind(question)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// The last question of a dialogue, which is forgotten with its answer: it will be asked again.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn take_back_question(
        &mut self,
        chat: i64,
        kind: Dialogue,
    ) -> Result<Option<Repeated>, StateError> {
        let dialogue = self.dialogue(chat, kind).await?;
        let row = sqlx::query(
            "UPDATE turns SET state = 'replaced', speak = 0 WHERE id = (SELECT MAX(id) FROM turns \
             WHERE chat = $1 AND kind = $2 AND dialogue = $3 AND state IN ('done', 'failed')) \
             RETURNING question, attachment",
        )
        .bind(chat)
        .bind(kind.name())
        .bind(dialogue)
        .fetch_optional(&mut *self.db)
        .await?;
        let repeated = row.map(|row| -> Result<_, StateError> {
            Ok(Repeated {
                text: row.try_get(0)?,
                attachment: attachment(row.try_get(1)?)?,
            })
        });
        repeated.transpose()
    }

    /// Whether an answer of a dialogue is not ended yet.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_answering(&mut self, chat: i64, kind: Dialogue) -> Result<bool, StateError> {
        let dialogue = self.dialogue(chat, kind).await?;
        let coming: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM turns WHERE chat = $1 AND kind = $2 AND dialogue = $3 \
             AND state IN ('waiting', 'answering')",
        )
        .bind(chat)
        .bind(kind.name())
        .bind(dialogue)
        .fetch_one(&mut *self.db)
        .await?;
        Ok(coming > 0)
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

    /// How a turn ended, and what was said in it. Of a dialogue with the psychologist that was forgotten
    /// meanwhile nothing is kept. False where it was forgotten altogether.
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
            "UPDATE turns SET state = $2, messages = $3, ended = $4, \
             speak = CASE WHEN stopping = 0 AND $2 = 'done' THEN speak ELSE 0 END WHERE id = $1 \
             RETURNING created",
        )
        .bind(turn)
        .bind(state)
        .bind(messages)
        .bind(self.now)
        .fetch_optional(&mut *self.db)
        .await?;
        sqlx::query(
            "DELETE FROM turns WHERE id = $1 AND kind = 'psychologist' AND dialogue < \
             (SELECT number FROM dialogues WHERE dialogues.chat = turns.chat \
             AND dialogues.kind = turns.kind)",
        )
        .bind(turn)
        .execute(&mut *self.db)
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

    /// The first question of a chat, with what was said before, and with one more attempt counted.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn take_question(&self, chat: i64, now: Millis) -> Result<Option<Turn>, StateError> {
        let mut work = self.begin(now).await?;
        let row = sqlx::query(
            "UPDATE turns SET state = 'answering', attempts = attempts + 1 WHERE id = \
             (SELECT MIN(id) FROM turns WHERE chat = $1 AND state = 'waiting') \
             RETURNING id, user_id, question, placeholder, kind, attachment, heard, reply_to, \
             thread, attempts, stopping, dialogue",
        )
        .bind(chat)
        .fetch_optional(&mut *work.db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut turn = turn(&row)?;
        let rows = sqlx::query(
            "SELECT messages FROM turns WHERE chat = $1 AND kind = $2 AND dialogue = $3 AND id < $4 \
             AND state = 'done' ORDER BY id DESC LIMIT $5",
        )
        .bind(chat)
        .bind(turn.kind.name())
        .bind(row.try_get::<i64, _>(11)?)
        .bind(turn.id)
        .bind(KNOWN)
        .fetch_all(&mut *work.db)
        .await?;
        for row in rows.iter().rev() {
            turn.history.extend(messages(row)?);
        }
        work.commit().await?;
        Ok(Some(turn))
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

    /// The same in one chat, where nothing is being answered now.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reopen_questions_in(&self, chat: i64) -> Result<u64, StateError> {
        let reopened = sqlx::query(
            "UPDATE turns SET state = 'waiting' WHERE state = 'answering' AND chat = $1",
        )
        .bind(chat)
        .execute(&self.pool)
        .await?;
        Ok(reopened.rows_affected())
    }
}

fn turn(row: &AnyRow) -> Result<Turn, StateError> {
    let kind: String = row.try_get(4)?;
    Ok(Turn {
        id: row.try_get(0)?,
        user: row.try_get(1)?,
        kind: Dialogue::of(&kind),
        question: row.try_get(2)?,
        attachment: attachment(row.try_get(5)?)?,
        placeholder: row.try_get(3)?,
        heard: row.try_get(6)?,
        reply_to: row.try_get(7)?,
        thread: row.try_get(8)?,
        attempts: row.try_get(9)?,
        is_stopping: row.try_get::<i64, _>(10)? != 0,
        history: Vec::new(),
    })
}

pub(super) fn messages(row: &AnyRow) -> Result<Vec<Message>, StateError> {
    let text: String = row.try_get(0)?;
    serde_json::from_str(&text).map_err(|_| StateError::Version)
}

fn attachment(json: Option<String>) -> Result<Option<Attachment>, StateError> {
    let read = |json: String| serde_json::from_str(&json).map_err(|_| StateError::Version);
    json.map(read).transpose()
}
