use crate::store::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

/// What goes wrong while the file is used.
#[derive(Debug)]
pub(super) enum Failure {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// What is stored cannot be what was written.
    Nonsense,
    /// It is known what to say.
    Told(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Told(error)
    }
}

impl Failure {
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// Whether the connection can be used no more.
    pub(super) fn spoils_connection(&self) -> bool {
        !matches!(self, Self::Told(_))
    }

    pub(super) fn told_of(self, file: &Path) -> StoreError {
        let damaged = || StoreError::Damaged(file.display().to_string());
        let code = self.code();
        let error = match self {
            Self::Told(told) => return told,
            Self::Nonsense => return damaged(),
            Self::Sqlite(error) => error,
        };
        match code {
            // It was never ours, or nothing shows that it was.
            Some(ErrorCode::NotADatabase) => StoreError::Foreign(file.display().to_string()),
            // A table or a hole in the file, or a value of a kind that was never written.
            None | Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
                tracing::warn!(%error, file = %file.display(), "the store is damaged");
                damaged()
            }
            Some(_) => {
                tracing::warn!(%error, file = %file.display(), "the store cannot be used");
                StoreError::Unavailable
            }
        }
    }
}
