//! Which words end in a full stop that ends no sentence.

/// Words that go on after their full stop. A wrong entry only joins two sentences; a missing one
/// makes the voice stop in the middle, so the list errs on the long side.
const INSIDE: &[&str] = &[
    // Russian
    "акад",
    "букв",
    "вкл",
    "включ",
    "гл",
    "гос",
    "деп",
    "доц",
    "др-р",
    "изд",
    "им",
    "инж",
    "исп",
    "исх",
    "кв",
    "корп",
    "млн",
    "млрд",
    "напр",
    "наст",
    "обл",
    "ок",
    "оз",
    "пер",
    "пл",
    "пос",
    "пр-т",
    "прим",
    "прибл",
    "проф",
    "рис",
    "св",
    "см",
    "соч",
    "ср",
    "ст",
    "стр",
    "табл",
    "тел",
    "трлн",
    "тыс",
    "ул",
    "унив",
    "ред",
    "англ",
    "лат",
    "рус",
    "греч",
    "нем",
    "франц",
    "янв",
    "фев",
    "февр",
    "апр",
    "авг",
    "сен",
    "сент",
    "окт",
    "ноя",
    "нояб",
    "дек",
    // English
    "adm",
    "approx",
    "apr",
    "aug",
    "ave",
    "blvd",
    "capt",
    "cf",
    "col",
    "dec",
    "dept",
    "dr",
    "est",
    "feb",
    "fig",
    "gen",
    "gov",
    "hon",
    "jan",
    "jul",
    "jun",
    "lt",
    "mr",
    "mrs",
    "ms",
    "mt",
    "no",
    "nov",
    "oct",
    "op",
    "pp",
    "prof",
    "rep",
    "rev",
    "sen",
    "sept",
    "sgt",
    "st",
    "viz",
    "vol",
    "vs",
];

/// Dotted words that may also stand at a sentence's end.
const DOTTED_ENDS: &[&str] = &["т.д", "т.п", "a.m", "p.m", "u.s", "u.k", "н.э"];

/// Whether a sentence may end with `head` and the full stop that followed it.
pub(super) fn may_end_sentence(head: &str) -> bool {
    let start = head.rfind(char::is_whitespace).map_or(0, |at| {
        at + head[at..].chars().next().map_or(0, char::len_utf8)
    });
    let before = head[..start].trim_end_matches(|c: char| c.is_whitespace() && c != '\n');
    let word = head[start..].trim_start_matches(|c: char| !c.is_alphanumeric());
    let lower = word.to_lowercase();
    if word.chars().all(|c| c.is_ascii_digit()) {
        // «1. Первый пункт»: a list's number.
        return word.is_empty() || !(before.is_empty() || before.ends_with('\n'));
    }
    if INSIDE.contains(&lower.as_str()) {
        return false;
    }
    let mut letters = word.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return single_letter_ends(letter, before);
    }
    let dotted = word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() <= 1 && part.chars().all(char::is_alphabetic));
    !dotted || DOTTED_ENDS.contains(&lower.as_str())
}

/// «в 2026 г.», «и т. д.» and «это я.» may end; «А.» of «А. С. Пушкин» and «г.» of «г. Москва» not.
fn single_letter_ends(letter: char, before: &str) -> bool {
    let previous = before.rsplit(char::is_whitespace).next().unwrap_or("");
    match letter {
        'я' | 'Я' => true,
        'д' | 'п' if previous.to_lowercase().ends_with("т.") => true,
        'э' if previous.to_lowercase().ends_with("н.") => true,
        _ => letter.is_lowercase() && previous.ends_with(|c: char| c.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        for head in [
            "это т",
            "и т. е",
            "А",
            "роман А. С",
            "роман А.С",
            "живу в г",
            "на ул",
            "см",
            "Mr",
            "for example, e.g",
            "1",
            "список:\n2",
            "5 тыс",
            "проф",
        ] {
            assert!(!may_end_sentence(head), "{head:?}");
        }
    }

    #[test]
    fn other_words_and_some_abbreviations_end_one() {
        for head in [
            "это дом",
            "и т. д",
            "и т.п",
            "в 2026 г",
            "это был я",
            "100 руб",
            "at 5 p.m",
            "около 3.14",
            "в 2026",
            "и др",
            "",
        ] {
            assert!(may_end_sentence(head), "{head:?}");
        }
    }
}
