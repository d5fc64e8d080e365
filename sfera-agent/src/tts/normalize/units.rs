//! What the data files know: units and currencies (`units.tsv`), abbreviations
//! (`abbreviations.tsv`), stress (`stress.tsv`).

use super::number::Gender;
use std::{collections::HashMap, sync::LazyLock};

/// A counted noun: its gender and its forms after 1, 2 and 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) gender: Gender,
    pub(super) forms: [&'static str; 3],
}

/// A unit and, for money, its hundredth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) unit: Unit,
    pub(super) hundredth: Option<Unit>,
}

static MEASURES: LazyLock<HashMap<&str, Measure>> = LazyLock::new(|| {
    let mut measures = HashMap::new();
    for row in rows(include_str!("units.tsv")) {
        let cells: Vec<&str> = row.split('\t').collect();
        let Some(unit) = cells.get(1..5).and_then(unit_of) else {
            continue;
        };
        let hundredth = cells.get(5..9).and_then(unit_of);
        for written in cells[0].split('|') {
            measures.insert(written, Measure { unit, hundredth });
        }
    }
    measures
});

/// Longest first.
static ABBREVIATIONS: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let rows = rows(include_str!("abbreviations.tsv")).filter_map(|row| row.split_once('\t'));
    let mut rows: Vec<_> = rows
        .map(|(written, words)| (written, stressed(words)))
        .collect();
    rows.sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
    rows
});

static STRESSES: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let rows = rows(include_str!("stress.tsv")).filter_map(|row| row.split_once('\t'));
    rows.map(|(word, said)| (word, stressed(said))).collect()
});

/// A Russian word with its stress, if voices are known to get it wrong.
pub(super) fn with_stress(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    STRESSES.iter().find_map(|(written, said)| {
        let rest = match written.strip_suffix('$') {
            Some(whole) => (lower == whole).then_some("")?,
            None => lower.strip_prefix(written)?,
        };
        Some(format!("{said}{rest}"))
    })
}

fn unit_of(cells: &[&'static str]) -> Option<Unit> {
    let [gender, one, few, many] = cells else {
        return None;
    };
    let gender = match *gender {
        "m" => Gender::Masculine,
        "f" => Gender::Feminine,
        _ => Gender::Neuter,
    };
    Some(Unit {
        gender,
        forms: [one, few, many],
    })
}

/// Rows of a data file, without comments.
pub(super) fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Data files mark stress by an apostrophe after the vowel.
pub(super) fn stressed(words: &str) -> String {
    words.replace('\'', "\u{0301}")
}

/// The unit written so.
pub(super) fn measure(written: &str) -> Option<Measure> {
    let found = MEASURES.get(written).copied();
    found.or_else(|| {
        let long = written.chars().count() > 2;
        long.then(|| MEASURES.get(written.to_lowercase().as_str()).copied())
            .flatten()
    })
}

/// The abbreviation that `rest` begins with: how long it is written and its words.
pub(super) fn abbreviation(rest: &str) -> Option<(usize, &'static str)> {
    let fits = |(written, _): &&(&str, String)| {
        rest.strip_prefix(written).is_some_and(|after| {
            written.ends_with('.') || !after.starts_with(|c: char| c.is_alphanumeric())
        })
    };
    let (written, words) = ABBREVIATIONS.iter().find(fits)?;
    Some((written.len(), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_data_files_is_understood() {
        for row in rows(include_str!("units.tsv")) {
            let cells: Vec<&str> = row.split('\t').collect();
            assert!(matches!(cells.len(), 5 | 9), "{row:?}");
            assert!(matches!(cells[1], "m" | "f" | "n"), "{row:?}");
        }
        for row in rows(include_str!("abbreviations.tsv")) {
            assert_eq!(row.split('\t').count(), 2, "{row:?}");
        }
    }
}
