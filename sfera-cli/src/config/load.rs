use super::{Config, ConfigError, ConfigProblem, Environment, LlmProvider, Place, Secret, file};
use sfera_agent::{Language, llm::OpenAiOptions};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Where settings may be.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--lang`.
    pub language: Option<Language>,
}

/// All that was set, put together.
pub struct Settings {
    /// `sfera.toml`.
    pub config: Config,
    /// Where that was found.
    pub file: Option<PathBuf>,
    /// `.env` and the environment.
    pub environment: Environment,
    /// Language of the conversation.
    pub language: Language,
    /// Who answers.
    pub llm: LlmChoice,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LlmChoice {
    /// The embedded assistant.
    Assistant,
    /// An OpenAI-compatible server.
    OpenAi(Server),
}

/// An OpenAI-compatible server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where its API begins.
    pub base_url: String,
    /// The key; servers of one's own often need none.
    pub key: Option<Secret>,
    /// Which model.
    pub model: String,
}

/// Reads everything there is in the current folder and the environment.
pub fn load(sources: &Sources) -> Result<Settings, ConfigError> {
    let process = |name: &str| std::env::var(name).ok();
    let environment = Environment::read(Path::new(".env"), process)?;
    let named = sources.config.clone();
    let named = named.or_else(|| environment.get("SFERA_CONFIG").map(PathBuf::from));
    let (config, file) = match named {
        Some(path) => (read(&path)?, Some(path)),
        None => found()?,
    };
    let variable = environment.get("SFERA_LANG");
    let language = sources.language;
    let language = language.or_else(|| variable.and_then(|value| value.parse().ok()));
    let llm = choose_llm(&config, &environment, file.as_deref())?;
    Ok(Settings {
        language: language.or(config.language).unwrap_or_default(),
        config,
        file,
        environment,
        llm,
    })
}

fn found() -> Result<(Config, Option<PathBuf>), ConfigError> {
    for path in [Some(PathBuf::from("sfera.toml")), user_file()]
        .into_iter()
        .flatten()
    {
        match read(&path) {
            Err(error) if error.problem == ConfigProblem::NotFound => {}
            Err(error) => return Err(error),
            Ok(config) => return Ok((config, Some(path))),
        }
    }
    Ok((Config::default(), None))
}

fn user_file() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "sfera")?;
    Some(folders.config_dir().join("sfera.toml"))
}

fn read(path: &Path) -> Result<Config, ConfigError> {
    let problem = |error: io::Error| ConfigError {
        place: Place::File(path.to_owned()),
        problem: match error.kind() {
            io::ErrorKind::NotFound => ConfigProblem::NotFound,
            kind => ConfigProblem::Unreadable(kind),
        },
    };
    let source = std::fs::read_to_string(path).map_err(problem)?;
    file::read(path, &source)
}

fn choose_llm(
    config: &Config,
    environment: &Environment,
    file: Option<&Path>,
) -> Result<LlmChoice, ConfigError> {
    if config.llm.provider == LlmProvider::Assistant {
        return Ok(LlmChoice::Assistant);
    }
    let server = OpenAiOptions::of_environment(|name| match name {
        "OPENAI_BASE_URL" => config.llm.base_url.as_deref().or(environment.get(name)),
        "OPENAI_MODEL" => config.llm.model.as_deref().or(environment.get(name)),
        other => environment.get(other),
    });
    match server {
        Some(server) => Ok(LlmChoice::OpenAi(Server {
            base_url: server.base_url,
            key: server.key.as_deref().map(Secret::new),
            model: server.model,
        })),
        None if config.llm.provider == LlmProvider::Openai => Err(ConfigError {
            place: Place::File(file.unwrap_or(Path::new("sfera.toml")).to_owned()),
            problem: ConfigProblem::NoServer,
        }),
        None => Ok(LlmChoice::Assistant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(toml: &str, variables: &[(&str, &str)]) -> Result<LlmChoice, ConfigError> {
        let environment = Environment::read(Path::new("/nonexistent/.env"), |name| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })?;
        let config = file::read(Path::new("sfera.toml"), toml)?;
        choose_llm(&config, &environment, None)
    }

    fn server(choice: LlmChoice) -> Server {
        match choice {
            LlmChoice::OpenAi(server) => server,
            LlmChoice::Assistant => panic!("a server was expected"),
        }
    }

    #[test]
    fn without_a_key_and_an_address_the_embedded_assistant_answers() {
        assert_eq!(choice("", &[]), Ok(LlmChoice::Assistant));
        assert_eq!(
            choice("", &[("OPENAI_API_KEY", "  ")]),
            Ok(LlmChoice::Assistant)
        );
    }

    #[test]
    fn a_key_selects_its_service_and_an_address_needs_none() {
        let openrouter = server(choice("", &[("OPENROUTER_API_KEY", "sk-or-1")]).unwrap());
        assert_eq!(openrouter.base_url, "https://openrouter.ai/api/v1");
        let own = [("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/")];
        let own = server(choice("[llm]\nmodel = \"gemma\"", &own).unwrap());
        assert_eq!(
            (own.base_url.as_str(), own.model.as_str()),
            ("http://127.0.0.1:8080/v1", "gemma")
        );
        assert_eq!(own.key, None);
    }

    #[test]
    fn the_settings_can_insist_on_either() {
        let key = [("OPENAI_API_KEY", "sk-123456")];
        let assistant = choice("[llm]\nprovider = \"assistant\"", &key);
        assert_eq!(assistant, Ok(LlmChoice::Assistant));
        let server = choice("[llm]\nprovider = \"openai\"", &[]);
        assert_eq!(server.unwrap_err().problem, ConfigProblem::NoServer);
    }

    #[test]
    fn what_was_chosen_can_be_printed_without_the_key() {
        let chosen = choice("", &[("OPENAI_API_KEY", "sk-very-secret")]).unwrap();
        assert!(!format!("{chosen:?}").contains("very-secret"));
    }
}
