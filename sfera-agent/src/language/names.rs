//! Things people name in speech, found in what they say: any case form, either language, usual short
//! names, a mis-heard letter.

use super::words::{sound_alike, stem, words};

/// Something with names.
pub(crate) trait Named {
    /// Each name as its stems.
    fn names(&self) -> &[Vec<String>];
}

/// A name as [`Named::names`] wants it.
pub(crate) fn name(text: &str) -> Vec<String> {
    words(text).map(|word| stem(&word)).collect()
}

/// What a text names; an exact name wins over one that only sounds alike, a longer one over a
/// shorter one.
pub(crate) fn find<'a, T: Named>(all: &'a [T], text: &str) -> Option<&'a T> {
    let stems = name(text);
    let equal = |a: &str, b: &str| a == b;
    longest(all, &stems, equal).or_else(|| longest(all, &stems, sound_alike))
}

/// Everything a text names exactly, in the order of `all`.
pub(crate) fn all<'a, T: Named>(all: &'a [T], text: &str) -> Vec<&'a T> {
    let stems = name(text);
    let named = |thing: &&T| thing.names().iter().any(|name| said(name, &stems));
    all.iter().filter(named).collect()
}

fn said(name: &[String], stems: &[String]) -> bool {
    !name.is_empty() && stems.windows(name.len()).any(|window| window == name)
}

fn longest<'a, T: Named>(
    all: &'a [T],
    stems: &[String],
    same: impl Fn(&str, &str) -> bool,
) -> Option<&'a T> {
    let said = |name: &Vec<String>| {
        let mut windows = stems.windows(name.len().max(1));
        windows.any(|window| window.iter().zip(name).all(|(a, b)| same(a, b)))
    };
    let length = |thing: &'a T| {
        let names = thing.names().iter().filter(|n| !n.is_empty() && said(n));
        Some((names.map(Vec::len).max()?, thing))
    };
    // Backwards, so that the first of equals wins, as in the data file.
    let found = all.iter().rev().filter_map(length);
    found.max_by_key(|(len, _)| *len).map(|(_, thing)| thing)
}
