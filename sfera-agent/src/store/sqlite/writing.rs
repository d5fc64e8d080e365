use super::{
    attributes,
    error::Failure,
    schema::{self, Collection},
    vectors,
};
use crate::{
    Language,
    language::terms::{TERMS_VERSION, terms},
    store::{CollectionSpec, Contents, Filter, Point, StoreError},
};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::{BTreeSet, HashMap};

/// Texts that are indexed anew at a time.
const PAGE: i64 = 500;

fn writing(db: &mut Connection) -> Result<Transaction<'_>, Failure> {
    // Waits for another writer now: a transaction that only begins to write later cannot.
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

pub(super) fn setup(db: &mut Connection, spec: &CollectionSpec) -> Result<(), Failure> {
    let db = writing(db)?;
    match Collection::find(&db, &spec.name)? {
        None => Collection::create(&db, spec, TERMS_VERSION)?,
        Some(there) => {
            there.spec.check_against(spec)?;
            if there.terms < TERMS_VERSION {
                index_anew(&db, &there)?;
            } else {
                check_terms(&there)?;
            }
        }
    }
    Ok(db.commit()?)
}

/// Words of another version of the terms would not be found.
pub(super) fn check_terms(collection: &Collection) -> Result<(), StoreError> {
    if collection.terms == TERMS_VERSION {
        return Ok(());
    }
    Err(StoreError::Mismatch {
        collection: collection.spec.name.clone(),
        has: Contents::Words(collection.terms),
        wants: Contents::Words(TERMS_VERSION),
    })
}

fn index_anew(db: &Transaction<'_>, collection: &Collection) -> Result<(), Failure> {
    let (id, language) = (collection.id, collection.spec.language);
    let words = schema::words(id);
    db.execute(&format!("DELETE FROM {words}"), [])?;
    db.execute("DELETE FROM term WHERE collection = ?1", [id])?;
    let mut last = 0;
    loop {
        let mut page = db.prepare_cached(
            "SELECT number, text FROM point WHERE collection = ?1 AND number > ?2
             ORDER BY number LIMIT ?3",
        )?;
        let page = page.query_map([id, last, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let page: Vec<(i64, String)> = page.collect::<Result<_, _>>()?;
        let Some((number, _)) = page.last() else {
            break;
        };
        last = *number;
        let mut index = Index::new(id, language);
        for (number, text) in page {
            index.add(db, number, &text)?;
        }
        index.count(db)?;
    }
    db.execute(
        "UPDATE collection SET terms = ?2 WHERE id = ?1",
        [id, TERMS_VERSION],
    )?;
    Ok(())
}

/// Deletes a collection; answers what its number was.
pub(super) fn drop_collection(db: &mut Connection, name: &str) -> Result<Option<i64>, Failure> {
    let transaction = writing(db)?;
    let collection = Collection::find(&transaction, name)?;
    if let Some(Collection { id, .. }) = collection {
        transaction.execute_batch(&format!("DROP TABLE {}", schema::words(id)))?;
        for sql in [
            "DELETE FROM vector WHERE point IN (SELECT number FROM point WHERE collection = ?1)",
            "DELETE FROM attribute WHERE collection = ?1",
            "DELETE FROM term WHERE collection = ?1",
            "DELETE FROM point WHERE collection = ?1",
            "DELETE FROM collection WHERE id = ?1",
        ] {
            transaction.execute(sql, [id])?;
        }
    }
    transaction.commit()?;
    empty_log(db)?;
    Ok(collection.map(|collection| collection.id))
}

/// What was deleted stands in the log until that begins anew.
fn empty_log(db: &Connection) -> Result<(), Failure> {
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        // Somebody has been reading for longer than one waits; repeating the call empties it.
        return Err(StoreError::Unavailable.into());
    }
    Ok(())
}

pub(super) fn upsert(db: &mut Connection, name: &str, points: Vec<Point>) -> Result<(), Failure> {
    let db = writing(db)?;
    let collection = Collection::get(&db, name)?;
    check_terms(&collection)?;
    let vectors = points.iter().filter_map(|point| point.dense.as_ref());
    for vector in vectors {
        collection.spec.check_vector(vector)?;
    }
    let change = change(&db, &collection, false)?;
    let mut index = Index::new(collection.id, collection.spec.language);
    for point in points {
        put(&db, &mut index, change, &point)?;
    }
    index.count(&db)?;
    Ok(db.commit()?)
}

/// Counts a call that writes.
fn change(db: &Connection, collection: &Collection, deletes: bool) -> Result<i64, Failure> {
    let mut statement = db.prepare_cached(
        "UPDATE collection SET changes = changes + 1, deletions = deletions + ?2 WHERE id = ?1
         RETURNING changes",
    )?;
    Ok(statement.query_row(params![collection.id, deletes], |row| row.get(0))?)
}

fn put(db: &Connection, index: &mut Index, change: i64, point: &Point) -> Result<(), Failure> {
    let payload = serde_json::to_string(&point.payload).map_err(|_| Failure::Nonsense)?;
    let there = db
        .prepare_cached(
            "SELECT number, text, payload FROM point WHERE collection = ?1 AND id = ?2",
        )?
        .query_row(params![index.collection, point.id.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let number = match there {
        Some((number, text, old)) => {
            let (text, old): (String, String) = (text, old);
            if text != point.text {
                index.remove(db, number)?;
                index.add(db, number, &point.text)?;
            }
            remove_attributes(db, index.collection, number, &old)?;
            let mut update = db.prepare_cached(
                "UPDATE point SET change = ?2, text = ?3, payload = ?4 WHERE number = ?1",
            )?;
            update.execute(params![number, change, point.text, payload])?;
            number
        }
        None => {
            let mut insert = db.prepare_cached(
                "INSERT INTO point (collection, id, change, text, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let id = point.id.as_bytes();
            let number =
                insert.insert(params![index.collection, id, change, point.text, payload])?;
            index.add(db, number, &point.text)?;
            number
        }
    };
    for (key, value) in attributes::of(&point.payload) {
        let mut insert = db.prepare_cached(
            "INSERT INTO attribute (collection, key, value, point) VALUES (?1, ?2, ?3, ?4)",
        )?;
        insert.execute(params![index.collection, key, value, number])?;
    }
    match &point.dense {
        Some(vector) => db
            .prepare_cached("INSERT OR REPLACE INTO vector (point, numbers) VALUES (?1, ?2)")?
            .execute(params![number, vectors::stored(vector)])?,
        None => db
            .prepare_cached("DELETE FROM vector WHERE point = ?1")?
            .execute([number])?,
    };
    Ok(())
}

fn remove_attributes(
    db: &Connection,
    collection: i64,
    number: i64,
    payload: &str,
) -> Result<(), Failure> {
    let payload = serde_json::from_str(payload).map_err(|_| Failure::Nonsense)?;
    for (key, value) in attributes::of(&payload) {
        let mut delete = db.prepare_cached(
            "DELETE FROM attribute WHERE collection = ?1 AND key = ?2 AND value = ?3 AND point = ?4",
        )?;
        delete.execute(params![collection, key, value, number])?;
    }
    Ok(())
}

pub(super) fn delete(db: &mut Connection, name: &str, which: &Filter) -> Result<(), Failure> {
    let transaction = writing(db)?;
    let collection = Collection::get(&transaction, name)?;
    let meant = match attributes::meant(&transaction, collection.id, which)? {
        Some(meant) => meant,
        None => every(&transaction, collection.id)?,
    };
    if !meant.is_empty() {
        change(&transaction, &collection, true)?;
    }
    let mut index = Index::new(collection.id, collection.spec.language);
    for number in meant {
        remove(&transaction, &mut index, number)?;
    }
    index.count(&transaction)?;
    transaction.commit()?;
    empty_log(db)
}

fn every(db: &Connection, collection: i64) -> Result<BTreeSet<i64>, Failure> {
    let mut all = db.prepare_cached("SELECT number FROM point WHERE collection = ?1")?;
    let all = all.query_map([collection], |row| row.get(0))?;
    Ok(all.collect::<Result<_, _>>()?)
}

fn remove(db: &Connection, index: &mut Index, number: i64) -> Result<(), Failure> {
    let payload: String = db
        .prepare_cached("SELECT payload FROM point WHERE number = ?1")?
        .query_row([number], |row| row.get(0))?;
    remove_attributes(db, index.collection, number, &payload)?;
    index.remove(db, number)?;
    for sql in [
        "DELETE FROM vector WHERE point = ?1",
        "DELETE FROM point WHERE number = ?1",
    ] {
        db.prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

/// The words of a collection, and how many points have each.
struct Index {
    collection: i64,
    language: Option<Language>,
    words: String,
    /// What the counts change by.
    counts: HashMap<String, i64>,
}

impl Index {
    fn new(collection: i64, language: Option<Language>) -> Self {
        Self {
            collection,
            language,
            words: schema::words(collection),
            counts: HashMap::new(),
        }
    }

    fn add(&mut self, db: &Connection, number: i64, text: &str) -> Result<(), Failure> {
        let terms = terms(text, self.language).join(" ");
        let sql = format!("INSERT INTO {} (rowid, terms) VALUES (?1, ?2)", self.words);
        db.prepare_cached(&sql)?.execute(params![number, terms])?;
        self.tally(&terms, 1);
        Ok(())
    }

    fn remove(&mut self, db: &Connection, number: i64) -> Result<(), Failure> {
        let sql = format!("SELECT terms FROM {} WHERE rowid = ?1", self.words);
        let terms: String = db
            .prepare_cached(&sql)?
            .query_row([number], |row| row.get(0))?;
        let sql = format!("DELETE FROM {} WHERE rowid = ?1", self.words);
        db.prepare_cached(&sql)?.execute([number])?;
        self.tally(&terms, -1);
        Ok(())
    }

    fn tally(&mut self, terms: &str, by: i64) {
        let different: BTreeSet<&str> = terms.split(' ').filter(|t| !t.is_empty()).collect();
        for term in different {
            match self.counts.get_mut(term) {
                Some(count) => *count += by,
                None => drop(self.counts.insert(term.to_owned(), by)),
            }
        }
    }

    /// Writes the counts.
    fn count(self, db: &Connection) -> Result<(), Failure> {
        let mut add = db.prepare_cached(
            "INSERT INTO term (collection, term, points) VALUES (?1, ?2, ?3)
             ON CONFLICT (collection, term) DO UPDATE SET points = points + excluded.points",
        )?;
        let mut forget = db.prepare_cached(
            "DELETE FROM term WHERE collection = ?1 AND term = ?2 AND points <= 0",
        )?;
        for (term, by) in self.counts.into_iter().filter(|(_, by)| *by != 0) {
            add.execute(params![self.collection, term, by])?;
            if by < 0 {
                forget.execute(params![self.collection, term])?;
            }
        }
        Ok(())
    }
}
