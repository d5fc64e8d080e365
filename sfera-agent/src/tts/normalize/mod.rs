//! From written text to words a voice can pronounce: numbers, dates, money, units, abbreviations and
//! foreign words written out.
//!
//! Cloud voices do this themselves; festival's Russian voice says numbers wrongly («седь тысяч»),
//! reads Latin letter by letter and skips signs, and espeak-ng knows no Russian cases. No crate does
//! it: `num2words` has Ukrainian but no Russian, ICU's spell-out rules are not in `icu4x`, and
//! Russian numbers need the gender and case of the noun after them anyway. So it is done here, by
//! rules over tokens, with the words in data files beside this one.

mod english;
mod latin;
mod lexer;
mod number;
mod russian;
#[cfg(test)]
mod tests;
mod units;

use crate::Language;

/// The text as words of `language`, to be given to a voice that reads only plain words.
///
/// Russian comes out in Cyrillic letters, spaces, hyphens inside words and `. , ! ? : ;`, with a
/// combining acute (U+0301) after stressed vowels where the stress is known and hard to guess.
/// English keeps its digits, which every voice reads, and loses signs and other scripts. Text
/// without anything to pronounce comes out empty. Plain words come out as they are.
///
/// ```
/// # use sfera_agent::{Language, tts::normalize::speakable};
/// assert_eq!(
///     speakable("Сейчас −5°, ETF стоит 21 $.", Language::Ru),
///     "Сейчас минус пять градусов, и-ти-э́ф стоит двадцать один доллар."
/// );
/// ```
#[must_use]
pub fn speakable(text: &str, language: Language) -> String {
    match language {
        Language::Ru => russian::speakable(text),
        Language::En => english::speakable(text),
    }
}
