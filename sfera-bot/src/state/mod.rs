//! What the bot knows and has promised: PostgreSQL by `DATABASE_URL`, an SQLite file otherwise.
//!
//! One update is one transaction: what it changes and what it wants to say are stored together with the
//! fact that it was handled. So the process may be killed at any point: what was accepted is handled
//! once, and what was promised is sent.

mod audit;
mod bans;
mod broadcasts;
mod calls;
mod course;
mod dialogues;
mod due;
mod errands;
mod export;
mod files;
mod forgetting;
mod forms;
mod history;
mod inbox;
mod newcomer;
mod outbox;
mod question;
mod reaching;
mod reminders;
mod statistics;
mod support;
mod switches;
mod turns;
mod usage;
mod users;
mod voices;

pub use audit::Deed;
pub use bans::Person;
pub use broadcasts::{Broadcast, Stage, Tally, Underway};
pub use calls::{Call, CallState};
pub use course::Progress;
pub use due::{BROADCAST, Head};
pub use errands::{Errand, Finding};
pub use export::Record;
pub use forms::Form;
pub use history::{Line, Place};
pub use inbox::{ATTEMPTS, Accepted, Pending};
pub use newcomer::Newcomer;
pub use outbox::{Delivery, Letter, NOTICE, Outcome};
pub use question::{Attachment, Dialogue, Ended, Question, Repeated, Turn};
pub use reminders::{Due, New, Reminder};
pub use statistics::Statistics;
pub use switches::Part;
pub use usage::{DAY, Usage};
pub use users::User;
pub use voices::Unspoken;

use crate::figures::Figures;
use sqlx::{
    Any, AnyConnection, AnyPool, Connection as _, Executor as _, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
    migrate::Migrator,
};
use std::{path::Path, time::Duration};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement may wait for a connection, or for another writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What PostgreSQL says while it starts.
const STARTING: &str = "57P03";

/// Milliseconds since 1970.
pub type Millis = i64;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    kind: Kind,
    figures: Figures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Why the state cannot be read or written. The database's own words may hold what users said, hence
/// they are not here; they are logged at the level `debug`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The address is none.
    #[error("DATABASE_URL is no address of a database: postgres://… or sqlite:FILE")]
    Address,
    /// It does not answer.
    #[error("the database cannot be reached")]
    Unreachable,
    /// It was written by another version of the bot.
    #[error("the database was made by another version of sfera-bot")]
    Version,
    /// It answered with an error.
    #[error("the database refused a statement")]
    Refused,
}

impl From<sqlx::Error> for StateError {
    fn from(error: sqlx::Error) -> Self {
        tracing::debug!(%error, "database");
        match error {
            sqlx::Error::Configuration(_) => Self::Address,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
                Self::Unreachable
            }
            sqlx::Error::Database(error) if error.code().as_deref() == Some(STARTING) => {
                Self::Unreachable
            }
            _ => Self::Refused,
        }
    }
}

/// A transaction: dropped without [`Work::commit`], it never was.
pub struct Work {
    pub(super) db: Transaction<'static, Any>,
    kind: Kind,
    /// The moment it stands for.
    pub now: Millis,
    figures: Figures,
}

impl Store {
    /// Opens the database by its address and brings its tables up to date.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn open(url: &str) -> Result<Self, StateError> {
        install_default_drivers();
        let kind = match url {
            _ if url.starts_with("postgres:") || url.starts_with("postgresql:") => Kind::Postgres,
            _ if url.starts_with("sqlite:") => Kind::Sqlite,
            _ => return Err(StateError::Address),
        };
        let options = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if kind == Kind::Sqlite {
                        connection.execute(PRAGMAS).await?;
                    }
                    Ok(())
                })
            });
        // A pool tries again and again; one connection says at once what is wrong.
        AnyConnection::connect(url).await?.close().await?;
        let pool = options.connect(url).await?;
        let migrator = match kind {
            Kind::Sqlite => &SQLITE,
            Kind::Postgres => &POSTGRES,
        };
        migrator.run(&pool).await.map_err(|error| {
            tracing::debug!(%error, "migration");
            StateError::Version
        })?;
        Ok(Self {
            pool,
            kind,
            figures: Figures::default(),
        })
    }

    /// The same in a file, which is made where there is none.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn open_file(path: &Path) -> Result<Self, StateError> {
        Self::open(&format!("sqlite:{}?mode=rwc", path.display())).await
    }

    /// Begins a transaction at a moment.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn begin(&self, now: Millis) -> Result<Work, StateError> {
        // SQLite has one writer: who would write later asks at once, instead of failing half-way.
        let db = match self.kind {
            Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Kind::Postgres => self.pool.begin().await?,
        };
        Ok(Work {
            db,
            kind: self.kind,
            now,
            figures: self.figures.clone(),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn ping(&self) -> Result<(), StateError> {
        let mut connection = self.pool.acquire().await?;
        Ok(connection.ping().await?)
    }

    /// What is counted, of this database and beside it.
    #[must_use]
    pub const fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A killed process loses nothing; only a machine that loses power may lose the last moments. What is
/// deleted is overwritten.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; \
     PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;";

impl Work {
    /// Makes it all true.
    ///
    /// # Errors
    /// [`StateError`]: then nothing is.
    pub async fn commit(self) -> Result<(), StateError> {
        Ok(self.db.commit().await?)
    }
}
