//! Exact nearest neighbours of unit vectors by a scan of all of them, kept at one byte a number.
//!
//! A crate of its own, so that a development profile can optimise the loop that it is and nothing
//! else.

use std::collections::{BTreeSet, HashMap};

/// What a code reaches to.
const CODE: f32 = 127.0;
/// Neighbours that are given at most beyond those that were asked for: vectors so close together that
/// a byte a number cannot surely tell them apart. The bound on the error is reached only if all of it
/// points along the query; usually it is √dimension times smaller, so what this cuts off is no neighbour.
const MAX_DOUBTFUL: usize = 250;

/// A vector that may be among the nearest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Whose vector it is.
    pub key: i64,
    /// About the cosine.
    pub cosine: f32,
}

/// Vectors by key.
#[derive(Debug)]
pub struct Vectors {
    dimension: usize,
    keys: Vec<i64>,
    places: HashMap<i64, usize>,
    codes: Vec<i8>,
    /// What one step of a code is worth.
    steps: Vec<f32>,
    /// How far a vector is from its code; no cosine is wrong by more.
    errors: Vec<f32>,
}

impl Vectors {
    /// None yet, of `dimension` numbers each.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self {
            dimension,
            keys: Vec::new(),
            places: HashMap::new(),
            codes: Vec::new(),
            steps: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Keeps a unit vector in place of the one with the same key. One of another dimension is kept as
    /// if it were cut or filled up with zeros.
    pub fn put(&mut self, key: i64, vector: &[f32]) {
        let vector = vector.iter().copied().chain(std::iter::repeat(0.0));
        let vector = vector.take(self.dimension);
        let largest = vector.clone().fold(0.0_f32, |most, v| most.max(v.abs()));
        let step = if largest > 0.0 { largest / CODE } else { 1.0 };
        let mut error = 0.0;
        let codes = vector.map(|v| {
            // Saturates, and what is no number becomes zero.
            let code = (v / step).round() as i8;
            let off = v - f32::from(code) * step;
            error += off * off;
            code
        });
        let codes: Vec<i8> = codes.collect();
        let error = error.sqrt();
        if let Some(&place) = self.places.get(&key) {
            let start = place * self.dimension;
            self.codes[start..start + self.dimension].copy_from_slice(&codes);
            self.steps[place] = step;
            self.errors[place] = error;
            return;
        }
        self.places.insert(key, self.keys.len());
        self.keys.push(key);
        self.codes.extend(codes);
        self.steps.push(step);
        self.errors.push(error);
    }

    /// Forgets a vector; one that is not there is as good as forgotten.
    pub fn remove(&mut self, key: i64) {
        let Some(place) = self.places.remove(&key) else {
            return;
        };
        self.keys.swap_remove(place);
        self.steps.swap_remove(place);
        self.errors.swap_remove(place);
        let last = self.codes.len() - self.dimension;
        self.codes.copy_within(last.., place * self.dimension);
        self.codes.truncate(last);
        if let Some(moved) = self.keys.get(place) {
            self.places.insert(*moved, place);
        }
    }

    /// Forgets every vector whose key is not among these.
    pub fn retain(&mut self, keys: &BTreeSet<i64>) {
        let gone: Vec<_> = self
            .keys
            .iter()
            .copied()
            .filter(|k| !keys.contains(k))
            .collect();
        for key in gone {
            self.remove(key);
        }
    }

    /// All vectors that may be among the `limit` nearest to a unit vector, nearest first: those that
    /// are, and up to 250 of which a byte a number cannot say that they are not. `among` leaves others
    /// out.
    #[must_use]
    pub fn nearest(&self, query: &[f32], limit: usize, among: Option<&BTreeSet<i64>>) -> Vec<Near> {
        if query.len() != self.dimension || self.dimension == 0 || limit == 0 {
            return Vec::new();
        }
        let query = Scaled::new(query);
        let (places, cosines) = match among {
            None => (None, self.scan(&query)),
            Some(among) => {
                let places = among.iter().filter_map(|key| self.places.get(key).copied());
                let places: Vec<usize> = places.collect();
                let cosines = places.iter().map(|place| self.cosine(*place, &query));
                let cosines = cosines.collect();
                (Some(places), cosines)
            }
        };
        let place = |at: usize| places.as_ref().map_or(at, |places| places[at]);
        let error = |at: usize| self.errors[place(at)] + query.error;
        let bound = if cosines.len() > limit {
            let surely = cosines.iter().enumerate().map(|(at, c)| c - error(at));
            let mut surely: Vec<f32> = surely.collect();
            let (_, bound, _) = surely.select_nth_unstable_by(limit - 1, |a, b| b.total_cmp(a));
            *bound
        } else {
            f32::NEG_INFINITY
        };
        let near = cosines
            .iter()
            .enumerate()
            .filter(|(at, cosine)| **cosine + error(*at) >= bound);
        let mut near: Vec<Near> = near
            .map(|(at, cosine)| Near {
                key: self.keys[place(at)],
                cosine: *cosine,
            })
            .collect();
        near.sort_unstable_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.key.cmp(&b.key)));
        near.truncate(limit.saturating_add(MAX_DOUBTFUL));
        near
    }

    fn scan(&self, query: &Scaled) -> Vec<f32> {
        let codes = self.codes.chunks_exact(self.dimension);
        let scaled = codes.zip(&self.steps);
        scaled
            .map(|(code, step)| dot(code, &query.numbers) as f32 * step * query.step)
            .collect()
    }

    fn cosine(&self, place: usize, query: &Scaled) -> f32 {
        let start = place * self.dimension;
        let code = &self.codes[start..start + self.dimension];
        dot(code, &query.numbers) as f32 * self.steps[place] * query.step
    }
}

/// A query in whole numbers, as fine as their sums allow.
struct Scaled {
    numbers: Vec<i16>,
    step: f32,
    error: f32,
}

impl Scaled {
    fn new(query: &[f32]) -> Self {
        // The sum of all products stays within 31 bits.
        let most = i32::MAX as f32 / CODE / (query.len() as f32 + 1.0);
        let reach = most.min(f32::from(i16::MAX)).floor();
        let largest = query.iter().fold(0.0_f32, |most, q| most.max(q.abs()));
        let step = if largest > 0.0 { largest / reach } else { 1.0 };
        let numbers: Vec<i16> = query.iter().map(|q| (q / step).round() as i16).collect();
        let off = query
            .iter()
            .zip(&numbers)
            .map(|(q, n)| q - f32::from(*n) * step);
        // A code is hardly longer than the unit vector it stands for.
        let error = off.map(|off| off * off).sum::<f32>().sqrt() * 1.1;
        Self {
            numbers,
            step,
            error,
        }
    }
}

/// Wrapping, because a check in each step would keep the compiler from doing many at once; the sums
/// are bounded by [`Scaled::new`].
fn dot(code: &[i8], query: &[i16]) -> i32 {
    let products = code.iter().zip(query);
    products.fold(0_i32, |sum, (c, q)| {
        sum.wrapping_add(i32::from(*c).wrapping_mul(i32::from(*q)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(vector: &[f32]) -> Option<Vec<f32>> {
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        (length > 1e-3).then(|| vector.iter().map(|v| v / length).collect())
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn vectors_are_replaced_and_removed() {
        let mut vectors = Vectors::new(2);
        vectors.put(1, &[1.0, 0.0]);
        vectors.put(2, &[0.0, 1.0]);
        vectors.put(3, &[-1.0, 0.0]);
        let keys = |v: &Vectors| {
            let near = v.nearest(&[1.0, 0.0], 9, None);
            near.iter().map(|n| n.key).collect::<Vec<_>>()
        };
        assert_eq!(keys(&vectors), [1, 2, 3]);
        vectors.put(3, &[1.0, 0.0]);
        assert_eq!(keys(&vectors), [1, 3, 2]);
        vectors.remove(1);
        vectors.remove(1);
        assert_eq!(keys(&vectors), [3, 2]);
        vectors.retain(&BTreeSet::from([2, 7]));
        assert_eq!((keys(&vectors), vectors.len()), (vec![2], 1));
        vectors.remove(2);
        assert!(vectors.is_empty() && keys(&vectors).is_empty());
    }

    #[test]
    fn odd_queries_find_nothing() {
        let mut vectors = Vectors::new(2);
        vectors.put(1, &[1.0, 0.0]);
        assert_eq!(vectors.nearest(&[1.0], 1, None), []);
        assert_eq!(vectors.nearest(&[1.0, 0.0], 0, None), []);
        assert_eq!(vectors.nearest(&[1.0, 0.0], 1, Some(&BTreeSet::new())), []);
        assert_eq!(Vectors::new(0).nearest(&[], 1, None), []);
    }

    proptest! {
        #[test]
        fn the_nearest_are_among_those_that_are_given(
            all in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 24), 1..60),
            query in prop::collection::vec(-1.0_f32..1.0, 24),
            limit in 1_usize..8,
        ) {
            let (Some(query), all) = (unit(&query), all.iter().filter_map(|v| unit(v)).collect::<Vec<_>>()) else {
                return Ok(());
            };
            let mut vectors = Vectors::new(24);
            for (key, vector) in all.iter().enumerate() {
                vectors.put(key as i64, vector);
            }
            let given = vectors.nearest(&query, limit, None);
            for near in &given {
                let exact = cosine(&all[near.key as usize], &query);
                prop_assert!((near.cosine - exact).abs() < 0.02);
            }
            let mut exact: Vec<_> = (0..all.len()).collect();
            exact.sort_by(|a, b| cosine(&all[*b], &query).total_cmp(&cosine(&all[*a], &query)));
            for key in exact.into_iter().take(limit) {
                prop_assert!(given.iter().any(|near| near.key == key as i64));
            }
            let among: BTreeSet<i64> = (0..all.len() as i64).step_by(2).collect();
            let some = vectors.nearest(&query, all.len(), Some(&among));
            prop_assert_eq!(some.len(), among.len());
            prop_assert!(some.iter().all(|near| among.contains(&near.key)));
        }
    }
}
