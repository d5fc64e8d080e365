//! Cities people name in speech: any case form, either language, usual short names.

use super::{
    Language,
    names::{self, Named, Names},
};
use serde::Deserialize;
use std::sync::LazyLock;

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| {
    let cities = names::read::<City>(include_str!("cities.toml"));
    cities.into_iter().map(City::with_inside).collect()
});

/// A city by its names.
#[derive(Debug, Deserialize)]
pub(crate) struct City {
    #[serde(flatten)]
    names: Names,
    in_ru: String,
    /// IANA time zone.
    pub(crate) zone: String,
}

impl Named for City {
    fn names(&self) -> &Names {
        &self.names
    }
}

impl City {
    fn with_inside(mut self) -> Self {
        let mut inside = names::stems_of(&self.in_ru);
        // The answer to «где?» begins with its preposition.
        inside.drain(..inside.len().min(1));
        self.names.add(inside);
        self
    }

    /// "in Moscow", «в Москве».
    pub(crate) fn inside(&self, language: Language) -> String {
        match language {
            Language::Ru => self.in_ru.clone(),
            Language::En => format!("in {}", self.names.en),
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
            for name in [&city.names.ru, &city.names.en, &city.in_ru] {
                let found = City::find(name).map(|c| &c.names.ru);
                assert_eq!(found, Some(&city.names.ru), "{name}");
            }
            assert!(jiff::tz::TimeZone::get(&city.zone).is_ok(), "{}", city.zone);
        }
    }
}
