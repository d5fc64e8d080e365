//! Numbers so that they can be spoken.

use crate::language::Language;

/// Whole from a hundred on, two decimals from one on, four below.
pub(super) fn money(value: f64, language: Language) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        1.0.. => 2,
        _ => 4,
    };
    number(value, decimals, language)
}

pub(super) fn number(value: f64, decimals: usize, language: Language) -> String {
    let text = format!("{value:.decimals$}");
    let short = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    match language {
        Language::Ru => short.replace('.', ","),
        Language::En => short.to_owned(),
    }
}

/// After a fraction the noun stands in the genitive: «90,5 рубля».
pub(super) fn unit_ru<'a>(number: &str, forms: [&'a str; 3]) -> &'a str {
    match number.parse() {
        Ok(whole) => Language::count_ru(whole, forms),
        Err(_) => forms[1],
    }
}

pub(super) fn percent_ru(number: &str) -> String {
    format!(
        "{number} {}",
        unit_ru(number, ["процент", "процента", "процентов"])
    )
}
