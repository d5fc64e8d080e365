use super::{
    Kept, attributes,
    error::Failure,
    reading,
    schema::{self, Collection},
    vectors,
    vocabulary::points_with,
    writing::check_terms,
};
use crate::{
    language::terms::wanted,
    store::{Hit, Query, StoreError, fusion},
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::{BTreeSet, HashMap},
    thread,
};

/// Points that the terms of a question may have in all: beyond it, the commonest terms are left out.
/// It bounds the time of a search by words in large collections.
const MAX_POSTINGS: i64 = 10_000;

pub(super) fn search(
    db: &mut Connection,
    kept: &Kept,
    name: &str,
    query: &Query,
) -> Result<Vec<Hit>, Failure> {
    // One view of the file for all that follows.
    let db = db.transaction()?;
    let collection = Collection::get(&db, name)?;
    let vector = match &query.dense {
        Some(vector) => {
            collection.spec.check_vector(vector)?;
            Some(unit(vector))
        }
        None => None,
    };
    if query.limit == 0 {
        return Ok(Vec::new());
    }
    let meant = attributes::meant(&db, collection.id, &query.filter)?;
    let limit = match vector.is_some() && query.text.is_some() {
        true => fusion::depth(query.limit),
        false => query.limit,
    };
    let words = match &query.text {
        Some(text) => {
            check_terms(&collection)?;
            Words::asked(&db, kept, &collection, text)?
        }
        None => None,
    };
    let by_words = || match &words {
        Some(words) => words.ranking(&db, limit, meant.as_ref()),
        None => Ok(Vec::new()),
    };
    let (by_words, by_meaning) = match &vector {
        Some(vector) => {
            let all = kept.vectors.all(&db, &collection, vector.len())?;
            let near = || all.near(vector, limit, meant.as_ref());
            let (near, by_words) = match words.is_some() && all.are_many() {
                true => beside(near, by_words)?,
                false => (near(), by_words()),
            };
            (by_words?, vectors::nearest(&db, near, vector, limit)?)
        }
        None => (by_words()?, Vec::new()),
    };
    let numbers = |ranking: &[(i64, f32)]| ranking.iter().map(|(number, _)| *number).collect();
    let ranking = match (&query.text, &vector) {
        (Some(_), Some(_)) => fusion::fuse(&[numbers(&by_words), numbers(&by_meaning)]),
        (Some(_), None) => by_words.clone(),
        (None, _) => by_meaning.clone(),
    };
    let known: [HashMap<i64, f32>; 2] = [by_words, by_meaning].map(HashMap::from_iter);
    let mut hits = Vec::new();
    for (number, score) in ranking.into_iter().take(query.limit) {
        let Some(point) = reading::by_number(&db, collection.id, number)? else {
            continue;
        };
        let bm25 = match (&words, known[0].get(&number)) {
            (Some(words), None) => words.score(&db, number)?,
            (_, known) => known.copied(),
        };
        let cosine = match (&vector, known[1].get(&number)) {
            (Some(vector), None) => vectors::cosine(&db, number, vector)?,
            (_, known) => known.copied(),
        };
        hits.push(Hit {
            point,
            score,
            cosine,
            bm25,
        });
    }
    Ok(hits)
}

/// Does one thing on a thread of its own and the other here.
fn beside<A: Send, B>(
    aside: impl FnOnce() -> A + Send,
    here: impl FnOnce() -> B,
) -> Result<(A, B), Failure> {
    thread::scope(|scope| {
        let aside = thread::Builder::new().spawn_scoped(scope, aside);
        let aside = aside.map_err(|_| StoreError::Unavailable)?;
        let here = here();
        Ok((aside.join().map_err(|_| StoreError::Unavailable)?, here))
    })
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    vector.iter().map(|v| v / length).collect()
}

/// The terms of a question that a collection has.
struct Words {
    table: String,
    /// As FTS5 wants it.
    expression: String,
}

impl Words {
    fn asked(
        db: &Connection,
        kept: &Kept,
        collection: &Collection,
        text: &str,
    ) -> Result<Option<Self>, Failure> {
        let id = collection.id;
        // By how many points have them, so that the rarest are taken first.
        let mut asked = BTreeSet::new();
        for wanted in wanted(text, collection.spec.language) {
            let mut known = Vec::new();
            for forms in [&wanted.exact, &wanted.alike] {
                if known.is_empty() {
                    known = counted(db, id, forms.iter().cloned())?;
                }
            }
            if known.is_empty() {
                for form in &wanted.exact {
                    known.extend(counted(db, id, kept.vocabularies.alike(db, id, form)?)?);
                }
            }
            asked.extend(known);
        }
        let mut expression = String::new();
        let mut postings = 0;
        for (points, term) in asked {
            postings += points;
            if !expression.is_empty() {
                if postings > MAX_POSTINGS {
                    break;
                }
                expression.push_str(" OR ");
            }
            // Terms hold no quotes.
            expression.extend(["\"", &term, "\""]);
        }
        Ok((!expression.is_empty()).then(|| Self {
            table: schema::words(id),
            expression,
        }))
    }

    fn ranking(
        &self,
        db: &Connection,
        limit: usize,
        meant: Option<&BTreeSet<i64>>,
    ) -> Result<Vec<(i64, f32)>, Failure> {
        let table = &self.table;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let Some(meant) = meant else {
            let sql = format!(
                "SELECT rowid, -rank FROM {table} WHERE {table} MATCH ?1 ORDER BY rank LIMIT ?2"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params![self.expression, limit], read)?;
            return Ok(rows.collect::<Result<_, _>>()?);
        };
        // `+`: the set is looked at for each point that has the words, not the words for each point
        // of the set.
        let sql = format!(
            "SELECT rowid, -rank FROM {table} WHERE {table} MATCH ?1
             AND +rowid IN (SELECT value FROM json_each(?3)) ORDER BY rank LIMIT ?2"
        );
        let set = serde_json::to_string(meant).map_err(|_| Failure::Nonsense)?;
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![self.expression, limit, set], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What a point scores, if it has any of the words.
    fn score(&self, db: &Connection, number: i64) -> Result<Option<f32>, Failure> {
        let table = &self.table;
        let sql = format!("SELECT -rank FROM {table} WHERE {table} MATCH ?1 AND rowid = ?2");
        let mut statement = db.prepare_cached(&sql)?;
        let score = statement.query_row(params![self.expression, number], |row| row.get(0));
        Ok(score.optional()?)
    }
}

/// Those of some terms that a collection has, with how many points have them.
fn counted(
    db: &Connection,
    collection: i64,
    terms: impl IntoIterator<Item = String>,
) -> Result<Vec<(i64, String)>, Failure> {
    let mut counted = Vec::new();
    for term in terms {
        counted.push((points_with(db, collection, &term)?, term));
    }
    counted.retain(|(points, _)| *points > 0);
    Ok(counted)
}
