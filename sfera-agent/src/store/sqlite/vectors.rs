//! Vectors as they are stored, and all of a collection's in memory.

use super::{error::Failure, schema::Collection};
use rusqlite::{Connection, OptionalExtension, params};
use sfera_nearest::{Near, Vectors as InMemory};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// What one number of a stored vector reaches to.
const REACH: f32 = 32_767.0;

/// Vectors that are looked through in less time than a thread takes to be worth it: half a millisecond.
const MANY: usize = 5_000;

/// A vector for the disk: what a step is worth, then two bytes a number. So a cosine is right to some
/// 10⁻⁵.
pub(super) fn stored(vector: &[f32]) -> Vec<u8> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    let largest = vector.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    let step = largest / length / REACH;
    let mut bytes = step.to_le_bytes().to_vec();
    for number in vector {
        // Saturates.
        let steps = (number / largest * REACH).round() as i16;
        bytes.extend(steps.to_le_bytes());
    }
    bytes
}

fn read(bytes: &[u8], dimension: usize) -> Result<Vec<f32>, Failure> {
    let (step, numbers) = bytes.split_at_checked(4).ok_or(Failure::Nonsense)?;
    let step = f32::from_le_bytes(step.try_into().map_err(|_| Failure::Nonsense)?);
    if numbers.len() != 2 * dimension || !step.is_finite() {
        return Err(Failure::Nonsense);
    }
    let pairs = numbers.as_chunks::<2>().0.iter();
    Ok(pairs
        .map(|pair| f32::from(i16::from_le_bytes(*pair)) * step)
        .collect())
}

/// The vector of a point, if it has one.
fn of_point(db: &Connection, point: i64, dimension: usize) -> Result<Option<Vec<f32>>, Failure> {
    let mut statement = db.prepare_cached("SELECT numbers FROM vector WHERE point = ?1")?;
    let bytes: Option<Vec<u8>> = statement.query_row([point], |row| row.get(0)).optional()?;
    bytes.map(|bytes| read(&bytes, dimension)).transpose()
}

/// The cosine of the angle between a query and a point, if that has a vector.
pub(super) fn cosine(db: &Connection, point: i64, query: &[f32]) -> Result<Option<f32>, Failure> {
    let vector = of_point(db, point, query.len())?;
    Ok(vector.map(|vector| {
        let product: f32 = vector.iter().zip(query).map(|(v, q)| v * q).sum();
        product.clamp(-1.0, 1.0)
    }))
}

/// All vectors of each collection that was asked for its meaning.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    collections: Mutex<HashMap<i64, Arc<RwLock<Kept>>>>,
}

#[derive(Debug)]
struct Kept {
    vectors: InMemory,
    changes: i64,
    deletions: i64,
}

impl Vectors {
    pub(super) fn forget(&self, collection: i64) {
        let mut all = self
            .collections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.remove(&collection);
    }

    /// All vectors of a collection, as they are on the disk now.
    pub(super) fn all(
        &self,
        db: &Connection,
        collection: &Collection,
        dimension: usize,
    ) -> Result<All, Failure> {
        let kept = self.of(collection, dimension);
        let behind = kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_behind(collection);
        if behind {
            let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
            kept.catch_up(db, collection, dimension)?;
        }
        Ok(All(kept))
    }

    fn of(&self, collection: &Collection, dimension: usize) -> Arc<RwLock<Kept>> {
        let mut all = self
            .collections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(collection.id).or_insert_with(|| {
            Arc::new(RwLock::new(Kept {
                vectors: InMemory::new(dimension),
                changes: 0,
                deletions: 0,
            }))
        });
        Arc::clone(kept)
    }
}

/// A collection's vectors in memory.
pub(super) struct All(Arc<RwLock<Kept>>);

impl All {
    /// Whether looking through them takes long enough to be worth a thread.
    pub(super) fn are_many(&self) -> bool {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.vectors.len() > MANY
    }

    /// The points that may be the `limit` nearest to a unit vector; `among` leaves others out. Nothing
    /// but memory is read.
    pub(super) fn near(
        &self,
        query: &[f32],
        limit: usize,
        among: Option<&BTreeSet<i64>>,
    ) -> Vec<Near> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.vectors.nearest(query, limit, among)
    }
}

/// The `limit` nearest of points that may be, with their cosines by the vectors on the disk.
pub(super) fn nearest(
    db: &Connection,
    near: Vec<Near>,
    query: &[f32],
    limit: usize,
) -> Result<Vec<(i64, f32)>, Failure> {
    let mut nearest = Vec::with_capacity(near.len());
    for near in near {
        let cosine = cosine(db, near.key, query)?;
        nearest.extend(cosine.map(|cosine| (near.key, cosine)));
    }
    nearest.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
    nearest.truncate(limit);
    Ok(nearest)
}

impl Kept {
    fn is_behind(&self, collection: &Collection) -> bool {
        self.changes < collection.changes
    }

    /// Takes over what was written since, by this process or another.
    fn catch_up(
        &mut self,
        db: &Connection,
        collection: &Collection,
        dimension: usize,
    ) -> Result<(), Failure> {
        if !self.is_behind(collection) {
            return Ok(());
        }
        if self.deletions < collection.deletions {
            let mut left = db.prepare_cached("SELECT number FROM point WHERE collection = ?1")?;
            let left = left.query_map([collection.id], |row| row.get(0))?;
            self.vectors.retain(&left.collect::<Result<_, _>>()?);
        }
        let mut written = db.prepare_cached(
            "SELECT number, numbers FROM point LEFT JOIN vector ON vector.point = point.number
             WHERE collection = ?1 AND change > ?2",
        )?;
        let mut rows = written.query(params![collection.id, self.changes])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            match row
                .get_ref(1)?
                .as_blob_or_null()
                .map_err(|_| Failure::Nonsense)?
            {
                Some(bytes) => self.vectors.put(number, &read(bytes, dimension)?),
                None => self.vectors.remove(number),
            }
        }
        (self.changes, self.deletions) = (collection.changes, collection.deletions);
        Ok(())
    }
}
