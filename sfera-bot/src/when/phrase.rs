use super::{
    date::{Day, date, weekday},
    time::time,
    words::{Word, number, one_of, word},
};
use jiff::civil::{Time, Weekday};

/// What somebody says about when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phrase {
    /// So long from now.
    Ahead { days: i64, minutes: i64 },
    /// A day, a time, or both.
    At {
        day: Option<Day>,
        time: Option<Time>,
    },
    /// Again and again.
    Every { days: Days, time: Option<Time> },
}

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Days {
    All,
    Work,
    Weekly(Weekday),
}

const MINUTES: &[&str] = &[
    "минуту",
    "минуты",
    "минут",
    "мин",
    "minute",
    "minutes",
    "min",
    "mins",
];
const HOURS: &[&str] = &["час", "часа", "часов", "hour", "hours", "hr", "hrs"];
const DAYS: &[&str] = &["день", "дня", "дней", "сутки", "day", "days"];
const WEEKS: &[&str] = &["неделю", "недели", "недель", "week", "weeks"];

/// Numbers in words as they are said of times.
const NUMBERS: [(&[&str], i64); 15] = [
    (&["один", "одну", "одна", "a", "an", "one"], 1),
    (&["два", "две", "two"], 2),
    (&["три", "three"], 3),
    (&["четыре", "four"], 4),
    (&["пять", "five"], 5),
    (&["шесть", "six"], 6),
    (&["семь", "seven"], 7),
    (&["восемь", "eight"], 8),
    (&["девять", "nine"], 9),
    (&["десять", "ten"], 10),
    (&["пятнадцать", "fifteen"], 15),
    (&["двадцать", "twenty"], 20),
    (&["тридцать", "thirty"], 30),
    (&["сорок", "forty"], 40),
    (&["пятьдесят", "fifty"], 50),
];

/// A phrase at the beginning of words, and how many of them it takes.
pub(super) fn phrase(words: &[Word]) -> Option<(Phrase, usize)> {
    every(words).or_else(|| ahead(words)).or_else(|| at(words))
}

fn every(words: &[Word]) -> Option<(Phrase, usize)> {
    if let Some((days, used)) = days(words) {
        let said = time(words.get(used..)?);
        let (time, more) = said.map_or((None, 0), |(time, more)| (Some(time), more));
        return Some((Phrase::Every { days, time }, used + more));
    }
    let (said, used) = time(words)?;
    let (days, more) = days(words.get(used..)?)?;
    let time = Some(said);
    Some((Phrase::Every { days, time }, used + more))
}

fn days(words: &[Word]) -> Option<(Days, usize)> {
    let second = word(words, 1);
    match word(words, 0) {
        "ежедневно" | "daily" => Some((Days::All, 1)),
        "weekdays" => Some((Days::Work, 1)),
        "каждый" | "каждую" | "каждое" | "every" | "each" => match second {
            "день" | "day" => Some((Days::All, 2)),
            "weekday" | "workday" => Some((Days::Work, 2)),
            "будний" | "рабочий" if word(words, 2) == "день" => {
                Some((Days::Work, 3))
            }
            _ => Some((Days::Weekly(weekday(second)?), 2)),
        },
        "по" | "on" => match second {
            "будням" | "weekdays" => Some((Days::Work, 2)),
            "будним" | "рабочим" if word(words, 2) == "дням" => {
                Some((Days::Work, 3))
            }
            // "on Friday" is the next one, "on Fridays" are all.
            _ if second.ends_with("ам") || second.ends_with("ям") || second.ends_with("days") => {
                Some((Days::Weekly(weekday(second)?), 2))
            }
            _ => None,
        },
        _ => None,
    }
}

fn ahead(words: &[Word]) -> Option<(Phrase, usize)> {
    if !one_of(word(words, 0), &["через", "in"]) {
        return None;
    }
    let minutes = |minutes| Phrase::Ahead { days: 0, minutes };
    match (word(words, 1), word(words, 2), word(words, 3)) {
        ("полчаса", ..) => return Some((minutes(30), 2)),
        ("полтора", "часа", _) => return Some((minutes(90), 3)),
        ("half", "an", "hour") => return Some((minutes(30), 4)),
        _ => {}
    }
    let (mut total, mut used) = ((0_i64, 0_i64), 1);
    while let Some(((days, minutes), more)) = length(words.get(used..)?, used == 1) {
        total = (total.0.checked_add(days)?, total.1.checked_add(minutes)?);
        used += more;
        let joined = one_of(word(words, used), &["и", "and"]);
        if joined && length(words.get(used + 1..)?, false).is_some() {
            used += 1;
        }
    }
    let (days, minutes) = total;
    (used > 1).then_some((Phrase::Ahead { days, minutes }, used))
}

/// Days and minutes of "10 минут", "час", "1,5 часа", "2h".
fn length(words: &[Word], bare: bool) -> Option<((i64, i64), usize)> {
    let first = word(words, 0);
    if bare && let Some(unit) = unit(first) {
        return Some((unit, 1));
    }
    let digits = first.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','));
    let (amount, name, used) = match digits {
        Some(at) if at > 0 => (&first[..at], &first[at..], 1),
        _ => (first, word(words, 1), 2),
    };
    let (days, minutes) = unit(name).or_else(|| short(name))?;
    if let Some(count) = count(amount) {
        return Some(((days * count, minutes * count), used));
    }
    // Parts of an hour or of a minute; those of a day nobody means.
    let amount: f64 = amount.replace(',', ".").parse().ok()?;
    let part = (amount * minutes as f64).round();
    let small = days == 0 && (0.0..1e6).contains(&part);
    small.then_some(((0, part as i64), used))
}

fn count(word: &str) -> Option<i64> {
    let said = NUMBERS.iter().find(|(names, _)| one_of(word, names));
    number(word).or(said.map(|(_, number)| *number))
}

fn unit(word: &str) -> Option<(i64, i64)> {
    [
        (MINUTES, (0, 1)),
        (HOURS, (0, 60)),
        (DAYS, (1, 0)),
        (WEEKS, (7, 0)),
    ]
    .into_iter()
    .find_map(|(names, unit)| one_of(word, names).then_some(unit))
}

/// Only after a number.
fn short(word: &str) -> Option<(i64, i64)> {
    match word {
        "м" | "m" => Some((0, 1)),
        "ч" | "h" => Some((0, 60)),
        "д" | "дн" | "d" => Some((1, 0)),
        "нед" | "w" => Some((7, 0)),
        _ => None,
    }
}

/// A day and a time in any order, or one of them.
fn at(words: &[Word]) -> Option<(Phrase, usize)> {
    let mut used = 0;
    let (mut day, mut hour) = (None, None);
    loop {
        let rest = words.get(used..)?;
        let more = if let Some((said, more)) = date(rest).filter(|_| day.is_none()) {
            day = Some(said);
            more
        } else if let Some((said, more)) = time(rest).filter(|_| hour.is_none()) {
            hour = Some(said);
            more
        } else {
            break;
        };
        used += more;
    }
    (used > 0).then_some((Phrase::At { day, time: hour }, used))
}
