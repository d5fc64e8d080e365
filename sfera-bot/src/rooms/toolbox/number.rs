//! Numbers as people type them, and as they are shown to them.

use rust_decimal::Decimal;
use sfera_agent::Language;

/// What may stand around a number and does not change it.
const UNITS: [&str; 8] = ["%", "$", "€", "₽", "руб", "rub", "usd", "шт"];
/// What multiplies it.
const FACTORS: [(&[&str], i64); 2] = [
    (&["тысяч", "тыс", "к", "k"], 1_000),
    (&["миллионов", "млн", "кк", "mln", "m"], 1_000_000),
];
/// Digits of a number, at most: what is counted with it must fit as well.
const DIGITS: usize = 18;

/// A number: "1 000,5", "1.000,50", "10к", "2%", "-3.5". One sign between digits is a decimal one,
/// except an English comma before three digits.
#[must_use]
pub fn parse(text: &str, language: Language) -> Option<Decimal> {
    let lower = text.trim().to_lowercase();
    let (negative, rest) = match lower.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, lower.strip_prefix('+').unwrap_or(&lower)),
    };
    let (rest, factor) = without_words(rest);
    let (whole, fraction) = halves(rest, language)?;
    let digits = whole.len() + fraction.len();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || digits > DIGITS || !plain(&whole) || !plain(&fraction) {
        return None;
    }
    let value: Decimal = format!("{whole}.{fraction}0").parse().ok()?;
    let value = value.checked_mul(Decimal::from(factor))?.normalize();
    Some(if negative { -value } else { value })
}

fn without_words(text: &str) -> (&str, i64) {
    let (mut rest, mut factor) = (text, 1);
    loop {
        let before = rest;
        for unit in UNITS {
            rest = rest.trim_end_matches(unit).trim_start_matches(unit).trim();
        }
        rest = rest.trim_end_matches('.');
        if factor == 1 {
            // The longest first: "кк" ends in "к".
            let found = FACTORS.iter().rev().find_map(|(names, value)| {
                let shorter = names.iter().find_map(|name| rest.strip_suffix(*name))?;
                Some((shorter.trim_end(), *value))
            });
            (rest, factor) = found.unwrap_or((rest, factor));
        }
        if rest == before {
            return (rest, factor);
        }
    }
}

/// The digits before and after the decimal sign.
fn halves(text: &str, language: Language) -> Option<(String, String)> {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\'' | '’' | '_');
    let is_sign = |c: char| c == ',' || c == '.';
    let decimal = match text.rfind(is_sign) {
        None => None,
        Some(at) => {
            let sign = text[at..].chars().next()?;
            let only = text.matches(sign).count() == 1;
            let other = text.contains(if sign == ',' { '.' } else { ',' });
            let thousands = language == Language::En
                && sign == ','
                && !other
                && !text.starts_with('0')
                && groups(text, |c| c == ',');
            (only && !thousands).then_some(at)
        }
    };
    let (whole, fraction) = match decimal {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let separated = whole.contains(|c| blank(c) || is_sign(c));
    if separated && !groups(whole, |c| blank(c) || is_sign(c)) {
        return None;
    }
    let digits = |text: &str| {
        text.chars()
            .filter(|c| !blank(*c) && !is_sign(*c))
            .collect()
    };
    let whole: String = digits(whole);
    let whole = if whole.is_empty() && !fraction.is_empty() {
        "0".to_owned()
    } else {
        whole
    };
    Some((whole, fraction.to_owned()))
}

/// Whether digits stand in groups as thousands do: "1 000 000".
fn groups(text: &str, between: impl Fn(char) -> bool) -> bool {
    let mut groups = text.split(between);
    let first = groups.next().map_or(0, str::len);
    (1..=3).contains(&first) && groups.all(|group| group.len() == 3)
}

/// A number as it is read: "1 000,5" or "1,000.5", to a hundredth, small ones to four digits.
#[must_use]
pub fn shown(value: Decimal, language: Language) -> String {
    let rounded = match value.abs() >= Decimal::ONE || value.is_zero() {
        true => value.round_dp(2),
        false => value.round_sf(4).unwrap_or(value),
    };
    exact(rounded, language)
}

/// The same with all its digits.
#[must_use]
pub fn exact(value: Decimal, language: Language) -> String {
    let text = value.abs().normalize().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (thousands, sign) = match language {
        Language::Ru => ('\u{a0}', ','),
        Language::En => (',', '.'),
    };
    let mut out = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        out.push('−');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(thousands);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(sign);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, ru, en) in [
            ("1000", "1000", "1000"),
            ("1 000,5", "1000.5", "1000.5"),
            ("1\u{a0}000,5", "1000.5", "1000.5"),
            ("1.000,50", "1000.5", "1000.5"),
            ("1,000.50", "1000.5", "1000.5"),
            ("1.000.000", "1000000", "1000000"),
            ("1,085", "1.085", "1085"),
            ("1.085", "1.085", "1.085"),
            ("12345,67", "12345.67", "12345.67"),
            (",5", "0.5", "0.5"),
            ("0,500", "0.5", "0.5"),
            ("5.", "5", "5"),
            ("10к", "10000", "10000"),
            ("1,5 млн", "1500000", "1500000"),
            ("1.5M", "1500000", "1500000"),
            ("2кк", "2000000", "2000000"),
            ("100 тыс. руб.", "100000", "100000"),
            ("$2,5k", "2500", "2500"),
            ("2%", "2", "2"),
            ("0,5 %", "0.5", "0.5"),
            ("−3,5", "-3.5", "-3.5"),
            ("+7", "7", "7"),
        ] {
            let read = |language| parse(text, language).map(|value| value.to_string());
            assert_eq!(read(Language::Ru).as_deref(), Some(ru), "{text}");
            assert_eq!(read(Language::En).as_deref(), Some(en), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            "много",
            "1 2",
            "12 34,5",
            "1,2,3",
            "1.2.3",
            "1e5",
            "0x10",
            "5 яблок",
            "--5",
            "1 000 00",
            "9999999999999999999",
            "٣",
            "½",
            "%",
            "к",
        ] {
            for language in Language::ALL {
                assert_eq!(parse(text, language), None, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_does_no_harm(text in "\\PC{0,40}") {
            for language in Language::ALL {
                let _number = parse(&text, language);
            }
        }

        #[test]
        fn what_is_shown_is_read_as_the_same(digits in -100_000_000_000_000_i64..100_000_000_000_000, scale in 0_u32..8) {
            let value = Decimal::try_new(digits, scale).unwrap().normalize();
            for language in Language::ALL {
                let shown = exact(value, language);
                prop_assert_eq!(parse(&shown, language), Some(value), "{}", shown);
            }
        }
    }
}
