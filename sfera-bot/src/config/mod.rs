//! What the environment and `.env` say.

mod secret;
mod voice;

pub use secret::Secret;
pub use voice::{LiveKit, VoiceSettings};

use crate::when::Zone;
use sfera_agent::Language;
use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

/// Where the web server listens where nobody says where.
const LISTEN: &str = "127.0.0.1:8000";
/// Where the state is kept where no database is named.
const FILE: &str = "sfera-bot.db";
/// Questions of a person a day, where nobody says how many.
const DAILY: i64 = 100;
/// Tokens of a person a day, where nobody says how many.
const DAILY_TOKENS: i64 = 300_000;
/// Where people are of whom nothing else is known.
const ZONE: &str = "Europe/Moscow";

/// All settings of the bot.
#[derive(Debug)]
pub struct Settings {
    /// `TELEGRAM_TOKEN`, from @BotFather.
    pub token: Secret,
    /// `TELEGRAM_API_URL`: a Bot API server of one's own.
    pub api: Option<reqwest::Url>,
    /// `ADMIN_CHAT_ID`: who may administer, and where support arrives.
    pub admin: Option<i64>,
    /// `SFERA_ADMINS`: more people who may administer, by their numbers.
    pub admins: Vec<i64>,
    /// `DATABASE_URL`; holds a password.
    pub database: Database,
    /// `WEBHOOK_URL`: the public https address; without one there is no Mini App.
    pub public: Option<reqwest::Url>,
    /// `WEBHOOK_SECRET_TOKEN`: what Telegram shows with each update.
    pub webhook_secret: Option<Secret>,
    /// `SFERA_BOT_LISTEN`: where the web server is.
    pub listen: SocketAddr,
    /// `SFERA_CHAT_DAILY`: questions of a person a day.
    pub daily: i64,
    /// `SFERA_CHAT_DAILY_TOKENS`: tokens that are read and written for a person a day.
    pub daily_tokens: i64,
    /// `SFERA_ALLOWED_CHATS`: people and groups that are served; all, where it is empty.
    pub allowed: Vec<i64>,
    /// `SFERA_MINI_APP_NAME`: the short name under which @BotFather knows the Mini App.
    pub mini_app: Option<String>,
    /// `SFERA_LANG`: for those whose language the bot does not speak, and for the log.
    pub language: Language,
    /// `SFERA_COURSE`: a course of one's own, in YAML.
    pub course: Option<PathBuf>,
    /// `SFERA_TIMEZONE`: of those who did not say theirs.
    pub zone: Zone,
    /// Voice and the web page.
    pub voice: VoiceSettings,
}

/// Where the state is kept.
#[derive(Debug)]
pub enum Database {
    /// At an address.
    Address(Secret),
    /// In a file.
    File(PathBuf),
}

/// A setting that cannot be used; its value is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is needed and not set.
    Missing,
    /// It is no number.
    Number,
    /// It is no address.
    Address,
    /// It is no address that Telegram accepts.
    Https,
    /// It is no key of this kind.
    Key,
    /// It is none of the languages.
    Language,
    /// It is no time zone.
    Zone,
    /// The others of LiveKit's are set, and it is not.
    LiveKit,
    /// It is neither on nor off.
    Switch,
    /// It is only for a bot that has no public address.
    Public,
}

/// The variables that are set, those of the process over those of `.env`.
pub fn environment() -> HashMap<String, String> {
    let mut values: HashMap<String, String> = HashMap::new();
    if let Ok(file) = dotenvy::dotenv_iter() {
        values.extend(file.flatten());
    }
    values.extend(std::env::vars());
    values.retain(|_, value| !value.trim().is_empty());
    values
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// [`Unusable`]: the first one that cannot be used.
    pub fn of(values: &HashMap<String, String>) -> Result<Self, Unusable> {
        let get = |name: &str| values.get(name).map(|value| value.trim());
        let token = get("TELEGRAM_TOKEN").ok_or(wrong("TELEGRAM_TOKEN", Problem::Missing))?;
        if !is_token(token) {
            return Err(wrong("TELEGRAM_TOKEN", Problem::Key));
        }
        let secret = get("WEBHOOK_SECRET_TOKEN");
        if secret.is_some_and(|secret| !is_webhook_secret(secret)) {
            return Err(wrong("WEBHOOK_SECRET_TOKEN", Problem::Key));
        }
        Ok(Self {
            token: Secret::new(token),
            api: address(get("TELEGRAM_API_URL"), "TELEGRAM_API_URL")?,
            admin: parsed(get("ADMIN_CHAT_ID"), "ADMIN_CHAT_ID", Problem::Number)?,
            admins: numbers(get("SFERA_ADMINS"), "SFERA_ADMINS")?,
            database: match get("DATABASE_URL") {
                Some(url) => Database::Address(Secret::new(url)),
                None => Database::File(FILE.into()),
            },
            public: public(get("WEBHOOK_URL"))?,
            webhook_secret: secret.map(Secret::new),
            listen: parsed(
                Some(get("SFERA_BOT_LISTEN").unwrap_or(LISTEN)),
                "SFERA_BOT_LISTEN",
                Problem::Address,
            )?
            .ok_or(wrong("SFERA_BOT_LISTEN", Problem::Address))?,
            daily: amount(get("SFERA_CHAT_DAILY"), "SFERA_CHAT_DAILY")?.unwrap_or(DAILY),
            daily_tokens: amount(get("SFERA_CHAT_DAILY_TOKENS"), "SFERA_CHAT_DAILY_TOKENS")?
                .unwrap_or(DAILY_TOKENS),
            allowed: numbers(get("SFERA_ALLOWED_CHATS"), "SFERA_ALLOWED_CHATS")?,
            mini_app: short_name(get("SFERA_MINI_APP_NAME"))?,
            language: parsed(get("SFERA_LANG"), "SFERA_LANG", Problem::Language)?
                .unwrap_or_default(),
            course: get("SFERA_COURSE").map(PathBuf::from),
            zone: Zone::of(get("SFERA_TIMEZONE").unwrap_or(ZONE))
                .ok_or(wrong("SFERA_TIMEZONE", Problem::Zone))?,
            voice: VoiceSettings::of(get)?,
        })
    }
}

impl Settings {
    /// Telegram's number of the bot: its token begins with it.
    pub fn bot_id(&self) -> u64 {
        let id = self.token.expose().split(':').next();
        id.and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    /// Whether a person or a group is served.
    pub fn allows(&self, chat: i64) -> bool {
        self.allowed.is_empty() || self.admin == Some(chat) || self.allowed.contains(&chat)
    }

    /// Whether Telegram can send updates by itself.
    pub const fn has_webhook(&self) -> bool {
        self.public.is_some() && self.webhook_secret.is_some()
    }
}

const fn wrong(name: &'static str, problem: Problem) -> Unusable {
    Unusable { name, problem }
}

fn parsed<T: std::str::FromStr>(
    value: Option<&str>,
    name: &'static str,
    problem: Problem,
) -> Result<Option<T>, Unusable> {
    let parse = |value: &str| value.parse().map_err(|_| wrong(name, problem));
    value.map(parse).transpose()
}

/// Between commas or spaces.
fn numbers(value: Option<&str>, name: &'static str) -> Result<Vec<i64>, Unusable> {
    let all = value.unwrap_or_default().split([',', ' ', ';']);
    let all = all.filter(|number| !number.is_empty());
    all.map(|number| number.parse().map_err(|_| wrong(name, Problem::Number)))
        .collect()
}

fn address(value: Option<&str>, name: &'static str) -> Result<Option<reqwest::Url>, Unusable> {
    let url: Option<reqwest::Url> = parsed(value, name, Problem::Address)?;
    match url {
        Some(url) if !matches!(url.scheme(), "http" | "https") => {
            Err(wrong(name, Problem::Address))
        }
        url => Ok(url),
    }
}

/// Telegram opens nothing but https.
fn public(value: Option<&str>) -> Result<Option<reqwest::Url>, Unusable> {
    let url = address(value, "WEBHOOK_URL")?;
    match url {
        Some(url) if url.scheme() != "https" => Err(wrong("WEBHOOK_URL", Problem::Https)),
        url => Ok(url),
    }
}

/// A number that is none below zero.
fn amount(value: Option<&str>, name: &'static str) -> Result<Option<i64>, Unusable> {
    match parsed(value, name, Problem::Number)? {
        Some(..0) => Err(wrong(name, Problem::Number)),
        amount => Ok(amount),
    }
}

/// What @BotFather takes: letters, digits, underscores.
fn short_name(value: Option<&str>) -> Result<Option<String>, Unusable> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match value {
        Some(name) if !name.chars().all(letter) => Err(wrong("SFERA_MINI_APP_NAME", Problem::Key)),
        name => Ok(name.map(str::to_owned)),
    }
}

/// A number, a colon and some 35 letters.
fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, key)| {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        id.parse::<u64>().is_ok() && key.len() >= 20 && key.chars().all(letter)
    })
}

/// What Telegram takes: 1 to 256 of these.
fn is_webhook_secret(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=256).contains(&text.len()) && text.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

    fn settings(values: &[(&str, &str)]) -> Result<Settings, Unusable> {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::of(&values.collect())
    }

    #[test]
    fn a_token_is_all_that_is_needed() {
        let settings = settings(&[("TELEGRAM_TOKEN", TOKEN)]).unwrap();
        assert!(settings.public.is_none() && settings.admin.is_none());
        assert!(matches!(&settings.database, Database::File(_)));
        assert!(!format!("{settings:?}").contains("AAHdq"), "never shown");
        assert_eq!((settings.bot_id(), settings.daily), (110_201_543, 100));
        assert!(settings.allows(7));
    }

    #[test]
    fn who_is_served_can_be_listed() {
        let allowed = ("SFERA_ALLOWED_CHATS", "7, -100500");
        let settings = settings(&[("TELEGRAM_TOKEN", TOKEN), allowed, ("ADMIN_CHAT_ID", "-9")]);
        let settings = settings.unwrap();
        for (chat, is_served) in [(7, true), (-100_500, true), (-9, true), (8, false)] {
            assert_eq!(settings.allows(chat), is_served, "{chat}");
        }
    }

    #[test]
    fn administrators_are_listed_in_any_way() {
        let listed = |list| settings(&[("TELEGRAM_TOKEN", TOKEN), ("SFERA_ADMINS", list)]);
        for list in ["1,2", "1, 2", " 1 2 ", "1;2,"] {
            assert_eq!(listed(list).unwrap().admins, [1, 2], "{list}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (name, value, problem) in [
            ("TELEGRAM_TOKEN", "nonsense", Problem::Key),
            ("ADMIN_CHAT_ID", "me", Problem::Number),
            ("SFERA_ADMINS", "1, me", Problem::Number),
            ("WEBHOOK_URL", "http://a.example", Problem::Https),
            ("WEBHOOK_URL", "a.example", Problem::Address),
            ("WEBHOOK_SECRET_TOKEN", "два слова", Problem::Key),
            ("SFERA_BOT_LISTEN", "here", Problem::Address),
            ("SFERA_LANG", "klingon", Problem::Language),
            ("SFERA_CHAT_DAILY", "many", Problem::Number),
            ("SFERA_CHAT_DAILY", "-1", Problem::Number),
            ("SFERA_CHAT_DAILY_TOKENS", "1.5", Problem::Number),
            ("SFERA_ALLOWED_CHATS", "1, @alex", Problem::Number),
            ("SFERA_MINI_APP_NAME", "my/app", Problem::Key),
            ("SFERA_TIMEZONE", "Moon/Tycho", Problem::Zone),
        ] {
            let error = settings(&[("TELEGRAM_TOKEN", TOKEN), (name, value)]).unwrap_err();
            assert_eq!(error, wrong(name, problem), "{name}={value}");
        }
        let none = settings(&[]).unwrap_err();
        assert_eq!(none, wrong("TELEGRAM_TOKEN", Problem::Missing));
    }
}
