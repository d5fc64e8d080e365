//! What people say about themselves, found by the rules in `rules/*.toml`.

mod file;
mod instruments;
pub(super) mod topics;
pub(crate) mod values;

use super::Statement;
use crate::language::{
    Language,
    cities::City,
    names::Named,
    words::{content_stems, words},
};
use file::{RuleLine, RulesFile, Says, Shape};
use regex::{Captures, Match, Regex, RegexBuilder};
use std::{collections::HashSet, sync::LazyLock};

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

/// Characters of a value, at most; what is longer is none.
const LONGEST: usize = 200;

#[cfg(test)]
thread_local! {
    /// How often this thread asked for the rules.
    static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A statement and the words that make it.
pub(crate) type Said = (Statement, String);

/// Compiles the rules and reads the lists of names, which takes a while, before somebody waits for an
/// answer.
pub(crate) fn prepare() {
    LazyLock::force(&RULES);
    let _lists = (City::find(""), instruments::named("", Language::Ru));
    // Reads the words that answers need.
    let _words = values::same("тильт", "loss");
}

/// The rules of all languages. Not on the path of a turn that nobody prepared.
fn all() -> &'static [Rules] {
    #[cfg(test)]
    ASKED.set(ASKED.get() + 1);
    &RULES
}

#[cfg(test)]
pub(super) fn asked() -> usize {
    ASKED.get()
}

/// What a text of either language says of its speaker, in the order of the rules.
pub(crate) fn statements(text: &str) -> Vec<Said> {
    all()
        .iter()
        .flat_map(|rules| rules.statements(text))
        .collect()
}

/// Whether an utterance is not to be kept: it asks to forget, or says nothing.
pub(super) fn is_unkept(text: &str) -> bool {
    let asks = all().iter().any(|rules| rules.unkept.is_match(text));
    asks || content_stems(text).next().is_none()
}

/// The statement with its value written as the rules would: cities and instruments as in their lists, a
/// name with capitals.
pub(super) fn canonical(statement: Statement) -> Statement {
    let as_listed = |kind: &str, value: String| written(kind, &value).unwrap_or(value);
    match statement {
        Statement::Is { kind, value } => Statement::Is {
            value: as_listed(&kind, value),
            kind,
        },
        Statement::Also { kind, value } => Statement::Also {
            value: as_listed(&kind, value),
            kind,
        },
        Statement::Not { kind, value } => Statement::Not {
            value: value.map(|value| as_listed(&kind, value)),
            kind,
        },
        Statement::Correction { .. } => statement,
    }
}

fn written(kind: &str, value: &str) -> Option<String> {
    let russian = value.chars().any(is_russian);
    let language = if russian { Language::Ru } else { Language::En };
    match kind {
        "city" => City::find(value).map(|city| city.name(language).to_owned()),
        "instrument" => instruments::named(value, language).into_iter().next(),
        "name" => Some(capitalised(value)),
        _ => None,
    }
}

fn is_russian(c: char) -> bool {
    ('а'..='я').contains(&c)
}

struct Rules {
    language: Language,
    cut: Regex,
    never: Vec<String>,
    negators: Vec<String>,
    unkept: Regex,
    rules: Vec<Rule>,
}

struct Rule {
    kind: String,
    shape: Shape,
    says: Says,
    pattern: Regex,
}

impl Rules {
    fn new(language: Language, file: RulesFile) -> Option<Self> {
        let rule = |line: RuleLine| {
            let pattern = regex(&line.pattern)?;
            Some(Rule {
                kind: line.kind,
                shape: line.shape,
                says: line.says,
                pattern,
            })
        };
        Some(Self {
            language,
            cut: regex(&file.cut)?,
            never: file.never,
            negators: file.negators,
            unkept: regex(&file.unkept)?,
            rules: file.rule.into_iter().map(rule).collect::<Option<_>>()?,
        })
    }

    fn statements(&self, text: &str) -> Vec<Said> {
        let mut found: Vec<Said> = Vec::new();
        let mut settled = HashSet::new();
        for rule in &self.rules {
            let matches = rule.pattern.captures_iter(text);
            let told: Vec<_> = matches
                .map(|groups| self.told(rule, text, &groups))
                .filter(|told| !told.is_empty())
                .collect();
            // Of several names the last is meant; several likings are all meant.
            let one = rule.says == Says::Is && rule.shape != Shape::Instruments;
            let skip = if one { told.len().saturating_sub(1) } else { 0 };
            let settles = one && !told.is_empty();
            if settles && !settled.insert(rule.kind.as_str()) {
                continue;
            }
            found.extend(told.into_iter().skip(skip).flatten());
        }
        found
    }

    fn told(&self, rule: &Rule, text: &str, groups: &Captures<'_>) -> Vec<Said> {
        let Some(whole) = groups.get(0) else {
            return Vec::new();
        };
        if rule.says != Says::Not && groups.name("old").is_none() && self.is_denied(text, whole) {
            return Vec::new();
        }
        if rule.shape == Shape::None {
            let words = whole.as_str().trim().to_owned();
            return vec![(rule.statement(None), words)];
        }
        let Some((value, end)) = groups.name("value").and_then(|value| self.trimmed(value)) else {
            return Vec::new();
        };
        let words = text.get(whole.start()..end).unwrap_or_default().trim();
        let values = match rule.shape {
            Shape::Name => vec![capitalised(value)],
            Shape::City => vec![self.city(value)],
            Shape::Opinion => vec![words.to_owned()],
            Shape::Instruments => instruments::named(value, self.language),
            Shape::Text | Shape::None => vec![value.to_owned()],
        };
        let old = groups.name("old").filter(|_| rule.kind == "any");
        let statement = |value: String| match old {
            Some(old) => Statement::Correction {
                old: old.as_str().to_owned(),
                value,
            },
            None => rule.statement(Some(value)),
        };
        let said = values.into_iter().map(statement);
        said.map(|statement| (statement, words.to_owned()))
            .collect()
    }

    /// «Я больше не живу в …»
    fn is_denied(&self, text: &str, found: Match<'_>) -> bool {
        let before = text.get(..found.start()).unwrap_or_default();
        // What a comma parts is said for itself: «нет, меня зовут …».
        let clause = before.rsplit([',', '.', '!', '?', ';', '—']).next();
        let last = words(clause.unwrap_or_default()).last();
        last.is_some_and(|word| self.negators.contains(&word))
    }

    /// The value up to where something else begins, and its end in the text; nothing if it is no value.
    fn trimmed<'a>(&self, said: Match<'a>) -> Option<(&'a str, usize)> {
        let text = said.as_str();
        let end = self.cut.find(text).map_or(text.len(), |cut| cut.start());
        let edges = [' ', ',', '-', '—', ':', '"', '«', '»'];
        let cut = text.get(..end)?.trim_end_matches(edges);
        let value = cut.trim_start_matches(edges);
        let first = value.split_whitespace().next()?.to_lowercase();
        let first = first.trim_end_matches(',');
        let meant = !self.never.iter().any(|word| word == first);
        let meant = meant && value.chars().count() <= LONGEST;
        meant.then_some((value, said.start() + cut.len()))
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

impl Rule {
    fn statement(&self, value: Option<String>) -> Statement {
        let kind = self.kind.clone();
        match (self.says, value) {
            (Says::Is, Some(value)) => Statement::Is { kind, value },
            (Says::Also, Some(value)) => Statement::Also { kind, value },
            (_, value) => Statement::Not { kind, value },
        }
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
mod tests;
