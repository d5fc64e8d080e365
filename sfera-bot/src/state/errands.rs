//! What is to be looked up elsewhere, and what was found last.

use super::{Millis, StateError, Store, Work};
use sfera_agent::Language;
use sqlx::Row as _;

/// How long what was found is worth anything.
const KEPT: Millis = 7 * 24 * 3_600 * 1_000;

/// Something to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Its number.
    pub id: i64,
    /// For whom.
    pub user: i64,
    /// Where the answer goes.
    pub chat: i64,
    /// What kind of thing.
    pub kind: String,
    /// Which one, in the words of whoever asked.
    pub subject: String,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In words.
    pub said: String,
    /// When.
    pub at: Millis,
}

impl Work {
    /// Promises to look something up, unless so much waits for this person already: then false.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn run_errand(
        &mut self,
        user: i64,
        chat: i64,
        (kind, subject): (&str, &str),
        most: i64,
    ) -> Result<bool, StateError> {
        let promised = sqlx::query(
            "INSERT INTO errands (user_id, chat, kind, subject, created) \
             SELECT $1, $2, $3, $4, $5 \
             WHERE (SELECT COUNT(*) FROM errands WHERE user_id = $1) < $6",
        )
        .bind(user)
        .bind(chat)
        .bind(kind)
        .bind(subject)
        .bind(self.now)
        .bind(most)
        .execute(&mut *self.db)
        .await?;
        Ok(promised.rows_affected() > 0)
    }

    /// It is done; false if it was before.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn end_errand(&mut self, id: i64) -> Result<bool, StateError> {
        let ended = sqlx::query("DELETE FROM errands WHERE id = $1")
            .bind(id)
            .execute(&mut *self.db)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Keeps what was found, and forgets what is old.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn keep_finding(
        &mut self,
        errand: &Errand,
        language: Language,
        said: &str,
    ) -> Result<(), StateError> {
        sqlx::query("DELETE FROM findings WHERE found < $1")
            .bind(self.now - KEPT)
            .execute(&mut *self.db)
            .await?;
        sqlx::query(
            "INSERT INTO findings (kind, subject, language, said, found) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, subject, language) \
             DO UPDATE SET said = excluded.said, found = excluded.found",
        )
        .bind(errand.kind.as_str())
        .bind(errand.subject.to_lowercase())
        .bind(language.code())
        .bind(said)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// What was found last.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn finding(
        &mut self,
        errand: &Errand,
        language: Language,
    ) -> Result<Option<Finding>, StateError> {
        let row = sqlx::query(
            "SELECT said, found FROM findings \
             WHERE kind = $1 AND subject = $2 AND language = $3",
        )
        .bind(errand.kind.as_str())
        .bind(errand.subject.to_lowercase())
        .bind(language.code())
        .fetch_optional(&mut *self.db)
        .await?;
        let finding = row.map(|row| -> Result<_, StateError> {
            Ok(Finding {
                said: row.try_get(0)?,
                at: row.try_get(1)?,
            })
        });
        finding.transpose()
    }
}

impl Store {
    /// Chats that wait for something to be looked up.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn errand_chats(&self) -> Result<Vec<i64>, StateError> {
        let rows = sqlx::query("SELECT DISTINCT chat FROM errands")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The first that a chat waits for.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn next_errand(&self, chat: i64) -> Result<Option<Errand>, StateError> {
        let row = sqlx::query(
            "SELECT id, user_id, chat, kind, subject FROM errands \
             WHERE chat = $1 ORDER BY id LIMIT 1",
        )
        .bind(chat)
        .fetch_optional(&self.pool)
        .await?;
        let errand = row.map(|row| -> Result<_, StateError> {
            Ok(Errand {
                id: row.try_get(0)?,
                user: row.try_get(1)?,
                chat: row.try_get(2)?,
                kind: row.try_get(3)?,
                subject: row.try_get(4)?,
            })
        });
        errand.transpose()
    }
}
