//! Facts in what somebody says, found by the rules in `rules/*.toml`.

use crate::language::{Language, cities::City, words::sound_alike};
use regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;
use std::sync::LazyLock;

static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    let files = [
        (Language::Ru, include_str!("rules/ru.toml")),
        (Language::En, include_str!("rules/en.toml")),
    ];
    let parsed = files.into_iter().map(|(language, text)| {
        let file = toml::from_str::<RulesFile>(text).ok()?;
        Rules::new(language, file)
    });
    parsed.flatten().collect()
});

/// Something a person said about themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// A fact of a kind; replaces the older one.
    New { kind: String, value: String },
    /// «Не Алекс, а Александр»: whatever fact has the old value gets the new one.
    Correction { old: String, value: String },
}

impl Fact {
    /// Whether a correction means a fact with this value.
    pub(super) fn corrects(old: &str, value: &str) -> bool {
        sound_alike(&old.to_lowercase(), &value.to_lowercase())
    }
}

/// The facts in a text of either language, in the order of the rules, one of a kind.
pub(super) fn facts(text: &str) -> Vec<Fact> {
    RULES.iter().flat_map(|rules| rules.facts(text)).collect()
}

#[derive(Deserialize)]
struct RulesFile {
    cut: String,
    never: Vec<String>,
    rule: Vec<RuleLine>,
}

#[derive(Deserialize)]
struct RuleLine {
    kind: String,
    shape: Shape,
    pattern: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Name,
    City,
    Text,
}

struct Rules {
    language: Language,
    cut: Regex,
    never: Vec<String>,
    rules: Vec<Rule>,
}

struct Rule {
    kind: String,
    shape: Shape,
    pattern: Regex,
}

impl Rules {
    fn new(language: Language, file: RulesFile) -> Option<Self> {
        let rule = |line: RuleLine| {
            let pattern = regex(&line.pattern)?;
            Some(Rule {
                kind: line.kind,
                shape: line.shape,
                pattern,
            })
        };
        Some(Self {
            language,
            cut: regex(&file.cut)?,
            never: file.never,
            rules: file.rule.into_iter().map(rule).collect::<Option<_>>()?,
        })
    }

    fn facts(&self, text: &str) -> Vec<Fact> {
        let mut found = Vec::new();
        let mut kinds = Vec::new();
        for rule in &self.rules {
            let matches = rule.pattern.captures_iter(text);
            let fact = matches.filter_map(|groups| self.fact(rule, &groups)).last();
            if let Some(fact) = fact.filter(|_| !kinds.contains(&&rule.kind)) {
                kinds.push(&rule.kind);
                found.push(fact);
            }
        }
        found
    }

    fn fact(&self, rule: &Rule, groups: &Captures<'_>) -> Option<Fact> {
        let said = self.trimmed(groups.name("value")?.as_str())?;
        let value = match rule.shape {
            Shape::Name => capitalised(said),
            Shape::City => self.city(said),
            Shape::Text => said.to_owned(),
        };
        Some(match groups.name("old") {
            Some(old) => Fact::Correction {
                old: old.as_str().to_owned(),
                value,
            },
            None => Fact::New {
                kind: rule.kind.clone(),
                value,
            },
        })
    }

    /// The value up to where something else begins; nothing if it is no value.
    fn trimmed<'a>(&self, said: &'a str) -> Option<&'a str> {
        let end = self.cut.find(said).map_or(said.len(), |cut| cut.start());
        let said = said
            .get(..end)?
            .trim_matches([' ', ',', '-', '—', ':', '"', '«', '»']);
        let first = said.split_whitespace().next()?.to_lowercase();
        let first = first.trim_end_matches(',');
        (!self.never.iter().any(|word| word == first)).then_some(said)
    }

    /// A city of the list by as few words as name it, or else the words that are written like one.
    fn city(&self, said: &str) -> String {
        let words: Vec<_> = said.split_whitespace().collect();
        let beginnings = (1..=words.len()).filter_map(|n| words.get(..n));
        let mut known = beginnings.filter_map(|words| City::find(&words.join(" ")));
        if let Some(city) = known.next() {
            return city.name(self.language).to_owned();
        }
        let large = |word: &&&str| word.chars().next().is_some_and(char::is_uppercase);
        let further = words.iter().skip(1).take_while(large);
        let name: Vec<_> = words.first().into_iter().chain(further).copied().collect();
        capitalised(&name.join(" "))
    }
}

fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .ok()
}

/// Each word, and each part of a double name, with a capital.
fn capitalised(text: &str) -> String {
    let mut start = true;
    let letter = |c: char| {
        let upper = std::mem::replace(&mut start, !c.is_alphabetic());
        let (up, same) = if upper {
            (Some(c.to_uppercase()), None)
        } else {
            (None, Some(c))
        };
        up.into_iter().flatten().chain(same)
    };
    text.chars().flat_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(kind: &str, value: &str) -> Fact {
        Fact::New {
            kind: kind.into(),
            value: value.into(),
        }
    }

    #[test]
    fn the_rules_of_every_language_can_be_read() {
        let languages: Vec<_> = RULES.iter().map(|rules| rules.language).collect();
        assert_eq!(languages, Language::ALL);
    }

    #[test]
    fn facts_are_found_and_written_properly() {
        for (said, kind, value) in [
            ("Меня зовут Алекс.", "name", "Алекс"),
            ("привет, меня зовут алекс, а тебя?", "name", "Алекс"),
            ("Меня зовут Алекс и я торгую фьючерсами", "name", "Алекс"),
            ("меня зовут Анна-Мария", "name", "Анна-Мария"),
            ("Меня зовут Пётр Иванов", "name", "Пётр Иванов"),
            ("зови меня саша пожалуйста", "name", "Саша"),
            ("Я живу в Питере.", "city", "Санкт-Петербург"),
            ("я живу в нижнем новгороде", "city", "Нижний Новгород"),
            ("я живу в Урюпинске", "city", "Урюпинске"),
            ("Я торгую криптой и живу в Москве", "trades", "криптой"),
            (
                "Моя цель — заработать на квартиру.",
                "goal",
                "заработать на квартиру",
            ),
            (
                "Запомни, что я не торгую по пятницам",
                "note",
                "я не торгую по пятницам",
            ),
            ("My name is alex", "name", "Alex"),
            ("I live in new york", "city", "New York"),
            (
                "I trade oil futures, and I live in Paris",
                "trades",
                "oil futures",
            ),
            ("My goal is to buy a house", "goal", "to buy a house"),
        ] {
            assert!(
                facts(said).contains(&new(kind, value)),
                "{said}: {:?}",
                facts(said)
            );
        }
    }

    #[test]
    fn a_correction_names_what_it_corrects() {
        let found = facts("Нет, я не Алекс, а александр");
        let value = "Александр".to_owned();
        let old = "Алекс".to_owned();
        assert!(found.contains(&Fact::Correction { old, value }));
        assert!(Fact::corrects("алекс", "Алекс"));
        assert!(!Fact::corrects("рубль", "Алекс"));
    }

    #[test]
    fn questions_and_talk_hold_no_facts() {
        for said in [
            "Как меня зовут?",
            "меня зовут как?",
            "А ты помнишь, как меня зовут",
            "Расскажи о психологии трейдинга",
            "я торгую",
            "What is my name?",
            "Where do I live?",
            "",
        ] {
            assert_eq!(facts(said), [], "{said}");
        }
    }

    #[test]
    fn several_facts_are_found_in_one_sentence() {
        let found = facts("Меня зовут Алекс, я живу в Казани, я торгую акциями.");
        let city = new("city", "Казань");
        assert_eq!(
            found,
            [new("name", "Алекс"), city, new("trades", "акциями")]
        );
    }
}
