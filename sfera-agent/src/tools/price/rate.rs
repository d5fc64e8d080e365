//! A currency's official rate, as the Bank of Russia tells it.

use super::figures::{money, unit_ru};
use crate::language::Language;
use encoding_rs::WINDOWS_1251;
use jiff::civil::Date;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use serde::Deserialize;
use std::collections::HashMap;

/// The rates of a day by the currencies' codes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rates {
    pub(super) valute: HashMap<String, Rate>,
    /// The day, where it is told as a day.
    #[serde(skip)]
    pub(super) day: Option<Date>,
}

/// What so many units cost in roubles.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rate {
    nominal: u32,
    value: f64,
    previous: Option<f64>,
}

impl Rates {
    /// Reads the bank's own XML; nothing if it is damaged.
    pub(super) fn read_xml(body: &[u8]) -> Option<Self> {
        let (text, ..) = WINDOWS_1251.decode(body);
        let mut reader = Reader::from_str(&text);
        let mut reading = Reading::default();
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => reading.start(&start),
                Event::Text(text) => reading.text.push_str(&text),
                Event::End(end) => reading.end(end.name().as_ref())?,
                Event::Eof => break,
                _ => {}
            }
        }
        let whole = reading.is_whole && !reading.rates.valute.is_empty();
        whole.then_some(reading.rates)
    }

    /// Reads the JSON that mirrors it.
    pub(super) fn read_json(body: &[u8]) -> Option<Self> {
        let rates: Self = serde_json::from_slice(body).ok()?;
        let fits = rates.valute.values().all(Rate::is_sane);
        fits.then_some(rates)
    }

    /// Tells each rate what it was on an earlier day.
    pub(super) fn compare_with(&mut self, earlier: &Self) {
        for (code, rate) in &mut self.valute {
            let before = earlier.valute.get(code);
            let before = before.map(|before| before.of_one() * f64::from(rate.nominal));
            rate.previous = before;
        }
    }
}

/// XML that is being read.
#[derive(Default)]
struct Reading {
    rates: Rates,
    /// The currency's parts by their names.
    parts: HashMap<String, String>,
    text: String,
    is_whole: bool,
}

impl Reading {
    fn start(&mut self, start: &BytesStart<'_>) {
        self.text.clear();
        match start.name().as_ref() {
            "ValCurs" => self.rates.day = day(start),
            "Valute" => self.parts.clear(),
            _ => {}
        }
    }

    /// Nothing if a currency lacks something.
    fn end(&mut self, name: &str) -> Option<()> {
        match name {
            "ValCurs" => self.is_whole = true,
            "Valute" => {
                let rate = Rate {
                    nominal: self.parts.get("Nominal")?.parse().ok()?,
                    value: self.parts.get("Value")?.replace(',', ".").parse().ok()?,
                    previous: None,
                };
                let code = self.parts.remove("CharCode")?;
                rate.is_sane()
                    .then(|| self.rates.valute.insert(code, rate))?;
            }
            part => {
                let text = self.text.trim().to_owned();
                self.parts.insert(part.to_owned(), text);
            }
        }
        Some(())
    }
}

fn day(start: &BytesStart<'_>) -> Option<Date> {
    let text = start.try_get_attribute("Date").ok()??.value;
    Date::strptime("%d.%m.%Y", text.as_bytes()).ok()
}

impl Rate {
    fn is_sane(&self) -> bool {
        self.nominal > 0 && self.value.is_finite() && self.value > 0.0
    }

    fn of_one(&self) -> f64 {
        self.value / f64::from(self.nominal)
    }

    pub(super) fn spoken(&self, name: &str, language: Language) -> String {
        let price = money(self.of_one(), language);
        let before = self.previous.unwrap_or(self.value);
        let change = (self.value - before) / f64::from(self.nominal);
        let kopecks = (change.abs() * 100.0).round() as i64;
        match language {
            Language::Ru => {
                let roubles = unit_ru(&price, ["рубль", "рубля", "рублей"]);
                let unit = Language::count_ru(kopecks, ["копейка", "копейки", "копеек"]);
                let moved = match kopecks {
                    0 => String::new(),
                    _ if change < 0.0 => format!(", за день минус {kopecks} {unit}"),
                    _ => format!(", за день плюс {kopecks} {unit}"),
                };
                format!("{name} по курсу Банка России: {price} {roubles}{moved}.")
            }
            Language::En => format!("{name}: {price} roubles by the Bank of Russia's rate."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_xml_is_no_rates() {
        let whole = r#"<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="21.11.2026" name="x"><Valute ID="R1"><CharCode>JPY</CharCode><Nominal>100</Nominal><Value>58,91</Value></Valute></ValCurs>"#;
        let rates = Rates::read_xml(whole.as_bytes()).unwrap();
        let yen = Rate {
            nominal: 100,
            value: 58.91,
            previous: None,
        };
        assert_eq!(rates.valute["JPY"], yen);
        assert_eq!(rates.day, Some(jiff::civil::date(2026, 11, 21)));
        for damaged in [
            "",
            "<html><body>Busy</body></html>",
            r#"<ValCurs Date="" name="x"></ValCurs>"#,
            &whole[..whole.len() - 12],
            &whole.replace("58,91", ""),
            &whole.replace("58,91", "58,9x"),
            &whole.replace("58,91", "NaN"),
            &whole.replace("58,91", "-1"),
            &whole.replace(">100<", ">0<"),
            &whole.replace("CharCode", "Code"),
            &whole.replace("</Valute>", "</Valuta>"),
        ] {
            assert!(Rates::read_xml(damaged.as_bytes()).is_none(), "{damaged}");
        }
        assert!(Rates::read_xml(&[0xff, 0xfe, 0x00]).is_none());
    }
}
