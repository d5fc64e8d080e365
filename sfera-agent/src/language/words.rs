//! Words as the embedded parts see them: lower case, stemmed, compared with tolerance for what a
//! recogniser mis-hears.

use rust_stemmers::{Algorithm, Stemmer};
use std::{collections::HashSet, sync::LazyLock};
use unicode_segmentation::UnicodeSegmentation;

static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let files = [
        include_str!("stopwords/ru.txt"),
        include_str!("stopwords/en.txt"),
    ];
    let lines = files.into_iter().flat_map(str::lines);
    lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// The words of a text: lower case, `ё` as `е`, without punctuation.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.unicode_words()
        .map(|word| word.to_lowercase().replace('ё', "е").replace('’', "'"))
}

/// The stem of a word that [`words`] gave, by its script. A word that the stemmer would eat up
/// («иена» becomes «и») stays whole.
pub(crate) fn stem(word: &str) -> String {
    let cyrillic = word.chars().any(|c| ('а'..='я').contains(&c));
    let algorithm = if cyrillic {
        Algorithm::Russian
    } else {
        Algorithm::English
    };
    let stem = Stemmer::create(algorithm).stem(word);
    let eaten = stem.chars().count() < 3 && word.chars().count() > 3;
    if eaten {
        word.to_owned()
    } else {
        stem.into_owned()
    }
}

/// The text with a capital at its beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Whether the word says nothing about what a text is about.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(word)
}

/// The stems of the words that say what a text is about.
pub(crate) fn content_stems(text: &str) -> impl Iterator<Item = String> + '_ {
    words(text)
        .filter(|word| !is_stop_word(word))
        .map(|word| stem(&word))
}

/// Whether a recogniser may have heard one word for the other: at most one letter differs in words
/// of five letters, two in words of eight. Short words must be equal.
pub(crate) fn sound_alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (long, short) = (a.chars().count(), b.chars().count());
    let tolerance = match long.min(short) {
        0..=4 => return false,
        5..=7 => 1,
        _ => 2,
    };
    long.abs_diff(short) <= tolerance && strsim::osa_distance(a, b) <= tolerance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_of_both_languages_share_a_stem() {
        let stems: Vec<_> = content_stems("Расскажи о психологии, психология трейдинга!").collect();
        assert_eq!(stems, ["психолог", "психолог", "трейдинг"]);
        assert_eq!(stem("losses"), stem("loss"));
        assert_eq!(stem("иена"), "иена");
    }

    #[test]
    fn a_misheard_letter_is_forgiven_in_long_words_only() {
        assert!(sound_alike("трединг", "трейдинг"));
        assert!(sound_alike("психалогия", "психология"));
        assert!(!sound_alike("кот", "код"));
        assert!(!sound_alike("погода", "порода и"));
        assert!(!sound_alike("страх", "сахар"));
    }
}
