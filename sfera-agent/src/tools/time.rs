use super::{Tool, ToolContext, ToolError, ToolSpec};
use crate::language::{Language, cities::City, words::capital};
use async_trait::async_trait;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::{Value, json};

/// `get_time`: the time and date, here or in a city.
///
/// Takes `city` (optional) and `what`: `time` (the default) or `date`. Knows the time zones of some
/// seventy cities by any form of their names; another city is [`ToolError::NotFound`].
#[derive(Clone, Debug)]
pub struct TimeTool {
    here: TimeZone,
}

impl Default for TimeTool {
    fn default() -> Self {
        Self::new(TimeZone::system())
    }
}

impl TimeTool {
    /// The tool for people who live in this time zone.
    #[must_use]
    pub const fn new(here: TimeZone) -> Self {
        Self { here }
    }

    /// The IANA time zone of a city, by any form of its name; none for one that is not known.
    #[must_use]
    pub fn zone_of(city: &str) -> Option<&'static str> {
        City::find(city).map(|city| city.zone.as_str())
    }

    fn answer(
        &self,
        now: Timestamp,
        arguments: &Value,
        language: Language,
    ) -> Result<String, ToolError> {
        let date = arguments.get("what").and_then(Value::as_str) == Some("date");
        let named = arguments.get("city").and_then(Value::as_str).map(str::trim);
        let Some(named) = named.filter(|city| !city.is_empty()) else {
            let now = now.to_zoned(self.here.clone());
            return Ok(spoken(&now, None, date, language));
        };
        let city = City::find(named).ok_or(ToolError::NotFound)?;
        let zone = TimeZone::get(&city.zone).map_err(|_| ToolError::NotFound)?;
        let place = city.inside(language);
        Ok(spoken(&now.to_zoned(zone), Some(&place), date, language))
    }
}

#[async_trait]
impl Tool for TimeTool {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new(
            "get_time",
            "Tells the current time or date, here or in a city.",
        )
        .harmless()
        .with_parameters(json!({
            "type": "object",
            "properties": {
                "city": { "type": "string", "description": "A city; without it: here." },
                "what": { "type": "string", "enum": ["time", "date"] },
            },
        }))
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        self.answer(Timestamp::now(), &arguments, context.language)
    }
}

fn spoken(now: &Zoned, place: Option<&str>, date: bool, language: Language) -> String {
    match (language, date) {
        (Language::Ru, true) => {
            let (day, month, weekday) = (now.day(), month_ru(now), weekday_ru(now));
            let place = place.map(|p| format!("{p} ")).unwrap_or_default();
            capital(&format!(
                "{place}сегодня {weekday}, {day} {month} {} года.",
                now.year()
            ))
        }
        (Language::Ru, false) => {
            let place = place.map(|p| format!("{p} ")).unwrap_or_default();
            let clock = clock_ru(now.hour(), now.minute());
            capital(&format!("{place}сейчас {clock}."))
        }
        (Language::En, true) => {
            let place = place.map(|p| format!(" {p}")).unwrap_or_default();
            format!("Today{place} is {}.", now.strftime("%A, %B %-d, %Y"))
        }
        (Language::En, false) => {
            let place = place.map(|p| format!(" {p}")).unwrap_or_default();
            format!("It is {}{place}.", now.strftime("%-I:%M %p"))
        }
    }
}

fn clock_ru(hour: i8, minute: i8) -> String {
    let hours = Language::count_ru(i64::from(hour), ["час", "часа", "часов"]);
    if minute == 0 {
        return format!("{hour} {hours} ровно");
    }
    let minutes = Language::count_ru(i64::from(minute), ["минута", "минуты", "минут"]);
    format!("{hour} {hours} {minute} {minutes}")
}

fn month_ru(now: &Zoned) -> &'static str {
    let month = usize::from(now.month().unsigned_abs()) - 1;
    Language::MONTHS_RU.get(month).copied().unwrap_or_default()
}

fn weekday_ru(now: &Zoned) -> &'static str {
    const DAYS: [&str; 7] = [
        "понедельник",
        "вторник",
        "среда",
        "четверг",
        "пятница",
        "суббота",
        "воскресенье",
    ];
    let day = usize::from(now.weekday().to_monday_zero_offset().unsigned_abs());
    DAYS.get(day).copied().unwrap_or_default()
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::tool_conformance;

    fn at(time: &str, arguments: Value, language: Language) -> Result<String, ToolError> {
        let tool = TimeTool::new(TimeZone::UTC);
        tool.answer(time.parse().unwrap(), &arguments, language)
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        tool_conformance(&TimeTool::default(), json!({ "city": "Москва" })).await;
    }

    #[test]
    fn it_says_the_time_here_and_elsewhere() {
        let time = "2026-11-22T11:05:00Z";
        let ru = |arguments| at(time, arguments, Language::Ru).unwrap();
        let en = |arguments| at(time, arguments, Language::En).unwrap();
        assert_eq!(ru(json!({})), "Сейчас 11 часов 5 минут.");
        assert_eq!(
            ru(json!({ "city": "в Москве" })),
            "В Москве сейчас 14 часов 5 минут."
        );
        assert_eq!(
            en(json!({ "city": "New York" })),
            "It is 6:05 AM in New York."
        );
        let date = json!({ "what": "date", "city": "Токио" });
        assert_eq!(
            ru(date),
            "В Токио сегодня воскресенье, 22 ноября 2026 года."
        );
        assert_eq!(
            en(json!({ "what": "date" })),
            "Today is Sunday, November 22, 2026."
        );
    }

    #[test]
    fn whole_hours_and_single_minutes_are_said_properly() {
        let ru = |time: &str| at(time, json!({}), Language::Ru).unwrap();
        assert_eq!(ru("2026-11-22T21:00:00Z"), "Сейчас 21 час ровно.");
        assert_eq!(ru("2026-11-22T02:31:00Z"), "Сейчас 2 часа 31 минута.");
    }

    #[test]
    fn an_unknown_city_is_not_guessed() {
        let found = at(
            "2026-11-22T11:05:00Z",
            json!({ "city": "Урюпинск" }),
            Language::Ru,
        );
        assert_eq!(found, Err(ToolError::NotFound));
        assert_eq!(TimeTool::zone_of("Урюпинск"), None);
        assert_eq!(TimeTool::zone_of("в Питере"), Some("Europe/Moscow"));
    }
}
