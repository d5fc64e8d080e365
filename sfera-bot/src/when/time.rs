use super::{
    date::month,
    words::{Word, number, one_of, word},
};
use jiff::civil::Time;

/// Parts of a day, and when they are where nothing else is said.
const PARTS: [(&[&str], i8); 4] = [
    (&["утром", "morning"], 9),
    (&["днем", "afternoon"], 13),
    (&["вечером", "evening"], 19),
    (&["полночь", "midnight"], 0),
];

/// A time of day at the beginning of words, and how many of them say it.
pub(super) fn time(words: &[Word]) -> Option<(Time, usize)> {
    let asked = one_of(word(words, 0), &["в", "во", "к", "at"]);
    let first = usize::from(asked);
    if let Some(found) = named(words, first) {
        return Some(found);
    }
    let (mut hour, mut minute, fused) = clock(word(words, first))?;
    let mut at = first + 1;
    // "9" alone is a number of anything; "9:30" and "9am" are times.
    let is_time = asked || minute.is_some() || fused || half(word(words, at), hour).is_some();
    if !is_time || month(word(words, at)).is_some() {
        return None;
    }
    if one_of(word(words, at), &["час", "часа", "часов", "ч", "o'clock"]) {
        at += 1;
        if let Some(said) = number(word(words, at))
            && one_of(word(words, at + 1), &["минут", "минуты", "минута", "мин"])
        {
            minute = Some(i8::try_from(said).ok()?);
            at += 2;
        }
    }
    if !fused && let Some(shifted) = half(word(words, at), hour) {
        hour = shifted;
        at += 1;
    }
    Some((Time::new(hour, minute.unwrap_or(0), 0, 0).ok()?, at))
}

/// "в полдень", "в час дня", "утром", "in the morning".
fn named(words: &[Word], at: usize) -> Option<(Time, usize)> {
    let whole = |hour, used| Some((Time::new(hour, 0, 0, 0).ok()?, used));
    if one_of(word(words, at), &["полдень", "noon"]) {
        return whole(12, at + 1);
    }
    if at > 0 && word(words, at) == "час" {
        let hour = half(word(words, at + 1), 1);
        return whole(hour.unwrap_or(1), at + 1 + usize::from(hour.is_some()));
    }
    let at = match (word(words, at), word(words, at + 1)) {
        ("in", "the") => at + 2,
        _ => at,
    };
    let part = PARTS
        .iter()
        .find(|(names, _)| one_of(word(words, at), names))?;
    whole(part.1, at + 1)
}

/// Hour, minute, and whether "am" or "pm" is part of the word.
fn clock(word: &str) -> Option<(i8, Option<i8>, bool)> {
    let (digits, end) = ["am", "pm", "ч"]
        .iter()
        .find_map(|end| Some((word.strip_suffix(*end)?, *end)))
        .unwrap_or((word, ""));
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, Some(minute)),
        Some(_) => return None,
        None => (digits, None),
    };
    let small = |text: &str, below: i64| {
        let value = number(text).filter(|value| *value < below)?;
        i8::try_from(value).ok()
    };
    let minute = match minute {
        Some(minute) => Some(small(minute, 60)?),
        None => None,
    };
    let hour = small(hour, 24)?;
    match end {
        "am" | "pm" => Some((half(end, hour)?, minute, true)),
        "ч" => Some((hour, minute, true)),
        _ => Some((hour, minute, false)),
    }
}

/// The hour of the day that is meant; none if the word says nothing of it.
fn half(word: &str, hour: i8) -> Option<i8> {
    match (word, hour) {
        ("утра" | "am" | "a.m", 12) => Some(0),
        ("утра" | "am" | "a.m", 0..=11) => Some(hour),
        ("дня", 12) => Some(12),
        ("дня", 1..=6) => Some(hour + 12),
        ("дня", _) => Some(hour),
        ("вечера" | "pm" | "p.m", 1..=11) => Some(hour + 12),
        ("pm" | "p.m", 12) => Some(12),
        ("вечера", _) => Some(hour),
        ("ночи", 12) => Some(0),
        ("ночи", 9..=11) => Some(hour + 12),
        ("ночи", _) => Some(hour),
        _ => None,
    }
}
