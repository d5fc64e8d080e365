use super::error::Failure;
use crate::{
    Language,
    store::{CollectionSpec, DenseSpec, StoreError},
};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::path::Path;

/// "SfSt": what tells our files from other programs'.
const APPLICATION: i64 = 0x5366_5374;
/// What the tables below look like.
const VERSION: i64 = 1;

// `changes` counts calls that wrote, `deletions` those of them that deleted; a point has the count at
// which it was last written. `AUTOINCREMENT`: the number of a deleted point never comes back, so
// that what is kept in memory by number is never another's.
const TABLES: &str = "
CREATE TABLE collection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    language TEXT,
    model TEXT,
    dimension INTEGER,
    terms INTEGER NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0,
    deletions INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE point (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collection (id),
    id BLOB NOT NULL,
    change INTEGER NOT NULL,
    text TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX point_by_id ON point (collection, id);
CREATE INDEX point_by_change ON point (collection, change);
CREATE TABLE vector (
    point INTEGER PRIMARY KEY REFERENCES point (number),
    numbers BLOB NOT NULL
) STRICT;
CREATE TABLE attribute (
    collection INTEGER NOT NULL,
    key TEXT NOT NULL,
    value ANY NOT NULL,
    point INTEGER NOT NULL,
    PRIMARY KEY (collection, key, value, point)
) STRICT, WITHOUT ROWID;
CREATE TABLE term (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    term TEXT NOT NULL,
    points INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX term_by_text ON term (collection, term);
";

/// The version of the tables in a file that is ours or empty, all read at one moment: another process
/// may be making them.
pub(super) fn recognise(connection: &mut Connection, file: &Path) -> Result<i64, Failure> {
    let moment = connection.transaction()?;
    version(&moment, file)
}

/// Makes the tables in a new file and refuses a file that is not ours.
pub(super) fn ensure(connection: &mut Connection, file: &Path) -> Result<(), Failure> {
    if recognise(connection, file)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if version(&transaction, file)? != VERSION {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// The version of the tables; 0 if there are none yet.
fn version(connection: &Connection, file: &Path) -> Result<i64, Failure> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let empty = || connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |r| r.get(0));
    if application == APPLICATION && version > VERSION {
        return Err(StoreError::Newer(file.display().to_string()).into());
    }
    if application == APPLICATION || (version == 0 && empty()?) {
        return Ok(version);
    }
    Err(StoreError::Foreign(file.display().to_string()).into())
}

/// A collection as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: i64,
    pub(super) spec: CollectionSpec,
    /// Which version of the terms its words are.
    pub(super) terms: i64,
    pub(super) changes: i64,
    pub(super) deletions: i64,
}

impl Collection {
    pub(super) const COLUMNS: &str =
        "id, name, language, model, dimension, terms, changes, deletions";

    pub(super) fn find(db: &Connection, name: &str) -> Result<Option<Self>, Failure> {
        let sql = format!("SELECT {} FROM collection WHERE name = ?1", Self::COLUMNS);
        let mut statement = db.prepare_cached(&sql)?;
        Ok(statement.query_row([name], Self::read).optional()?)
    }

    pub(super) fn get(db: &Connection, name: &str) -> Result<Self, Failure> {
        let missing = || StoreError::NoCollection(name.to_owned());
        Ok(Self::find(db, name)?.ok_or_else(missing)?)
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let language: Option<String> = row.get(2)?;
        let model: Option<String> = row.get(3)?;
        let dimension: Option<i64> = row.get(4)?;
        let dimension = dimension.and_then(|d| usize::try_from(d).ok());
        Ok(Self {
            id: row.get(0)?,
            spec: CollectionSpec {
                name: row.get(1)?,
                language: language.and_then(|code| code.parse::<Language>().ok()),
                dense: model
                    .zip(dimension)
                    .map(|(model, dimension)| DenseSpec { model, dimension }),
            },
            terms: row.get(5)?,
            changes: row.get(6)?,
            deletions: row.get(7)?,
        })
    }

    pub(super) fn create(
        db: &Connection,
        spec: &CollectionSpec,
        terms: i64,
    ) -> Result<(), Failure> {
        let dense = spec.dense.as_ref();
        db.execute(
            "INSERT INTO collection (name, language, model, dimension, terms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                spec.name,
                spec.language.map(Language::code),
                dense.map(|d| &d.model),
                dense.and_then(|d| i64::try_from(d.dimension).ok()),
                terms
            ],
        )?;
        let words = words(db.last_insert_rowid());
        // A table of its own, so that a word's weight is that in its collection. It keeps the terms
        // it was given: what is deleted must be exactly what was inserted. Without the last option
        // deleted words would stay in it until it merges its parts.
        db.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {words} USING fts5 (terms, tokenize = \"ascii tokenchars '.~'\");
             INSERT INTO {words} ({words}, rank) VALUES ('secure-delete', 1);"
        ))?;
        Ok(())
    }
}

/// The table of a collection's words.
pub(super) fn words(collection: i64) -> String {
    format!("words_{collection}")
}
