//! What a word sounds like, in whichever letters it is written: «насдак» and Nasdaq, «лайвкит» and
//! LiveKit.

/// Spellings of consonants, the longest first; vowels are `a`.
const LATIN: &[(&str, &str)] = &[
    ("sch", "ш"),
    ("tch", "ч"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("zh", "ж"),
    ("th", "т"),
    ("ph", "ф"),
    ("kh", "х"),
    ("ck", "к"),
    ("qu", "кв"),
    ("wh", "в"),
    ("ce", "сa"),
    ("ci", "сa"),
    ("cy", "сa"),
    ("ge", "жa"),
    ("gi", "жa"),
    ("cé", "сa"),
    ("gé", "жa"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("j", "ж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("z", "з"),
];
const CYRILLIC: &[(&str, &str)] = &[("дж", "ж"), ("щ", "ш"), ("ц", "с"), ("ь", ""), ("ъ", "")];
const VOWELS: &str = "aeiouyàáâãäåèéêëìíîïòóôõöùúûüаеиоуыэюяйё";

/// From so many consonants on, vowels say nothing that they do not.
const ENOUGH_CONSONANTS: usize = 3;

/// The sound of a lower-case word: its consonants; with the places of its vowels where there are few.
/// `None` if there is nothing but vowels, or it is no word.
pub(crate) fn sound(word: &str) -> Option<String> {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    let silent = latin && word.len() > 3 && word.ends_with('e');
    let word = if silent {
        &word[..word.len() - 1]
    } else {
        word
    };
    let mut full = String::new();
    let mut at = 0;
    while let Some(letter) = word[at..].chars().next() {
        let rest = &word[at..];
        let table = if latin { LATIN } else { CYRILLIC };
        let known = table
            .iter()
            .find(|(spelling, _)| rest.starts_with(spelling));
        let mut own = [0; 4];
        let (length, sound) = match known {
            Some((spelling, sound)) => (spelling.len(), *sound),
            None if VOWELS.contains(letter) => (letter.len_utf8(), "a"),
            None if letter.is_alphabetic() => (letter.len_utf8(), &*letter.encode_utf8(&mut own)),
            None => return None,
        };
        for sound in sound.chars() {
            if !full.ends_with(sound) {
                full.push(sound);
            }
        }
        at += length;
    }
    let consonants: String = full.chars().filter(|c| *c != 'a').collect();
    match consonants.chars().count() {
        0 => None,
        ENOUGH_CONSONANTS.. => Some(consonants),
        _ => Some(full),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_scripts_sound_alike() {
        for (latin, cyrillic) in [
            ("nasdaq", "насдак"),
            ("spy", "спай"),
            ("voo", "воо"),
            ("vix", "викс"),
            ("finex", "финэкс"),
            ("livekit", "лайвкит"),
            ("gamestop", "геймстоп"),
            ("barings", "бэрингс"),
            ("amaranth", "амарант"),
            ("société", "сосьете"),
            ("générale", "женераль"),
            ("whisper", "виспер"),
            ("youtube", "ютуб"),
            ("sber", "сбер"),
        ] {
            assert_eq!(sound(latin), sound(cyrillic), "{latin} {cyrillic}");
            assert!(sound(latin).is_some());
        }
        assert_ne!(sound("rust"), sound("rest-ful"));
        assert_ne!(sound("voo"), sound("via-x"));
        assert_eq!(sound(""), None);
        assert_eq!(sound("aeo"), None);
        assert_eq!(sound("a1"), None);
    }

    proptest! {
        #[test]
        fn no_word_is_too_odd(word in "\\PC{0,20}") {
            let once = sound(&word);
            prop_assert!(once.is_none_or(|s| !s.is_empty() && s.chars().count() <= 2 * word.len()));
        }
    }
}
