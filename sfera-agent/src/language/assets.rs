//! Coins and currencies people ask the price of.

use super::{
    Language,
    names::{self, Named},
};
use serde::Deserialize;
use std::sync::LazyLock;

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("assets.toml")).unwrap_or_default();
    file.asset.into_iter().map(Asset::with_names).collect()
});

/// A coin or a currency by its names.
#[derive(Deserialize)]
pub(crate) struct Asset {
    /// CoinGecko's name of a coin.
    pub(crate) id: Option<String>,
    /// What a coin is traded as.
    pub(crate) ticker: Option<String>,
    /// The Bank of Russia's code of a currency.
    pub(crate) code: Option<String>,
    ru: String,
    en: String,
    #[serde(default)]
    also: Vec<String>,
    #[serde(skip)]
    names: Vec<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct File {
    asset: Vec<Asset>,
}

impl Named for Asset {
    fn names(&self) -> &[Vec<String>] {
        &self.names
    }
}

impl Asset {
    fn with_names(mut self) -> Self {
        let names = [&self.ru, &self.en].into_iter().chain(&self.also);
        self.names = names.map(|name| names::name(name)).collect();
        self
    }

    /// The name in a language.
    pub(crate) fn name(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }

    /// The asset a text names.
    pub(crate) fn find(text: &str) -> Option<&'static Self> {
        names::find(&ASSETS, text)
    }

    /// All assets a text names, in the order of the data file.
    pub(crate) fn all(text: &str) -> Vec<&'static Self> {
        names::all(&ASSETS, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_known_by_many_names() {
        let find = |text| Asset::find(text).map(|a| a.en.as_str());
        for (said, asset) in [
            ("биткоин", "Bitcoin"),
            ("биткойна", "Bitcoin"),
            ("битка", "Bitcoin"),
            ("курс эфира", "Ether"),
            ("долларов", "US dollar"),
            ("евро", "Euro"),
            ("BTC", "Bitcoin"),
        ] {
            assert_eq!(find(said), Some(asset), "{said}");
        }
        assert_eq!(find("погода"), None);
        assert_eq!(find(""), None);
        let all = Asset::all("эфиром и биткоином");
        let all: Vec<_> = all.into_iter().map(|asset| asset.en.as_str()).collect();
        assert_eq!(all, ["Bitcoin", "Ether"]);
    }

    #[test]
    fn every_asset_of_the_data_file_is_found_by_its_own_names() {
        assert!(ASSETS.len() > 20);
        for asset in ASSETS.iter() {
            for name in [&asset.ru, &asset.en].into_iter().chain(&asset.also) {
                let found = Asset::find(name).map(|a| &a.en);
                assert_eq!(found, Some(&asset.en), "{name}");
            }
            assert_eq!(asset.id.is_some(), asset.ticker.is_some(), "{}", asset.en);
            assert!(asset.id.is_some() != asset.code.is_some(), "{}", asset.en);
        }
    }
}
