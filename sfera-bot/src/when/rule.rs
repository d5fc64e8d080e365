use super::Zone;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Time, Weekday},
};

/// When something comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every day.
    Daily(Time),
    /// From Monday to Friday.
    Workdays(Time),
    /// Once a week.
    Weekly(Weekday, Time),
}

impl Rule {
    /// As it is stored.
    #[must_use]
    pub fn stored(self) -> String {
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        match self {
            Self::Daily(time) => format!("daily {}", clock(time)),
            Self::Workdays(time) => format!("workdays {}", clock(time)),
            Self::Weekly(day, time) => {
                format!("weekly-{} {}", day.to_monday_one_offset(), clock(time))
            }
        }
    }

    /// One that was stored.
    #[must_use]
    pub fn read(stored: &str) -> Option<Self> {
        let (days, time) = stored.split_once(' ')?;
        let time = Time::strptime("%H:%M", time).ok()?;
        match days {
            "daily" => Some(Self::Daily(time)),
            "workdays" => Some(Self::Workdays(time)),
            _ => {
                let day = days.strip_prefix("weekly-")?.parse().ok()?;
                let day = Weekday::from_monday_one_offset(day).ok()?;
                Some(Self::Weekly(day, time))
            }
        }
    }

    /// When it comes next, after a moment.
    #[must_use]
    pub fn next(self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let today = zone.wall(after).date();
        (0..=8).find_map(|days| {
            let date = today.checked_add(i64::from(days).days()).ok()?;
            let at = zone.moment(date.to_datetime(self.time()))?;
            (self.falls_on(date.weekday()) && at > after).then_some(at)
        })
    }

    /// At what time of day.
    #[must_use]
    pub const fn time(self) -> Time {
        match self {
            Self::Daily(time) | Self::Workdays(time) | Self::Weekly(_, time) => time,
        }
    }

    fn falls_on(self, day: Weekday) -> bool {
        match self {
            Self::Daily(_) => true,
            Self::Workdays(_) => !matches!(day, Weekday::Saturday | Weekday::Sunday),
            Self::Weekly(wanted, _) => day == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn nine() -> Time {
        Time::constant(9, 0, 0, 0)
    }

    #[test]
    fn the_clock_on_the_wall_counts_when_clocks_are_turned() {
        let berlin = Zone::of("Europe/Berlin").unwrap();
        let daily = Rule::Daily(nine());
        // On 29 March 2026 an hour is left out, on 25 October one comes twice.
        let mut next = at("2026-03-28T07:00:00Z");
        for expected in [
            "2026-03-28T08:00:00Z",
            "2026-03-29T07:00:00Z",
            "2026-03-30T07:00:00Z",
        ] {
            next = daily.next(next, &berlin).unwrap();
            assert_eq!(next, at(expected));
        }
        let night = Rule::Daily(Time::constant(2, 30, 0, 0));
        let mut next = at("2026-03-28T12:00:00Z");
        for expected in ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"] {
            next = night.next(next, &berlin).unwrap();
            assert_eq!(
                next,
                at(expected),
                "half past two does not exist on the 29th"
            );
        }
        let mut next = at("2026-10-24T12:00:00Z");
        for expected in ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"] {
            next = night.next(next, &berlin).unwrap();
            assert_eq!(next, at(expected), "once, though the hour comes twice");
        }
    }

    #[test]
    fn workdays_end_on_friday() {
        let moscow = Zone::of("Москва").unwrap();
        let friday = at("2026-11-27T06:00:00Z");
        let next = Rule::Workdays(nine()).next(friday, &moscow);
        assert_eq!(next, Some(at("2026-11-30T06:00:00Z")));
        let next = Rule::Weekly(Weekday::Friday, nine()).next(friday, &moscow);
        assert_eq!(next, Some(at("2026-12-04T06:00:00Z")));
    }

    #[test]
    fn what_is_stored_is_read() {
        let time = Time::constant(18, 5, 0, 0);
        for rule in [
            Rule::Daily(time),
            Rule::Workdays(time),
            Rule::Weekly(Weekday::Sunday, time),
        ] {
            assert_eq!(Rule::read(&rule.stored()), Some(rule));
        }
        for nonsense in [
            "",
            "daily",
            "daily 25:00",
            "weekly-9 09:00",
            "monthly 09:00",
        ] {
            assert_eq!(Rule::read(nonsense), None, "{nonsense}");
        }
    }
}
