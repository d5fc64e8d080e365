//! What the environment and `.env` say.

mod secret;
mod voice;

pub use secret::Secret;
pub use voice::{LiveKit, VoiceSettings};

use sfera_agent::Language;
use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

/// Where the web server listens where nobody says where.
const LISTEN: &str = "127.0.0.1:8000";
/// Where the state is kept where no database is named.
const FILE: &str = "sfera-bot.db";

/// All settings of the bot.
#[derive(Debug)]
pub struct Settings {
    /// `TELEGRAM_TOKEN`, from @BotFather.
    pub token: Secret,
    /// `TELEGRAM_API_URL`: a Bot API server of one's own.
    pub api: Option<reqwest::Url>,
    /// `ADMIN_CHAT_ID`: who may administer, and where support arrives.
    pub admin: Option<i64>,
    /// `DATABASE_URL`; holds a password.
    pub database: Database,
    /// `WEBHOOK_URL`: the public https address; without one there is no Mini App.
    pub public: Option<reqwest::Url>,
    /// `WEBHOOK_SECRET_TOKEN`: what Telegram shows with each update.
    pub webhook_secret: Option<Secret>,
    /// `SFERA_BOT_LISTEN`: where the web server is.
    pub listen: SocketAddr,
    /// `SFERA_LANG`: for those whose language the bot does not speak, and for the log.
    pub language: Language,
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
    /// The others of LiveKit's are set, and it is not.
    LiveKit,
    /// It is neither on nor off.
    Switch,
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
            language: parsed(get("SFERA_LANG"), "SFERA_LANG", Problem::Language)?
                .unwrap_or_default(),
            voice: VoiceSettings::of(get)?,
        })
    }
}

impl Settings {
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
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (name, value, problem) in [
            ("TELEGRAM_TOKEN", "nonsense", Problem::Key),
            ("ADMIN_CHAT_ID", "me", Problem::Number),
            ("WEBHOOK_URL", "http://a.example", Problem::Https),
            ("WEBHOOK_URL", "a.example", Problem::Address),
            ("WEBHOOK_SECRET_TOKEN", "два слова", Problem::Key),
            ("SFERA_BOT_LISTEN", "here", Problem::Address),
            ("SFERA_LANG", "klingon", Problem::Language),
        ] {
            let error = settings(&[("TELEGRAM_TOKEN", TOKEN), (name, value)]).unwrap_err();
            assert_eq!(error, wrong(name, problem), "{name}={value}");
        }
        let none = settings(&[]).unwrap_err();
        assert_eq!(none, wrong("TELEGRAM_TOKEN", Problem::Missing));
    }
}
