use super::{
    Config, ConfigError, ConfigProblem, Kind, Place,
    schema::{self, closest},
};
use sfera_agent::Language;
use std::path::Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Reads settings, or says which line is wrong and what was probably meant. `path` is only named.
pub fn read(path: &Path, source: &str) -> Result<Config, ConfigError> {
    let source = source.trim_start_matches('\u{feff}');
    let reader = Reader { path, source };
    let syntax = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        reader.mistake(at, ConfigProblem::Syntax)
    };
    let table = DeTable::parse(source).map_err(syntax)?;
    reader.check(table.get_ref(), "")?;
    toml::from_str(source).map_err(syntax)
}

struct Reader<'a> {
    path: &'a Path,
    source: &'a str,
}

impl Reader<'_> {
    fn mistake(&self, at: usize, problem: ConfigProblem) -> ConfigError {
        let before = self.source.get(..at).unwrap_or(self.source);
        let line = before.matches('\n').count() + 1;
        ConfigError {
            place: Place::Line(self.path.to_owned(), line),
            problem,
        }
    }

    fn check(&self, table: &DeTable<'_>, section: &str) -> Result<(), ConfigError> {
        for (name, value) in table {
            let key = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            let Some(kind) = schema::kind(&key) else {
                let suggestion = schema::suggestion(&key);
                let problem = ConfigProblem::UnknownKey { key, suggestion };
                return Err(self.mistake(name.span().start, problem));
            };
            self.check_value(&key, kind, value)?;
        }
        Ok(())
    }

    fn check_value(
        &self,
        key: &str,
        kind: Kind,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let found = value.get_ref();
        let problem = match kind {
            Kind::Section => match found {
                DeValue::Table(table) => return self.check(table, key),
                _ => Some(wrong_type(key, kind, found)),
            },
            Kind::Flag => found
                .as_bool()
                .is_none()
                .then(|| wrong_type(key, kind, found)),
            Kind::Whole { least, most } => check_number(key, kind, found, least, most),
            Kind::Text | Kind::Path | Kind::Url | Kind::Language | Kind::Choice(_) => {
                match found.as_str() {
                    Some(text) => check_text(key, kind, text),
                    None => Some(wrong_type(key, kind, found)),
                }
            }
        };
        match problem {
            Some(problem) => Err(self.mistake(value.span().start, problem)),
            None => Ok(()),
        }
    }
}

fn check_number(
    key: &str,
    kind: Kind,
    found: &DeValue<'_>,
    least: i64,
    most: i64,
) -> Option<ConfigProblem> {
    let Some(number) = found.as_integer() else {
        return Some(wrong_type(key, kind, found));
    };
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
    let fits = value.is_some_and(|value| (least..=most).contains(&value));
    (!fits).then(|| ConfigProblem::OutOfRange {
        key: key.to_owned(),
        least,
        most,
    })
}

fn check_text(key: &str, kind: Kind, text: &str) -> Option<ConfigProblem> {
    match kind {
        Kind::Language => {
            let unknown = text.parse::<Language>().is_err() || !["ru", "en"].contains(&text);
            unknown.then(|| ConfigProblem::Language(text.to_owned()))
        }
        Kind::Url => (!is_url(text)).then_some(ConfigProblem::Url),
        Kind::Choice(allowed) if !allowed.contains(&text) => Some(ConfigProblem::NotAllowed {
            key: key.to_owned(),
            value: text.to_owned(),
            allowed,
            suggestion: closest(text, allowed.iter().copied()),
        }),
        _ => None,
    }
}

/// Whether the text is an http address with a host.
pub fn is_url(text: &str) -> bool {
    let parsed = reqwest::Url::parse(text);
    parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn wrong_type(key: &str, expected: Kind, found: &DeValue<'_>) -> ConfigProblem {
    ConfigProblem::WrongType {
        key: key.to_owned(),
        expected,
        found: found.type_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn complaint(source: &str, language: Language) -> String {
        let error = read(Path::new("sfera.toml"), source).expect_err("the settings are wrong");
        Text(language).config_problem(&error)
    }

    #[test]
    fn each_mistake_names_its_line_and_what_was_probably_meant() {
        let mistakes = [
            "langauge = \"ru\"",
            "[llm]\nmodle = \"x\"",
            "[stt]\nbase_url = \"http://localhost\"",
            "[lm]\nmodel = \"x\"",
            "\n\nlanguage = \"de\"",
            "[audio]\necho_cancellation = \"yes\"",
            "[turn]\nmin_delay_ms = 1.5",
            "[turn]\nmin_delay_ms = -5",
            "[tts]\nprovider = \"festvial\"",
            "[llm]\nbase_url = \"localhost:8080\"",
            "llm = 3",
            "language = \"ru",
            "language = \"ru\"\nlanguage = \"en\"",
            "nonsense_of_another_kind = 1",
        ];
        let all: Vec<String> = mistakes
            .iter()
            .flat_map(|source| {
                let said = Language::ALL.map(|language| complaint(source, language));
                [format!("--- {source}"), said.join("\n")]
            })
            .collect();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn the_schema_and_the_struct_hold_the_same_settings() {
        for (key, kind) in schema::KEYS {
            let value = match kind {
                Kind::Section => continue,
                Kind::Flag => "true".to_owned(),
                Kind::Whole { most, .. } => most.to_string(),
                Kind::Language => "\"en\"".to_owned(),
                Kind::Choice(words) => format!("{:?}", words[0]),
                Kind::Url => "\"http://localhost:8080/v1\"".to_owned(),
                Kind::Text | Kind::Path => "\"text\"".to_owned(),
            };
            let source = format!("{key} = {value}");
            read(Path::new("sfera.toml"), &source).expect(key);
        }
        let written = toml::to_string(&Config::default()).expect("defaults can be written");
        read(Path::new("sfera.toml"), &written).expect("defaults can be read");
    }

    #[test]
    fn the_example_file_is_valid_with_every_line_switched_on() {
        let example = include_str!("../../sfera.example.toml");
        let path = Path::new("sfera.example.toml");
        assert_eq!(read(path, example), Ok(Config::default()));
        let uncommented: String = example
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        read(path, &uncommented).expect("every commented setting is valid too");
        for (key, kind) in schema::KEYS
            .iter()
            .filter(|(_, kind)| *kind != Kind::Section)
        {
            let leaf = key.rsplit('.').next().unwrap_or(key);
            assert!(example.contains(leaf), "{key} ({kind:?}) is not explained");
        }
    }

    #[test]
    fn an_empty_file_is_all_defaults() {
        let read = read(Path::new("sfera.toml"), "\u{feff}# nothing\n");
        assert_eq!(read, Ok(Config::default()));
    }
}
