//! Which form the words around a number take.

use super::super::{
    lexer::Number,
    number::{Case, Gender, cardinal, plural},
    units::Unit,
};

/// The unit after a number: «минута», «минуту», «минут».
pub(super) fn noun(n: u64, case: Case, unit: Unit) -> String {
    let form = plural(n, case, unit.forms);
    let object = case == Case::Accusative && form == unit.forms[0];
    match (form.strip_suffix('а'), form.strip_suffix('я')) {
        (Some(stem), _) if object && unit.gender == Gender::Feminine => format!("{stem}у"),
        (_, Some(stem)) if object && unit.gender == Gender::Feminine => format!("{stem}ю"),
        _ => form.to_owned(),
    }
}

pub(super) fn nominative(n: u64) -> String {
    cardinal(n, Gender::Masculine, Case::Nominative)
}

pub(super) fn is_scale(unit: Unit) -> bool {
    matches!(
        unit.forms[2],
        "тысяч" | "миллионов" | "миллиардов" | "триллионов"
    )
}

pub(super) fn is_cents(number: &Number<'_>) -> bool {
    number.fraction.is_some_and(|fraction| fraction.len() == 2) && number.whole.len() < 15
}

/// «60,000» and «$67,432» are thousands, whatever the comma means elsewhere.
pub(super) fn thousands<'a>(number: Number<'a>, money: bool) -> Number<'a> {
    match number.fraction {
        Some(fraction)
            if fraction == "000"
                || money
                    && fraction.len() == 3
                    && number.whole.len() <= 3
                    && !number.whole.starts_with('0') =>
        {
            Number {
                whole: number.whole + fraction,
                fraction: None,
            }
        }
        _ => number,
    }
}

/// What decides the forms of words after the number.
pub(super) fn last_digits(whole: &str) -> u64 {
    let start = whole.len().saturating_sub(2);
    whole
        .get(start..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// Gender by the ending of the noun after a number that ends in 1 (nominative or accusative), in 2 to
/// 4 (genitive singular) or in others (genitive plural); `None` for adjectives that do not show it.
pub(super) fn gender_by_ending(word: &str, n: u64) -> Option<Gender> {
    let teen = (11..=14).contains(&(n % 100));
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match n % 10 {
        1 if !teen => {
            let feminine_soft = ends(&["сть", "чь", "ель", "ль"])
                && !ends(&[
                    "тель",
                    "рубль",
                    "гость",
                    "апрель",
                    "июль",
                    "корабль",
                    "день",
                    "отель",
                ]);
            Some(if ends(&["а", "я", "у", "ю"]) || feminine_soft {
                Gender::Feminine
            } else if ends(&["о", "е"]) {
                Gender::Neuter
            } else {
                Gender::Masculine
            })
        }
        2..=4 if !teen => {
            if ends(&["ых", "их"]) {
                None
            } else if ends(&["ы", "и", "ые", "ие"]) {
                Some(Gender::Feminine)
            } else {
                Some(Gender::Masculine)
            }
        }
        _ if ends(&["ов", "ев", "ей", "раз", "лет", "человек"]) => {
            Some(Gender::Masculine)
        }
        _ if ends(&["ых", "их"]) => None,
        // «1–5 минут»: without an ending, most are feminine.
        _ => Some(Gender::Feminine),
    }
}
