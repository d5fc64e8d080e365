#[cfg(feature = "web-tools")]
use crate::tools::{PriceAddresses, PriceTool, WeatherTool};

/// Addresses of the web services that the built-in tools ask: the services' own by default, or those of
/// others that answer in the same way (a mirror, a paid host, a server of one's own). A query in an address
/// stays before what is asked. As that may be a key, this prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Services {
    /// Open-Meteo's search for places.
    pub places: String,
    /// Open-Meteo's forecast.
    pub forecast: String,
    /// CoinGecko's simple prices.
    pub coins: String,
    /// Coinbase's prices, asked where the first ones do not come.
    pub other_coins: String,
    /// The Bank of Russia's daily rates, in its XML.
    pub rates: String,
    /// The same rates as JSON, asked where the first ones do not come.
    pub other_rates: String,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            places: "https://geocoding-api.open-meteo.com/v1/search".to_owned(),
            forecast: "https://api.open-meteo.com/v1/forecast".to_owned(),
            coins: "https://api.coingecko.com/api/v3/simple/price".to_owned(),
            other_coins: "https://api.coinbase.com/v2/prices".to_owned(),
            rates: "https://www.cbr.ru/scripts/XML_daily.asp".to_owned(),
            other_rates: "https://www.cbr-xml-daily.ru/daily_json.js".to_owned(),
        }
    }
}

impl Services {
    /// The addresses that `OPEN_METEO_GEOCODING_URL`, `OPEN_METEO_URL`, `COINGECKO_URL`, `COINBASE_URL`,
    /// `CBR_URL` and `CBR_JSON_URL` name; what is not set is the service's own.
    #[must_use]
    pub fn of_environment<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let usual = Self::default();
        let named = |name, usual| get(name).map_or(usual, str::to_owned);
        Self {
            places: named("OPEN_METEO_GEOCODING_URL", usual.places),
            forecast: named("OPEN_METEO_URL", usual.forecast),
            coins: named("COINGECKO_URL", usual.coins),
            other_coins: named("COINBASE_URL", usual.other_coins),
            rates: named("CBR_URL", usual.rates),
            other_rates: named("CBR_JSON_URL", usual.other_rates),
        }
    }

    /// The weather's tool, which asks them.
    #[cfg(feature = "web-tools")]
    #[must_use]
    pub fn weather(&self) -> WeatherTool {
        WeatherTool::at(&self.places, &self.forecast)
    }

    /// The prices' tool, which asks them.
    #[cfg(feature = "web-tools")]
    #[must_use]
    pub fn prices(&self) -> PriceTool {
        PriceTool::at(&self.price_addresses())
    }

    #[cfg(feature = "web-tools")]
    fn price_addresses(&self) -> PriceAddresses {
        PriceAddresses {
            coins: self.coins.clone(),
            other_coins: self.other_coins.clone(),
            rates: self.rates.clone(),
            other_rates: self.other_rates.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_environment_does_not_name_is_the_services_own() {
        let mirror = "https://mirror.example.org/v1/forecast?apikey=1";
        let named = Services::of_environment(|name| (name == "OPEN_METEO_URL").then_some(mirror));
        let expected = Services {
            forecast: mirror.to_owned(),
            ..Services::default()
        };
        assert!(named == expected);
    }

    #[cfg(feature = "web-tools")]
    #[test]
    fn the_usual_addresses_are_those_of_the_prices() {
        assert!(Services::default().price_addresses() == PriceAddresses::default());
    }
}
