//! Files that the bot made, until they are sent.

use super::{Millis, StateError, Store, Work};
use sqlx::Row as _;

impl Work {
    /// Keeps a file; the name by which a [`Call`](crate::telegram::Call) sends it.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn keep_file(&mut self, bytes: Vec<u8>) -> Result<i64, StateError> {
        let row = sqlx::query("INSERT INTO files (bytes, created) VALUES ($1, $2) RETURNING id")
            .bind(bytes)
            .bind(self.now)
            .fetch_one(&mut *self.db)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Forgets a file that was sent, or never will be.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_file(&mut self, id: i64) -> Result<(), StateError> {
        sqlx::query("DELETE FROM files WHERE id = $1")
            .bind(id)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }
}

impl Store {
    /// A file that the bot made.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn file(&self, id: i64) -> Result<Option<Vec<u8>>, StateError> {
        let row = sqlx::query("SELECT bytes FROM files WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Forgets files that were made before a moment.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn forget_files(&self, before: Millis) -> Result<u64, StateError> {
        let forgotten = sqlx::query("DELETE FROM files WHERE created < $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(forgotten.rows_affected())
    }
}
