use super::{
    Tool, ToolContext, ToolError, ToolSpec,
    web::{Answer, Limits, Source, text, with_age},
};
use crate::{
    knowledge::Citation,
    language::{Language, assets::Asset},
};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

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

/// `get_price`: the price of a cryptocurrency (CoinGecko; Coinbase where that does not answer) or a currency's official rate in roubles
/// (Bank of Russia, daily). No key needed.
///
/// Takes `asset`, in any form and language. An unknown one is [`ToolError::NotFound`]; a service that
/// fails, refuses or is slower than six seconds is [`ToolError::Unreachable`].
#[derive(Clone, Debug)]
pub struct PriceTool {
    coins: Source,
    /// Asked where the first one does not answer.
    other_coins: Source,
    currencies: Source,
}

impl Default for PriceTool {
    fn default() -> Self {
        Self::at(
            "https://api.coingecko.com/api/v3/simple/price",
            "https://api.coinbase.com/v2/prices",
            "https://www.cbr-xml-daily.ru/daily_json.js",
        )
    }
}

impl PriceTool {
    /// The tool with other addresses of the same three services: CoinGecko, Coinbase, the Bank of
    /// Russia's rates as JSON.
    #[must_use]
    pub fn at(coins: &str, other_coins: &str, currencies: &str) -> Self {
        Self {
            coins: Source::new(coins, COINS),
            other_coins: Source::new(other_coins, COINS),
            currencies: Source::new(currencies, RATES),
        }
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

    async fn currency(&self, code: &str) -> Result<Rate, ToolError> {
        // A rate holds for a day, so its age is not worth telling.
        let mut rates = self.currencies.get::<Rates>(&[]).await?.value;
        let rate = rates.valute.remove(code).ok_or(ToolError::NotFound)?;
        if rate.nominal == 0 {
            return Err(ToolError::Protocol);
        }
        Ok(rate)
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
            (Some(_), _) => ("CoinGecko", "https://www.coingecko.com/"),
            (None, Language::Ru) => ("Банк России", "https://www.cbr.ru/"),
            (None, Language::En) => ("Bank of Russia", "https://www.cbr.ru/eng/"),
        };
        Some(Citation {
            title: title.to_owned(),
            url: Some(url.to_owned()),
        })
    }
}

#[derive(Deserialize)]
struct Coin {
    usd: f64,
    usd_24h_change: Option<f64>,
}

/// Coinbase's answer.
#[derive(Deserialize)]
struct Spot {
    data: Amount,
}

#[derive(Deserialize)]
struct Amount {
    amount: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rates {
    valute: HashMap<String, Rate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rate {
    nominal: u32,
    value: f64,
    previous: f64,
}

impl Coin {
    fn spoken(&self, name: &str, language: Language) -> String {
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

impl Rate {
    fn spoken(&self, name: &str, language: Language) -> String {
        let one = |value: f64| value / f64::from(self.nominal);
        let price = money(one(self.value), language);
        let change = one(self.value) - one(self.previous);
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

/// Whole from a hundred on, two decimals from one on, four below.
fn money(value: f64, language: Language) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        1.0.. => 2,
        _ => 4,
    };
    number(value, decimals, language)
}

fn number(value: f64, decimals: usize, language: Language) -> String {
    let text = format!("{value:.decimals$}");
    let short = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    match language {
        Language::Ru => short.replace('.', ","),
        Language::En => short.to_owned(),
    }
}

/// After a fraction the noun stands in the genitive: «90,5 рубля».
fn unit_ru<'a>(number: &str, forms: [&'a str; 3]) -> &'a str {
    match number.parse() {
        Ok(whole) => Language::count_ru(whole, forms),
        Err(_) => forms[1],
    }
}

fn percent_ru(number: &str) -> String {
    format!(
        "{number} {}",
        unit_ru(number, ["процент", "процента", "процентов"])
    )
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        http::double::{Double, Part, json as answer},
        testing::tool_conformance,
    };

    // Shapes as the services' own documentation shows them.
    const BITCOIN: &str = r#"{"bitcoin":{"usd":97251.4,"usd_24h_change":-1.2345}}"#;
    const DAILY: &str = r#"{"Date":"2026-11-21T11:30:00+03:00","PreviousDate":"2026-11-20T11:30:00+03:00",
        "PreviousURL":"//example/x.js","Timestamp":"2026-11-21T20:00:00+03:00","Valute":{
        "USD":{"ID":"R01235","NumCode":"840","CharCode":"USD","Nominal":1,"Name":"Доллар США",
        "Value":90.5231,"Previous":90.2},
        "JPY":{"ID":"R01820","NumCode":"392","CharCode":"JPY","Nominal":100,"Name":"Иен",
        "Value":58.91,"Previous":58.91}}}"#;

    async fn price(
        script: Vec<Part>,
        asset: &str,
        language: Language,
    ) -> (Result<String, ToolError>, Double) {
        let double = Double::start(vec![script]).await;
        let tool = PriceTool::at(&double.url, &double.url, &double.url);
        let context = ToolContext {
            language,
            ..ToolContext::default()
        };
        (tool.call(json!({ "asset": asset }), context).await, double)
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let double = Double::start(vec![answer("200 OK", "", BITCOIN)]).await;
        let tool = PriceTool::at(&double.url, &double.url, &double.url);
        tool_conformance(&tool, json!({ "asset": "биткоин" })).await;
    }

    #[tokio::test]
    async fn prices_are_said_so_that_they_can_be_spoken() {
        let ok = |body| answer("200 OK", "", body);
        let (said, double) = price(ok(BITCOIN), "биткоина", Language::Ru).await;
        assert_eq!(
            said.unwrap(),
            "Биткоин: 97251 доллар, за сутки минус 1,2 процента."
        );
        let path = "/?ids=bitcoin&vs_currencies=usd&include_24hr_change=true";
        assert_eq!(double.asked()[0].path, path);
        let (said, _) = price(ok(BITCOIN), "bitcoin", Language::En).await;
        assert_eq!(
            said.unwrap(),
            "Bitcoin costs 97251 dollars, down 1.2 percent in a day."
        );
        let (said, _) = price(ok(DAILY), "доллара", Language::Ru).await;
        let expected = "Доллар по курсу Банка России: 90,52 рубля, за день плюс 32 копейки.";
        assert_eq!(said.unwrap(), expected);
        let (said, _) = price(ok(DAILY), "йена", Language::Ru).await;
        assert_eq!(
            said.unwrap(),
            "Японская иена по курсу Банка России: 0,5891 рубля."
        );
    }

    #[test]
    fn who_was_asked_is_named() {
        let named = |asset: &str, language| {
            let tool = PriceTool::default();
            let citation = tool.citation(&json!({ "asset": asset }), language);
            citation.map(|citation| citation.title)
        };
        assert_eq!(named("биткоин", Language::Ru).as_deref(), Some("CoinGecko"));
        assert_eq!(named("евро", Language::Ru).as_deref(), Some("Банк России"));
        assert_eq!(
            named("euro", Language::En).as_deref(),
            Some("Bank of Russia")
        );
        assert_eq!(named("слон", Language::Ru), None);
    }

    #[tokio::test]
    async fn whatever_the_service_does_is_an_honest_error() {
        for (script, asset, error) in [
            (answer("200 OK", "", "{}"), "биткоин", ToolError::NotFound),
            (answer("200 OK", "", DAILY), "лари", ToolError::NotFound),
            (answer("200 OK", "", "[]"), "биткоин", ToolError::Protocol),
            (answer("500 Oops", "", ""), "евро", ToolError::Unreachable),
            (
                answer("200 OK", "", BITCOIN),
                "картошка",
                ToolError::NotFound,
            ),
        ] {
            assert_eq!(
                price(script, asset, Language::Ru).await.0,
                Err(error),
                "{asset}"
            );
        }
    }

    #[tokio::test]
    async fn where_one_market_does_not_answer_another_is_asked() {
        const SPOT: &str = r#"{"data":{"amount":"97251.415","base":"BTC","currency":"USD"}}"#;
        let busy = Double::start(vec![answer("429 Too Many Requests", "", "{}")]).await;
        let other = Double::start(vec![answer("200 OK", "", SPOT)]).await;
        let tool = PriceTool::at(&busy.url, &format!("{}/v2/prices", other.url), &busy.url);
        let ask = async |asset: &str| {
            let arguments = json!({ "asset": asset });
            tool.call(arguments, ToolContext::default()).await
        };
        let said = ask("биткоин").await;
        assert_eq!(said, Ok("Биткоин: 97251 доллар.".to_owned()));
        assert_eq!(other.asked()[0].path, "/v2/prices/BTC-USD/spot");
        let broken = Double::start(vec![answer("500 Oops", "", "")]).await;
        let tool = PriceTool::at(&busy.url, &broken.url, &busy.url);
        let said = tool
            .call(json!({ "asset": "биткоин" }), ToolContext::default())
            .await;
        assert_eq!(said, Err(ToolError::Unreachable));
    }

    #[tokio::test]
    async fn an_old_price_is_told_with_its_time() {
        let broken = answer("503 Service Unavailable", "", "");
        let double = Double::start(vec![answer("200 OK", "", BITCOIN), broken]).await;
        let mut tool = PriceTool::at(&double.url, "no address", &double.url);
        let limits = Limits {
            fresh: Duration::ZERO,
            ..COINS
        };
        tool.coins = Source::new(&double.url, limits);
        let ask = async || {
            tool.call(json!({ "asset": "btc" }), ToolContext::default())
                .await
        };
        let first = ask().await.unwrap();
        let second = ask().await.unwrap();
        let added = second.strip_prefix(&first).unwrap();
        assert!(added.starts_with(" Это по данным на "), "{second}");
    }
}
