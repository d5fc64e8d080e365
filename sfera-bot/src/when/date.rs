use super::words::{Word, number, one_of, word};
use jiff::civil::Weekday;

/// A day that somebody means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// So many days from today.
    Ahead(i64),
    /// The next one.
    Next(Weekday),
    /// A date; the next one where no year is named.
    Date {
        year: Option<i16>,
        month: i8,
        day: i8,
    },
}

/// Months as they are written in dates, from January.
const MONTHS: [&[&str]; 12] = [
    &["января", "янв", "january", "jan"],
    &["февраля", "фев", "february", "feb"],
    &["марта", "мар", "march", "mar"],
    &["апреля", "апр", "april", "apr"],
    &["мая", "may"],
    &["июня", "июн", "june", "jun"],
    &["июля", "июл", "july", "jul"],
    &["августа", "авг", "august", "aug"],
    &["сентября", "сен", "сент", "september", "sep", "sept"],
    &["октября", "окт", "october", "oct"],
    &["ноября", "ноя", "нояб", "november", "nov"],
    &["декабря", "дек", "december", "dec"],
];

/// Days of the week, from Monday: as after "в" and "каждый", as after "по", short.
const WEEKDAYS: [&[&str]; 7] = [
    &[
        "понедельник",
        "понедельникам",
        "пн",
        "monday",
        "mondays",
        "mon",
    ],
    &["вторник", "вторникам", "вт", "tuesday", "tuesdays", "tue"],
    &[
        "среду",
        "среда",
        "средам",
        "ср",
        "wednesday",
        "wednesdays",
        "wed",
    ],
    &["четверг", "четвергам", "чт", "thursday", "thursdays", "thu"],
    &[
        "пятницу",
        "пятница",
        "пятницам",
        "пт",
        "friday",
        "fridays",
        "fri",
    ],
    &[
        "субботу",
        "суббота",
        "субботам",
        "сб",
        "saturday",
        "saturdays",
        "sat",
    ],
    &[
        "воскресенье",
        "воскресеньям",
        "вс",
        "sunday",
        "sundays",
        "sun",
    ],
];

/// A day at the beginning of words, and how many of them say it.
pub(super) fn date(words: &[Word]) -> Option<(Day, usize)> {
    let at = usize::from(one_of(word(words, 0), &["в", "во", "на", "on", "next"]));
    let ahead = |days, used| Some((Day::Ahead(days), used));
    match word(words, at) {
        "сегодня" | "today" => return ahead(0, at + 1),
        "завтра" | "tomorrow" => return ahead(1, at + 1),
        "послезавтра" => return ahead(2, at + 1),
        "day" if word(words, at + 1) == "after" && word(words, at + 2) == "tomorrow" => {
            return ahead(2, at + 3);
        }
        _ => {}
    }
    if let Some(day) = weekday(word(words, at)) {
        return Some((Day::Next(day), at + 1));
    }
    // After "в" digits are a time.
    if at > 0 && word(words, 0) != "on" && word(words, 0) != "на" {
        return None;
    }
    in_digits(word(words, at))
        .map(|day| (day, at + 1))
        .or_else(|| in_words(words, at))
}

/// "5 декабря 2026 года", "December 5th".
fn in_words(words: &[Word], at: usize) -> Option<(Day, usize)> {
    let (first, second) = (word(words, at), word(words, at + 1));
    let (day, month) = match month(second) {
        Some(month) => (day_of_month(first)?, month),
        None => (day_of_month(second)?, month(first)?),
    };
    let mut used = at + 2;
    let year = number(word(words, used)).filter(|year| (2000..=9999).contains(year));
    let year = year.and_then(|year| i16::try_from(year).ok());
    used += usize::from(year.is_some());
    used += usize::from(year.is_some() && one_of(word(words, used), &["года", "г"]));
    Some((Day::Date { year, month, day }, used))
}

/// "5.12", "05.12.2026", "2026-12-05".
fn in_digits(word: &str) -> Option<Day> {
    let small = |text: &str| i8::try_from(number(text)?).ok();
    let year = |text: &str| i16::try_from(number(text).filter(|_| text.len() == 4)?).ok();
    let (year, month, day) = if word.contains('-') {
        let parts: Vec<_> = word.split('-').collect();
        let &[years, month, day] = parts.as_slice() else {
            return None;
        };
        (Some(year(years)?), small(month)?, small(day)?)
    } else {
        let parts: Vec<_> = word.split('.').collect();
        match *parts.as_slice() {
            [day, month] => (None, small(month)?, small(day)?),
            [day, month, years] => (Some(year(years)?), small(month)?, small(day)?),
            _ => return None,
        }
    };
    let plausible = (1..=12).contains(&month) && (1..=31).contains(&day);
    plausible.then_some(Day::Date { year, month, day })
}

fn day_of_month(word: &str) -> Option<i8> {
    let endings = ["-го", "-е", "th", "st", "nd", "rd"];
    let bare = endings.iter().find_map(|ending| word.strip_suffix(*ending));
    let day = number(bare.unwrap_or(word)).filter(|day| (1..=31).contains(day))?;
    i8::try_from(day).ok()
}

pub(super) fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| one_of(word, names))?;
    i8::try_from(at + 1).ok()
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let at = WEEKDAYS.iter().position(|names| one_of(word, names))?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}
