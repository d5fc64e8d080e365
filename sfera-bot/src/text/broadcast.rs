use super::Text;
use crate::state::{Stage, Tally};
use sfera_agent::Language;

impl Text {
    /// What is to be sent to everybody?
    pub const fn broadcast_asks(self) -> &'static str {
        self.either(
            "📣 Пришли мне в личный чат сообщение для рассылки: текст, картинку, видео – что угодно, кроме \
             альбома. Сначала покажу, как оно выглядит. /cancel – передумать.",
            "📣 Send me the message for everybody in our private chat: words, a picture, a film – anything but \
             an album. I will show it to you first. /cancel changes your mind.",
        )
    }

    /// Several pictures at once.
    pub const fn broadcast_no_album(self) -> &'static str {
        self.either(
            "Альбом разослать не получится: пришли одно сообщение.",
            "An album cannot be sent to everybody: please send a single message.",
        )
    }

    /// Below the preview: how many would get it, by language.
    pub fn broadcast_preview(self, readers: &[(String, i64)]) -> String {
        let all: i64 = readers.iter().map(|(_, count)| count).sum();
        let each = readers
            .iter()
            .map(|(language, count)| format!("{language} – {count}"));
        let each = each.collect::<Vec<_>>().join(", ");
        match self.0 {
            Language::Ru => {
                format!("Так увидят сообщение выше. Получателей: <b>{all}</b> ({each}). Разослать?")
            }
            Language::En => {
                format!("This is how it looks. Readers: <b>{all}</b> ({each}). Shall I send it?")
            }
        }
    }

    /// Nobody would get it.
    pub const fn broadcast_nobody(self) -> &'static str {
        self.either(
            "Рассылать пока некому.",
            "There is nobody to send it to yet.",
        )
    }

    /// Sends it.
    pub const fn broadcast_go(self) -> &'static str {
        self.either("📣 Разослать", "📣 Send")
    }

    /// Does not send it.
    pub const fn broadcast_drop(self) -> &'static str {
        self.either("Отменить", "Cancel")
    }

    /// Stops it half-way.
    pub const fn broadcast_stop(self) -> &'static str {
        self.either("⏹ Остановить", "⏹ Stop")
    }

    /// It is not sent.
    pub const fn broadcast_dropped(self) -> &'static str {
        self.either("Рассылка отменена.", "The broadcast is cancelled.")
    }

    /// The button is of no use any more.
    pub const fn broadcast_gone(self) -> &'static str {
        self.either(
            "Эта рассылка уже начата, закончена или устарела.",
            "This broadcast was begun, ended or has become too old.",
        )
    }

    /// How far it is.
    pub fn broadcast_goes_on(self, tally: &Tally) -> String {
        let done = tally.sent + tally.blocked + tally.refused + tally.in_doubt;
        match self.0 {
            Language::Ru => format!("📣 Рассылка: {done} из {}", tally.people),
            Language::En => format!("📣 Broadcast: {done} of {}", tally.people),
        }
    }

    /// How it ended.
    pub fn broadcast_over(self, tally: &Tally, stage: Stage) -> String {
        let how = match stage {
            Stage::Sending => self.either("закончена", "is done"),
            Stage::Stopping => self.either("остановлена", "was stopped"),
        };
        let Tally {
            people,
            sent,
            blocked,
            refused,
            in_doubt,
        } = tally;
        match self.0 {
            Language::Ru => format!(
                "📣 Рассылка {how}.\nДоставлено: {sent} из {people}\nЗаблокировали бота: {blocked}\n\
                 Telegram не принял: {refused}\nНеизвестно, дошло ли (связь прерывалась): {in_doubt}"
            ),
            Language::En => format!(
                "📣 The broadcast {how}.\nDelivered: {sent} of {people}\nBlocked the bot: {blocked}\n\
                 Refused by Telegram: {refused}\nUnknown, the connection broke: {in_doubt}"
            ),
        }
    }
}
