use super::Text;
use sfera_agent::{Language, llm::LlmError};

impl Text {
    /// Who the agent is in chat.
    pub const fn chat_instructions(self) -> &'static str {
        self.either(
            "Ты – доброжелательный и точный собеседник в Telegram, с людьми на «ты». Если чего-то не знаешь, скажи об этом.",
            "You are a friendly and precise partner in a Telegram chat. Where you don't know something, say so.",
        )
    }

    /// The chat begins.
    pub const fn chat_begins(self) -> &'static str {
        self.either(
            "Спрашивай: текстом, голосом, картинкой. /new – начать заново, /cancel – остановить ответ, /start – в меню.",
            "Ask away: in words, by voice, with a picture. /new begins anew, /cancel stops an answer, /start leads to the menu.",
        )
    }

    /// Until there is a first word.
    pub const fn thinking(self) -> &'static str {
        "…"
    }

    /// The conversation was forgotten; what is remembered of the person was not.
    pub const fn new_chat(self) -> &'static str {
        self.either("Начнём заново.", "Let us begin anew.")
    }

    /// Nothing is being answered.
    pub const fn nothing_to_cancel(self) -> &'static str {
        self.either(
            "Сейчас я ничего не пишу.",
            "I am not writing anything right now.",
        )
    }

    /// It is stopped.
    pub const fn cancelled(self) -> &'static str {
        self.either("Остановлено.", "Stopped.")
    }

    /// The user is forgotten.
    pub const fn forgotten(self) -> &'static str {
        self.either(
            "Готово. Больше я ничего не помню.",
            "Done. I remember nothing any more.",
        )
    }

    /// There is no question to answer again.
    pub const fn nothing_to_retry(self) -> &'static str {
        self.either("Ещё не было вопроса.", "There was no question yet.")
    }

    /// What is to be repeated is not answered yet.
    pub const fn still_answering(self) -> &'static str {
        self.either(
            "Я ещё отвечаю на этот вопрос. Остановить: /cancel",
            "I'm still answering that one. To stop me: /cancel",
        )
    }

    /// Why there is no answer.
    pub const fn no_answer(self, error: &LlmError) -> &'static str {
        match error {
            LlmError::RateLimited(_) => self.either(
                "Сейчас слишком много вопросов. Попробуй через минуту: /retry",
                "Too many questions right now. Try again in a minute: /retry",
            ),
            LlmError::Refused => self.either(
                "На это модель отвечать отказалась. Спроси иначе.",
                "The model refused to answer that. Ask it another way.",
            ),
            _ => self.either(
                "Не получилось ответить. Попробуй ещё раз: /retry",
                "That did not work. Try again: /retry",
            ),
        }
    }

    /// The answer had no words in it.
    pub const fn empty_answer(self) -> &'static str {
        self.either(
            "Мне нечего на это ответить.",
            "I have nothing to say to that.",
        )
    }

    /// A question that is too long.
    pub fn too_long(self, most: usize) -> String {
        match self.0 {
            Language::Ru => format!("Слишком длинно: умести вопрос в {most} знаков."),
            Language::En => format!("Too long: please keep the question within {most} characters."),
        }
    }
}
