//! What people trade, by any of its names.

use crate::language::{
    Language,
    assets::Asset,
    names::{self, Named, Names},
};
use std::sync::LazyLock;

/// What is traded and has no price here.
static INSTRUMENTS: LazyLock<Vec<Names>> =
    LazyLock::new(|| names::read(include_str!("instruments.toml")));

/// Every instrument that a text names: those of the lists by their usual name, then what is written
/// like a ticker.
pub(super) fn named(text: &str, language: Language) -> Vec<String> {
    let assets = Asset::all(text).into_iter();
    let mut found: Vec<_> = assets
        .map(|asset| asset.name(language).to_owned())
        .collect();
    let listed = names::all(&INSTRUMENTS, text).into_iter();
    found.extend(listed.map(|instrument| instrument.name(language).to_owned()));
    let tickers = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| is_ticker(word) && !is_listed(word));
    for ticker in tickers {
        if !found.iter().any(|known| known == ticker) {
            found.push(ticker.to_owned());
        }
    }
    found
}

fn is_listed(word: &str) -> bool {
    Asset::find(word).is_some() || !names::all(&INSTRUMENTS, word).is_empty()
}

/// Three to five capital letters, perhaps with a digit or two behind: SBER, AAPL, BRZ5.
fn is_ticker(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - letters.len();
    let capital = letters.chars().all(|c| c.is_ascii_uppercase());
    capital && (3 - digits.min(1)..=5).contains(&letters.len()) && digits <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruments_are_known_in_any_form_and_tickers_by_their_look() {
        let ru = |text| named(text, Language::Ru);
        assert_eq!(ru("биткоином и эфиром"), ["Биткоин", "Эфир"]);
        assert_eq!(ru("акциями Сбербанка"), ["Акции", "Сбербанк"]);
        assert_eq!(ru("SBER и BTC"), ["Биткоин", "Сбербанк"]);
        assert_eq!(ru("нефтью, а ещё AAPL и MOEX"), ["Нефть", "Apple", "MOEX"]);
        assert_eq!(ru("каждый день по утрам"), [""; 0]);
        assert_eq!(named("oil futures", Language::En), ["Futures", "Oil"]);
    }

    #[test]
    fn a_short_name_is_no_other_word() {
        let en = |text| named(text, Language::En);
        assert_eq!(en("oil at a loss"), ["Oil"]);
        assert_eq!(en("AED and oils"), ["Dirham", "Oil"]);
        assert_eq!(named("дирхам с газом", Language::Ru), ["Дирхам", "Газ"]);
        assert_eq!(named("фьючерсами газа", Language::Ru), ["Фьючерсы", "Газ"]);
    }

    #[test]
    fn every_instrument_of_the_data_file_is_found_by_its_own_names() {
        assert!(INSTRUMENTS.len() > 20);
        for instrument in INSTRUMENTS.iter() {
            let names = [&instrument.ru, &instrument.en].into_iter();
            for name in names.chain(&instrument.also) {
                let found = named(name, Language::Ru);
                assert!(found.contains(&instrument.ru), "{name}: {found:?}");
            }
        }
    }
}
