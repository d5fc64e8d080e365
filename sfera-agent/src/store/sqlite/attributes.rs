//! The part of a payload that can be asked for.

use super::error::Failure;
use crate::store::{Condition, Filter};
use rusqlite::{Connection, OptionalExtension, params, types::Value as SqlValue};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A longer text is kept by its hash, so that it does not stand in the file three times.
const MAX_TEXT_BYTES: usize = 64;
/// Up to so many points a condition is counted, to begin with the one that means the fewest.
const COUNTED: i64 = 1_000;

/// A payload's texts and whole numbers, as they can be asked for.
pub(super) fn of(payload: &Map<String, Value>) -> impl Iterator<Item = (&String, SqlValue)> {
    payload.iter().filter_map(|(key, value)| {
        let value = match value {
            Value::String(text) => of_text(text),
            Value::Number(number) => SqlValue::Integer(number.as_i64()?),
            _ => return None,
        };
        Some((key, value))
    })
}

fn of_text(text: &str) -> SqlValue {
    if text.len() <= MAX_TEXT_BYTES {
        return SqlValue::Text(text.to_owned());
    }
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    SqlValue::Blob(hash.as_bytes().to_vec())
}

/// The numbers of the points a filter means; `None` if it means all.
pub(super) fn meant(
    db: &Connection,
    collection: i64,
    filter: &Filter,
) -> Result<Option<BTreeSet<i64>>, Failure> {
    let mut counted = Vec::new();
    for condition in &filter.must {
        counted.push((count(db, collection, condition)?, condition));
    }
    counted.sort_by_key(|(count, _)| *count);
    let mut conditions = counted.into_iter().map(|(_, condition)| condition);
    let Some(first) = conditions.next() else {
        return Ok(None);
    };
    let mut meant = BTreeSet::new();
    for asked in asked(first) {
        meant.extend(asked.points(db, collection, -1)?);
    }
    for condition in conditions {
        let mut kept = BTreeSet::new();
        for point in meant {
            if holds(db, collection, condition, point)? {
                kept.insert(point);
            }
        }
        meant = kept;
    }
    Ok(Some(meant))
}

/// One value, range or id.
enum Asked<'a> {
    Value(&'a str, SqlValue),
    Range(&'a str, i64, i64),
    Id(Uuid),
}

fn asked(condition: &Condition) -> Vec<Asked<'_>> {
    match condition {
        Condition::Is(key, text) => vec![Asked::Value(key, of_text(text))],
        Condition::OneOf(key, texts) => {
            let values = texts.iter().map(|text| Asked::Value(key, of_text(text)));
            values.collect()
        }
        Condition::Between(key, from, to) => vec![Asked::Range(key, *from, *to)],
        Condition::Ids(ids) => ids.iter().map(|id| Asked::Id(*id)).collect(),
    }
}

/// Points that a condition means; [`COUNTED`] stands for many.
fn count(db: &Connection, collection: i64, condition: &Condition) -> Result<i64, Failure> {
    if let Condition::Ids(ids) = condition {
        return Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    }
    let mut count = 0;
    for asked in asked(condition) {
        count += i64::try_from(asked.points(db, collection, COUNTED)?.len()).unwrap_or(COUNTED);
        if count >= COUNTED {
            break;
        }
    }
    Ok(count)
}

impl Asked<'_> {
    fn points(&self, db: &Connection, collection: i64, limit: i64) -> Result<Vec<i64>, Failure> {
        let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let points = match self {
            Self::Value(key, value) => db
                .prepare_cached(
                    "SELECT point FROM attribute
                     WHERE collection = ?1 AND key = ?2 AND value = ?3 LIMIT ?4",
                )?
                .query_map(params![collection, key, value, limit], number)?
                .collect::<Result<_, _>>()?,
            Self::Range(key, from, to) => db
                .prepare_cached(
                    "SELECT point FROM attribute
                     WHERE collection = ?1 AND key = ?2 AND value BETWEEN ?3 AND ?4 LIMIT ?5",
                )?
                .query_map(params![collection, key, from, to, limit], number)?
                .collect::<Result<_, _>>()?,
            Self::Id(id) => db
                .prepare_cached("SELECT number FROM point WHERE collection = ?1 AND id = ?2")?
                .query_map(params![collection, id.as_bytes()], number)?
                .collect::<Result<_, _>>()?,
        };
        Ok(points)
    }
}

/// Whether a condition holds of a point, by looking at the point.
fn holds(
    db: &Connection,
    collection: i64,
    condition: &Condition,
    point: i64,
) -> Result<bool, Failure> {
    let mut read =
        db.prepare_cached("SELECT id, payload FROM point WHERE number = ?1 AND collection = ?2")?;
    let read = read.query_row([point, collection], |row| {
        Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?))
    });
    let Some((id, payload)) = read.optional()? else {
        return Ok(false);
    };
    if let Condition::Ids(ids) = condition {
        return Ok(ids.contains(&Uuid::from_bytes(id)));
    }
    let payload: Map<String, Value> =
        serde_json::from_str(&payload).map_err(|_| Failure::Nonsense)?;
    Ok(match condition {
        Condition::Is(key, text) => payload.get(key).and_then(Value::as_str) == Some(text),
        Condition::OneOf(key, texts) => {
            let value = payload.get(key).and_then(Value::as_str);
            value.is_some_and(|value| texts.iter().any(|text| text == value))
        }
        Condition::Between(key, from, to) => {
            let value = payload.get(key).and_then(Value::as_i64);
            value.is_some_and(|value| (from..=to).contains(&&value))
        }
        Condition::Ids(_) => false,
    })
}
