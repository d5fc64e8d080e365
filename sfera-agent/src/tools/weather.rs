use super::{
    Tool, ToolContext, ToolError, ToolSpec,
    web::{Answer, Limits, Source, text, with_age},
};
use crate::{
    knowledge::Citation,
    language::{Language, cities::City, names::Named, words::capital},
};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{sync::LazyLock, time::Duration};

static SKIES: LazyLock<Vec<Sky>> = LazyLock::new(|| {
    let file: SkyFile = toml::from_str(include_str!("weather.toml")).unwrap_or_default();
    file.sky
});

/// Open-Meteo's free service allows 600 requests in a minute to everybody behind one address; its
/// forecasts are a quarter of an hour apart.
const SKY: Limits = Limits {
    fresh: Duration::from_secs(10 * 60),
    stale: Duration::from_secs(3 * 3_600),
    per_minute: 120,
};
/// A place stays where it is.
const PLACES: Limits = Limits {
    fresh: Duration::from_secs(24 * 3_600),
    stale: Duration::from_secs(7 * 24 * 3_600),
    per_minute: 120,
};

/// `get_weather`: the weather in a city, now or tomorrow, by Open-Meteo (no key needed).
///
/// Takes `city`, in any form and language, and `day`: `today` (the default) or `tomorrow`. A city
/// that the geocoder does not know is [`ToolError::NotFound`]; a service that fails, refuses or is
/// slower than six seconds is [`ToolError::Unreachable`], unless it said something in the last three
/// hours: then that is told, with its time.
#[derive(Clone, Debug)]
pub struct WeatherTool {
    geocoding: Source,
    forecast: Source,
}

impl Default for WeatherTool {
    fn default() -> Self {
        Self::at(
            "https://geocoding-api.open-meteo.com/v1/search",
            "https://api.open-meteo.com/v1/forecast",
        )
    }
}

impl WeatherTool {
    /// The tool with other addresses of the same two services.
    #[must_use]
    pub fn at(geocoding: &str, forecast: &str) -> Self {
        Self {
            geocoding: Source::new(geocoding, PLACES),
            forecast: Source::new(forecast, SKY),
        }
    }

    async fn place(&self, named: &str, language: Language) -> Result<Place, ToolError> {
        let known = City::find(named);
        let name = known.map_or(named, |city| city.name(language));
        let query = [
            ("name", name),
            ("count", "1"),
            ("language", language.code()),
            ("format", "json"),
        ];
        let found = self.geocoding.get::<Geocoding>(&query).await?;
        let place = found
            .value
            .results
            .into_iter()
            .next()
            .ok_or(ToolError::NotFound)?;
        let said = match known {
            Some(city) => city.inside(language),
            None => place.name,
        };
        Ok(Place {
            said,
            latitude: place.latitude,
            longitude: place.longitude,
        })
    }

    async fn forecast(&self, place: &Place) -> Result<Answer<Forecast>, ToolError> {
        let latitude = place.latitude.to_string();
        let longitude = place.longitude.to_string();
        let current = "temperature_2m,apparent_temperature,weather_code,wind_speed_10m";
        let daily = "weather_code,temperature_2m_max,temperature_2m_min";
        let query = [
            ("latitude", latitude.as_str()),
            ("longitude", &longitude),
            ("current", current),
            ("daily", daily),
            ("wind_speed_unit", "ms"),
            ("timezone", "auto"),
            ("forecast_days", "2"),
        ];
        self.forecast.get(&query).await
    }
}

#[async_trait]
impl Tool for WeatherTool {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new(
            "get_weather",
            "Tells the weather in a city, now or tomorrow.",
        )
        .harmless()
        .with_parameters(json!({
            "type": "object",
            "properties": {
                "city": { "type": "string", "description": "The city." },
                "day": { "type": "string", "enum": ["today", "tomorrow"] },
            },
            "required": ["city"],
        }))
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let city = text(&arguments, "city")?;
        let place = self.place(city, context.language).await?;
        let Answer {
            value: forecast,
            old,
        } = self.forecast(&place).await?;
        let tomorrow = arguments.get("day").and_then(Value::as_str) == Some("tomorrow");
        if tomorrow {
            let day = forecast.daily.day(1).ok_or(ToolError::Protocol)?;
            let said = day.spoken(&place.said, context.language);
            return Ok(with_age(said, old, context.language));
        }
        let said = forecast.current.spoken(&place.said, context.language);
        Ok(with_age(said, old, context.language))
    }

    fn citation(&self, _: &Value, _: Language) -> Option<Citation> {
        Some(Citation {
            title: "Open-Meteo".to_owned(),
            url: Some("https://open-meteo.com/".to_owned()),
        })
    }
}

struct Place {
    /// «в Москве», or the bare name of a place whose forms are not known.
    said: String,
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Geocoding {
    /// Left out if nothing was found.
    #[serde(default)]
    results: Vec<Geocoded>,
}

#[derive(Deserialize)]
struct Geocoded {
    name: String,
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Forecast {
    current: Current,
    daily: Daily,
}

#[derive(Deserialize)]
struct Current {
    temperature_2m: f64,
    apparent_temperature: f64,
    weather_code: u16,
    wind_speed_10m: f64,
}

#[derive(Deserialize)]
struct Daily {
    weather_code: Vec<u16>,
    temperature_2m_max: Vec<f64>,
    temperature_2m_min: Vec<f64>,
}

struct Day {
    code: u16,
    max: f64,
    min: f64,
}

#[derive(Default, Deserialize)]
struct SkyFile {
    sky: Vec<Sky>,
}

#[derive(Deserialize)]
struct Sky {
    codes: Vec<u16>,
    ru: String,
    en: String,
}

impl Current {
    fn spoken(&self, place: &str, language: Language) -> String {
        let sky = sky(self.weather_code, language);
        let wind = self.wind_speed_10m.round() as i64;
        let now = degrees(self.temperature_2m, language);
        let felt = (self.apparent_temperature - self.temperature_2m).abs() >= 3.0;
        let felt = felt.then(|| degrees(self.apparent_temperature, language));
        match language {
            Language::Ru => {
                let felt = felt
                    .map(|f| format!(", ощущается как {f}"))
                    .unwrap_or_default();
                let metres = Language::count_ru(wind, ["метр", "метра", "метров"]);
                let text =
                    format!("{place} сейчас {now}{felt}{sky}, ветер {wind} {metres} в секунду.");
                capital(&text)
            }
            Language::En => {
                let felt = felt
                    .map(|f| format!(", feels like {f}"))
                    .unwrap_or_default();
                let metres = if wind == 1 { "metre" } else { "metres" };
                let text =
                    format!("{place} it is {now}{felt}{sky}, wind {wind} {metres} per second.");
                capital(&text)
            }
        }
    }
}

impl Daily {
    fn day(&self, index: usize) -> Option<Day> {
        Some(Day {
            code: *self.weather_code.get(index)?,
            max: *self.temperature_2m_max.get(index)?,
            min: *self.temperature_2m_min.get(index)?,
        })
    }
}

impl Day {
    fn spoken(&self, place: &str, language: Language) -> String {
        let sky = sky(self.code, language);
        let max = degrees(self.max, language);
        let text = match language {
            Language::Ru => {
                let min = signed_ru(self.min);
                format!("{place} завтра от {min} до {max}{sky}.").replace("от минус 0", "от 0")
            }
            Language::En => {
                let min = self.min.round() as i64;
                format!("{place} tomorrow from {min} to {max}{sky}.")
            }
        };
        capital(&text)
    }
}

fn sky(code: u16, language: Language) -> String {
    let known = SKIES.iter().find(|sky| sky.codes.contains(&code));
    let words = known.map(|sky| match language {
        Language::Ru => &sky.ru,
        Language::En => &sky.en,
    });
    words.map(|words| format!(", {words}")).unwrap_or_default()
}

fn signed_ru(value: f64) -> String {
    match value.round() as i64 {
        n @ ..0 => format!("минус {}", n.unsigned_abs()),
        n => n.to_string(),
    }
}

fn degrees(value: f64, language: Language) -> String {
    let whole = value.round() as i64;
    match language {
        Language::Ru => {
            let unit = Language::count_ru(whole, ["градус", "градуса", "градусов"]);
            format!("{} {unit}", signed_ru(value))
        }
        Language::En => {
            let minus = if whole < 0 { "minus " } else { "" };
            let unit = if whole.abs() == 1 {
                "degree"
            } else {
                "degrees"
            };
            format!("{minus}{} {unit}", whole.unsigned_abs())
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        http::double::{Double, json as answer},
        testing::tool_conformance,
    };

    // Shapes as the services' own documentation shows them.
    const MOSCOW: &str = r#"{"results":[{"id":524901,"name":"Москва","latitude":55.75222,
        "longitude":37.61556,"elevation":144.0,"feature_code":"PPLC","country_code":"RU",
        "timezone":"Europe/Moscow","population":10381222,"country":"Россия"}],
        "generationtime_ms":0.6}"#;
    const NOWHERE: &str = r#"{"generationtime_ms":0.4}"#;
    const WINTER: &str = r#"{"latitude":55.75,"longitude":37.625,"generationtime_ms":0.1,
        "utc_offset_seconds":10800,"timezone":"Europe/Moscow","timezone_abbreviation":"GMT+3",
        "current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°C"},
        "current":{"time":"2026-11-22T14:00","interval":900,"temperature_2m":-3.4,
        "apparent_temperature":-8.1,"weather_code":71,"wind_speed_10m":4.2},
        "daily":{"time":["2026-11-22","2026-11-23"],"weather_code":[71,3],
        "temperature_2m_max":[-2.0,1.2],"temperature_2m_min":[-6.0,-4.6]}}"#;

    async fn weather(
        script: Vec<Vec<crate::http::double::Part>>,
        arguments: Value,
        language: Language,
    ) -> (Result<String, ToolError>, Double) {
        let double = Double::start(script).await;
        let tool = WeatherTool::at(&double.url, &double.url);
        let context = ToolContext {
            language,
            ..ToolContext::default()
        };
        (tool.call(arguments, context).await, double)
    }

    fn good() -> Vec<Vec<crate::http::double::Part>> {
        vec![answer("200 OK", "", MOSCOW), answer("200 OK", "", WINTER)]
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let (place, sky) = (
            Double::start(vec![answer("200 OK", "", MOSCOW)]).await,
            good(),
        );
        let sky = Double::start(vec![sky[1].clone()]).await;
        let tool = WeatherTool::at(&place.url, &sky.url);
        tool_conformance(&tool, json!({ "city": "Москва" })).await;
    }

    #[tokio::test]
    async fn the_weather_is_said_so_that_it_can_be_spoken() {
        let city = json!({ "city": "москве" });
        let (said, double) = weather(good(), city.clone(), Language::Ru).await;
        let expected = "В Москве сейчас минус 3 градуса, ощущается как минус 8 градусов, \
                        небольшой снег, ветер 4 метра в секунду.";
        assert_eq!(said.unwrap(), expected);
        let asked = &double.asked()[0].path;
        let name = "name=%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0&";
        assert!(
            asked.contains(name),
            "the city's own name is asked for: {asked}"
        );
        assert!(double.asked()[1].path.contains("latitude=55.75222&"));
        let (said, _) = weather(good(), city, Language::En).await;
        let expected = "In Moscow it is minus 3 degrees, feels like minus 8 degrees, light snow, \
                        wind 4 metres per second.";
        assert_eq!(said.unwrap(), expected);
        let tomorrow = json!({ "city": "Москва", "day": "tomorrow" });
        let (said, _) = weather(good(), tomorrow, Language::Ru).await;
        assert_eq!(
            said.unwrap(),
            "В Москве завтра от минус 5 до 1 градус, пасмурно."
        );
    }

    #[tokio::test]
    async fn whatever_the_service_does_is_an_honest_error() {
        let city = || json!({ "city": "Нигде" });
        let nowhere = vec![answer("200 OK", "", NOWHERE)];
        let refused = vec![answer(
            "400 Bad Request",
            "",
            r#"{"error":true,"reason":"x"}"#,
        )];
        for (script, error) in [
            (nowhere, ToolError::NotFound),
            (refused, ToolError::Protocol),
            (
                vec![answer("503 Service Unavailable", "", "")],
                ToolError::Unreachable,
            ),
            (
                vec![answer("429 Too Many Requests", "", "{}")],
                ToolError::TooOften,
            ),
            (vec![answer("200 OK", "", "<html>")], ToolError::Protocol),
            (vec![vec![]], ToolError::Unreachable),
        ] {
            assert_eq!(weather(script, city(), Language::Ru).await.0, Err(error));
        }
        let nobody = Double::nobody().await;
        let tool = WeatherTool::at(&nobody, "no address");
        let said = tool.call(city(), ToolContext::default()).await;
        assert_eq!(said, Err(ToolError::Unreachable));
    }

    #[test]
    fn every_sky_has_words() {
        assert!(SKIES.len() > 10);
    }
}
