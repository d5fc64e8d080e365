use super::{ConfigError, ConfigProblem, Place, schema::closest};
use std::{collections::BTreeMap, io, path::Path};

/// A variable somebody reads.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What the value must look like.
    pub form: Form,
}

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Anything.
    Any,
    /// `ru` or `en`.
    Language,
    /// An http address.
    Url,
    /// A key: no spaces, at least so many characters, and this beginning.
    Key { prefix: &'static str, least: usize },
}

const fn any(name: &'static str) -> Variable {
    let form = Form::Any;
    Variable { name, form }
}

const fn url(name: &'static str) -> Variable {
    let form = Form::Url;
    Variable { name, form }
}

const fn key(name: &'static str, prefix: &'static str, least: usize) -> Variable {
    let form = Form::Key { prefix, least };
    Variable { name, form }
}

/// All variables of Sfera. `.env.example` explains the same ones; a test compares them.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "SFERA_LANG",
        form: Form::Language,
    },
    any("SFERA_CONFIG"),
    any("SFERA_MODELS"),
    any("SFERA_LOG"),
    any("SFERA_MCP"),
    key("BRAVE_API_KEY", "", 8),
    key("TAVILY_API_KEY", "", 8),
    url("SEARXNG_URL"),
    url("OPEN_METEO_GEOCODING_URL"),
    url("OPEN_METEO_URL"),
    url("COINGECKO_URL"),
    url("COINBASE_URL"),
    url("CBR_URL"),
    url("CBR_JSON_URL"),
    key("OPENAI_API_KEY", "", 8),
    url("OPENAI_BASE_URL"),
    any("OPENAI_MODEL"),
    any("OPENAI_VISION"),
    key("OPENROUTER_API_KEY", "sk-or-", 20),
    key("GOOGLE_API_KEY", "", 20),
    key("DEEPGRAM_API_KEY", "", 20),
    key("TELEGRAM_TOKEN", "", 30),
    any("ADMIN_CHAT_ID"),
    any("SFERA_ADMINS"),
    any("DATABASE_URL"),
    any("WEBHOOK_URL"),
    key("WEBHOOK_SECRET_TOKEN", "", 1),
    any("SFERA_BOT_LISTEN"),
    any("SFERA_CHAT_DAILY"),
    any("SFERA_CHAT_DAILY_TOKENS"),
    any("SFERA_ALLOWED_CHATS"),
    any("SFERA_MINI_APP_NAME"),
    any("TELEGRAM_API_URL"),
    any("SFERA_COURSE"),
    any("SFERA_TIMEZONE"),
    any("SFERA_VOICE"),
    any("SFERA_VOICE_MINUTES"),
    any("SFERA_VOICE_MAX_LOAD"),
    any("SFERA_DEVELOPER"),
    any("SFERA_INIT_DATA_HOURS"),
    any("SFERA_MINI_APP"),
    any("SFERA_BEHIND_PROXY"),
    any("SFERA_METRICS_LISTEN"),
    any("LIVEKIT_URL"),
    key("LIVEKIT_API_KEY", "", 3),
    key("LIVEKIT_API_SECRET", "", 16),
    any("QDRANT_HOST"),
    url("EMBEDDING_BASE_URL"),
    any("EMBEDDING_MODEL"),
    any("EMBEDDING_DIMENSION"),
    key("EMBEDDING_API_KEY", "", 1),
    url("RERANK_BASE_URL"),
    any("RERANK_MODEL"),
    key("RERANK_API_KEY", "", 1),
    key("QDRANT_API_KEY", "", 1),
    any("SENTRY_DSN"),
    any("REDIS_URL"),
];

/// The variables that are set, those of the process over those of `.env`. Holds keys, hence prints
/// nothing.
#[derive(Default)]
pub struct Environment {
    values: BTreeMap<&'static str, String>,
    /// Names in `.env` that look like a misspelt variable of Sfera.
    pub typos: Vec<ConfigError>,
}

impl Environment {
    /// Reads `.env`, if there is one, and the variables of the process.
    pub fn read(
        dotenv: &Path,
        process: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut environment = Self::default();
        environment.read_file(dotenv)?;
        for Variable { name, .. } in VARIABLES {
            if let Some(value) = process(name) {
                environment.values.insert(name, value);
            }
        }
        environment.check()?;
        Ok(environment)
    }

    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let source = match std::fs::read_to_string(path) {
            Ok(source) => source,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let place = Place::File(path.to_owned());
                let problem = ConfigProblem::Unreadable(error.kind());
                return Err(ConfigError { place, problem });
            }
        };
        for entry in dotenvy::Iter::new(source.as_bytes()) {
            match entry {
                Ok((name, value)) => self.take(path, &source, &name, value),
                Err(dotenvy::Error::LineParse(line, _)) => {
                    let place = Place::Line(path.to_owned(), line_of(&source, &line));
                    let problem = ConfigProblem::EnvSyntax;
                    return Err(ConfigError { place, problem });
                }
                Err(_) => {
                    let place = Place::File(path.to_owned());
                    let problem = ConfigProblem::EnvSyntax;
                    return Err(ConfigError { place, problem });
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, source: &str, name: &str, value: String) {
        if let Some(known) = VARIABLES.iter().find(|v| v.name == name) {
            self.values.insert(known.name, value);
            return;
        }
        let suggestion = closest(name, VARIABLES.iter().map(|v| v.name));
        if suggestion.is_some() || name.starts_with("SFERA_") {
            self.typos.push(ConfigError {
                place: Place::Line(path.to_owned(), line_of(source, name)),
                problem: ConfigProblem::UnknownVariable {
                    name: name.to_owned(),
                    suggestion,
                },
            });
        }
    }

    /// What a conversation cannot start with: a language or an address that is none. The form of
    /// keys is the doctor's business, because only their owner knows them all.
    fn check(&self) -> Result<(), ConfigError> {
        for Variable { name, form } in VARIABLES {
            let Some(value) = self.get(name) else {
                continue;
            };
            let problem = match form {
                Form::Language if value.parse::<sfera_agent::Language>().is_err() => {
                    ConfigProblem::Language(value.to_owned())
                }
                Form::Url if !super::file::is_url(value) => ConfigProblem::Url,
                _ => continue,
            };
            let place = Place::Variable((*name).to_owned());
            return Err(ConfigError { place, problem });
        }
        Ok(())
    }

    /// A variable's value; `None` if it is not set or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The keys that are set, and whether each looks like one.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, bool)> + '_ {
        VARIABLES.iter().filter_map(|variable| {
            let Form::Key { prefix, least } = variable.form else {
                return None;
            };
            let value = self.get(variable.name)?;
            let fine = value.starts_with(prefix)
                && value.chars().count() >= least
                && value.chars().all(|c| c.is_ascii_graphic());
            Some((variable.name, fine))
        })
    }
}

fn line_of(source: &str, what: &str) -> usize {
    let what = what.trim();
    let at = source
        .lines()
        .position(|line| line.trim().starts_with(what));
    at.unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use sfera_agent::Language;

    fn environment(dotenv: &str, process: &[(&str, &str)]) -> Result<Environment, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, dotenv).unwrap();
        Environment::read(&path, |name| {
            let found = process.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_process_weighs_more_than_the_file_and_empty_is_not_set() {
        let both = environment(
            "OPENAI_MODEL=a\nOPENAI_API_KEY=\nSFERA_LANG=en # comment\n",
            &[("OPENAI_MODEL", "b")],
        )
        .unwrap();
        assert_eq!(both.get("OPENAI_MODEL"), Some("b"));
        assert_eq!(both.get("OPENAI_API_KEY"), None);
        assert_eq!(both.get("SFERA_LANG"), Some("en"));
    }

    #[test]
    fn a_misspelt_name_is_noticed_and_a_strange_one_is_somebody_elses() {
        let read = environment(
            "PATH_TO=x\n\nOPENAI_API_KY=sk-secret\nSFERA_MOOD=good\n",
            &[],
        );
        let typos = read.unwrap().typos;
        let said: Vec<_> = typos
            .iter()
            .map(|typo| Text(Language::En).config_problem(typo))
            .collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].ends_with(
            ".env, line 3: nobody reads the variable OPENAI_API_KY. Did you mean OPENAI_API_KEY?"
        ));
        assert!(
            said[1].contains("line 4: nobody reads the variable SFERA_MOOD."),
            "{said:?}"
        );
    }

    #[test]
    fn a_broken_line_is_named_without_what_it_holds() {
        let error = environment("OPENAI_MODEL=x\nsk-secret without a name\n", &[]);
        let error = error.err().unwrap();
        assert!(matches!(&error.place, Place::Line(_, 2)), "{error:?}");
        assert_eq!(error.problem, ConfigProblem::EnvSyntax);
        assert!(!format!("{error:?}").contains("secret"));
    }

    #[test]
    fn a_wrong_language_or_address_names_its_variable() {
        let error = environment("", &[("SFERA_LANG", "klingon")]).err().unwrap();
        assert_eq!(error.place, Place::Variable("SFERA_LANG".into()));
        let error = environment("OPENAI_BASE_URL=localhost:1\n", &[])
            .err()
            .unwrap();
        assert_eq!(error.problem, ConfigProblem::Url);
    }

    #[test]
    fn keys_are_judged_by_their_form_only() {
        let read = environment(
            "OPENROUTER_API_KEY=sk-or-v1-0123456789abcdef\nGOOGLE_API_KEY=short\n",
            &[],
        )
        .unwrap();
        let keys: Vec<_> = read.keys().collect();
        assert_eq!(
            keys,
            [("OPENROUTER_API_KEY", true), ("GOOGLE_API_KEY", false)]
        );
    }

    #[test]
    fn the_example_file_explains_every_variable_and_no_other() {
        let example = include_str!("../../../.env.example");
        let mut named: Vec<_> = example
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| {
                assert_eq!(value, "", "{name} has a value in the example");
                name
            })
            .collect();
        let mut known: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}
