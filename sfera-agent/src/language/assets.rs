//! Coins and currencies people ask the price of.

use super::names::{self, Named, Names};
use serde::Deserialize;
use std::sync::LazyLock;

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| names::read(include_str!("assets.toml")));

/// A coin or a currency by its names.
#[derive(Deserialize)]
pub(crate) struct Asset {
    /// CoinGecko's name of a coin.
    pub(crate) id: Option<String>,
    /// What a coin is traded as.
    pub(crate) ticker: Option<String>,
    /// The Bank of Russia's code of a currency.
    pub(crate) code: Option<String>,
    #[serde(flatten)]
    names: Names,
}

impl Named for Asset {
    fn names(&self) -> &Names {
        &self.names
    }
}

impl Asset {
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
        let find = |text| Asset::find(text).map(|a| a.names.en.as_str());
        for (said, asset) in [
            ("биткоин", "Bitcoin"),
            ("биткойна", "Bitcoin"),
            ("битка", "Bitcoin"),
            ("курс эфира", "Ether"),
            ("долларов", "US dollar"),
            ("евро", "Euro"),
            ("BTC", "Bitcoin"),
            ("меняю рубли на дирхамы", "Dirham"),
            ("плачу дирхамами", "Dirham"),
        ] {
            assert_eq!(find(said), Some(asset), "{said}");
        }
        assert_eq!(find("погода"), None);
        assert_eq!(find("how much is a house"), None);
        assert_eq!(find("100 AED"), Some("Dirham"));
        assert_eq!(find(""), None);
        let all = Asset::all("эфиром и биткоином");
        let all: Vec<_> = all
            .into_iter()
            .map(|asset| asset.names.en.as_str())
            .collect();
        assert_eq!(all, ["Bitcoin", "Ether"]);
    }

    #[test]
    fn every_asset_of_the_data_file_is_found_by_its_own_names() {
        assert!(ASSETS.len() > 20);
        for asset in ASSETS.iter() {
            let Names { ru, en, also, .. } = &asset.names;
            for name in [ru, en].into_iter().chain(also) {
                let found = Asset::find(name).map(|a| &a.names.en);
                assert_eq!(found, Some(en), "{name}");
            }
            assert_eq!(asset.id.is_some(), asset.ticker.is_some(), "{en}");
            assert!(asset.id.is_some() != asset.code.is_some(), "{en}");
        }
    }
}
