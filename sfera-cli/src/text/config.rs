//! Complaints about settings.

use super::{Text, sentences};
use crate::config::{ConfigError, ConfigProblem, Kind, Place};

sentences! {
    place_line(file, line) { ru: "{file}, строка {line}", en: "{file}, line {line}" }
    place_variable(name) { ru: "Переменная {name}", en: "Variable {name}" }
    config_not_found() { ru: "файла нет.", en: "there is no such file." }
    config_unreadable(kind) { ru: "не прочесть: {kind}.", en: "cannot be read: {kind}." }
    config_syntax() {
        ru: "это не TOML: проверьте кавычки, скобки и знак «=».",
        en: "this is no TOML: check quotes, brackets and the equals sign.",
    }
    env_syntax() {
        ru: "строка не вида ИМЯ=значение.",
        en: "the line is not of the form NAME=value.",
    }
    config_unknown_key(key) { ru: "настройки «{key}» нет.", en: "there is no setting \"{key}\"." }
    config_wrong_type(key, expected, found) {
        ru: "«{key}»: ожидается {expected}, а там {found}.",
        en: "\"{key}\" must be {expected}, but is {found}.",
    }
    config_not_allowed(key, value, allowed) {
        ru: "«{key}» не может быть «{value}»; можно: {allowed}.",
        en: "\"{key}\" cannot be \"{value}\"; possible: {allowed}.",
    }
    config_range(key, least, most) {
        ru: "«{key}» должно быть от {least} до {most}.",
        en: "\"{key}\" must be between {least} and {most}.",
    }
    config_language(value) {
        ru: "языка «{value}» Сфера не знает; есть ru и en.",
        en: "Sfera does not speak \"{value}\"; there are ru and en.",
    }
    variable_url() {
        ru: "это не адрес вида http://хост/путь.",
        en: "this is no address like http://host/path.",
    }
    config_no_server() {
        ru: "llm.provider = \"openai\", но нет ни ключа, ни адреса: задайте OPENAI_API_KEY, OPENROUTER_API_KEY, GOOGLE_API_KEY или OPENAI_BASE_URL.",
        en: "llm.provider is \"openai\", but there is neither a key nor an address: set OPENAI_API_KEY, OPENROUTER_API_KEY, GOOGLE_API_KEY or OPENAI_BASE_URL.",
    }
    variable_typo(name) {
        ru: "переменная {name} никем не читается.",
        en: "nobody reads the variable {name}.",
    }
}

impl Text {
    /// A complaint that starts with where the mistake is.
    pub fn config_problem(self, error: &ConfigError) -> String {
        let place = match &error.place {
            Place::File(file) => file.display().to_string(),
            Place::Line(file, line) => self.place_line(file.display(), line),
            Place::Variable(name) => self.place_variable(name),
        };
        format!("{place}: {}", self.config_complaint(&error.problem))
    }

    fn config_complaint(self, problem: &ConfigProblem) -> String {
        let suggest = |sentence: String, suggestion: &Option<String>| match suggestion {
            Some(name) => format!("{sentence} {}", self.did_you_mean(name)),
            None => sentence,
        };
        match problem {
            ConfigProblem::NotFound => self.config_not_found(),
            ConfigProblem::Unreadable(kind) => self.config_unreadable(self.system(*kind)),
            ConfigProblem::Syntax => self.config_syntax(),
            ConfigProblem::EnvSyntax => self.env_syntax(),
            ConfigProblem::UnknownKey { key, suggestion } => {
                suggest(self.config_unknown_key(key), suggestion)
            }
            ConfigProblem::UnknownVariable { name, suggestion } => {
                suggest(self.variable_typo(name), suggestion)
            }
            ConfigProblem::WrongType {
                key,
                expected,
                found,
            } => self.config_wrong_type(key, self.kind(*expected), self.found_type(found)),
            ConfigProblem::NotAllowed {
                key,
                value,
                allowed,
                suggestion,
            } => suggest(
                self.config_not_allowed(key, value, allowed.join(", ")),
                suggestion,
            ),
            ConfigProblem::OutOfRange { key, least, most } => self.config_range(key, least, most),
            ConfigProblem::Language(value) => self.config_language(value),
            ConfigProblem::Url => self.variable_url(),
            ConfigProblem::NoServer => self.config_no_server(),
        }
    }

    fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Text | Kind::Url | Kind::Language | Kind::Choice(_) => {
                self.pick("строка в кавычках", "a string in quotes")
            }
            Kind::Path => self.pick("путь в кавычках", "a path in quotes"),
            Kind::Flag => self.pick("true или false", "true or false"),
            Kind::Whole { .. } => self.pick("целое число", "a whole number"),
            Kind::Section => self.pick("раздел", "a section"),
        }
    }

    /// The type of a TOML value, as the parser names it.
    fn found_type(self, name: &str) -> &'static str {
        match name {
            "string" => self.pick("строка", "a string"),
            "integer" => self.pick("число", "a number"),
            "float" => self.pick("дробное число", "a fraction"),
            "boolean" => self.pick("true или false", "true or false"),
            "array" => self.pick("список", "a list"),
            "datetime" => self.pick("дата", "a date"),
            _ => self.pick("раздел", "a section"),
        }
    }
}
