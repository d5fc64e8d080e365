//! What the bot knows, for whoever may ask for it, and the files in which it is handed out.

use super::{Kind, Millis, StateError, Work};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Column as _, Row as _, any::AnyRow};

/// A person, one line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Telegram's number.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Without the @.
    pub username: Option<String>,
    /// The bot's language for them.
    pub language: String,
    /// Whether they do not want to hear from the bot.
    pub blocked: bool,
    /// Why they are not served, if they are not.
    pub banned: Option<String>,
    /// When they came.
    pub first_seen: Millis,
    /// When they did something last.
    pub last_seen: Millis,
    /// Questions they asked in chat.
    pub questions: i64,
}

impl Work {
    /// Everybody.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn everybody(&mut self) -> Result<Vec<Record>, StateError> {
        let rows = sqlx::query(
            "SELECT users.id, name, username, language, blocked, banned, first_seen, last_seen, \
             COALESCE(asked.questions, 0) FROM users LEFT JOIN \
             (SELECT user_id, COUNT(*) AS questions FROM turns GROUP BY user_id) asked \
             ON asked.user_id = users.id ORDER BY users.id",
        )
        .fetch_all(&mut *self.db)
        .await?;
        rows.iter().map(line).collect()
    }

    /// Everything that is stored about a person, by table. Tables of other parts are found by their
    /// column `user_id`.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn all_about(&mut self, id: i64) -> Result<Value, StateError> {
        let mut all = Map::new();
        for table in self.tables_of_people().await? {
            let sql = format!("SELECT * FROM \"{table}\" WHERE user_id = $1");
            let rows = self.rows(sql, id).await?;
            all.insert(table, rows);
        }
        for (name, sql) in [
            ("users", "SELECT * FROM users WHERE id = $1"),
            (
                "inbox",
                "SELECT update_id, body, received FROM inbox WHERE lane = $1 ORDER BY update_id",
            ),
            (
                "outbox",
                "SELECT call, state, created FROM outbox WHERE lane = $1 ORDER BY id",
            ),
        ] {
            let rows = self.rows(sql.to_owned(), id).await?;
            all.insert(name.to_owned(), rows);
        }
        Ok(Value::Object(all))
    }

    async fn rows(&mut self, sql: String, id: i64) -> Result<Value, StateError> {
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(id)
            .fetch_all(&mut *self.db)
            .await?;
        Ok(Value::Array(rows.iter().map(object).collect()))
    }

    async fn tables_of_people(&mut self) -> Result<Vec<String>, StateError> {
        let sql = match self.kind {
            Kind::Sqlite => {
                "SELECT tables.name FROM sqlite_master tables \
                 JOIN pragma_table_info(tables.name) columns ON columns.name = 'user_id' \
                 WHERE tables.type = 'table' ORDER BY tables.name"
            }
            Kind::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.columns \
                 WHERE column_name = 'user_id' AND table_schema = current_schema() ORDER BY 1"
            }
        };
        let rows = sqlx::query(sql).fetch_all(&mut *self.db).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Whether there is a table.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn has_table(&mut self, name: &str) -> Result<bool, StateError> {
        let sql = match self.kind {
            Kind::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
            Kind::Postgres => {
                "SELECT COUNT(*) FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        let row = sqlx::query(sql).bind(name).fetch_one(&mut *self.db).await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }
}

fn line(row: &AnyRow) -> Result<Record, StateError> {
    Ok(Record {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        username: row.try_get(2)?,
        language: row.try_get(3)?,
        blocked: row.try_get::<i64, _>(4)? != 0,
        banned: row.try_get(5)?,
        first_seen: row.try_get(6)?,
        last_seen: row.try_get(7)?,
        questions: row.try_get(8)?,
    })
}

/// Numbers and texts as they are, texts that hold JSON as that, bytes not at all.
fn object(row: &AnyRow) -> Value {
    let value = |at: usize| -> Value {
        if let Ok(number) = row.try_get::<Option<i64>, _>(at) {
            return number.into();
        }
        if let Ok(number) = row.try_get::<Option<f64>, _>(at) {
            return number.into();
        }
        match row.try_get::<Option<String>, _>(at) {
            Ok(Some(text)) if text.starts_with(['{', '[']) => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            Ok(text) => text.into(),
            Err(_) => Value::Null,
        }
    };
    let columns = row.columns().iter().enumerate();
    let named = columns.map(|(at, column)| (column.name().to_owned(), value(at)));
    Value::Object(named.collect())
}
