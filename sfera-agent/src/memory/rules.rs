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
    spoken_numbers::numbers,
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

/// What may stand around a value and is no part of it.
const EDGES: [char; 8] = [' ', ',', '-', '—', ':', '"', '«', '»'];
/// Characters of a value, at most; what is longer is none.
const LONGEST: usize = 200;
/// One, two and five years, as Russian counts them.
const YEARS: [&str; 3] = ["год", "года", "лет"];
/// How old somebody may be who says it.
const AGES: std::ops::RangeInclusive<u64> = 14..=110;

#[cfg(all(test, feature = "test-util"))]
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
    #[cfg(all(test, feature = "test-util"))]
    ASKED.set(ASKED.get() + 1);
    &RULES
}

#[cfg(all(test, feature = "test-util"))]
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
pub(crate) fn is_unkept(text: &str) -> bool {
    let asks = all().iter().any(|rules| rules.is_unkept(text));
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
    never_names: Vec<String>,
    negators: Vec<String>,
    unkept: Regex,
    /// What makes a question of what was told before.
    checks: Regex,
    rules: Vec<Rule>,
}

struct Rule {
    kind: String,
    shape: Shape,
    says: Says,
    not_after: Vec<String>,
    only_after: Option<Regex>,
    not_before: Option<Regex>,
    cut: Option<Regex>,
    may_begin: Option<Regex>,
    unfit: Option<Regex>,
    pattern: Regex,
}

/// What a rule found in a text.
struct Value<'a> {
    text: &'a str,
    /// Where it begins and ends in the text.
    start: usize,
    end: usize,
}

impl Rules {
    fn new(language: Language, file: RulesFile) -> Option<Self> {
        let optional = |pattern: Option<String>| {
            let read = pattern.map(|it| regex(&it).ok_or(()));
            read.transpose().ok()
        };
        let rule = |line: RuleLine| {
            let pattern = regex(&line.pattern)?;
            Some(Rule {
                kind: line.kind,
                shape: line.shape,
                says: line.says,
                not_after: line.not_after,
                only_after: optional(line.only_after)?,
                not_before: optional(line.not_before)?,
                cut: optional(line.cut)?,
                may_begin: optional(line.may_begin)?,
                unfit: optional(line.unfit)?,
                pattern,
            })
        };
        Some(Self {
            language,
            cut: regex(&file.cut)?,
            never: file.never,
            never_names: file.never_names,
            negators: file.negators,
            unkept: regex(&file.unkept)?,
            checks: regex(&file.checks)?,
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
        let corrects = groups.name("old").is_some();
        if rule.is_out_of_place(text, whole)
            || Self::follows(&rule.not_after, text, whole)
            || (rule.says != Says::Not && !corrects && self.is_denied(text, whole))
        {
            return Vec::new();
        }
        if rule.shape == Shape::None {
            let words = whole.as_str().trim().to_owned();
            return vec![(rule.statement(None), words)];
        }
        let Some(value) = groups
            .name("value")
            .and_then(|value| self.trimmed(rule, value))
        else {
            return Vec::new();
        };
        let (values, end) = self.written(rule.shape, text, whole.start(), &value);
        // «Меня зовут Алекс, а тебя?» tells, and a request may be a question.
        let tells = matches!(rule.kind.as_str(), "name" | "note");
        if !tells && (self.is_asked(text, value.end) || self.is_asked(text, end)) {
            return Vec::new();
        }
        let words = text.get(whole.start()..end).unwrap_or_default().trim();
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

    /// The values as they are kept, none if it is no value of this shape, and where their words end.
    fn written(
        &self,
        shape: Shape,
        text: &str,
        start: usize,
        value: &Value<'_>,
    ) -> (Vec<String>, usize) {
        let values = match shape {
            Shape::Name | Shape::BareName if self.is_no_name(value.text) => Vec::new(),
            Shape::BareName if self.names_something_else(value.text) => Vec::new(),
            Shape::Name | Shape::BareName => vec![capitalised(value.text)],
            Shape::City | Shape::ListedCity => {
                match self.city(value.text, shape == Shape::ListedCity) {
                    Some((city, length)) => return (vec![city], value.start + length),
                    None => Vec::new(),
                }
            }
            Shape::Opinion => {
                let words = text.get(start..value.end).unwrap_or_default();
                vec![words.trim().to_owned()]
            }
            Shape::Instruments => instruments::named(value.text, self.language),
            Shape::SpokenAge => spoken_age(value.text).into_iter().collect(),
            Shape::Text | Shape::None => vec![value.text.to_owned()],
        };
        (values, value.end)
    }

    fn is_no_name(&self, value: &str) -> bool {
        let first = value.split_whitespace().next().map(str::to_lowercase);
        first.is_none_or(|word| self.never_names.contains(&word))
    }

    /// «Можно просто биткоин», «это Москва».
    fn names_something_else(&self, value: &str) -> bool {
        // Тамара is no misheard Самара.
        let written = |city: &City| capitalised(value) == city.name(self.language);
        City::find(value).is_some_and(written)
            || !instruments::named(value, self.language).is_empty()
    }

    /// Whether it ends in a question mark: then it is asked and not told.
    fn is_asked(&self, text: &str, end: usize) -> bool {
        let behind = text.get(end..).unwrap_or_default();
        self.checks.is_match(behind.trim_start_matches(EDGES))
    }

    /// Whether it asks to forget, or not to remember. «Не забудь» does not.
    fn is_unkept(&self, text: &str) -> bool {
        let mut asks = self.unkept.find_iter(text);
        asks.any(|found| !self.is_denied(text, found))
    }

    /// «Я больше не живу в …», «где я живу».
    fn is_denied(&self, text: &str, found: Match<'_>) -> bool {
        Self::follows(&self.negators, text, found)
    }

    /// Whether one of these words stands right before.
    fn follows(these: &[String], text: &str, found: Match<'_>) -> bool {
        let before = text.get(..found.start()).unwrap_or_default();
        // What a comma parts is said for itself: «нет, меня зовут …».
        let clause = before.rsplit([',', '.', '!', '?', ';', '—']).next();
        let last = words(clause.unwrap_or_default()).last();
        last.is_some_and(|word| these.contains(&word))
    }

    /// The value up to where something else begins; nothing if it is no value.
    fn trimmed<'a>(&self, rule: &Rule, said: Match<'a>) -> Option<Value<'a>> {
        let text = said.as_str();
        let cuts = rule.cut.as_ref().unwrap_or(&self.cut);
        let end = cuts.find(text).map_or(text.len(), |cut| cut.start());
        let cut = text.get(..end)?.trim_end_matches(EDGES);
        let value = cut.trim_start_matches(EDGES);
        let first = value.split_whitespace().next()?.to_lowercase();
        let first = first.trim_end_matches(',');
        let is_in = |regex: Option<&Regex>| regex.is_some_and(|it| it.is_match(value));
        let never = self.never.iter().any(|word| word == first);
        let meant = (!never || is_in(rule.may_begin.as_ref())) && !is_in(rule.unfit.as_ref());
        let meant = meant && value.chars().count() <= LONGEST;
        let end = said.start() + cut.len();
        meant.then_some(Value {
            text: value,
            start: end - value.len(),
            end,
        })
    }

    /// A city of the list by as few words as name it, or else the words that are written like one; and
    /// where they end.
    fn city(&self, said: &str, listed: bool) -> Option<(String, usize)> {
        let words: Vec<_> = said.split_whitespace().collect();
        let beginnings = (1..=words.len()).filter_map(|n| words.get(..n));
        let mut known = beginnings.filter_map(|words| Some((City::find(&words.join(" "))?, words)));
        if let Some((city, words)) = known.next() {
            return Some((
                city.name(self.language).to_owned(),
                end_of(words.len(), said),
            ));
        }
        let large = |word: &&&str| word.chars().next().is_some_and(char::is_uppercase);
        let name: Vec<_> = words.iter().take_while(large).copied().collect();
        let named = !listed && !name.is_empty();
        named.then(|| (capitalised(&name.join(" ")), end_of(name.len(), said)))
    }
}

/// Where the first `count` words of a text end in it.
fn end_of(count: usize, text: &str) -> usize {
    text.split_whitespace().take(count).fold(0, |end, word| {
        let rest = text.get(end..).unwrap_or_default();
        end + rest.find(word).unwrap_or_default() + word.len()
    })
}

/// «тридцать два», «тридцать два года»: the age in digits.
fn spoken_age(said: &str) -> Option<String> {
    let words: Vec<_> = words(said).collect();
    let number = numbers(&words).into_iter().next()?;
    let rest = words.get(number.words.end..)?;
    let ends = rest.is_empty() || matches!(rest, [unit] if YEARS.contains(&unit.as_str()));
    let is_age = number.words.start == 0 && !number.ordinal && AGES.contains(&number.value);
    let [one, few, many] = YEARS;
    let unit = match (number.value % 10, number.value % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    };
    (is_age && ends).then(|| format!("{} {unit}", number.value))
}

impl Rule {
    /// Whether something else is meant, by what stands around its words.
    fn is_out_of_place(&self, text: &str, found: Match<'_>) -> bool {
        let before = text.get(..found.start()).unwrap_or_default();
        let behind = text.get(found.end()..).unwrap_or_default();
        let only_after = self.only_after.as_ref();
        let not_before = self.not_before.as_ref();
        only_after.is_some_and(|it| !it.is_match(before))
            || not_before.is_some_and(|it| it.is_match(behind))
    }

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
