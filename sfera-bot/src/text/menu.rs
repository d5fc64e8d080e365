use super::Text;
use crate::render::escape;
use sfera_agent::Language;

/// An entry of the main menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Lessons.
    Course,
    /// Somebody to talk to about what troubles one.
    Psychologist,
    /// Calculators and the like.
    Toolbox,
    /// Questions in writing.
    Chat,
    /// The Mini App.
    Sfera,
    /// People.
    Support,
}

impl Entry {
    /// The rows of the menu.
    pub const ROWS: [&'static [Self]; 4] = [
        &[Self::Course],
        &[Self::Psychologist, Self::Toolbox],
        &[Self::Chat, Self::Sfera],
        &[Self::Support],
    ];

    /// The entry with this label in any language: a keyboard may be older than a change of language.
    pub fn labelled(label: &str) -> Option<Self> {
        let mut all = Self::ROWS.into_iter().flatten().copied();
        all.find(|entry| {
            Language::ALL
                .iter()
                .any(|l| Text(*l).entry(*entry) == label)
        })
    }
}

impl Text {
    /// An entry's label.
    pub const fn entry(self, entry: Entry) -> &'static str {
        match entry {
            Entry::Course => self.either("Пройти бесплатное обучение", "Take the free course"),
            Entry::Psychologist => self.either("ИИ-психолог", "AI psychologist"),
            Entry::Toolbox => self.either("Полезные инструменты", "Useful tools"),
            Entry::Chat => self.either("Бесплатный ChatGPT", "Free ChatGPT"),
            Entry::Sfera => "🤖 Sfera AI",
            Entry::Support => self.either("Поддержка", "Support"),
        }
    }

    /// The first words.
    pub fn welcome(self, name: &str) -> String {
        let name = escape(name);
        match self.0 {
            Language::Ru => format!(
                "Привет, {name}!\n\nЗдесь можно поговорить с ИИ голосом и в чате. \
                 Выбери, с чего начать, или просто напиши вопрос."
            ),
            Language::En => format!(
                "Hello, {name}!\n\nHere you can talk with an AI by voice and in chat. \
                 Choose where to begin, or just ask."
            ),
        }
    }

    /// What can be done.
    pub const fn help(self) -> &'static str {
        self.either(
            "/sfera – голосовой ассистент\n/chat – чат с ИИ: текст, голос, картинки\n\
             /psychologist – поговорить о том, что тревожит\n/new – начать разговор заново\n\
             /retry – ответить ещё раз\n/cancel – остановить ответ\n\
             /course – бесплатное обучение\n/tools – калькуляторы, цены, погода\n\
             /remind – напомнить: <code>/remind завтра в 9:30 проверить стоп</code>\n\
             /reminders – все напоминания\n/timezone – часовой пояс\n/support – написать людям\n\
             /language – язык\n/start – меню",
            "/sfera – the voice assistant\n/chat – chat with the AI: text, voice, pictures\n\
             /psychologist – talk about what troubles you\n/new – begin anew\n\
             /retry – answer once more\n/cancel – stop the answer\n\
             /course – the free course\n/tools – calculators, prices, weather\n\
             /remind – a reminder: <code>/remind tomorrow at 9:30 check the stop</code>\n\
             /reminders – all reminders\n/timezone – your time zone\n/support – write to people\n\
             /language – language\n/start – menu",
        )
    }

    /// The commands as Telegram lists them.
    pub const fn commands(self) -> &'static [(&'static str, &'static str)] {
        match self.0 {
            Language::Ru => &[
                ("start", "Меню"),
                ("sfera", "Голосовой ассистент"),
                ("chat", "Чат с ИИ"),
                ("psychologist", "ИИ-психолог"),
                ("new", "Начать разговор заново"),
                ("retry", "Ответить ещё раз"),
                ("cancel", "Остановить ответ"),
                ("course", "Бесплатное обучение"),
                ("tools", "Калькуляторы, цены, погода"),
                ("remind", "Напомнить: завтра в 9:30 …"),
                ("reminders", "Все напоминания"),
                ("timezone", "Часовой пояс"),
                ("support", "Написать людям"),
                ("language", "Язык"),
                ("help", "Что здесь есть"),
            ],
            Language::En => &[
                ("start", "Menu"),
                ("sfera", "The voice assistant"),
                ("chat", "Chat with the AI"),
                ("psychologist", "AI psychologist"),
                ("new", "Begin anew"),
                ("retry", "Answer once more"),
                ("cancel", "Stop the answer"),
                ("course", "The free course"),
                ("tools", "Calculators, prices, weather"),
                ("remind", "A reminder: tomorrow at 9:30 …"),
                ("reminders", "All reminders"),
                ("timezone", "Your time zone"),
                ("support", "Write to people"),
                ("language", "Language"),
                ("help", "What there is"),
            ],
        }
    }

    /// What the Mini App is.
    pub const fn sfera(self) -> &'static str {
        self.either(
            "🎙️ <b>Sfera AI - Твой голосовой ассистент</b>\n\n\
             Нажми кнопку ниже, чтобы общаться с AI в режиме реального времени:\n\n\
             ✨ Голосовой интерфейс\n\
             🧠 Помнит предыдущие разговоры\n\
             📚 Использует базу знаний\n\
             🛠️ Может искать информацию в интернете",
            "🎙️ <b>Sfera AI - your voice assistant</b>\n\n\
             Tap the button below to talk with the AI in real time:\n\n\
             ✨ By voice\n\
             🧠 Remembers earlier conversations\n\
             📚 Uses the knowledge base\n\
             🛠️ Can look things up on the internet",
        )
    }

    /// The button that opens it.
    pub const fn launch(self) -> &'static str {
        self.either("🤖 Запустить Sfera AI", "🤖 Launch Sfera AI")
    }

    /// There is no address to open.
    pub const fn no_mini_app(self) -> &'static str {
        self.either(
            "Голосовой ассистент ещё не подключён. Тому, кто держит бота: задайте <code>WEBHOOK_URL</code> – \
             https-адрес, по которому бот виден снаружи, – и запустите его снова.",
            "The voice assistant is not connected yet. To whoever runs this bot: set <code>WEBHOOK_URL</code>, the \
             https address at which it is seen from outside, and start it again.",
        )
    }

    /// An entry that this version does not have.
    pub const fn not_here(self) -> &'static str {
        self.either(
            "Этого раздела в боте пока нет. Напиши вопрос прямо сюда – отвечу.",
            "This part is not in the bot yet. Write your question here, and I will answer.",
        )
    }

    /// Which language?
    pub const fn which_language(self) -> &'static str {
        "На каком языке говорить?\nWhich language shall I speak?"
    }

    /// From now on.
    pub const fn language_chosen(self) -> &'static str {
        self.either("Говорю по-русски.", "I speak English now.")
    }

    /// Something that may be missing.
    pub const fn in_doubt(self) -> &'static str {
        self.either(
            "Связь с Telegram прерывалась: одно моё сообщение могло не дойти. Если чего-то не хватает, \
             спроси ещё раз.",
            "The connection to Telegram broke: one of my messages may be missing. If something is, ask again.",
        )
    }

    /// Somebody who is not served.
    pub const fn banned(self) -> &'static str {
        self.either("Доступ к боту закрыт.", "You have no access to this bot.")
    }
}
