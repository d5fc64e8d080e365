use super::Text;
use crate::render::escape;
use sfera_agent::Language;

impl Text {
    /// The bot came into a group, or was called without a question.
    pub fn group_hello(self, username: &str) -> String {
        let username = escape(username);
        match self.0 {
            Language::Ru => format!(
                "Я отвечаю, когда ко мне обращаются: начни с @{username} или ответь на моё сообщение. \
                 Остального я не храню. /new@{username} – начать разговор заново."
            ),
            Language::En => format!(
                "I answer when I am called: begin with @{username}, or reply to a message of mine. I keep nothing \
                 else. /new@{username} begins anew."
            ),
        }
    }

    /// Somebody who is not on the list.
    pub const fn not_allowed(self) -> &'static str {
        self.either(
            "Этот бот работает для своих, и тебя в списке нет. Попроси того, кто его держит, добавить тебя.",
            "This bot serves a closed circle, and you are not on its list. Ask whoever runs it to add you.",
        )
    }

    /// A group that is not on the list.
    pub const fn group_not_allowed(self) -> &'static str {
        self.either(
            "Этой группы нет в моём списке, поэтому я ухожу. Попроси того, кто держит бота, добавить её.",
            "This group is not on my list, so I am leaving. Ask whoever runs this bot to add it.",
        )
    }

    /// What is only for two.
    pub const fn only_in_private(self) -> &'static str {
        self.either(
            "Об этом лучше наедине: напиши мне лично.",
            "That is better said in private: write to me directly.",
        )
    }

    /// A button that leads to the bot.
    pub const fn to_private(self) -> &'static str {
        self.either("Написать лично", "Write in private")
    }
}
