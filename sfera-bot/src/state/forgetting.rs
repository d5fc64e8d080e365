//! What is forgotten when somebody wants to be.
//!
//! Everything that they said, asked to be kept or were promised, also what was passed on to the
//! administrators as far as it is here: what Telegram shows them already cannot be taken back. What stays
//! is who they are for Telegram, with the language they chose; bans; and what limits need, so that
//! forgetting is no way round them. A call that goes on stays until it is over, without a word of it.

use super::{DAY, Dialogue, Kind, StateError, Store, Work};
use crate::telegram::Call;
use sqlx::Row as _;
use std::collections::HashSet;

/// Letters that carry somebody's messages to the administrators, or their answers back.
const RELAYED: [&str; 2] = [
    "DELETE FROM outbox WHERE key IN (SELECT letter FROM support WHERE user_id = $1)",
    "DELETE FROM outbox WHERE key IN (SELECT letter FROM support_answers WHERE user_id = $1)",
];

/// What is in tables of people.
const KEPT_FOR_THEM: [&str; 13] = [
    "DELETE FROM call_lines WHERE call IN (SELECT id FROM calls WHERE user_id = $1)",
    "DELETE FROM calls WHERE user_id = $1 AND ended IS NOT NULL",
    "DELETE FROM turns WHERE user_id = $1",
    "DELETE FROM forms WHERE user_id = $1",
    "DELETE FROM errands WHERE user_id = $1",
    "DELETE FROM reminders WHERE user_id = $1",
    "DELETE FROM zones WHERE user_id = $1",
    "DELETE FROM course_places WHERE user_id = $1",
    "DELETE FROM course_passed WHERE user_id = $1",
    "DELETE FROM support WHERE user_id = $1",
    "DELETE FROM support_answers WHERE user_id = $1",
    "DELETE FROM requests WHERE user_id = $1",
    "UPDATE users SET room = 'menu' WHERE id = $1",
];

/// What came from their chat and goes there. Where that is the administrators' too, what others wrote
/// stays; so does a broadcast's letter until it is counted, which says nothing of its reader.
const IN_THEIR_CHAT: [&str; 2] = [
    // That an update was handled must be known; what it said need not.
    "UPDATE inbox SET body = '' WHERE lane = $1 AND done IS NOT NULL",
    "DELETE FROM outbox WHERE lane = $1 AND key NOT IN (SELECT letter FROM support) \
     AND key NOT IN (SELECT letter FROM support_answers) \
     AND key NOT IN (SELECT letter FROM broadcast_letters)",
];

/// Limits are of a day.
const OF_OTHER_DAYS: [&str; 2] = [
    "DELETE FROM chat_usage WHERE user_id = $1 AND day <> $2",
    "DELETE FROM voice_use WHERE user_id = $1 AND day <> $2",
];

impl Work {
    /// Forgets a person. What is being answered to them now is known no more.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_person(&mut self, user: i64) -> Result<(), StateError> {
        for kind in [Dialogue::Chat, Dialogue::Psychologist] {
            self.begin_dialogue(user, kind).await?;
        }
        self.forget_files_for(user).await?;
        self.forget_answers_in_groups(user).await?;
        for statement in RELAYED.iter().chain(&KEPT_FOR_THEM).chain(&IN_THEIR_CHAT) {
            sqlx::query(*statement)
                .bind(user)
                .execute(&mut *self.db)
                .await?;
        }
        for statement in OF_OTHER_DAYS {
            sqlx::query(statement)
                .bind(user)
                .bind(self.now / DAY)
                .execute(&mut *self.db)
                .await?;
        }
        Ok(())
    }

    /// Letters with what was heard and answered where others read along.
    async fn forget_answers_in_groups(&mut self, user: i64) -> Result<(), StateError> {
        let rows = sqlx::query(
            "SELECT chat, placeholder, COALESCE(heard, '') FROM turns \
             WHERE user_id = $1 AND chat <> $1",
        )
        .bind(user)
        .fetch_all(&mut *self.db)
        .await?;
        let (mut chats, mut letters) = (HashSet::new(), HashSet::<String>::new());
        for row in &rows {
            chats.insert(row.try_get::<i64, _>(0)?);
            letters.extend([row.try_get(1)?, row.try_get(2)?]);
        }
        for chat in chats {
            let rows = sqlx::query("SELECT id, key FROM outbox WHERE lane = $1")
                .bind(chat)
                .fetch_all(&mut *self.db)
                .await?;
            for row in &rows {
                let key: String = row.try_get(1)?;
                if letters.contains(first_of(&key)) {
                    sqlx::query("DELETE FROM outbox WHERE id = $1")
                        .bind(row.try_get::<i64, _>(0)?)
                        .execute(&mut *self.db)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Answers by voice that wait to be sent to them.
    async fn forget_files_for(&mut self, user: i64) -> Result<(), StateError> {
        let rows = sqlx::query(
            "SELECT call FROM outbox WHERE lane = $1 AND state IN ('waiting', 'sending')",
        )
        .bind(user)
        .fetch_all(&mut *self.db)
        .await?;
        for row in &rows {
            let call: String = row.try_get(0)?;
            if let Ok(Call::Voice { file, .. }) = serde_json::from_str(&call) {
                self.forget_file(file).await?;
            }
        }
        Ok(())
    }
}

/// The letter from whose name another one's was made: `1:0` of `1:0:page:2`.
fn first_of(key: &str) -> &str {
    let second = key.match_indices(':').nth(1);
    second.map_or(key, |(at, _)| &key[..at])
}

impl Store {
    /// Takes what was deleted off the disk as far as that is in the program's hands: SQLite overwrites
    /// what it deletes, but its log holds older pages until it is emptied. PostgreSQL does so by itself
    /// when it vacuums.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn empty_log(&self) -> Result<(), StateError> {
        if self.kind == Kind::Sqlite {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_all(&self.pool)
                .await?;
        }
        Ok(())
    }
}
