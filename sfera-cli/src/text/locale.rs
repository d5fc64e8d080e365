use sfera_agent::Language;

/// The language of everything the program prints: `--lang`, then `SFERA_LANG`, then the locale.
/// Russian where nothing says otherwise; English where the locale names a third language.
pub fn interface_language(
    arguments: &[String],
    environment: impl Fn(&str) -> Option<String>,
) -> Language {
    let flag = asked(arguments).and_then(|lang| lang.parse().ok());
    let variable = || environment("SFERA_LANG").and_then(|lang| lang.parse().ok());
    flag.or_else(variable)
        .or_else(|| from_locale(environment))
        .unwrap_or_default()
}

/// The value of `--lang`, read before the arguments are parsed, because even a complaint about them
/// has a language.
fn asked(arguments: &[String]) -> Option<&str> {
    let at = arguments.iter().position(|a| a == "--lang");
    let separate = at.and_then(|at| arguments.get(at + 1));
    let joined = arguments.iter().find_map(|a| a.strip_prefix("--lang="));
    joined.or(separate.map(String::as_str))
}

fn from_locale(environment: impl Fn(&str) -> Option<String>) -> Option<Language> {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = names
        .iter()
        .filter_map(|name| environment(name))
        .find(|value| !value.is_empty())?;
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    match name {
        "" | "C" | "POSIX" => None,
        named => Some(named.parse().unwrap_or(Language::En)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(arguments: &[&str], variables: &[(&str, &str)]) -> Language {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        interface_language(&arguments, |name| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_flag_wins_over_the_variable_and_that_over_the_locale() {
        let all = [("SFERA_LANG", "ru"), ("LANG", "en_US.UTF-8")];
        assert_eq!(language(&["talk", "--lang", "en"], &all), Language::En);
        assert_eq!(language(&["talk", "--lang=en"], &all), Language::En);
        assert_eq!(language(&["talk"], &all), Language::Ru);
        assert_eq!(language(&["talk"], &all[1..]), Language::En);
    }

    #[test]
    fn russian_where_nothing_says_otherwise_and_english_for_a_third_language() {
        assert_eq!(language(&[], &[]), Language::Ru);
        assert_eq!(language(&[], &[("LANG", "C.UTF-8")]), Language::Ru);
        assert_eq!(language(&[], &[("LANG", "ru_RU.UTF-8")]), Language::Ru);
        assert_eq!(language(&[], &[("LANG", "de_DE.UTF-8")]), Language::En);
        assert_eq!(
            language(&[], &[("LC_ALL", ""), ("LANG", "en_GB")]),
            Language::En
        );
    }
}
