//! What administrators did.

use super::{Millis, StateError, Work};
use sqlx::Row as _;

/// Something an administrator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Millis,
    /// Their name, or their number where the bot does not know it.
    pub admin: String,
    /// What: one of the names in `rooms::admin`.
    pub action: String,
    /// To what or whom.
    pub detail: String,
}

impl Work {
    /// Writes down what an administrator does in this transaction.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn write_down(
        &mut self,
        admin: i64,
        action: &str,
        detail: &str,
    ) -> Result<(), StateError> {
        sqlx::query("INSERT INTO audit (admin, action, detail, created) VALUES ($1, $2, $3, $4)")
            .bind(admin)
            .bind(action)
            .bind(detail)
            .bind(self.now)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// The newest so many, newest first.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn last_deeds(&mut self, most: i64) -> Result<Vec<Deed>, StateError> {
        let rows = sqlx::query(
            "SELECT audit.created, COALESCE(users.name, CAST(audit.admin AS TEXT)), \
             audit.action, audit.detail FROM audit LEFT JOIN users ON users.id = audit.admin \
             ORDER BY audit.id DESC LIMIT $1",
        )
        .bind(most)
        .fetch_all(&mut *self.db)
        .await?;
        let deed = |row: &sqlx::any::AnyRow| -> Result<_, StateError> {
            Ok(Deed {
                at: row.try_get(0)?,
                admin: row.try_get(1)?,
                action: row.try_get(2)?,
                detail: row.try_get(3)?,
            })
        };
        rows.iter().map(deed).collect()
    }
}
