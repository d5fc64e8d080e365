use super::Text;
use crate::{
    render::escape,
    state::{Deed, Part, Person, Statistics},
};
use sfera_agent::Language;

/// Characters of a detail that the log shows.
const DETAIL: usize = 80;

/// Whether this is the administrators' button, in any language.
pub fn is_admin_entry(label: &str) -> bool {
    let mut texts = Language::ALL.iter().map(|language| Text(*language));
    texts.any(|text| text.admin_entry() == label)
}

impl Text {
    /// The administrators' button.
    pub const fn admin_entry(self) -> &'static str {
        self.either("🛠 Админка", "🛠 Admin")
    }

    /// Commands of administrators, as Telegram lists them for them.
    pub const fn admin_commands(self) -> &'static [(&'static str, &'static str)] {
        match self.0 {
            Language::Ru => &[
                ("admin", "Админка"),
                ("ban", "Закрыть доступ: номер, @имя или ответом"),
                ("unban", "Открыть доступ"),
                ("export", "Всё о человеке файлом"),
            ],
            Language::En => &[
                ("admin", "Admin"),
                ("ban", "Shut out: a number, a @name, or in reply"),
                ("unban", "Let in again"),
                ("export", "Everything about a person, as a file"),
            ],
        }
    }

    /// Somebody who is no administrator.
    pub const fn only_admins(self) -> &'static str {
        self.either(
            "Это только для администраторов.",
            "This is for administrators only.",
        )
    }

    /// Telegram did not say who is in the group.
    pub const fn rights_unknown(self) -> &'static str {
        self.either(
            "Telegram сейчас не отвечает, кто администратор. Попробуй ещё раз.",
            "Telegram does not say right now who administers. Please try again.",
        )
    }

    /// The room.
    pub const fn admin_room(self) -> &'static str {
        self.either(
            "🛠 <b>Админка</b>\nЧто сделать?",
            "🛠 <b>Admin</b>\nWhat shall it be?",
        )
    }

    /// The buttons of the room: data, label.
    pub const fn admin_buttons(self) -> [(&'static str, &'static str); 6] {
        [
            ("statistics", self.either("📊 Статистика", "📊 Statistics")),
            ("broadcast", self.either("📣 Рассылка", "📣 Broadcast")),
            ("bans", self.either("🚫 Блокировки", "🚫 Bans")),
            ("export", self.either("📤 Выгрузка", "📤 Export")),
            ("switches", self.either("🎚 Разделы", "🎚 Parts")),
            ("log", self.either("📜 Журнал", "📜 Log")),
        ]
    }

    /// Back to the room.
    pub const fn back(self) -> &'static str {
        self.either("← Назад", "← Back")
    }

    /// Look again.
    pub const fn refresh(self) -> &'static str {
        self.either("🔄 Обновить", "🔄 Refresh")
    }

    /// The bot in numbers.
    pub fn statistics(self, s: &Statistics) -> String {
        let calls = s.calls.map_or_else(String::new, |calls| match self.0 {
            Language::Ru => format!("\n🎙 Звонков: {calls}"),
            Language::En => format!("\n🎙 Calls: {calls}"),
        });
        match self.0 {
            Language::Ru => format!(
                "📊 <b>Статистика</b>\n\n👥 Людей: {}\nНовых за сутки: {}, за неделю: {}\n\
                 Активных за сутки: {}, за неделю: {}\nЗаблокировали бота: {}, заблокированы нами: {}\n\n\
                 💬 Вопросов за сутки: {}, ответов: {}, без ответа: {}\n🆘 Открытых обращений: {}{calls}\n\
                 📣 Рассылок идёт: {}\n\n⏳ Ждут: разбора {}, ответа {}, отправки {}",
                s.people,
                s.new.0,
                s.new.1,
                s.active.0,
                s.active.1,
                s.blocked,
                s.banned,
                s.questions,
                s.answers,
                s.failed,
                s.requests,
                s.broadcasts,
                s.queues.0,
                s.queues.1,
                s.queues.2,
            ),
            Language::En => format!(
                "📊 <b>Statistics</b>\n\n👥 People: {}\nNew in a day: {}, in a week: {}\n\
                 Active in a day: {}, in a week: {}\nBlocked the bot: {}, banned by us: {}\n\n\
                 💬 Questions in a day: {}, answered: {}, failed: {}\n🆘 Open requests: {}{calls}\n\
                 📣 Broadcasts going on: {}\n\n⏳ Waiting: to be handled {}, answered {}, sent {}",
                s.people,
                s.new.0,
                s.new.1,
                s.active.0,
                s.active.1,
                s.blocked,
                s.banned,
                s.questions,
                s.answers,
                s.failed,
                s.requests,
                s.broadcasts,
                s.queues.0,
                s.queues.1,
                s.queues.2,
            ),
        }
    }

    /// What a part is called.
    pub const fn part(self, part: Part) -> &'static str {
        match part {
            Part::Chat => self.either("Чат", "Chat"),
            Part::Psychologist => self.either("Психолог", "Psychologist"),
            Part::Course => self.either("Обучение", "Course"),
            Part::Toolbox => self.either("Инструменты", "Tools"),
            Part::Voice => self.either("Голос", "Voice"),
            Part::Support => self.either("Поддержка", "Support"),
        }
    }

    /// Which parts are on.
    pub const fn switches(self) -> &'static str {
        self.either(
            "🎚 <b>Разделы</b>\nНажмите, чтобы выключить или включить.",
            "🎚 <b>Parts</b>\nTap one to switch it off or on.",
        )
    }

    /// A part is off.
    pub const fn switched_off(self) -> &'static str {
        self.either(
            "Этот раздел сейчас закрыт. Загляни чуть позже – остальное работает.",
            "This part is closed right now. Please look in later – everything else works.",
        )
    }

    /// Those who are not served, and how to change that.
    pub fn bans(self, people: &[Person]) -> String {
        let how = self.either(
            "🚫 <b>Блокировки</b>\n<code>/ban 123 причина</code>, <code>/ban @имя причина</code> или /ban ответом \
             на сообщение человека в чате поддержки. Так же /unban.",
            "🚫 <b>Bans</b>\n<code>/ban 123 reason</code>, <code>/ban @name reason</code>, or /ban in reply to \
             the person's message in the support chat. /unban works the same way.",
        );
        if people.is_empty() {
            let nobody = self.either(
                "Сейчас никто не заблокирован.",
                "Nobody is banned right now.",
            );
            return format!("{how}\n\n{nobody}");
        }
        let lines = people.iter().map(|person| {
            let why = shortened(person.banned.as_deref().unwrap_or_default());
            format!("\n{}: {}", named(person), escape(&why))
        });
        format!("{how}\n{}", lines.collect::<String>())
    }

    /// The button that lets a person in again.
    pub fn unban(self, name: &str) -> String {
        let name = shortened(name);
        match self.0 {
            Language::Ru => format!("Вернуть: {name}"),
            Language::En => format!("Let in: {name}"),
        }
    }

    /// A person is not served any more.
    pub fn banned_now(self, person: &Person, why: &str) -> String {
        let (who, why) = (named(person), escape(why));
        match self.0 {
            Language::Ru => format!("🚫 {who}: доступ закрыт. Причина: {why}"),
            Language::En => format!("🚫 {who} has no access any more. Reason: {why}"),
        }
    }

    /// A person is served again.
    pub fn unbanned_now(self, person: &Person) -> String {
        let who = named(person);
        match self.0 {
            Language::Ru => format!("✅ {who}: доступ открыт."),
            Language::En => format!("✅ {who} has access again."),
        }
    }

    /// Where no reason was given.
    pub const fn no_reason(self) -> &'static str {
        self.either("не указана", "none given")
    }

    /// An administrator cannot be shut out.
    pub const fn not_an_admin(self) -> &'static str {
        self.either(
            "Администратора заблокировать нельзя.",
            "An administrator cannot be banned.",
        )
    }

    /// Nobody by that number or name.
    pub const fn nobody_known(self) -> &'static str {
        self.either(
            "Не знаю такого человека. Назови номер, @имя или ответь на его сообщение.",
            "I know no such person. Give a number, a @name, or reply to their message.",
        )
    }

    /// What can be exported.
    pub const fn export(self) -> &'static str {
        self.either(
            "📤 <b>Выгрузка</b>\nВсе люди – таблицей. Всё об одном человеке: <code>/export 123</code> или \
             <code>/export @имя</code>.",
            "📤 <b>Export</b>\nEverybody, as a table. Everything about one person: <code>/export 123</code> or \
             <code>/export @name</code>.",
        )
    }

    /// The button for everybody.
    pub const fn export_all(self) -> &'static str {
        self.either("Все люди (CSV)", "Everybody (CSV)")
    }

    /// The file is on its way.
    pub const fn export_comes(self) -> &'static str {
        self.either("Файл сейчас придёт.", "The file is on its way.")
    }

    /// What administrators did, newest first, with times as text.
    pub fn log(self, deeds: &[(String, Deed)]) -> String {
        let title = self.either("📜 <b>Журнал</b>", "📜 <b>Log</b>");
        if deeds.is_empty() {
            let nothing = self.either("Пока пусто.", "Nothing yet.");
            return format!("{title}\n{nothing}");
        }
        let lines = deeds.iter().map(|(at, deed)| {
            let admin = escape(&shortened(&deed.admin));
            let (what, detail) = (self.deed(&deed.action), escape(&shortened(&deed.detail)));
            format!("\n{at} <b>{admin}</b> {what} {detail}")
        });
        format!("{title}{}", lines.collect::<String>())
    }

    fn deed(self, action: &str) -> String {
        let known = match action {
            "ban" => self.either("закрыл доступ:", "banned"),
            "unban" => self.either("открыл доступ:", "let in"),
            "switch on" => self.either("включил раздел", "switched on"),
            "switch off" => self.either("выключил раздел", "switched off"),
            "export" => self.either("выгрузил", "exported"),
            "broadcast" => self.either("начал рассылку", "began the broadcast"),
            "stop broadcast" => self.either("остановил рассылку", "stopped the broadcast"),
            "drop broadcast" => self.either("отменил рассылку", "dropped the broadcast"),
            "draft" => self.either("подготовил рассылку", "prepared the broadcast"),
            "close" => self.either("закрыл обращение", "closed the request of"),
            _ => return escape(action),
        };
        known.to_owned()
    }
}

/// A person in a line of HTML.
fn named(person: &Person) -> String {
    let at = person.username.as_deref();
    let at = at.map_or_else(String::new, |username| format!(" @{}", escape(username)));
    format!(
        "<b>{}</b>{at} <code>{}</code>",
        escape(&person.name),
        person.id
    )
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(DETAIL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
