use super::Text;
use crate::{
    render::escape,
    when::{Problem, Rule, Zone},
};
use jiff::{Timestamp, civil::Weekday};
use sfera_agent::Language;

impl Text {
    /// A moment as it can be typed again: "26 ноября 2026 в 09:30".
    pub fn moment(self, at: Timestamp, zone: &Zone) -> String {
        let wall = zone.wall(at);
        match self.0 {
            Language::Ru => {
                let month = usize::from(wall.month().unsigned_abs()).saturating_sub(1);
                let month = Language::MONTHS_RU.get(month).copied().unwrap_or_default();
                format!(
                    "{} {month} {} в {}",
                    wall.day(),
                    wall.year(),
                    wall.strftime("%H:%M")
                )
            }
            Language::En => wall.strftime("%-d %B %Y at %H:%M").to_string(),
        }
    }

    /// A moment and where it is so late.
    pub fn clock(self, at: Timestamp, zone: &Zone) -> String {
        format!("{} ({})", self.moment(at, zone), zone.name())
    }

    /// When it comes again, as it can be typed again: "по будням в 09:30".
    pub fn rule(self, rule: Rule) -> String {
        let time = rule.time().strftime("%H:%M");
        match (self.0, rule) {
            (Language::Ru, Rule::Daily(_)) => format!("каждый день в {time}"),
            (Language::En, Rule::Daily(_)) => format!("every day at {time}"),
            (Language::Ru, Rule::Workdays(_)) => format!("по будням в {time}"),
            (Language::En, Rule::Workdays(_)) => format!("every weekday at {time}"),
            (Language::Ru, Rule::Weekly(day, _)) => format!("{} в {time}", every_ru(day)),
            (Language::En, Rule::Weekly(day, _)) => format!("every {} at {time}", every_en(day)),
        }
    }

    /// What is written, and how.
    pub const fn what_and_when(self) -> &'static str {
        self.either(
            "⏰ <b>О чём и когда напомнить?</b>\n\n<i>завтра в 9:30 проверить стоп\nчерез 10 минут выключить чайник\n\
             в пятницу в 18:00 итоги недели\n5 декабря в 12:00 позвонить\nпо будням в 19:00 заполнить дневник</i>",
            "⏰ <b>Remind you of what, and when?</b>\n\n<i>tomorrow at 9:30 check the stop\nin 10 minutes the kettle\n\
             on Friday at 6pm the week in review\nDecember 5 at 12:00 call home\nevery weekday at 19:00 the journal</i>",
        )
    }

    /// Why there is no moment.
    pub const fn no_moment(self, problem: Problem) -> &'static str {
        match problem {
            Problem::NoTime => self.either(
                "Не вижу, когда напомнить. Например: «завтра в 9:30 проверить стоп», «через час …», «по будням в 9 …».",
                "I don't see when. For example: “tomorrow at 9:30 check the stop”, “in an hour …”, “every weekday at 9 …”.",
            ),
            Problem::NoText => self.either(
                "А о чём напомнить? Напиши всё вместе: «завтра в 9:30 проверить стоп».",
                "Remind you of what? Write it together: “tomorrow at 9:30 check the stop”.",
            ),
            Problem::Past => self.either(
                "Это время уже прошло. Напиши другое.",
                "That time is over. Write another one.",
            ),
            Problem::TooFar => self.either(
                "Так далеко не загадываю: самое большее – год вперёд.",
                "That is too far away: a year ahead at most.",
            ),
            Problem::NoSuchDay => self.either(
                "Такого дня нет в календаре. Напиши другой.",
                "There is no such day. Write another one.",
            ),
        }
    }

    /// Too many characters.
    pub fn reminder_too_long(self, most: usize) -> String {
        match self.0 {
            Language::Ru => format!("Слишком длинно: умести напоминание в {most} знаков."),
            Language::En => format!("Too long: keep a reminder within {most} characters."),
        }
    }

    /// There are so many already.
    pub fn too_many_reminders(self, most: i64) -> String {
        match self.0 {
            Language::Ru => {
                format!("Напоминаний уже {most}, больше не храню. Удали лишние: /reminders")
            }
            Language::En => {
                format!(
                    "There are {most} reminders already, and no room for more. Delete some: /reminders"
                )
            }
        }
    }

    /// It will come.
    pub fn reminder_made(
        self,
        what: &str,
        due: Timestamp,
        rule: Option<Rule>,
        zone: &Zone,
    ) -> String {
        let (what, due) = (escape(what), self.clock(due, zone));
        let again = rule.map(|rule| self.rule(rule));
        match (self.0, again) {
            (Language::Ru, None) => format!("⏰ Напомню {due}:\n{what}"),
            (Language::En, None) => format!("⏰ I will remind you {due}:\n{what}"),
            (Language::Ru, Some(rule)) => {
                format!("🔁 Буду напоминать {rule}, сначала {due}:\n{what}")
            }
            (Language::En, Some(rule)) => {
                format!("🔁 I will remind you {rule}, first {due}:\n{what}")
            }
        }
    }

    /// The reminder itself; when it should have come, if it is late.
    pub fn reminder(self, what: &str, late: Option<&str>) -> String {
        let what = escape(what);
        match (self.0, late) {
            (_, None) => format!("⏰ {what}"),
            (Language::Ru, Some(at)) => {
                format!("⏰ {what}\n\n<i>Опоздало: должно было прийти {at}, но бот не работал.</i>")
            }
            (Language::En, Some(at)) => {
                format!("⏰ {what}\n\n<i>Late: it was due {at}, but the bot was down.</i>")
            }
        }
    }

    /// It comes again.
    pub fn put_off(self, what: &str, due: Timestamp, zone: &Zone) -> String {
        let (what, due) = (escape(what), self.clock(due, zone));
        match self.0 {
            Language::Ru => format!("💤 {what}\n\n<i>Напомню снова {due}.</i>"),
            Language::En => format!("💤 {what}\n\n<i>I will remind you again {due}.</i>"),
        }
    }

    /// It is done.
    pub fn reminder_done(self, what: &str) -> String {
        format!("✅ <s>{}</s>", escape(what))
    }

    /// It was deleted meanwhile.
    pub const fn no_reminder(self) -> &'static str {
        self.either(
            "Этого напоминания уже нет. Новое: /remind",
            "That reminder is gone. A new one: /remind",
        )
    }

    /// What stands above the list.
    pub fn reminders(self, count: usize, most: i64) -> String {
        match (self.0, count) {
            (Language::Ru, 0) => "⏰ <b>Напоминаний пока нет.</b>".to_owned(),
            (Language::En, 0) => "⏰ <b>No reminders yet.</b>".to_owned(),
            (Language::Ru, _) => format!("⏰ <b>Напоминания: {count} из {most}</b>"),
            (Language::En, _) => format!("⏰ <b>Reminders: {count} of {most}</b>"),
        }
    }

    /// One of the list.
    pub fn reminder_line(
        self,
        number: usize,
        what: &str,
        due: Timestamp,
        rule: Option<Rule>,
        zone: &Zone,
    ) -> String {
        let what = escape(what);
        let when = match rule {
            Some(rule) => format!("🔁 {} ({})", self.rule(rule), zone.name()),
            None => self.clock(due, zone),
        };
        format!("{number}. {when}\n{what}")
    }

    /// Where is this person?
    pub fn which_zone(self, chosen: Option<&str>) -> String {
        let now = match (self.0, chosen) {
            (_, None) => String::new(),
            (Language::Ru, Some(zone)) => format!("Сейчас: {zone}. "),
            (Language::En, Some(zone)) => format!("It is {zone} now. "),
        };
        match self.0 {
            Language::Ru => format!(
                "🌍 <b>В каком ты часовом поясе?</b>\n\n{now}Напиши город («Новосибирск») или сдвиг («+7», «UTC+3»). \
                 Спрошу один раз; потом – /timezone."
            ),
            Language::En => format!(
                "🌍 <b>What is your time zone?</b>\n\n{now}Write a city (“London”) or an offset (“+7”, “UTC-5”). \
                 I ask once; later it is /timezone."
            ),
        }
    }

    /// It is none.
    pub const fn no_zone(self) -> &'static str {
        self.either(
            "Не знаю такого места. Напиши большой город рядом или сдвиг, например «+5».",
            "I don't know that place. Write a large city nearby, or an offset such as “+5”.",
        )
    }

    /// From now on.
    pub fn zone_chosen(self, now: Timestamp, zone: &Zone) -> String {
        let now = self.clock(now, zone);
        match self.0 {
            Language::Ru => format!("🌍 Запомнил. У тебя сейчас {now}."),
            Language::En => format!("🌍 Noted. It is {now} where you are."),
        }
    }

    /// The list.
    pub const fn reminders_entry(self) -> &'static str {
        self.either("⏰ Напоминания", "⏰ Reminders")
    }

    /// The list, below a new one.
    pub const fn all_reminders(self) -> &'static str {
        self.either("📋 Все напоминания", "📋 All reminders")
    }

    /// Another one.
    pub const fn new_reminder(self) -> &'static str {
        self.either("➕ Новое", "➕ New")
    }

    /// The time zone.
    pub const fn zone_entry(self) -> &'static str {
        self.either("🌍 Часовой пояс", "🌍 Time zone")
    }

    /// Not now.
    pub const fn in_ten_minutes(self) -> &'static str {
        self.either("💤 10 минут", "💤 10 min")
    }

    /// Not now.
    pub const fn in_an_hour(self) -> &'static str {
        self.either("💤 1 час", "💤 1 hour")
    }

    /// Not today.
    pub const fn until_tomorrow(self) -> &'static str {
        self.either("💤 Завтра", "💤 Tomorrow")
    }

    /// It is done.
    pub const fn reminder_is_done(self) -> &'static str {
        self.either("✅ Готово", "✅ Done")
    }

    /// No more of this one.
    pub const fn never_again(self) -> &'static str {
        self.either("✖️ Больше не напоминать", "✖️ Never again")
    }
}

const fn every_ru(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "каждый понедельник",
        Weekday::Tuesday => "каждый вторник",
        Weekday::Wednesday => "каждую среду",
        Weekday::Thursday => "каждый четверг",
        Weekday::Friday => "каждую пятницу",
        Weekday::Saturday => "каждую субботу",
        Weekday::Sunday => "каждое воскресенье",
    }
}

const fn every_en(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
