use super::Text;
use crate::render::escape;
use sfera_agent::Language;

impl Text {
    /// Support is open.
    pub const fn support_begins(self) -> &'static str {
        self.either(
            "Напишите, что случилось: текстом, голосом, картинкой. Человек ответит сюда. /close – закончить.",
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
            "Не знаю, кому это: ответьте на само сообщение человека.",
            "I don't know whom this is for: reply to the person's own message.",
        )
    }
}
