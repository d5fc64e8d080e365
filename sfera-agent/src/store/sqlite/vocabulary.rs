//! The words of a collection, for those of a question that it does not have.

use super::error::Failure;
use crate::language::words::sound_alike;
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// Words that are taken for one that is not there, at most.
const MAX_ALIKE: usize = 3;
/// Shorter words have too many neighbours to be taken for one another.
const MIN_LETTERS: usize = 5;

/// How many points of a collection have a term.
pub(super) fn points_with(db: &Connection, collection: i64, term: &str) -> Result<i64, Failure> {
    let mut statement =
        db.prepare_cached("SELECT points FROM term WHERE collection = ?1 AND term = ?2")?;
    let points = statement.query_row(params![collection, term], |row| row.get(0));
    Ok(points.optional()?.unwrap_or(0))
}

/// The words of each collection in which one was missed.
#[derive(Debug, Default)]
pub(super) struct Vocabularies {
    collections: Mutex<HashMap<i64, Arc<RwLock<Words>>>>,
}

#[derive(Debug, Default)]
struct Words {
    /// The number of the last word that was read. Words that are gone since do no harm: no point has
    /// them.
    last: i64,
    words: Vec<(u64, Box<str>)>,
}

impl Vocabularies {
    pub(super) fn forget(&self, collection: i64) {
        let mut all = self
            .collections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.remove(&collection);
    }

    /// The words of a collection that may be meant by one that it does not have, the likeliest first.
    pub(super) fn alike(
        &self,
        db: &Connection,
        collection: i64,
        word: &str,
    ) -> Result<Vec<String>, Failure> {
        if !is_misspellable(word) {
            return Ok(Vec::new());
        }
        let words = {
            let mut all = self
                .collections
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(collection).or_default())
        };
        words
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .catch_up(db, collection)?;
        let words = words.read().unwrap_or_else(PoisonError::into_inner);
        let letters = letters(word);
        // A letter more, less or other changes two bits at most; two of them four.
        let near = words
            .words
            .iter()
            .filter(|(l, _)| (l ^ letters).count_ones() <= 4);
        let alike = near.filter(|(_, other)| sound_alike(other, word));
        let mut alike: Vec<_> = alike
            .map(|(_, other)| (strsim::osa_distance(other, word), other.to_string()))
            .collect();
        alike.sort_unstable();
        let nearest = alike.first().map_or(0, |(distance, _)| *distance);
        let mut found = Vec::new();
        for (distance, other) in alike {
            if distance == nearest && points_with(db, collection, &other)? > 0 {
                found.push(other);
            }
            if found.len() == MAX_ALIKE {
                break;
            }
        }
        Ok(found)
    }
}

impl Words {
    fn catch_up(&mut self, db: &Connection, collection: i64) -> Result<(), Failure> {
        let mut new = db.prepare_cached(
            "SELECT number, term FROM term WHERE collection = ?1 AND number > ?2 ORDER BY number",
        )?;
        let mut rows = new.query(params![collection, self.last])?;
        while let Some(row) = rows.next()? {
            self.last = row.get(0)?;
            let term: String = row.get(1)?;
            if is_misspellable(&term) {
                self.words.push((letters(&term), term.into()));
            }
        }
        Ok(())
    }
}

/// Digits are never taken for others, and a sound is one already.
fn is_misspellable(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && word.chars().count() >= MIN_LETTERS
}

/// A bit for each letter that occurs.
fn letters(word: &str) -> u64 {
    word.chars()
        .fold(0, |bits, c| bits | 1 << (u32::from(c) % 64))
}
