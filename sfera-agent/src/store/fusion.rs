//! One ranking out of several, by reciprocal rank (Cormack, Clarke and Büttcher, 2009).

use std::{cmp::Ordering, collections::HashMap, hash::Hash};

/// Their constant: how little the first place is worth more than the second.
const K: f32 = 60.0;
/// Places of each ranking that are looked at for each that is wanted, and at least.
const DEPTH: usize = 4;
const LEAST_DEPTH: usize = 50;

/// How many of each ranking are to be fused so that `limit` come out.
pub(crate) fn depth(limit: usize) -> usize {
    limit.saturating_mul(DEPTH).max(LEAST_DEPTH)
}

/// Everything that any ranking has, best first: the sum of 1 ÷ (60 + place), places counted from 1.
/// Of equals, the smaller one comes first.
pub(crate) fn fuse<T: Copy + Eq + Hash + Ord>(rankings: &[Vec<T>]) -> Vec<(T, f32)> {
    let mut sums = HashMap::<T, f32>::new();
    for ranking in rankings {
        for (place, one) in ranking.iter().enumerate() {
            *sums.entry(*one).or_default() += 1.0 / (K + 1.0 + place as f32);
        }
    }
    let mut fused: Vec<_> = sums.into_iter().collect();
    fused.sort_by(|(a, x), (b, y)| match y.total_cmp(x) {
        Ordering::Equal => a.cmp(b),
        unequal => unequal,
    });
    fused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_comes_first() {
        let fused = fuse(&[vec!['a', 'b', 'c'], vec!['d', 'c']]);
        let order: Vec<_> = fused.iter().map(|(one, _)| *one).collect();
        assert_eq!(order, ['c', 'a', 'd', 'b']);
        let both = 1.0 / 63.0 + 1.0 / 62.0;
        assert!((fused[0].1 - both).abs() < 1e-6);
    }

    #[test]
    fn one_ranking_stays_as_it_is() {
        let fused = fuse(&[vec![3, 1, 2], vec![]]);
        let order: Vec<_> = fused.iter().map(|(one, _)| *one).collect();
        assert_eq!(order, [3, 1, 2]);
        assert_eq!(fuse::<u8>(&[]), []);
    }

    #[test]
    fn enough_are_looked_at() {
        assert_eq!(depth(1), 50);
        assert_eq!(depth(100), 400);
        assert_eq!(depth(usize::MAX), usize::MAX);
    }
}
