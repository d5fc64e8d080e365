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

// The bank's answer, but for its other forty currencies.
const XML: &str = r#"<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="21.11.2026" name="Foreign Currency Market"><Valute ID="R01235"><NumCode>840</NumCode><CharCode>USD</CharCode><Nominal>1</Nominal><Name>Доллар США</Name><Value>90,5231</Value><VunitRate>90,5231</VunitRate></Valute><Valute ID="R01375"><NumCode>156</NumCode><CharCode>CNY</CharCode><Nominal>10</Nominal><Name>Китайских юаней</Name><Value>125,5010</Value><VunitRate>12,5501</VunitRate></Valute><Valute ID="R01820"><NumCode>392</NumCode><CharCode>JPY</CharCode><Nominal>100</Nominal><Name>Японских иен</Name><Value>58,9100</Value><VunitRate>0,5891</VunitRate></Valute></ValCurs>"#;

fn at(url: &str) -> PriceAddresses {
    PriceAddresses {
        coins: url.to_owned(),
        other_coins: url.to_owned(),
        rates: url.to_owned(),
        other_rates: url.to_owned(),
    }
}

fn xml(text: &str) -> Vec<Part> {
    let (body, ..) = encoding_rs::WINDOWS_1251.encode(text);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/xml; charset=windows-1251\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    vec![Part::Bytes([head.as_bytes(), &body].concat())]
}

async fn price(
    script: Vec<Part>,
    asset: &str,
    language: Language,
) -> (Result<String, ToolError>, Double) {
    let double = Double::start(vec![script]).await;
    let tool = PriceTool::at(&at(&double.url));
    let context = ToolContext {
        language,
        ..ToolContext::default()
    };
    (tool.call(json!({ "asset": asset }), context).await, double)
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let double = Double::start(vec![answer("200 OK", "", BITCOIN)]).await;
    let tool = PriceTool::at(&at(&double.url));
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

#[tokio::test]
async fn the_bank_itself_tells_its_rates() {
    let before = XML.replace("90,5231", "90,2000").replace("21.11", "20.11");
    let double = Double::start(vec![xml(XML), xml(&before)]).await;
    let nobody = at(&Double::nobody().await);
    let tool = PriceTool::at(&PriceAddresses {
        rates: format!("{}/scripts/XML_daily.asp", double.url),
        ..nobody
    });
    for (asset, said) in [
        (
            "доллара",
            "Доллар по курсу Банка России: 90,52 рубля, за день плюс 32 копейки.",
        ),
        ("юань", "Юань по курсу Банка России: 12,55 рубля."),
        ("йена", "Японская иена по курсу Банка России: 0,5891 рубля."),
    ] {
        let arguments = json!({ "asset": asset });
        let told = tool.call(arguments, ToolContext::default()).await;
        assert_eq!(told.as_deref(), Ok(said), "{asset}");
    }
    let unknown = json!({ "asset": "лари" });
    let told = tool.call(unknown, ToolContext::default()).await;
    assert_eq!(told, Err(ToolError::NotFound));
    let asked = double.asked();
    assert_eq!(asked.len(), 2, "one answer holds all rates for a while");
    assert_eq!(asked[0].path, "/scripts/XML_daily.asp");
    let path = "/scripts/XML_daily.asp?date_req=20%2F11%2F2026";
    assert_eq!(asked[1].path, path);
}

#[tokio::test]
async fn the_change_is_left_out_where_the_day_before_cannot_be_had() {
    let broken = answer("503 Service Unavailable", "", "");
    let double = Double::start(vec![xml(XML), broken]).await;
    let tool = PriceTool::at(&at(&double.url));
    let arguments = json!({ "asset": "доллар" });
    let told = tool.call(arguments, ToolContext::default()).await;
    let said = "Доллар по курсу Банка России: 90,52 рубля.";
    assert_eq!(told.as_deref(), Ok(said));
}

#[tokio::test]
async fn where_the_bank_does_not_answer_its_mirror_is_asked() {
    let page = "<html><body>Слишком много запросов</body></html>";
    for bank in [
        xml(&XML[..XML.len() - 20]),
        xml(&XML.replace("58,9100", "")),
        xml(page),
        answer("403 Forbidden", "", ""),
        answer("404 Not Found", "", ""),
        answer("429 Too Many Requests", "", ""),
        answer("500 Oops", "", ""),
        vec![Part::Hang],
        vec![],
    ] {
        let bank = Double::start(vec![bank]).await;
        let mirror = Double::start(vec![answer("200 OK", "", DAILY)]).await;
        let mut tool = PriceTool::at(&at(&mirror.url));
        let soon = Duration::from_secs(2);
        tool.rates = Source::new(&bank.url, RATES).within(soon);
        let arguments = json!({ "asset": "доллар" });
        let told = tool.call(arguments, ToolContext::default()).await;
        let said = "Доллар по курсу Банка России: 90,52 рубля, за день плюс 32 копейки.";
        assert_eq!(told.as_deref(), Ok(said));
        assert!(!bank.asked().is_empty(), "the bank is asked first");
    }
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
    let tool = PriceTool::at(&PriceAddresses {
        other_coins: format!("{}/v2/prices", other.url),
        ..at(&busy.url)
    });
    let ask = async |asset: &str| {
        let arguments = json!({ "asset": asset });
        tool.call(arguments, ToolContext::default()).await
    };
    let said = ask("биткоин").await;
    assert_eq!(said, Ok("Биткоин: 97251 доллар.".to_owned()));
    assert_eq!(other.asked()[0].path, "/v2/prices/BTC-USD/spot");
    let broken = Double::start(vec![answer("500 Oops", "", "")]).await;
    let tool = PriceTool::at(&PriceAddresses {
        other_coins: broken.url.clone(),
        ..at(&busy.url)
    });
    let said = tool
        .call(json!({ "asset": "биткоин" }), ToolContext::default())
        .await;
    assert_eq!(said, Err(ToolError::Unreachable));
}

#[tokio::test]
async fn the_market_that_told_a_price_is_cited() {
    const SPOT: &str = r#"{"data":{"amount":"97251.415","base":"BTC","currency":"USD"}}"#;
    // Each question that breaks off is put a second time.
    let broken = answer("500 Oops", "", "");
    let script = vec![broken.clone(), broken, answer("200 OK", "", BITCOIN)];
    let (first, other) = (
        Double::start(script).await,
        Double::start(vec![answer("200 OK", "", SPOT)]).await,
    );
    let tool = PriceTool::at(&PriceAddresses {
        other_coins: other.url.clone(),
        ..at(&first.url)
    });
    let cited = |asset: &str| {
        let citation = tool.citation(&json!({ "asset": asset }), Language::En);
        let Citation { title, url } = citation.unwrap();
        (title, url.unwrap())
    };
    let source = |title: &str, url: &str| (title.to_owned(), url.to_owned());
    let gecko = source("CoinGecko", "https://www.coingecko.com/");
    let base = source("Coinbase", "https://www.coinbase.com/");
    for (said, market) in [
        ("Биткоин: 97251 доллар.", base),
        (
            "Биткоин: 97251 доллар, за сутки минус 1,2 процента.",
            gecko.clone(),
        ),
    ] {
        let arguments = json!({ "asset": "биткоин" });
        let told = tool.call(arguments, ToolContext::default()).await;
        assert_eq!(told.as_deref(), Ok(said));
        assert_eq!(cited("btc"), market);
        assert_eq!(cited("эфир"), gecko, "nobody told that one's price");
    }
}

#[tokio::test]
async fn an_old_price_is_told_with_its_time() {
    let broken = answer("503 Service Unavailable", "", "");
    let double = Double::start(vec![answer("200 OK", "", BITCOIN), broken]).await;
    let mut tool = PriceTool::at(&PriceAddresses {
        other_coins: "no address".to_owned(),
        ..at(&double.url)
    });
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
