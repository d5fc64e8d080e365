//! What somebody is being asked, one question after another.

use super::{StateError, Work};
use sqlx::Row as _;

/// A dialogue of questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Which.
    pub name: String,
    /// The answers so far.
    pub answers: Vec<String>,
}

impl Work {
    /// What somebody is being asked.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn form(&mut self, user: i64) -> Result<Option<Form>, StateError> {
        let row = sqlx::query("SELECT form, answers FROM forms WHERE user_id = $1")
            .bind(user)
            .fetch_optional(&mut *self.db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let answers: String = row.try_get(1)?;
        Ok(Some(Form {
            name: row.try_get(0)?,
            answers: serde_json::from_str(&answers).map_err(|_| StateError::Version)?,
        }))
    }

    /// From now on this is asked.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn fill_in(&mut self, user: i64, form: &Form) -> Result<(), StateError> {
        let answers = serde_json::to_string(&form.answers).map_err(|_| StateError::Refused)?;
        sqlx::query(
            "INSERT INTO forms (user_id, form, answers) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET form = excluded.form, answers = excluded.answers",
        )
        .bind(user)
        .bind(form.name.as_str())
        .bind(answers)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Nothing is asked any more.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn drop_form(&mut self, user: i64) -> Result<(), StateError> {
        sqlx::query("DELETE FROM forms WHERE user_id = $1")
            .bind(user)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }
}
