use super::Text;
use crate::render::escape;
use sfera_agent::Language;

impl Text {
    /// Support is open.
    pub const fn support_begins(self) -> &'static str {
        self.either(
            "Напиши, что случилось: текстом, голосом, картинкой. Человек ответит сюда. /close – закончить.",
            "Tell what happened: in words, by voice, with a picture. A person will answer here. /close ends it.",
        )
    }

    /// Nobody is there.
    pub const fn no_support(self) -> &'static str {
        self.either(
            "Поддержка не подключена. Тому, кто держит бота: задайте <code>ADMIN_CHAT_ID</code>.",
            "Support is not connected. To whoever runs this bot: set <code>ADMIN_CHAT_ID</code>.",
        )
    }

    /// It was passed on.
    pub const fn support_passed_on(self) -> &'static str {
        self.either("Передано.", "Passed on.")
    }

    /// It is closed.
    pub const fn support_closed(self) -> &'static str {
        self.either(
            "Обращение закрыто. Спасибо!",
            "The request is closed. Thank you!",
        )
    }

    /// What stands above a person's message in the administrators' chat.
    pub fn support_from(self, name: &str, username: Option<&str>, id: i64) -> String {
        let name = escape(name);
        let at = username.map_or_else(String::new, |username| format!(" @{}", escape(username)));
        match self.0 {
            Language::Ru => format!(
                "💬 <b>{name}</b>{at} <code>{id}</code>\nОтветьте на сообщение ниже – ответ уйдёт этому человеку."
            ),
            Language::En => format!(
                "💬 <b>{name}</b>{at} <code>{id}</code>\nReply to the message below, and this person gets it."
            ),
        }
    }

    /// A reply to something that is not known.
    pub const fn support_unknown(self) -> &'static str {
        self.either(
            "Не знаю, кому это: ответь на само сообщение человека.",
            "I don't know whom this is for: reply to the person's own message.",
        )
    }

    /// Below a person's message: no answer is needed any more.
    pub const fn support_close(self) -> &'static str {
        self.either("✅ Закрыть", "✅ Close")
    }

    /// An administrator closed it.
    pub const fn support_closed_for_you(self) -> &'static str {
        self.either(
            "Обращение закрыто. Если что-то осталось – «Поддержка» в меню.",
            "Your request is closed. If there is more, «Support» in the menu is there.",
        )
    }

    /// In the administrators' chat: who closed it.
    pub fn support_closed_by(self, name: &str, id: i64) -> String {
        let name = escape(name);
        match self.0 {
            Language::Ru => format!("✅ <b>{name}</b> <code>{id}</code>: обращение закрыто."),
            Language::En => format!("✅ <b>{name}</b> <code>{id}</code>: the request is closed."),
        }
    }

    /// It is closed already.
    pub const fn support_was_closed(self) -> &'static str {
        self.either("Уже закрыто.", "It is closed already.")
    }

    /// What stands above a message that a person changed.
    pub fn support_edited(self, name: &str, id: i64) -> String {
        let name = escape(name);
        match self.0 {
            Language::Ru => format!("✏️ <b>{name}</b> <code>{id}</code> исправляет сообщение:"),
            Language::En => format!("✏️ <b>{name}</b> <code>{id}</code> corrects the message:"),
        }
    }

    /// The correction was passed on.
    pub const fn support_edit_passed_on(self) -> &'static str {
        self.either("Исправление передано.", "The correction was passed on.")
    }

    /// What stands above an answer that an administrator changed.
    pub const fn support_answer_edited(self) -> &'static str {
        self.either(
            "✏️ Поддержка исправила ответ:",
            "✏️ Support has corrected its answer:",
        )
    }

    /// To somebody who has left support.
    pub const fn support_how_to_reply(self) -> &'static str {
        self.either(
            "👆 Это ответ поддержки. Чтобы ответить, нажми на него и выбери «Ответить».",
            "👆 This is an answer of support. To reply, tap it and choose «Reply».",
        )
    }

    /// What could not be passed on.
    pub const fn support_not_passed_on(self) -> &'static str {
        self.either(
            "Это сообщение передать не получилось. Попробуй иначе: словами или картинкой.",
            "This message could not be passed on. Try another way: in words, or with a picture.",
        )
    }

    /// An answer that did not arrive.
    pub const fn support_answer_refused(self, blocked: bool) -> &'static str {
        match blocked {
            true => self.either(
                "Не доставлено: человек заблокировал бота или удалил аккаунт.",
                "Not delivered: this person has blocked the bot or deleted the account.",
            ),
            false => self.either(
                "Не доставлено: Telegram не принял это сообщение.",
                "Not delivered: Telegram did not take this message.",
            ),
        }
    }

    /// An answer that may not have arrived.
    pub const fn support_answer_in_doubt(self) -> &'static str {
        self.either(
            "Связь прерывалась: не знаю, дошёл ли этот ответ.",
            "The connection broke: I don't know whether this answer arrived.",
        )
    }
}
