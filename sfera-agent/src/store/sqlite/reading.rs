use super::{attributes, error::Failure, schema::Collection};
use crate::store::{CollectionStatus, Filter, Point};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn collections(db: &mut Connection) -> Result<Vec<CollectionStatus>, Failure> {
    let db = db.transaction()?;
    let sql = format!(
        "SELECT {}, (SELECT count(*) FROM point WHERE point.collection = collection.id)
         FROM collection ORDER BY name",
        Collection::COLUMNS
    );
    let mut statement = db.prepare_cached(&sql)?;
    let statuses = statement.query_map([], |row| {
        let points: i64 = row.get(8)?;
        Ok(CollectionStatus {
            spec: Collection::read(row)?.spec,
            points: u64::try_from(points).unwrap_or_default(),
        })
    })?;
    Ok(statuses.collect::<Result<_, _>>()?)
}

pub(super) fn scroll(
    db: &mut Connection,
    name: &str,
    which: &Filter,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Vec<Point>, Failure> {
    let db = db.transaction()?;
    let collection = Collection::get(&db, name)?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let Some(meant) = attributes::meant(&db, collection.id, which)? else {
        let mut statement = db.prepare_cached(
            "SELECT id, text, payload FROM point WHERE collection = ?1 AND (?2 IS NULL OR id > ?2)
             ORDER BY id LIMIT ?3",
        )?;
        let after = after.as_ref().map(Uuid::as_bytes);
        let rows = statement.query_map(params![collection.id, after, most], read)?;
        return rows.map(|row| point(row?)).collect();
    };
    let mut by_id = BTreeMap::new();
    let mut id = db.prepare_cached("SELECT id FROM point WHERE number = ?1")?;
    for number in meant {
        let id: Option<[u8; 16]> = id.query_row([number], |row| row.get(0)).optional()?;
        by_id.extend(id.map(|id| (Uuid::from_bytes(id), number)));
    }
    let behind = by_id
        .into_iter()
        .filter(|(id, _)| after.is_none_or(|after| *id > after));
    let numbers: Vec<_> = behind.map(|(_, number)| number).take(limit).collect();
    let mut points = Vec::new();
    for number in numbers {
        points.extend(by_number(&db, collection.id, number)?);
    }
    Ok(points)
}

/// A point without its vector.
pub(super) fn by_number(
    db: &Connection,
    collection: i64,
    number: i64,
) -> Result<Option<Point>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT id, text, payload FROM point WHERE number = ?1 AND collection = ?2",
    )?;
    let row = statement.query_row([number, collection], read).optional()?;
    row.map(point).transpose()
}

type Stored = ([u8; 16], String, String);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn point((id, text, payload): Stored) -> Result<Point, Failure> {
    Ok(Point {
        id: Uuid::from_bytes(id),
        text,
        dense: None,
        payload: serde_json::from_str(&payload).map_err(|_| Failure::Nonsense)?,
    })
}
