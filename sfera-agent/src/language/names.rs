//! Things people name in speech, found in what they say: any case form, either language, usual short
//! names, a mis-heard letter.

use super::{
    Language,
    words::{sound_alike, stem, words},
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// How something is called.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Names {
    pub(crate) ru: String,
    pub(crate) en: String,
    pub(crate) also: Vec<String>,
    /// Each name as its stems.
    stems: Vec<Vec<String>>,
}

/// Names as a data file lists them.
#[derive(Deserialize)]
struct Written {
    ru: String,
    en: String,
    #[serde(default)]
    also: Vec<String>,
}

impl From<Written> for Names {
    fn from(Written { ru, en, also }: Written) -> Self {
        let stems = [&ru, &en].into_iter().chain(&also);
        Self {
            stems: stems.map(|name| stems_of(name)).collect(),
            ru,
            en,
            also,
        }
    }
}

impl Names {
    /// Another name, by its stems.
    pub(crate) fn add(&mut self, stems: Vec<String>) {
        self.stems.push(stems);
    }
}

/// Something with names.
pub(crate) trait Named {
    fn names(&self) -> &Names;

    /// The name in a language.
    fn name(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.names().ru,
            Language::En => &self.names().en,
        }
    }
}

impl Named for Names {
    fn names(&self) -> &Names {
        self
    }
}

/// Reads a data file's list.
pub(crate) fn read<T: DeserializeOwned>(toml: &str) -> Vec<T> {
    let file: BTreeMap<String, Vec<T>> = toml::from_str(toml).unwrap_or_default();
    file.into_values().flatten().collect()
}

pub(crate) fn stems_of(name: &str) -> Vec<String> {
    words(name).map(stem_of).collect()
}

/// Letters of a Latin word that is left as it is written, at most: the stem of AED is `a`.
const SHORT: usize = 3;

fn stem_of(word: String) -> String {
    match word.is_ascii() && word.len() <= SHORT {
        true => word,
        false => stem(&word),
    }
}

/// What a text names; an exact name wins over one that only sounds alike, a longer one over a
/// shorter one.
pub(crate) fn find<'a, T: Named>(all: &'a [T], text: &str) -> Option<&'a T> {
    let stems = stems_of(text);
    let equal = |a: &str, b: &str| a == b;
    longest(all, &stems, equal).or_else(|| longest(all, &stems, sound_alike))
}

/// Everything a text names exactly, in the order of `all`.
pub(crate) fn all<'a, T: Named>(all: &'a [T], text: &str) -> Vec<&'a T> {
    let stems = stems_of(text);
    let named = |thing: &&T| thing.names().stems.iter().any(|name| said(name, &stems));
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
        let names = thing
            .names()
            .stems
            .iter()
            .filter(|n| !n.is_empty() && said(n));
        Some((names.map(Vec::len).max()?, thing))
    };
    // Backwards, so that the first of equals wins, as in the data file.
    let found = all.iter().rev().filter_map(length);
    found.max_by_key(|(len, _)| *len).map(|(_, thing)| thing)
}
