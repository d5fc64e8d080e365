/// A word of a text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In small letters, with е for ё, without punctuation around it.
    pub(super) plain: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut end = 0;
    for piece in text.split_whitespace() {
        // It is there: the pieces come from this text, in order.
        let start = text[end..].find(piece).map_or(end, |at| end + at);
        end = start + piece.len();
        let bare = piece.trim_matches(|c: char| ",;:!?()«»\"".contains(c));
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        let plain = bare.to_lowercase().replace('ё', "е");
        words.push(Word { plain, start, end });
    }
    words
}

/// The word at a place; an empty one behind the last.
pub(super) fn word(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.plain.as_str())
}

/// Whether a word is one of these.
pub(super) fn one_of(word: &str, all: &[&str]) -> bool {
    all.contains(&word)
}

/// A whole number of a few digits.
pub(super) fn number(word: &str) -> Option<i64> {
    let plain = (1..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| word.parse().ok()).flatten()
}
