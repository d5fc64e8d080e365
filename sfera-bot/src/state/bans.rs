//! Who is not served.

use super::{StateError, Work};
use sqlx::{Row as _, any::AnyRow};

/// A person as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Telegram's number.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Without the @.
    pub username: Option<String>,
    /// Why they are not served, if they are not.
    pub banned: Option<String>,
}

impl Work {
    /// A person by their number.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn person(&mut self, id: i64) -> Result<Option<Person>, StateError> {
        let row = sqlx::query("SELECT id, name, username, banned FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *self.db)
            .await?;
        row.as_ref().map(person).transpose()
    }

    /// A person by their @name. Names change hands: whoever was seen with it last.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn person_called(&mut self, username: &str) -> Result<Option<Person>, StateError> {
        let row = sqlx::query(
            "SELECT id, name, username, banned FROM users WHERE LOWER(username) = $1 \
             ORDER BY last_seen DESC LIMIT 1",
        )
        .bind(username.to_ascii_lowercase())
        .fetch_optional(&mut *self.db)
        .await?;
        row.as_ref().map(person).transpose()
    }

    /// A person is not served from now on (why), or is again.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn ban(&mut self, id: i64, why: Option<&str>) -> Result<(), StateError> {
        sqlx::query("UPDATE users SET banned = $2 WHERE id = $1")
            .bind(id)
            .bind(why)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// Those who are not served, last seen first, at most so many.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn banned(&mut self, most: i64) -> Result<Vec<Person>, StateError> {
        let rows = sqlx::query(
            "SELECT id, name, username, banned FROM users WHERE banned IS NOT NULL \
             ORDER BY last_seen DESC LIMIT $1",
        )
        .bind(most)
        .fetch_all(&mut *self.db)
        .await?;
        rows.iter().map(person).collect()
    }
}

fn person(row: &AnyRow) -> Result<Person, StateError> {
    Ok(Person {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        username: row.try_get(2)?,
        banned: row.try_get(3)?,
    })
}
