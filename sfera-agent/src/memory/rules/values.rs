//! What values mean: which are the same, and what holds no longer once something is said. Recalling needs
//! no more than this, and none of the rules, which take a while to compile.

use crate::{
    language::words::{content_stems, sound_alike, stem},
    memory::Statement,
};
use std::{collections::HashSet, sync::LazyLock};

static OPINIONS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let lines = include_str!("opinions.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(stem).collect()
});

/// Whether two values mean the same: by their words, without those that only express an opinion.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (a_words, b_words) = (subject(a), subject(b));
    let (a, b) = match a_words.is_empty() || b_words.is_empty() {
        true => (a.to_lowercase(), b.to_lowercase()),
        false => (joined(&a_words), joined(&b_words)),
    };
    // Numbers are not mis-heard by a letter.
    let has_digits = |text: &str| text.chars().any(char::is_numeric);
    a == b || (!has_digits(&a) && !has_digits(&b) && sound_alike(&a, &b))
}

/// Whether a text mentions a value: all words that say what the value is about.
pub(in crate::memory) fn mentions(text: &str, value: &str) -> bool {
    let value = subject(value);
    let text: HashSet<_> = content_stems(text).collect();
    !value.is_empty() && value.iter().all(|stem| text.contains(stem))
}

/// Whether a fact of this kind and value holds no longer once this is said.
pub(crate) fn ends(statement: &Statement, kind: &str, value: &str) -> bool {
    match statement {
        Statement::Is { kind: of, .. } => of == kind,
        Statement::Also {
            kind: of,
            value: new,
        } => of == kind && same(value, new),
        Statement::Not {
            kind: of,
            value: old,
        } => of == kind && old.as_ref().is_none_or(|old| is_meant(kind, value, old)),
        Statement::Correction { .. } => false,
    }
}

/// Whether «больше не …» means this fact. What somebody trades was said in one breath: «биткоином и
/// эфиром» holds no longer when one of them does not.
fn is_meant(kind: &str, value: &str, old: &str) -> bool {
    same(value, old) || (kind == "trades" && mentions(value, old))
}

fn subject(value: &str) -> HashSet<String> {
    content_stems(value)
        .filter(|stem| !OPINIONS.contains(stem))
        .collect()
}

fn joined(stems: &HashSet<String>) -> String {
    let mut stems: Vec<_> = stems.iter().map(String::as_str).collect();
    stems.sort_unstable();
    stems.join(" ")
}
