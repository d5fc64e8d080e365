mod coin;
mod figures;
mod rate;

use super::{
    Tool, ToolContext, ToolError, ToolSpec,
    web::{Answer, Limits, Source, text, with_age},
};
use crate::{
    knowledge::Citation,
    language::{Language, assets::Asset, names::Named},
};
use async_trait::async_trait;
use coin::{Coin, Market, Spot};
use jiff::Timestamp;
use rate::{Rate, Rates};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// CoinGecko's free service allows some five to fifteen requests in a minute.
const COINS: Limits = Limits {
    fresh: Duration::from_secs(60),
    stale: Duration::from_secs(3_600),
    per_minute: 10,
};
/// The Bank of Russia sets its rates once a day.
const RATES: Limits = Limits {
    fresh: Duration::from_secs(30 * 60),
    stale: Duration::from_secs(24 * 3_600),
    per_minute: 30,
};

/// How long the bank itself is waited for: a mirror stands behind it.
const PATIENCE: Duration = Duration::from_secs(3);

/// `get_price`: the price of a cryptocurrency (CoinGecko; Coinbase where that does not answer) or a
/// currency's official rate in roubles (Bank of Russia, daily; a mirror where that does not answer). No
/// key needed.
///
/// Takes `asset`, in any form and language. An unknown one is [`ToolError::NotFound`]; a service that
/// fails, refuses or is slower than six seconds is [`ToolError::Unreachable`].
#[derive(Clone, Debug)]
pub struct PriceTool {
    coins: Source,
    /// Asked where the first one does not answer.
    other_coins: Source,
    rates: Source,
    /// Asked where the first one does not answer.
    other_rates: Source,
    /// Who told the last price of a coin, by its id: whom a citation names.
    told: Arc<Mutex<HashMap<&'static str, Market>>>,
}

/// Where [`PriceTool`] asks; the services themselves without a word. As a key may be in an address, this
/// prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PriceAddresses {
    /// CoinGecko's `simple/price`.
    pub coins: String,
    /// Coinbase's `prices`.
    pub other_coins: String,
    /// The Bank of Russia's daily rates in its own XML.
    pub rates: String,
    /// The same rates as JSON, as cbr-xml-daily.ru tells them.
    pub other_rates: String,
}

impl Default for PriceAddresses {
    fn default() -> Self {
        Self {
            coins: "https://api.coingecko.com/api/v3/simple/price".to_owned(),
            other_coins: "https://api.coinbase.com/v2/prices".to_owned(),
            rates: "https://www.cbr.ru/scripts/XML_daily.asp".to_owned(),
            other_rates: "https://www.cbr-xml-daily.ru/daily_json.js".to_owned(),
        }
    }
}

impl Default for PriceTool {
    fn default() -> Self {
        Self::at(&PriceAddresses::default())
    }
}

impl PriceTool {
    /// The tool with other addresses of the same services.
    #[must_use]
    pub fn at(addresses: &PriceAddresses) -> Self {
        Self {
            coins: Source::new(&addresses.coins, COINS).within(PATIENCE),
            other_coins: Source::new(&addresses.other_coins, COINS),
            rates: Source::new(&addresses.rates, RATES).within(PATIENCE),
            other_rates: Source::new(&addresses.other_rates, RATES),
            told: Arc::default(),
        }
    }

    fn told(&self) -> MutexGuard<'_, HashMap<&'static str, Market>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn coin(&self, id: &str, ticker: Option<&str>) -> Result<Answer<Coin>, ToolError> {
        match self.first_coin(id).await {
            // What was heard before is worth less than what another says now.
            Ok(answer) if answer.old.is_none() => Ok(answer),
            Ok(old) => match self.other_coin(ticker).await {
                Ok(new) if new.old.is_none() => Ok(new),
                _ => Ok(old),
            },
            Err(ToolError::Unreachable | ToolError::TooOften | ToolError::Protocol) => {
                self.other_coin(ticker).await
            }
            Err(error) => Err(error),
        }
    }

    /// Coinbase tells no change.
    async fn other_coin(&self, ticker: Option<&str>) -> Result<Answer<Coin>, ToolError> {
        let ticker = ticker.ok_or(ToolError::Unreachable)?;
        let source = self.other_coins.join(&format!("{ticker}-USD/spot"));
        let Answer { value, old } = source.get::<Spot>(&[]).await?;
        let usd = value.data.amount.parse().map_err(|_| ToolError::Protocol)?;
        let value = Coin {
            usd,
            usd_24h_change: None,
            market: Market::Coinbase,
        };
        Ok(Answer { value, old })
    }

    async fn first_coin(&self, id: &str) -> Result<Answer<Coin>, ToolError> {
        let query = [
            ("ids", id),
            ("vs_currencies", "usd"),
            ("include_24hr_change", "true"),
        ];
        let mut found = self.coins.get::<HashMap<String, Coin>>(&query).await?;
        let value = found.value.remove(id).ok_or(ToolError::NotFound)?;
        let old = found.old;
        Ok(Answer { value, old })
    }

    /// A rate holds for a day, so its age is not worth telling.
    async fn currency(&self, code: &str) -> Result<Rate, ToolError> {
        let mut rates = match self.own_rates().await {
            Ok(Answer { value, old }) if !is_kept(old) => value,
            Ok(kept) => self.mirrored_rates().await.unwrap_or(kept.value),
            Err(_) => self.mirrored_rates().await?,
        };
        rates.valute.remove(code).ok_or(ToolError::NotFound)
    }

    /// The bank's own answer, which tells no change: that is what it told for the day before.
    async fn own_rates(&self) -> Result<Answer<Rates>, ToolError> {
        let mut today = self.rates.read(&[], Rates::read_xml).await?;
        if is_kept(today.old) {
            // The mirror is asked, and there is no time for both.
            return Ok(today);
        }
        if let Some(day) = today.value.day.and_then(|day| day.yesterday().ok()) {
            let day = day.strftime("%d/%m/%Y").to_string();
            let query = [("date_req", day.as_str())];
            if let Ok(earlier) = self.rates.read(&query, Rates::read_xml).await {
                today.value.compare_with(&earlier.value);
            }
        }
        Ok(today)
    }

    async fn mirrored_rates(&self) -> Result<Rates, ToolError> {
        let rates = self.other_rates.read(&[], Rates::read_json).await?;
        Ok(rates.value)
    }
}

#[async_trait]
impl Tool for PriceTool {
    fn spec(&self) -> ToolSpec {
        let about = "Tells the price of a cryptocurrency in dollars or of a currency in roubles.";
        let spec = ToolSpec::new("get_price", about).harmless();
        spec.with_parameters(json!({
            "type": "object",
            "properties": {
                "asset": { "type": "string", "description": "Bitcoin, euro and so on." },
            },
            "required": ["asset"],
        }))
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let asset = Asset::find(text(&arguments, "asset")?).ok_or(ToolError::NotFound)?;
        let name = asset.name(context.language);
        match (&asset.id, &asset.code) {
            (Some(id), _) => {
                let Answer { value, old } = self.coin(id, asset.ticker.as_deref()).await?;
                self.told().insert(id, value.market);
                let said = value.spoken(name, context.language);
                Ok(with_age(said, old, context.language))
            }
            (None, Some(code)) => Ok(self.currency(code).await?.spoken(name, context.language)),
            (None, None) => Err(ToolError::NotFound),
        }
    }

    fn citation(&self, arguments: &Value, language: Language) -> Option<Citation> {
        let asset = Asset::find(text(arguments, "asset").ok()?)?;
        let (title, url) = match (&asset.id, language) {
            (Some(id), _) => {
                let market = self.told().get(id.as_str()).copied();
                market.unwrap_or_default().source()
            }
            (None, Language::Ru) => ("Банк России", "https://www.cbr.ru/"),
            (None, Language::En) => ("Bank of Russia", "https://www.cbr.ru/eng/"),
        };
        Some(Citation {
            title: title.to_owned(),
            url: Some(url.to_owned()),
        })
    }
}

/// Whether an answer was given only because nothing newer could be had.
fn is_kept(old: Option<Timestamp>) -> bool {
    let age = old.map(|at| Timestamp::now().duration_since(at).unsigned_abs());
    age.is_some_and(|age| age > RATES.fresh)
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
