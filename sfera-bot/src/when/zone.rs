use jiff::{Timestamp, Zoned, civil::DateTime, tz::Offset, tz::TimeZone};
use sfera_agent::tools::TimeTool;

/// A time zone by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone that somebody means: a city, "UTC+3", "+05:30", "Europe/Berlin".
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(seconds) = offset(text) {
            return Self::at(seconds);
        }
        let is_name = text.contains('/') || ["utc", "gmt"].contains(&text.to_lowercase().as_str());
        let zone = match is_name {
            true => TimeZone::get(text).ok()?,
            false => TimeZone::get(TimeTool::zone_of(text)?).ok()?,
        };
        let name = zone.iana_name()?.to_owned();
        Some(Self { name, zone })
    }

    fn at(seconds: i32) -> Option<Self> {
        let zone = Offset::from_seconds(seconds).ok()?.to_time_zone();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        let name = format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        Some(Self { name, zone })
    }

    /// Its name, which [`Zone::of`] understands.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a clock on a wall shows there.
    #[must_use]
    pub fn wall(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// When a clock on a wall shows this there; none at the end of time.
    #[must_use]
    pub fn moment(&self, wall: DateTime) -> Option<Timestamp> {
        self.zone.to_timestamp(wall).ok()
    }
}

/// Seconds east of Greenwich. "МСК+4" counts from Moscow.
fn offset(text: &str) -> Option<i32> {
    let lower = text.to_lowercase();
    let from = |prefix: &str| lower.strip_prefix(prefix);
    let (base, rest) = match from("мск").or_else(|| from("msk")) {
        Some(rest) => (3, rest),
        None => (0, from("utc").or_else(|| from("gmt")).unwrap_or(&lower)),
    };
    let rest = rest.trim();
    let minus = rest.strip_prefix(['-', '−', '–']);
    let digits = minus.or_else(|| rest.strip_prefix('+'))?;
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let number = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|m| *m < 60)?);
    let east = (hours * 60 + minutes) * if minus.is_some() { -1 } else { 1 };
    let seconds = (base * 60 + east) * 60;
    (-12 * 3_600..=14 * 3_600)
        .contains(&seconds)
        .then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_city_offset_and_name() {
        for (text, name) in [
            ("Москва", "Europe/Moscow"),
            ("в Новосибирске", "Asia/Novosibirsk"),
            ("new york", "America/New_York"),
            ("europe/berlin", "Europe/Berlin"),
            ("utc", "UTC"),
            ("+7", "UTC+07:00"),
            ("UTC+3", "UTC+03:00"),
            ("GMT-3:30", "UTC-03:30"),
            ("мск+4", "UTC+07:00"),
            ("−5", "UTC-05:00"),
        ] {
            let zone = Zone::of(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(zone.name(), name, "{text}");
            assert_eq!(Zone::of(name), Some(zone), "{text}");
        }
        for text in [
            "",
            "7",
            "+15",
            "+3:60",
            "++3",
            "Moon/Tycho",
            "не знаю",
            "+1234567890123",
        ] {
            assert_eq!(Zone::of(text), None, "{text}");
        }
    }
}
