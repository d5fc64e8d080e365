//! Latin words for a Russian voice: known ones from `latin.tsv`, acronyms letter by letter, the rest
//! by rules; and Cyrillic acronyms.

use super::units::{rows, stressed};
use std::{collections::HashMap, sync::LazyLock};

static KNOWN: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let rows = rows(include_str!("latin.tsv")).filter_map(|row| row.split_once('\t'));
    rows.map(|(word, said)| (word, stressed(said))).collect()
});

/// How Russians call the English letters.
const LETTERS: [&str; 26] = [
    "эй",
    "би",
    "си",
    "ди",
    "и",
    "эф",
    "джи",
    "эйч",
    "ай",
    "джей",
    "кей",
    "эл",
    "эм",
    "эн",
    "о",
    "пи",
    "кью",
    "ар",
    "эс",
    "ти",
    "ю",
    "ви",
    "дабл-ю",
    "икс",
    "уай",
    "зэд",
];

/// How the Russian letters are called.
const RUSSIAN_LETTERS: [(char, &str); 30] = [
    ('а', "а"),
    ('б', "бэ"),
    ('в', "вэ"),
    ('г', "гэ"),
    ('д', "дэ"),
    ('е', "е"),
    ('ё', "ё"),
    ('ж', "жэ"),
    ('з', "зэ"),
    ('и', "и"),
    ('й', "и краткое"),
    ('к', "ка"),
    ('л', "эл"),
    ('м', "эм"),
    ('н', "эн"),
    ('о', "о"),
    ('п', "пэ"),
    ('р', "эр"),
    ('с', "эс"),
    ('т', "тэ"),
    ('у', "у"),
    ('ф', "эф"),
    ('х', "ха"),
    ('ц', "цэ"),
    ('ч', "че"),
    ('ш', "ша"),
    ('щ', "ща"),
    ('э', "э"),
    ('ю', "ю"),
    ('я', "я"),
];

/// Sounds, longest spelling first; `^` only at a word's beginning, `$` only at its end.
const SOUNDS: &[(&str, &str)] = &[
    ("tion$", "шн"),
    ("sion$", "жн"),
    ("ight", "айт"),
    ("eigh", "эй"),
    ("ough", "о"),
    ("sch", "ш"),
    ("tch", "ч"),
    ("ing$", "инг"),
    ("ture", "чер"),
    ("dge", "дж"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("zh", "ж"),
    ("th", "т"),
    ("ph", "ф"),
    ("kh", "х"),
    ("gh", "г"),
    ("ck", "к"),
    ("qu", "кв"),
    ("wh", "в"),
    ("^wr", "р"),
    ("^kn", "н"),
    ("^x", "кс"),
    ("oo", "у"),
    ("ee", "и"),
    ("ea", "и"),
    ("ai", "эй"),
    ("ay", "эй"),
    ("ey$", "и"),
    ("ou", "ау"),
    ("ow", "оу"),
    ("oa", "оу"),
    ("ew", "ью"),
    ("au", "ау"),
    ("aw", "о"),
    ("ya", "я"),
    ("yu", "ю"),
    ("yo", "йо"),
    ("ye", "е"),
    ("^y", "й"),
    ("y", "и"),
    ("ce", "се"),
    ("ci", "си"),
    ("cy", "си"),
    ("ge", "дж"),
    ("gi", "джи"),
    ("^e", "э"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "дж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("z", "з"),
];

/// A Latin word in Cyrillic; empty if it has no Latin letter.
pub(super) fn to_russian(word: &str) -> String {
    let plain: String = word.chars().filter_map(unaccented).collect();
    let lower = plain.to_ascii_lowercase();
    if lower.len() == 1 && plain != lower {
        return spell(&lower);
    }
    if let Some(known) = KNOWN.get(lower.as_str()) {
        return known.clone();
    }
    let parts = camel_parts(&plain);
    if parts.len() > 1 {
        let said = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| to_russian(part));
        return said.collect::<Vec<_>>().join(" ");
    }
    let letters = lower.len();
    let acronym = plain.bytes().all(|b| b.is_ascii_uppercase()) && letters <= 5;
    let unreadable = !lower.contains(['a', 'e', 'i', 'o', 'u', 'y']) && letters <= 6;
    if acronym || unreadable || letters == 1 {
        spell(&lower)
    } else {
        transliterate(&lower)
    }
}

/// «OpenWeather» → Open, Weather; «ETFs» → ETF, s is dropped.
fn camel_parts(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    if let Some(stem) = word.strip_suffix('s')
        && stem.len() > 1
        && stem.bytes().all(|b| b.is_ascii_uppercase())
    {
        return vec![stem, ""];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 1..bytes.len() {
        let rises = bytes[at - 1].is_ascii_lowercase() && bytes[at].is_ascii_uppercase();
        let acronym_ends = bytes[at - 1].is_ascii_uppercase()
            && bytes[at].is_ascii_uppercase()
            && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        if rises || acronym_ends {
            parts.push(&word[start..at]);
            start = at;
        }
    }
    parts.push(&word[start..]);
    parts
}

fn spell(lower: &str) -> String {
    let names = lower.bytes().map(|b| LETTERS[usize::from(b - b'a') % 26]);
    names.collect::<Vec<_>>().join("-")
}

fn transliterate(word: &str) -> String {
    let silent_e = word.len() > 3
        && word.ends_with('e')
        && !word[..word.len() - 1].ends_with(['a', 'e', 'i', 'o', 'u', 'y']);
    let word = if silent_e {
        &word[..word.len() - 1]
    } else {
        word
    };
    let mut said = String::new();
    let mut at = 0;
    while at < word.len() {
        let rest = &word[at..];
        let fits = |(spelling, _): &&(&str, &str)| {
            let bare = spelling.trim_start_matches('^').trim_end_matches('$');
            rest.starts_with(bare)
                && (!spelling.starts_with('^') || at == 0)
                && (!spelling.ends_with('$') || rest.len() == bare.len())
        };
        match SOUNDS.iter().find(fits) {
            Some((spelling, sound)) => {
                said += sound;
                at += spelling.trim_start_matches('^').trim_end_matches('$').len();
            }
            None => at += 1,
        }
    }
    said
}

/// Latin letters without their accents; others are dropped.
fn unaccented(c: char) -> Option<char> {
    let plain = match c {
        'A'..='Z' | 'a'..='z' => c,
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'æ' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ł' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'œ' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ß' => 's',
        'ť' | 'ţ' => 't',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => {
            let lower = c.to_lowercase().next().filter(|lower| *lower != c);
            return lower.and_then(unaccented);
        }
    };
    Some(plain)
}

/// A Cyrillic acronym without vowels letter by letter: «НДС» → «эн-дэ-эс».
pub(super) fn russian_acronym(word: &str) -> Option<String> {
    let letters = word.chars().count();
    let is_acronym = (2..=5).contains(&letters)
        && word.chars().all(char::is_uppercase)
        && !word.contains(|c| "АЕЁИОУЫЭЮЯ".contains(c));
    is_acronym.then(|| {
        let names = word.to_lowercase();
        let names = names.chars().filter_map(|c| {
            RUSSIAN_LETTERS
                .iter()
                .find(|(letter, _)| *letter == c)
                .map(|(_, name)| *name)
        });
        names.collect::<Vec<_>>().join("-").replace(' ', "-")
    })
}

/// Greek letters, as mathematicians call them.
pub(super) fn greek(c: char) -> Option<&'static str> {
    const NAMES: [&str; 25] = [
        "альфа",
        "бета",
        "гамма",
        "дельта",
        "эпсилон",
        "дзета",
        "эта",
        "тета",
        "йота",
        "каппа",
        "лямбда",
        "мю",
        "ню",
        "кси",
        "омикрон",
        "пи",
        "ро",
        "сигма",
        "сигма",
        "тау",
        "ипсилон",
        "фи",
        "хи",
        "пси",
        "омега",
    ];
    let lower = c.to_lowercase().next()?;
    let at = (lower as u32).checked_sub('α' as u32)?;
    NAMES.get(at as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_pronounceable() {
        for (latin, said) in [
            ("Bitcoin", "битко\u{301}ин"),
            ("ETFs", "и-ти-э\u{301}ф"),
            ("OpenAI", "о\u{301}упен эй-а\u{301}й"),
            ("XRP", "икс-ар-пи"),
            ("html", "эйч-ти-эм-эл"),
            ("Scheme", "шем"),
            ("OpenWeather", "опен витер"),
            ("Café", "кафе\u{301}"),
            ("Zürich", "зурич"),
            ("x", "икс"),
        ] {
            assert_eq!(to_russian(latin).trim(), said, "{latin}");
        }
        assert_eq!(russian_acronym("НДС").as_deref(), Some("эн-дэ-эс"));
        assert_eq!(russian_acronym("ОПЕК"), None);
        assert_eq!(greek('Δ'), Some("дельта"));
    }

    #[test]
    fn every_row_of_the_data_file_is_understood() {
        for row in rows(include_str!("latin.tsv")) {
            let (word, said) = row.split_once('\t').expect(row);
            assert_eq!(word, word.to_lowercase(), "{row:?}");
            assert!(
                said.chars()
                    .all(|c| "абвгдеёжзийклмнопрстуфхцчшщъыьэюя'- ".contains(c)),
                "{row:?}"
            );
        }
    }
}
