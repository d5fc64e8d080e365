//! Comparing what was said by its words alone.

/// The words of a text: lower case, «ё» as «е», without punctuation. «да-да» is one word.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('ё', "е"))
}

/// Whether two texts say the same words.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    words(a).eq(words(b))
}

/// Whether one text's words begin with all of the other's.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    words(a).zip(words(b)).all(|(a, b)| a == b)
}

/// Whether most of what was heard are words that the agent itself just said.
pub(super) fn is_echo(heard: &str, said: &str) -> bool {
    let said: Vec<_> = words(said).collect();
    let (mut total, mut echoed) = (0_usize, 0_usize);
    for word in words(heard) {
        total += 1;
        echoed += usize::from(said.contains(&word));
    }
    // A recogniser hears about one word in five of a loudspeaker's echo wrongly.
    total > 0 && echoed * 10 >= total * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_punctuation_and_yo_do_not_count() {
        assert!(same_words("Всё, привет!", "все привет"));
        assert!(!same_words("привет", "привет Алекс"));
        assert_eq!(
            words("Да-да, mm-hm…").collect::<Vec<_>>(),
            ["да-да", "mm-hm"]
        );
    }

    #[test]
    fn most_words_make_an_echo() {
        let said = "Здравствуйте, я голосовой помощник Сфера";
        assert!(is_echo("я голосовой помощник сфера", said));
        assert!(!is_echo("какая погода в Москве", said));
        assert!(!is_echo("", said));
    }
}
