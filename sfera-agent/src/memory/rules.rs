//! What people say about themselves, found by the rules in `rules/*.toml`.

mod instruments;

use super::Statement;
use crate::language::{
    Language,
    cities::City,
    names::Named,
    words::{content_stems, is_stop_word, sound_alike, stem, words},
};
use regex::{Captures, Match, Regex, RegexBuilder};
use serde::Deserialize;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

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

/// Topics a summary names, at most.
const TOPICS: usize = 5;

/// A statement and the words that make it.
pub(super) type Said = (Statement, String);

/// What a text of either language says of its speaker, in the order of the rules.
pub(super) fn statements(text: &str) -> Vec<Said> {
    RULES
        .iter()
        .flat_map(|rules| rules.statements(text))
        .collect()
}

/// Whether an utterance is not to be kept: it asks to forget, or says nothing.
pub(super) fn is_unkept(text: &str) -> bool {
    let asks = RULES.iter().any(|rules| rules.unkept.is_match(text));
    asks || content_stems(text).next().is_none()
}

/// Whether two values mean the same: by their words, without those that only express an opinion.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a_words, b_words) = (subject(a), subject(b));
    let (a, b) = match a_words.is_empty() || b_words.is_empty() {
        true => (a.to_lowercase(), b.to_lowercase()),
        false => (joined(&a_words), joined(&b_words)),
    };
    // Numbers are not mis-heard by a letter.
    let has_digits = |text: &str| text.chars().any(char::is_numeric);
    a == b || (!has_digits(&a) && !has_digits(&b) && sound_alike(&a, &b))
}

/// Whether a text mentions a value: all words that say what the value is about.
pub(super) fn mentions(text: &str, value: &str) -> bool {
    let value = subject(value);
    let text: HashSet<_> = content_stems(text).collect();
    !value.is_empty() && value.iter().all(|stem| text.contains(stem))
}

/// What a conversation was about by what was said most; nothing if nothing was.
pub(super) fn topics(said: &[String]) -> Option<String> {
    let mut counts: HashMap<String, (usize, usize, String)> = HashMap::new();
    let spoken = said.iter().flat_map(|text| words(text));
    for (place, word) in spoken.enumerate() {
        if !is_stop_word(&word) && word.chars().count() > 2 {
            let (count, ..) = counts.entry(stem(&word)).or_insert((0, place, word));
            *count += 1;
        }
    }
    let mut topics: Vec<_> = counts.into_values().collect();
    topics.sort_by_key(|(count, place, _)| (std::cmp::Reverse(*count), *place));
    topics.truncate(TOPICS);
    topics.sort_by_key(|(_, place, _)| *place);
    let topics: Vec<_> = topics.into_iter().map(|(.., word)| word).collect();
    let russian = topics.iter().any(|word| word.chars().any(is_russian));
    let heading = if russian { "Темы" } else { "Topics" };
    (!topics.is_empty()).then(|| format!("{heading}: {}.", topics.join(", ")))
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

fn subject(value: &str) -> HashSet<String> {
    let opinions = RULES.iter().flat_map(|rules| &rules.opinions);
    let opinions: HashSet<_> = opinions.collect();
    content_stems(value)
        .filter(|stem| !opinions.contains(stem))
        .collect()
}

fn joined(stems: &HashSet<String>) -> String {
    let mut stems: Vec<_> = stems.iter().map(String::as_str).collect();
    stems.sort_unstable();
    stems.join(" ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    cut: String,
    never: Vec<String>,
    negators: Vec<String>,
    opinions: Vec<String>,
    unkept: String,
    rule: Vec<RuleLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleLine {
    kind: String,
    shape: Shape,
    #[serde(default)]
    says: Says,
    pattern: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Name,
    City,
    Text,
    Instruments,
    Opinion,
    None,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Says {
    #[default]
    Is,
    Also,
    Not,
}

struct Rules {
    language: Language,
    cut: Regex,
    never: Vec<String>,
    negators: Vec<String>,
    opinions: HashSet<String>,
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
            opinions: file.opinions.iter().map(|word| stem(word)).collect(),
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
