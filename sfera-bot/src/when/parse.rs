use super::{
    Rule, Zone,
    date::Day,
    phrase::{Days, Phrase, phrase},
    words::{Word, one_of, words},
};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, civil::Time};

/// When something is that has a day and no time.
const MORNING: Time = Time::constant(9, 0, 0, 0);
/// So far ahead and not farther.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What somebody wants to be reminded of, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<'a> {
    /// When.
    pub when: When,
    /// Whether it depends on where the person is.
    pub is_local: bool,
    /// Of what.
    pub text: &'a str,
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once.
    At(Timestamp),
    /// Again and again.
    Every(Rule),
}

/// Why there is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text says nothing of when.
    #[error("it does not say when")]
    NoTime,
    /// It says when, and not what.
    #[error("it does not say what")]
    NoText,
    /// It is over.
    #[error("it is in the past")]
    Past,
    /// It is more than a year away.
    #[error("it is more than a year away")]
    TooFar,
    /// There is no such day, as 30 February.
    #[error("there is no such day")]
    NoSuchDay,
}

/// Reads when and what: the moment is at the beginning of the text or at its end.
///
/// # Errors
/// [`Problem`].
pub fn parse<'a>(text: &'a str, now: Timestamp, zone: &Zone) -> Result<Asked<'a>, Problem> {
    let words = words(text);
    let first = words
        .iter()
        .take_while(|word| is_filler(&word.plain))
        .count();
    let (phrase, rest) = at_beginning(text, &words, first)
        .or_else(|| at_end(text, &words, first))
        .ok_or(Problem::NoTime)?;
    let when = resolve(phrase, now, zone)?;
    let text = rest.trim_matches(|c: char| c.is_whitespace() || ",:;–—-".contains(c));
    if text.is_empty() {
        return Err(Problem::NoText);
    }
    let is_local = !matches!(phrase, Phrase::Ahead { .. });
    Ok(Asked {
        when,
        is_local,
        text,
    })
}

fn at_beginning<'a>(text: &'a str, words: &[Word], first: usize) -> Option<(Phrase, &'a str)> {
    let (found, used) = phrase(words.get(first..)?)?;
    let last = words.get(first + used.checked_sub(1)?)?;
    Some((found, &text[last.end..]))
}

fn at_end<'a>(text: &'a str, words: &[Word], first: usize) -> Option<(Phrase, &'a str)> {
    let begin = words.get(first)?.start;
    (first + 1..words.len()).find_map(|at| {
        let (found, used) = phrase(&words[at..])?;
        let whole = at + used == words.len();
        whole.then(|| (found, &text[begin..words[at].start]))
    })
}

fn is_filler(word: &str) -> bool {
    one_of(
        word,
        &[
            "напомни",
            "напомнить",
            "мне",
            "пожалуйста",
            "remind",
            "me",
            "please",
        ],
    )
}

fn resolve(phrase: Phrase, now: Timestamp, zone: &Zone) -> Result<When, Problem> {
    let at = match phrase {
        Phrase::Every { days, time } => {
            let time = time.unwrap_or(MORNING);
            return Ok(When::Every(match days {
                Days::All => Rule::Daily(time),
                Days::Work => Rule::Workdays(time),
                Days::Weekly(day) => Rule::Weekly(day, time),
            }));
        }
        Phrase::Ahead { days, minutes } => later(now, days, minutes, zone)?,
        Phrase::At { day, time } => on_day(day, time.unwrap_or(MORNING), now, zone)?,
    };
    if at <= now {
        return Err(Problem::Past);
    }
    match at.duration_since(now) > LONGEST {
        true => Err(Problem::TooFar),
        false => Ok(When::At(at)),
    }
}

/// A day later is at the same time of day.
fn later(now: Timestamp, days: i64, minutes: i64, zone: &Zone) -> Result<Timestamp, Problem> {
    if days > 1_000 || minutes > 1_000_000 {
        return Err(Problem::TooFar);
    }
    let day = zone.wall(now).checked_add(days.days());
    let day = day.map_err(|_| Problem::TooFar)?.timestamp();
    day.checked_add(SignedDuration::from_mins(minutes))
        .map_err(|_| Problem::TooFar)
}

fn on_day(day: Option<Day>, time: Time, now: Timestamp, zone: &Zone) -> Result<Timestamp, Problem> {
    let today = zone.wall(now).date();
    let moment = |date: Date| zone.moment(date.to_datetime(time)).ok_or(Problem::TooFar);
    let in_days = |days: i64| {
        let date = today.checked_add(days.days());
        date.map_err(|_| Problem::TooFar).and_then(moment)
    };
    match day {
        Some(Day::Ahead(days)) => in_days(days),
        None => match in_days(0)? {
            at if at > now => Ok(at),
            _ => in_days(1),
        },
        Some(Day::Next(weekday)) => {
            let days = i64::from(weekday.since(today.weekday()));
            match in_days(days)? {
                at if at > now => Ok(at),
                _ => in_days(days + 7),
            }
        }
        Some(Day::Date { year, month, day }) => {
            let dated = |year| Date::new(year, month, day).map_err(|_| Problem::NoSuchDay);
            if let Some(year) = year {
                return moment(dated(year)?);
            }
            // 29 February may be one of the next year only.
            let this = dated(today.year()).and_then(moment);
            match this {
                Ok(at) if at > now => Ok(at),
                _ => moment(dated(today.year() + 1)?),
            }
        }
    }
}
