//! The price of a coin, as the markets tell it.

use super::figures::{money, number, percent_ru, unit_ru};
use crate::language::Language;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Coin {
    pub(super) usd: f64,
    pub(super) usd_24h_change: Option<f64>,
    /// Who told it.
    #[serde(skip)]
    pub(super) market: Market,
}

/// Who tells prices of coins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Market {
    #[default]
    CoinGecko,
    Coinbase,
}

impl Market {
    /// Its name and its page.
    pub(super) const fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::CoinGecko => ("CoinGecko", "https://www.coingecko.com/"),
            Self::Coinbase => ("Coinbase", "https://www.coinbase.com/"),
        }
    }
}

/// Coinbase's answer.
#[derive(Deserialize)]
pub(super) struct Spot {
    pub(super) data: Amount,
}

#[derive(Deserialize)]
pub(super) struct Amount {
    pub(super) amount: String,
}

impl Coin {
    pub(super) fn spoken(&self, name: &str, language: Language) -> String {
        let price = money(self.usd, language);
        let dollars = match language {
            Language::Ru => unit_ru(&price, ["доллар", "доллара", "долларов"]),
            Language::En => "dollars",
        };
        let change = self.usd_24h_change.unwrap_or(0.0);
        let percent = number(change.abs(), 1, language);
        let moved = match (language, change) {
            (_, ..-0.05) | (_, 0.05..) if percent == "0" => String::new(),
            (Language::Ru, ..-0.05) => format!(", за сутки минус {}", percent_ru(&percent)),
            (Language::Ru, 0.05..) => format!(", за сутки плюс {}", percent_ru(&percent)),
            (Language::En, ..-0.05) => format!(", down {percent} percent in a day"),
            (Language::En, 0.05..) => format!(", up {percent} percent in a day"),
            _ => String::new(),
        };
        match language {
            Language::Ru => format!("{name}: {price} {dollars}{moved}."),
            Language::En => format!("{name} costs {price} {dollars}{moved}."),
        }
    }
}
