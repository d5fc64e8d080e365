//! Amounts as they are written or said: «2,5», «две с половиной тысячи», "three point one four".

use super::{ToolError, too_large};
use crate::language::{Language, spoken_numbers::counted};
use rust_decimal::Decimal;

/// Decimals that are read.
const MAX_DECIMALS: usize = 20;

/// Amounts of one word, in hundredths.
const PARTS: &[(&[&str], i64)] = &[
    (&["полтора", "полторы", "полутора"], 150),
    (&["половина", "половину", "половины", "half"], 50),
    (&["четверть", "четверти", "quarter"], 25),
];
/// What is counted by tenths and smaller parts.
const DENOMINATORS: &[(&[&str], u32)] = &[
    (&["десятых", "десятая", "десятую", "tenths", "tenth"], 10),
    (&["сотых", "сотая", "сотую", "hundredths", "hundredth"], 100),
    (
        &[
            "тысячных",
            "тысячная",
            "тысячную",
            "thousandths",
            "thousandth",
        ],
        1_000,
    ),
];

/// The next word of a text and what stands behind it.
pub(super) fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let letter = |c: char| c.is_alphanumeric() || c == '\'';
    let end = text.find(|c| !letter(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// What stands behind the next word, if it is one of these.
pub(super) fn after<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let (found, behind) = word(text)?;
    words.contains(&found).then_some(behind)
}

/// The amount at the beginning of a text in lower case, and what stands behind it.
pub(super) fn amount(text: &str, language: Language) -> Result<Option<(Decimal, &str)>, ToolError> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let begun = match digits {
        true => Some(number(text, language)?),
        false => said(text),
    };
    let Some((mut value, mut rest)) = begun else {
        return Ok(None);
    };
    if let Some((part, behind)) = fraction(rest) {
        value = value.checked_add(part).ok_or_else(too_large)?;
        rest = behind;
    } else if let Some((by, behind)) = denominator(rest) {
        value = value.checked_div(by.into()).ok_or_else(too_large)?;
        rest = behind;
    }
    if let Some(([scale, more], behind)) = scaled(rest) {
        let whole = value.checked_mul(scale);
        let whole = whole.and_then(|whole| whole.checked_add(more));
        value = whole.ok_or_else(too_large)?;
        rest = behind;
    }
    Ok(Some((value, rest)))
}

/// «пятой», «5»: which one it is.
pub(super) fn nth(text: &str) -> Option<(Decimal, &str)> {
    let text = text.trim_start();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return number(text, Language::Ru).ok();
    }
    let phrase = Phrase::read(text, |_| true);
    let number = phrase.first()?;
    let value = number.ordinal.then_some(number.value)?;
    Some((value.into(), phrase.behind(number.words.end)))
}

/// Words that nothing but a space parts, or a hyphen in English.
struct Phrase<'t> {
    text: &'t str,
    words: Vec<&'t str>,
    ends: Vec<usize>,
}

impl<'t> Phrase<'t> {
    /// Reads it at the beginning of a text, as long as its words may belong to it.
    fn read(text: &'t str, belongs: impl Fn(&str) -> bool) -> Self {
        let (mut words, mut ends): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut rest = text;
        while let Some((found, behind)) = word(rest).filter(|(word, _)| belongs(word)) {
            words.push(found);
            ends.push(text.len() - behind.len());
            rest = match behind.strip_prefix('-') {
                Some(next) if found.is_ascii() && next.starts_with(char::is_alphabetic) => next,
                _ => behind,
            };
        }
        Self { text, words, ends }
    }

    /// The number it begins with.
    fn first(&self) -> Option<crate::language::spoken_numbers::Number> {
        let first = counted(&self.words).into_iter().next()?;
        (first.words.start == 0).then_some(first)
    }

    /// What stands behind so many words.
    fn behind(&self, words: usize) -> &'t str {
        let end = words.checked_sub(1).and_then(|last| self.ends.get(last));
        &self.text[end.copied().unwrap_or(0)..]
    }
}

fn said(text: &str) -> Option<(Decimal, &str)> {
    let (first, behind) = word(text)?;
    if let Some((_, hundredths)) = PARTS.iter().find(|(words, _)| words.contains(&first)) {
        return Some((Decimal::new(*hundredths, 2), behind));
    }
    let phrase = Phrase::read(text, |word| denominator(word).is_none());
    let number = phrase.first().filter(|number| !number.ordinal)?;
    Some((number.value.into(), phrase.behind(number.words.end)))
}

/// What is added to the whole: «целых двадцать пять сотых», «с половиной», "point one four".
fn fraction(text: &str) -> Option<(Decimal, &str)> {
    if let Some(rest) = after(text, &["целых", "целая", "целые", "целую"]) {
        let rest = after(rest, &["и"]).unwrap_or(rest);
        let parts = said(rest.trim_start()).and_then(|(parts, behind)| {
            let (by, behind) = denominator(behind)?;
            Some((parts.checked_div(by.into())?, behind))
        });
        return parts.or_else(|| decimals(rest));
    }
    if let Some(rest) = after(text, &["запятая", "точка", "point"]) {
        return decimals(rest);
    }
    let rest = after(text, &["с", "and"])?;
    let rest = after(rest, &["a"]).unwrap_or(rest);
    let half = after(rest, &["половиной", "half"]).map(|behind| (Decimal::new(5, 1), behind));
    let quarter = || Some((Decimal::new(25, 2), after(rest, &["четвертью", "quarter"])?));
    half.or_else(quarter)
}

/// «четырнадцать», "one four": digits behind the point.
fn decimals(text: &str) -> Option<(Decimal, &str)> {
    let phrase = Phrase::read(text, |word| scale(word).is_none());
    let (mut digits, mut end) = (String::new(), 0);
    for number in counted(&phrase.words) {
        if number.words.start != end || number.ordinal {
            break;
        }
        digits += &number.value.to_string();
        end = number.words.end;
    }
    let fits = (1..=MAX_DECIMALS).contains(&digits.len());
    let value = fits.then(|| format!("0.{digits}").parse().ok())??;
    Some((value, phrase.behind(end)))
}

fn denominator(text: &str) -> Option<(u32, &str)> {
    let (found, behind) = word(text)?;
    let (_, by) = DENOMINATORS
        .iter()
        .find(|(words, _)| words.contains(&found))?;
    Some((*by, behind))
}

/// The value of «тысяч», «миллиона», "billion".
fn scale(word: &str) -> Option<u64> {
    let number = counted(&[word]).into_iter().next()?;
    (number.value >= 1_000 && !number.ordinal).then_some(number.value)
}

/// «тысяч двести» behind an amount: by what it is multiplied, and what is added.
fn scaled(text: &str) -> Option<([Decimal; 2], &str)> {
    let (first, _) = word(text)?;
    let scale = scale(first)?;
    let phrase = Phrase::read(text, |word| denominator(word).is_none());
    let number = phrase.first().filter(|number| !number.ordinal)?;
    let parts = [scale, number.value.checked_sub(scale)?].map(Decimal::from);
    Some((parts, phrase.behind(number.words.end)))
}

/// A number at the beginning: digits in groups of three, and one decimal sign. An English comma before
/// three digits parts groups.
fn number(text: &str, language: Language) -> Result<(Decimal, &str), ToolError> {
    let mut digits = String::new();
    let mut decimal = false;
    let mut chars = text.char_indices().peekable();
    let mut end = text.len();
    while let Some((at, char)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match char {
            digit if digit.is_ascii_digit() => digits.push(digit),
            ',' if language == Language::En && is_group(&text[at + 1..]) => {}
            '.' | ',' if next_is_digit && !decimal => {
                decimal = true;
                digits.push('.');
            }
            ' ' | '\u{a0}' | '\u{202f}'
                if next_is_digit && is_group(&text[at + char.len_utf8()..]) => {}
            _ => {
                end = at;
                break;
            }
        }
    }
    let number = digits.parse().map_err(|_| too_large())?;
    Ok((number, &text[end..]))
}

/// Whether a text begins with three digits and no fourth.
fn is_group(text: &str) -> bool {
    text.chars().take_while(char::is_ascii_digit).count() == 3
}
