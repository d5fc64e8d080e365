//! How well was it heard? Word error rate.

use unicode_segmentation::UnicodeSegmentation;

/// Words wrongly heard, missed or made up, and the words there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordErrors {
    /// Fewest substitutions, deletions and insertions that turn what was said into what was heard.
    pub errors: usize,
    /// Words that were said.
    pub words: usize,
}

impl WordErrors {
    /// The word error rate; may exceed 1. Zero if nothing was said and nothing heard.
    #[must_use]
    pub fn rate(self) -> f64 {
        match (self.errors, self.words) {
            (0, 0) => 0.0,
            (errors, words) => errors as f64 / words.max(1) as f64,
        }
    }
}

impl std::ops::AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        self.errors += other.errors;
        self.words += other.words;
    }
}

/// Compares two texts word by word. Case, punctuation and ё/е do not count.
///
/// ```
/// let heard = sfera_agent::testing::wer("Ещё раз, пожалуйста!", "еще раз пожалуйста");
/// assert_eq!(heard.rate(), 0.0);
/// ```
#[must_use]
pub fn wer(said: &str, heard: &str) -> WordErrors {
    let (said, heard) = (words(said), words(heard));
    // One row of the edit distance table at a time.
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (n, word) in said.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = n + 1;
        for (m, other) in heard.iter().enumerate() {
            let substituted = diagonal + usize::from(word != other);
            diagonal = row[m + 1];
            row[m + 1] = substituted.min(row[m] + 1).min(diagonal + 1);
        }
    }
    WordErrors {
        errors: row[heard.len()],
        words: said.len(),
    }
}

/// The words of a text in lower case, ё as е, without punctuation.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('ё', "е");
    text.unicode_words().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutions_deletions_and_insertions_count_once_each() {
        let errors = |said, heard| wer(said, heard).errors;
        assert_eq!(errors("раз два три", "раз два три"), 0);
        assert_eq!(errors("раз два три", "раз пять три"), 1);
        assert_eq!(errors("раз два три", "раз три"), 1);
        assert_eq!(errors("раз два три", "раз два ещё три"), 1);
        assert_eq!(errors("раз два", ""), 2);
        assert_eq!(errors("", "раз два"), 2);
        assert_eq!(wer("", "").rate(), 0.0);
        assert_eq!(wer("раз два", "два").rate(), 0.5);
    }

    #[test]
    fn hyphens_split_words_and_case_does_not_matter() {
        assert_eq!(words("Кто-то, ЕЩЁ!"), ["кто", "то", "еще"]);
    }
}
