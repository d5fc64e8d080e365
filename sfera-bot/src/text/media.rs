use super::Text;
use crate::render::escape;
use sfera_agent::{Language, llm::LlmError};

impl Text {
    /// Until a voice message is understood.
    pub const fn listening(self) -> &'static str {
        "🎤 …"
    }

    /// What was said in a voice message.
    pub fn heard(self, words: &str) -> String {
        format!("🎤 <i>«{}»</i>", escape(words))
    }

    /// There was not a word in it.
    pub const fn heard_nothing(self) -> &'static str {
        self.either(
            "🎤 Не слышу слов. Запиши ещё раз или напиши.",
            "🎤 I hear no words. Record it again, or write.",
        )
    }

    /// Nobody listens.
    pub const fn no_ears(self) -> &'static str {
        self.either(
            "Голосовые сообщения здесь не подключены – напиши словами. Тому, кто держит бота: \
             <code>sfera models pull</code> скачает модель речи, потом запустите бота снова.",
            "Voice messages are not set up here: please write. To whoever runs this bot: \
             <code>sfera models pull</code> downloads the speech model, then start the bot again.",
        )
    }

    /// A voice message that is too long.
    pub fn voice_too_long(self, most_minutes: u64) -> String {
        match self.0 {
            Language::Ru => format!("Слишком длинное сообщение: уложись в {most_minutes} мин."),
            Language::En => {
                format!("That message is too long: please stay within {most_minutes} minutes.")
            }
        }
    }

    /// It could not be recognised.
    pub const fn not_heard(self) -> &'static str {
        self.either(
            "Не получилось разобрать голосовое сообщение. Попробуй ещё раз: /retry",
            "The voice message could not be understood. Try again: /retry",
        )
    }

    /// Nobody looks at pictures.
    pub const fn no_eyes(self) -> &'static str {
        self.either(
            "Эта модель не видит картинок – опиши словами, что на ней. Тому, кто держит бота: зрячую модель \
             включает <code>OPENAI_VISION=1</code>.",
            "This model does not see pictures: please describe it in words. To whoever runs this bot: \
             <code>OPENAI_VISION=1</code> says that the model sees.",
        )
    }

    /// The question that a picture without words is.
    pub const fn what_is_there(self) -> &'static str {
        self.either("Что на этой картинке?", "What is in this picture?")
    }

    /// A file that is too large.
    pub fn file_too_large(self, most_megabytes: u32) -> String {
        match self.0 {
            Language::Ru => format!("Файл слишком большой: возьму до {most_megabytes} МБ."),
            Language::En => format!("That file is too large: I take up to {most_megabytes} MB."),
        }
    }

    /// Telegram does not give the file.
    pub const fn file_not_given(self) -> &'static str {
        self.either(
            "Telegram не отдал файл. Попробуй ещё раз: /retry",
            "Telegram did not hand over the file. Try again: /retry",
        )
    }

    /// Something that is neither words nor voice nor a picture.
    pub const fn not_understood(self) -> &'static str {
        self.either(
            "Такое я понимать не умею. Напиши, запиши голосом или пришли картинку.",
            "That is something I cannot read. Write, record a voice message or send a picture.",
        )
    }

    /// So many questions a day.
    pub fn questions_spent(self, daily: i64, left_minutes: i64) -> String {
        let when = self.in_time(left_minutes);
        match self.0 {
            Language::Ru => {
                format!("На сегодня вопросы кончились: их {daily} в день. Новые – {when}.")
            }
            Language::En => format!(
                "That was the last question for today: there are {daily} a day. New ones come {when}."
            ),
        }
    }

    /// So many tokens a day.
    pub fn tokens_spent(self, left_minutes: i64) -> String {
        let when = self.in_time(left_minutes);
        match self.0 {
            Language::Ru => format!("На сегодня мы наговорили всё, что можно. Продолжим {when}."),
            Language::En => format!("We have talked as much as a day allows. Let us go on {when}."),
        }
    }

    fn in_time(self, minutes: i64) -> String {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match (self.0, hours) {
            (Language::Ru, 0) => format!("через {minutes} мин"),
            (Language::Ru, _) => format!("через {hours} ч {minutes} мин"),
            (Language::En, 0) => format!("in {minutes} min"),
            (Language::En, _) => format!("in {hours} h {minutes} min"),
        }
    }

    /// An answer that breaks the program each time.
    pub const fn unanswerable(self) -> &'static str {
        self.no_answer(&LlmError::Protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_no_tag() {
        let said = Text(Language::Ru).heard("<b>да</b> & нет");
        assert_eq!(said, "🎤 <i>«&lt;b&gt;да&lt;/b&gt; &amp; нет»</i>");
    }

    #[test]
    fn it_is_said_when_there_are_new_questions() {
        let said = Text(Language::Ru).questions_spent(100, 320);
        assert_eq!(
            said,
            "На сегодня вопросы кончились: их 100 в день. Новые – через 5 ч 20 мин."
        );
        assert!(Text(Language::En).tokens_spent(7).ends_with("in 7 min."));
    }
}
