//! Cities people name in speech: any case form, either language, usual short names.

use super::{
    Language,
    names::{self, Named},
};
use serde::Deserialize;
use std::sync::LazyLock;

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("cities.toml")).unwrap_or_default();
    file.city.into_iter().map(City::with_names).collect()
});

/// A city by its names.
#[derive(Debug, Deserialize)]
pub(crate) struct City {
    ru: String,
    en: String,
    in_ru: String,
    /// IANA time zone.
    pub(crate) zone: String,
    #[serde(default)]
    also: Vec<String>,
    #[serde(skip)]
    names: Vec<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct File {
    city: Vec<City>,
}

impl Named for City {
    fn names(&self) -> &[Vec<String>] {
        &self.names
    }
}

impl City {
    fn with_names(mut self) -> Self {
        let mut inside = names::name(&self.in_ru);
        // The answer to «где?» begins with its preposition.
        inside.drain(..inside.len().min(1));
        let names = [&self.ru, &self.en].into_iter().chain(&self.also);
        self.names = names
            .map(|name| names::name(name))
            .chain([inside])
            .collect();
        self
    }

    /// The name in a language.
    pub(crate) fn name(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }

    /// "in Moscow", «в Москве».
    pub(crate) fn inside(&self, language: Language) -> String {
        match language {
            Language::Ru => self.in_ru.clone(),
            Language::En => format!("in {}", self.en),
        }
    }

    /// The city a text names.
    pub(crate) fn find(text: &str) -> Option<&'static Self> {
        names::find(&CITIES, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_known_in_any_form_and_language() {
        let find = |text| City::find(text).map(|c| c.name(Language::Ru));
        assert_eq!(find("Какая погода в москве?"), Some("Москва"));
        assert_eq!(find("а в Питере"), Some("Санкт-Петербург"));
        assert_eq!(find("в Нижнем Новгороде дождь"), Some("Нижний Новгород"));
        assert_eq!(find("weather in New York"), Some("Нью-Йорк"));
        assert_eq!(
            find("в Петропавловске-Камчатском"),
            Some("Петропавловск-Камчатский")
        );
        assert_eq!(find("какая погода в Екатиринбурге"), Some("Екатеринбург"));
        assert_eq!(find("какая погода"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn every_city_of_the_data_file_is_found_by_its_own_names() {
        assert!(CITIES.len() > 60);
        for city in CITIES.iter() {
            for name in [&city.ru, &city.en, &city.in_ru] {
                let found = City::find(name).map(|c| &c.ru);
                assert_eq!(found, Some(&city.ru), "{name}");
            }
            assert!(jiff::tz::TimeZone::get(&city.zone).is_ok(), "{}", city.zone);
        }
    }
}
