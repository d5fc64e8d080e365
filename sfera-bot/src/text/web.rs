use super::Text;
use crate::{
    voice::{Lack, Readiness},
    web::Why,
};
use sfera_agent::{Language, turn::Phrases};

impl Text {
    /// Who the agent is by voice.
    pub const fn voice_instructions(self) -> &'static str {
        self.either(
            "Ты Сфера, голосовой собеседник. Отвечай по-русски, на «ты», коротко и тепло, как в разговоре: одно-три \
             предложения без списков и разметки. Опирайся на базу знаний и на то, что помнишь о человеке. Не знаешь – так и скажи.",
            "You are Sfera, a voice companion. Answer in English, briefly and warmly, as people talk: one to three \
             sentences, no lists, no markup. Rely on the knowledge base and on what you remember about the person. \
             If you do not know, say so.",
        )
    }

    /// The first words of a call.
    pub const fn voice_greeting(self) -> &'static str {
        self.either(
            "Привет! Я Сфера. Слушаю тебя.",
            "Hello! I am Sfera. I am listening.",
        )
    }

    /// What is said where a call cannot go on as it should.
    pub fn voice_phrases(self) -> Phrases {
        match self.0 {
            Language::Ru => Phrases {
                cannot_answer: "Прости, сейчас не получается ответить. Повтори, пожалуйста.".into(),
                cannot_hear: "Прости, не получилось расслышать. Повтори, пожалуйста.".into(),
                ..Phrases::for_language(Language::Ru)
            },
            Language::En => Phrases::for_language(Language::En),
        }
    }

    /// What speech is probably about.
    pub const fn voice_hints(self) -> &'static str {
        self.either(
            "Сколько времени? Какая погода в Москве? Какой курс биткоина и доллара? Меня зовут Алекс.",
            "What time is it? What is the weather in London? How much is bitcoin? My name is Alex.",
        )
    }

    /// There is an address, and no voice behind it.
    pub const fn no_livekit(self) -> &'static str {
        self.either(
            "Голосовой ассистент ещё не подключён. Тому, кто держит бота: задайте <code>LIVEKIT_URL</code>, \
             <code>LIVEKIT_API_KEY</code> и <code>LIVEKIT_API_SECRET</code> и запустите его снова.",
            "The voice assistant is not connected yet. To whoever runs this bot: set <code>LIVEKIT_URL</code>, \
             <code>LIVEKIT_API_KEY</code> and <code>LIVEKIT_API_SECRET</code>, and start it again.",
        )
    }

    /// The same for whoever starts the program.
    pub const fn livekit_missing(self) -> &'static str {
        self.either(
            "Голоса в Mini App не будет: задайте LIVEKIT_URL, LIVEKIT_API_KEY и LIVEKIT_API_SECRET.",
            "There is no voice in the Mini App: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.",
        )
    }

    /// The page is not built.
    pub fn mini_app_missing(self, folder: &std::path::Path) -> String {
        let folder = folder.display();
        match self.0 {
            Language::Ru => format!(
                "Страницы Mini App нет в {folder}: соберите её (npm ci и npm run build в frontend) \
                 или укажите папку в SFERA_MINI_APP."
            ),
            Language::En => format!(
                "There is no page of the Mini App in {folder}: build it (npm ci and npm run build in frontend), \
                 or name its folder in SFERA_MINI_APP."
            ),
        }
    }

    /// How it is with calls, for administrators.
    pub const fn voice_state(self, readiness: Readiness) -> &'static str {
        match readiness {
            Readiness::Elsewhere => self.either(
                "🎙 Голос: не в этой программе",
                "🎙 Voice: not in this program",
            ),
            Readiness::Loading => self.either("🎙 Голос: загружается", "🎙 Voice: loading"),
            Readiness::Ready => self.either("🎙 Голос: готов", "🎙 Voice: ready"),
            Readiness::Lacking(Lack::Model) => self.either(
                "🎙 Голоса нет: не загружается модель речи (<code>sfera models pull</code>). Пробую снова",
                "🎙 No voice: the speech model does not load (<code>sfera models pull</code>). Trying again",
            ),
            Readiness::Lacking(Lack::Speaker) => self.either(
                "🎙 Голоса нет: не установлен festival или его голос. Пробую снова",
                "🎙 No voice: festival or its voice is not installed. Trying again",
            ),
            Readiness::Lacking(Lack::Part) => self.either(
                "🎙 Голоса нет: одна из частей не запускается, какая – в журнале. Пробую снова",
                "🎙 No voice: a part does not start, the log says which. Trying again",
            ),
            Readiness::Lacking(Lack::LiveKit) => self.either(
                "🎙 Голоса нет: LiveKit не принимает подключение. Пробую снова",
                "🎙 No voice: LiveKit does not take the connection. Trying again",
            ),
        }
    }

    /// The day's minutes of voice are used up in less than a minute: said and written.
    pub const fn minutes_end_soon(self) -> &'static str {
        self.either(
            "Осталось меньше минуты: время разговоров на сегодня заканчивается. Завтра будет новое, а в чате \
             отвечу и сегодня.",
            "Less than a minute is left: the talking time for today is running out. There is more tomorrow, and \
             in chat I answer today too.",
        )
    }

    /// Nobody came to talk with.
    pub const fn no_agent(self) -> &'static str {
        self.either(
            "Ассистент сейчас не подошёл: он занят или отключён. Попробуй через минуту.",
            "The assistant did not come: it is busy or off. Try again in a minute.",
        )
    }

    /// Why a page does not get what it asks for.
    pub fn refusal(self, why: Why) -> String {
        let said = match why {
            Why::Unsigned => self.either(
                "Открой страницу из Telegram: так видно, кто ты.",
                "Open this page from Telegram: only then we know who you are.",
            ),
            Why::Expired => self.either(
                "Страница открыта слишком давно. Закрой её и открой снова из Telegram.",
                "This page was opened too long ago. Close it and open it again from Telegram.",
            ),
            Why::Banned => self.banned(),
            Why::Closed => self.switched_off(),
            Why::TooOften(seconds) => return self.too_often(seconds),
            Why::Spent => self.either(
                "На сегодня голосовые минуты закончились. Завтра будут новые, а в чате отвечаю и сейчас.",
                "Today's voice minutes are used up. There are new ones tomorrow, and in chat I answer now.",
            ),
            Why::NoLiveKit => self.either(
                "Голосовой ассистент ещё не подключён. Тому, кто держит бота: задайте LIVEKIT_URL, LIVEKIT_API_KEY \
                 и LIVEKIT_API_SECRET.",
                "The voice assistant is not connected yet. To whoever runs this bot: set LIVEKIT_URL, \
                 LIVEKIT_API_KEY and LIVEKIT_API_SECRET.",
            ),
            Why::NoDeveloper => self.either(
                "Вне Telegram страница открывается только на своей машине с SFERA_DEVELOPER.",
                "Outside of Telegram this page opens only on your own machine, with SFERA_DEVELOPER.",
            ),
            Why::LiveKit => self.either(
                "Сервер связи не отвечает. Попробуй через минуту.",
                "The media server does not answer. Try again in a minute.",
            ),
            Why::Storage => self.either(
                "Что-то сломалось у нас. Попробуй через минуту.",
                "Something broke on our side. Try again in a minute.",
            ),
        };
        said.to_owned()
    }

    fn too_often(self, seconds: u64) -> String {
        match self.0 {
            Language::Ru => format!("Слишком часто. Попробуй через {seconds} с."),
            Language::En => format!("Too often. Try again in {seconds} s."),
        }
    }
}
