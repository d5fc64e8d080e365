//! What people write, and what they mean by it.

use super::{Problem, Rule, When, Zone, parse};
use crate::text::Text;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Time, Weekday},
};
use proptest::prelude::*;
use sfera_agent::Language;

/// Wednesday, noon in Moscow.
const NOW: &str = "2026-11-25T09:00:00Z";

fn zone() -> Zone {
    Zone::of("Europe/Moscow").unwrap()
}

fn said(text: &str) -> Result<(String, &str), Problem> {
    let asked = parse(text, NOW.parse().unwrap(), &zone())?;
    let when = match asked.when {
        When::At(at) => zone().wall(at).strftime("%m-%d %H:%M").to_string(),
        When::Every(rule) => rule.stored(),
    };
    Ok((when, asked.text))
}

#[test]
fn what_people_write_in_russian() {
    for (text, when) in [
        ("через 10 минут стоп", "11-25 12:10"),
        ("через десять минут стоп", "11-25 12:10"),
        ("через 10мин стоп", "11-25 12:10"),
        ("через минуту стоп", "11-25 12:01"),
        ("через час стоп", "11-25 13:00"),
        ("через 2 ч стоп", "11-25 14:00"),
        ("через час 30 минут стоп", "11-25 13:30"),
        ("через 1 час и 30 минут стоп", "11-25 13:30"),
        ("через 1,5 часа стоп", "11-25 13:30"),
        ("через полтора часа стоп", "11-25 13:30"),
        ("через полчаса стоп", "11-25 12:30"),
        ("через 2 дня стоп", "11-27 12:00"),
        ("через неделю стоп", "12-02 12:00"),
        ("завтра в 9 стоп", "11-26 09:00"),
        ("завтра в 9:30 – стоп", "11-26 09:30"),
        ("Завтра, в 9.30, стоп", "11-26 09:30"),
        ("завтра стоп", "11-26 09:00"),
        ("завтра утром стоп", "11-26 09:00"),
        ("завтра в 7 вечера стоп", "11-26 19:00"),
        ("послезавтра в 18:30 стоп", "11-27 18:30"),
        ("сегодня в 23:59 стоп", "11-25 23:59"),
        ("в 18:30 стоп", "11-25 18:30"),
        ("18:30 стоп", "11-25 18:30"),
        ("в 9 стоп", "11-26 09:00"),
        ("в 9 часов 15 минут стоп", "11-26 09:15"),
        ("в полдень стоп", "11-26 12:00"),
        ("в час дня стоп", "11-25 13:00"),
        ("в 12 ночи стоп", "11-26 00:00"),
        ("в пятницу в 10 стоп", "11-27 10:00"),
        ("в среду в 11 стоп", "12-02 11:00"),
        ("в среду в 13 стоп", "11-25 13:00"),
        ("во вторник стоп", "12-01 09:00"),
        ("в 10 в пятницу стоп", "11-27 10:00"),
        ("5 декабря в 12:00 стоп", "12-05 12:00"),
        ("5 декабря 2026 года в 12:00 стоп", "12-05 12:00"),
        ("05.12 в 12:00 стоп", "12-05 12:00"),
        ("5.12.2026 стоп", "12-05 09:00"),
        ("3 января стоп", "01-03 09:00"),
        ("каждый день в 9:30 стоп", "daily 09:30"),
        ("ежедневно в 9 стоп", "daily 09:00"),
        ("в 21:00 каждый день стоп", "daily 21:00"),
        ("по будням в 9 стоп", "workdays 09:00"),
        ("каждый будний день в 9 стоп", "workdays 09:00"),
        ("каждую пятницу в 18 стоп", "weekly-5 18:00"),
        ("по вторникам в 8 стоп", "weekly-2 08:00"),
        ("напомни мне завтра в 9 стоп", "11-26 09:00"),
        ("стоп завтра в 9:30", "11-26 09:30"),
        ("стоп через час", "11-25 13:00"),
    ] {
        assert_eq!(said(text), Ok((when.to_owned(), "стоп")), "{text}");
    }
}

#[test]
fn what_people_write_in_english() {
    for (text, when) in [
        ("in 10 minutes stop", "11-25 12:10"),
        ("in an hour stop", "11-25 13:00"),
        ("in half an hour stop", "11-25 12:30"),
        ("in 2h stop", "11-25 14:00"),
        ("in 2 hours and 5 minutes stop", "11-25 14:05"),
        ("in two days stop", "11-27 12:00"),
        ("tomorrow at 9 stop", "11-26 09:00"),
        ("tomorrow at 9:30 pm stop", "11-26 21:30"),
        ("tomorrow 9am stop", "11-26 09:00"),
        ("day after tomorrow at noon stop", "11-27 12:00"),
        ("today at 11pm stop", "11-25 23:00"),
        ("at 12am stop", "11-26 00:00"),
        ("tomorrow in the morning stop", "11-26 09:00"),
        ("on friday at 10 stop", "11-27 10:00"),
        ("on December 5th at 12:00 stop", "12-05 12:00"),
        ("5 December at 12:00 stop", "12-05 12:00"),
        ("2026-12-05 at 12:00 stop", "12-05 12:00"),
        ("every day at 9am stop", "daily 09:00"),
        ("every weekday at 9 stop", "workdays 09:00"),
        ("on weekdays at 9 stop", "workdays 09:00"),
        ("on fridays at 6pm stop", "weekly-5 18:00"),
        ("every Monday stop", "weekly-1 09:00"),
        ("remind me tomorrow at 9 stop", "11-26 09:00"),
        ("stop in 10 minutes", "11-25 12:10"),
    ] {
        assert_eq!(said(text), Ok((when.to_owned(), "stop")), "{text}");
    }
}

#[test]
fn what_cannot_be_is_told_apart() {
    for (text, problem) in [
        ("", Problem::NoTime),
        ("проверить стоп", Problem::NoTime),
        ("купить 5 яблок", Problem::NoTime),
        ("в 25:00 стоп", Problem::NoTime),
        ("через стоп", Problem::NoTime),
        ("завтра в 9", Problem::NoText),
        ("завтра в 9!", Problem::NoText),
        ("сегодня в 9 стоп", Problem::Past),
        ("через 0 минут стоп", Problem::Past),
        ("5.12.2025 стоп", Problem::Past),
        ("5 декабря 2028 стоп", Problem::TooFar),
        ("через 400 дней стоп", Problem::TooFar),
        ("через 999999 недель стоп", Problem::TooFar),
        ("30 февраля стоп", Problem::NoSuchDay),
    ] {
        assert_eq!(said(text), Err(problem), "{text}");
    }
}

fn zones() -> impl Strategy<Value = Zone> {
    let names = [
        "Europe/Moscow",
        "Asia/Kolkata",
        "Europe/Berlin",
        "America/New_York",
        "+3",
    ];
    proptest::sample::select(names.map(|name| Zone::of(name).unwrap()).to_vec())
}

proptest! {
    #[test]
    fn whatever_is_written_does_no_harm(text in "\\PC{0,60}", zone in zones()) {
        let _asked = parse(&text, NOW.parse().unwrap(), &zone);
    }

    #[test]
    fn whatever_is_made_of_such_words_does_no_harm(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "через", "в", "на", "завтра", "999999", "0", "9:30", "24", "31", "час", "минут", "дней",
            "недель", "каждый", "день", "по", "будням", "пятницу", "in", "at", "every", "feb", "29",
            "февраля", "2026", "9999", "1,5", "pm", "утра", "a", "полдень", "31.02", "-",
        ]), 0..9),
        zone in zones(),
    ) {
        let _asked = parse(&words.join(" "), NOW.parse().unwrap(), &zone);
    }

    #[test]
    fn a_moment_that_is_shown_is_read_as_the_same(
        minutes in 1_i64..365 * 24 * 60, zone in zones(), english in proptest::bool::ANY,
    ) {
        let now: Timestamp = NOW.parse().unwrap();
        let at = now + SignedDuration::from_mins(minutes);
        // Of two hours that are called the same the first one is meant.
        let earlier = zone.moment(zone.wall(at).datetime());
        prop_assume!(earlier == Some(at));
        let text = Text(if english { Language::En } else { Language::Ru });
        let shown = format!("{} x", text.moment(at, &zone));
        let asked = parse(&shown, now, &zone);
        prop_assert_eq!(asked.map(|asked| asked.when), Ok(When::At(at)), "{}", shown);
    }

    #[test]
    fn a_rule_that_is_shown_is_read_as_the_same(
        kind in 0_i8..9, hour in 0_i8..24, minute in 0_i8..60, english in proptest::bool::ANY,
    ) {
        let time = Time::new(hour, minute, 0, 0).unwrap();
        let rule = match kind {
            0 => Rule::Daily(time),
            1 => Rule::Workdays(time),
            day => Rule::Weekly(Weekday::from_monday_zero_offset(day - 2).unwrap(), time),
        };
        let text = Text(if english { Language::En } else { Language::Ru });
        let shown = format!("{} x", text.rule(rule));
        let asked = parse(&shown, NOW.parse().unwrap(), &zone());
        prop_assert_eq!(asked.map(|asked| asked.when), Ok(When::Every(rule)), "{}", shown);
    }
}
