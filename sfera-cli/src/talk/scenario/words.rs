//! Words as they are compared, and how far two texts are apart.

/// The words of a text: lower case, «ё» as «е», without punctuation.
pub fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('ё', "е");
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Word error rate: how many words have to be replaced, inserted or deleted to make `expected` of
/// `heard`, and how many words `expected` has.
pub fn word_errors(expected: &str, heard: &str) -> (usize, usize) {
    let (expected, heard) = (words(expected), words(heard));
    let errors = strsim::generic_levenshtein(&expected, &heard);
    (errors, expected.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_and_case_are_no_errors_and_each_word_counts_once() {
        let said = "Ещё раз: страх – враг!";
        assert_eq!(word_errors(said, "еще раз страх враг"), (0, 4));
        assert_eq!(word_errors(said, "еще раз страх"), (1, 4));
        assert_eq!(word_errors(said, "раз страх друг мой"), (3, 4));
        assert_eq!(word_errors("", "слово"), (1, 0));
    }
}
