use super::Text;
use crate::{
    config::{Problem, Unusable},
    mind::Broken,
    state::StateError,
};
use sfera_agent::{Language, embedding::EmbedError, store::StoreError};
use std::net::SocketAddr;

impl Text {
    /// A setting that cannot be used, for whoever starts the program.
    pub fn unusable(self, unusable: Unusable) -> String {
        let Unusable { name, problem } = unusable;
        let said = match problem {
            Problem::Missing => self.either(
                "не задан: получите токен у @BotFather и впишите в .env",
                "is not set: get a token from @BotFather and put it into .env",
            ),
            Problem::Number => self.either("должен быть числом", "must be a number"),
            Problem::Address => self.either("– не адрес", "is no address"),
            Problem::Https => self.either(
                "должен начинаться с https://: другого Telegram не открывает",
                "must begin with https://: Telegram opens nothing else",
            ),
            Problem::Key => self.either("записан неверно", "is not written right"),
            Problem::Language => self.either("– это ru или en", "is ru or en"),
            Problem::Zone => self.either(
                "– это часовой пояс, например Europe/Moscow или +3",
                "is a time zone, for example Europe/Moscow or +3",
            ),
            Problem::LiveKit => self.either(
                "не задан: LIVEKIT_URL, LIVEKIT_API_KEY и LIVEKIT_API_SECRET нужны вместе",
                "is not set: LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET go together",
            ),
            Problem::Switch => self.either("– это on или off", "is on or off"),
            Problem::Public => self.either(
                "– только для своей машины: уберите его или WEBHOOK_URL",
                "is for your own machine only: take it away, or WEBHOOK_URL",
            ),
        };
        format!("{name} {said}.")
    }

    /// Why the state cannot be used.
    pub const fn state_problem(self, error: StateError) -> &'static str {
        match error {
            StateError::Address => self.either(
                "DATABASE_URL – не адрес базы: postgres://… или sqlite:ФАЙЛ.",
                "DATABASE_URL is no address of a database: postgres://… or sqlite:FILE.",
            ),
            StateError::Unreachable => self.either(
                "База данных не отвечает: проверьте DATABASE_URL и запущена ли она.",
                "The database does not answer: check DATABASE_URL, and that it runs.",
            ),
            StateError::Version => self.either(
                "База данных от другой версии бота: возьмите ту же версию или новую базу.",
                "The database is of another version of the bot: use that version, or a new database.",
            ),
            StateError::Refused => self.either(
                "База данных отвечает ошибкой: подробности в журнале с SFERA_LOG=debug.",
                "The database answers with an error: SFERA_LOG=debug has the details.",
            ),
        }
    }

    /// The token is refused.
    pub const fn token_refused(self) -> &'static str {
        self.either(
            "Telegram не принимает TELEGRAM_TOKEN: возьмите новый у @BotFather.",
            "Telegram refuses TELEGRAM_TOKEN: get a new one from @BotFather.",
        )
    }

    /// Telegram cannot be reached.
    pub const fn telegram_unreachable(self) -> &'static str {
        self.either(
            "Telegram не отвечает: проверьте сеть. Пробую снова.",
            "Telegram does not answer: check the network. Trying again.",
        )
    }

    /// The port is taken.
    pub fn cannot_listen(self, address: SocketAddr, setting: &str) -> String {
        match self.0 {
            Language::Ru => {
                format!("Адрес {address} занят или недоступен: задайте другой в {setting}.")
            }
            Language::En => {
                format!("The address {address} is taken or not ours: set another in {setting}.")
            }
        }
    }

    /// What whoever answers cannot be set up for.
    pub fn broken(self, broken: &Broken) -> String {
        match (broken, self.0) {
            (Broken::Store(error), _) => self.store_problem(error),
            (Broken::Part(part), Language::Ru) => format!("Не запускается: {part}."),
            (Broken::Part(part), Language::En) => format!("This does not start: {part}."),
            (Broken::Model(model), Language::Ru) => format!(
                "База знаний сделана моделью {model}: задайте её (EMBEDDING_…; для встроенной уберите \
                 EMBEDDING_… и выполните sfera models pull e5-small) или сделайте базу заново: sfera kb \
                 setup --anew, затем sfera kb ingest."
            ),
            (Broken::Model(model), Language::En) => format!(
                "The knowledge base was made by the model {model}: name it (EMBEDDING_…; for the embedded one \
                 remove EMBEDDING_… and run sfera models pull e5-small) or make the base anew: sfera kb setup \
                 --anew, then sfera kb ingest."
            ),
            (Broken::Embedding(error), _) => self.embedding_problem(error).to_owned(),
        }
    }

    /// Why questions cannot be embedded.
    const fn embedding_problem(self, error: &EmbedError) -> &'static str {
        match error {
            EmbedError::Unavailable => self.either(
                "Сервер EMBEDDING_BASE_URL не отвечает.",
                "The server EMBEDDING_BASE_URL does not answer.",
            ),
            EmbedError::Refused => self.either(
                "Сервер EMBEDDING_BASE_URL не принимает ключ: проверьте EMBEDDING_API_KEY.",
                "The server EMBEDDING_BASE_URL refuses the key: check EMBEDDING_API_KEY.",
            ),
            EmbedError::Model(_)
            | EmbedError::Unset(_)
            | EmbedError::NoNumber(_)
            | EmbedError::Protocol => self.either(
                "Модель для поиска по смыслу не настроить: проверьте EMBEDDING_MODEL и EMBEDDING_DIMENSION.",
                "The model for search by meaning cannot be set up: check EMBEDDING_MODEL and EMBEDDING_DIMENSION.",
            ),
        }
    }

    /// Why the Qdrant server that is named cannot be used.
    fn store_problem(self, error: &StoreError) -> String {
        let said = match error {
            StoreError::Unavailable | StoreError::NoCollection(_) => self.either(
                "Qdrant не отвечает: проверьте QDRANT_HOST и запущен ли он.",
                "Qdrant does not answer: check QDRANT_HOST, and that it runs.",
            ),
            StoreError::Refused => self.either(
                "Qdrant не принимает ключ: проверьте QDRANT_API_KEY.",
                "Qdrant refuses the key: check QDRANT_API_KEY.",
            ),
            StoreError::Newer(_) => self.either(
                "Данные в Qdrant записаны более новой Сферой: обновите эту.",
                "What is in Qdrant was written by a newer Sfera: update this one.",
            ),
            StoreError::Mismatch { collection, .. } => return self.store_mismatch(collection),
            StoreError::Damaged(_) | StoreError::Invalid(_) | StoreError::Foreign(_) => self.either(
                "По адресу QDRANT_HOST нет Qdrant 1.16 или новее: проверьте адрес и версию.",
                "There is no Qdrant 1.16 or newer at QDRANT_HOST: check the address and the version.",
            ),
        };
        said.to_owned()
    }

    fn store_mismatch(self, collection: &str) -> String {
        match self.0 {
            Language::Ru => format!(
                "Коллекцию «{collection}» в Qdrant сделала другая программа, другая версия Сферы или сервер \
                 старше 1.16: возьмите другой сервер."
            ),
            Language::En => format!(
                "The collection \"{collection}\" in Qdrant was made by another program, another version of \
                 Sfera or a server older than 1.16: use another server."
            ),
        }
    }

    /// It works.
    pub fn ready(self, username: &str, web: SocketAddr, webhook: bool) -> String {
        let way = match webhook {
            true => self.either("вебхук", "webhook"),
            false => self.either("опрос", "polling"),
        };
        match self.0 {
            Language::Ru => format!("Бот @{username} работает ({way}), веб-сервер на {web}."),
            Language::En => {
                format!("The bot @{username} works ({way}), its web server is at {web}.")
            }
        }
    }

    /// It ends.
    pub const fn ending(self) -> &'static str {
        self.either(
            "Заканчиваю: досылаю начатое.",
            "Ending: sending what was begun.",
        )
    }
}
