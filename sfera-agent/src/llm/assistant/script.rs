//! What the assistant understands and says: a data file, checked and made ready.

use super::pattern::{Heard, Pattern, Slots};
use crate::language::words::stem;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a file of intents cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(String),
    /// The file is no TOML, or a key is missing or unknown; the text says where.
    #[error("the assistant's intents cannot be understood: {0}")]
    Syntax(#[from] toml::de::Error),
    /// An intent can never match or has nothing to say.
    #[error("the assistant's intent {0} has no phrases or nothing to say")]
    Incomplete(String),
}

/// One language's intents and texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) fillers: Vec<String>,
    /// Those of them that are a yes where nothing else is said.
    pub(super) agreements: Vec<String>,
    pub(super) never_names: Vec<String>,
    /// Words that ask, where speech has no question mark.
    #[serde(default)]
    pub(super) question_words: Vec<String>,
    pub(super) unheard: Vec<String>,
    pub(super) declined: Vec<String>,
    pub(super) working: Vec<String>,
    pub(super) tool_failed: Vec<String>,
    /// Where a source did not answer: that it has nothing is not known.
    pub(super) unread: Vec<String>,
    pub(super) nothing_found: Vec<String>,
    pub(super) cannot: Vec<String>,
    pub(super) no_name: Vec<String>,
    pub(super) no_facts: Vec<String>,
    pub(super) facts_begin: String,
    pub(super) no_source: Vec<String>,
    pub(super) source: Vec<String>,
    pub(super) source_section: Vec<String>,
    pub(super) near: Vec<String>,
    pub(super) near_section: Vec<String>,
    pub(super) nothing_to_repeat: Vec<String>,
    pub(super) facts: BTreeMap<String, String>,
    /// Texts, and how they are said to a friend, where that makes a difference.
    #[serde(default)]
    pub(super) informal: BTreeMap<String, String>,
    pub(super) intent: Vec<Intent>,
}

/// Something a user may want.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    pub(super) name: String,
    #[serde(default)]
    phrases: Vec<String>,
    /// Phrases with which it is not meant.
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    whole: bool,
    max_words: Option<usize>,
    #[serde(default)]
    pub(super) say: Vec<String>,
    /// What is said if nothing is known of the kinds.
    #[serde(default)]
    pub(super) nothing: Vec<String>,
    pub(super) act: Option<Act>,
    pub(super) tool: Option<ToolIntent>,
    /// Kinds of facts, and the words that mean them.
    #[serde(default)]
    kinds: BTreeMap<String, Vec<String>>,
    #[serde(skip)]
    patterns: Vec<Pattern>,
    #[serde(skip)]
    unless_patterns: Vec<Pattern>,
}

/// What saying a fixed reply cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    Introduce,
    RecallName,
    RecallFacts,
    RecallKind,
    Correct,
    Note,
    Knowledge,
    Accept,
    Decline,
    Source,
    Repeat,
}

impl Act {
    /// Whether the memory's rules hear it, and no phrase does.
    const fn is_heard_by_rules(self) -> bool {
        matches!(self, Self::Correct | Self::Note)
    }
}

/// An intent that a tool answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolIntent {
    /// The tool's name.
    pub(super) name: String,
    /// The argument that comes from what was said.
    pub(super) slot: String,
    /// The kind of remembered fact that stands in for it.
    pub(super) memory: Option<String>,
    /// Whether the tool can do without it.
    #[serde(default)]
    pub(super) optional: bool,
    pub(super) unknown: UnknownSlot,
    /// The further argument without which it would do too much.
    pub(super) needs: Option<String>,
    /// Whether it lists what it found: the first of it is read out.
    #[serde(default)]
    pub(super) finds: bool,
    #[serde(default)]
    pub(super) ask: Vec<String>,
    /// The answers to that which mean all that the tool can do, with nothing else said.
    #[serde(default)]
    everything: Vec<String>,
    /// Nothing: where the tool is not offered, something else was meant.
    pub(super) missing: Vec<String>,
    #[serde(default)]
    pub(super) unreachable: Vec<String>,
    #[serde(default)]
    pub(super) not_found: Vec<String>,
    #[serde(default)]
    pub(super) failed: Vec<String>,
    /// Further arguments: name, value, the words that mean it.
    #[serde(default)]
    when: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    #[serde(skip)]
    everything_patterns: Vec<Pattern>,
}

/// What to do with a slot's words that no list of names knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UnknownSlot {
    /// The tool may know them.
    Pass,
    /// Then something else was meant.
    Skip,
}

impl Script {
    pub(super) fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut script: Self = toml::from_str(text)?;
        for intent in &mut script.intent {
            intent.prepare()?;
        }
        Ok(script)
    }

    /// The same script as it is said to a friend.
    pub(super) fn parse_informal(text: &str) -> Result<Self, ScriptError> {
        // Mistakes are told with their line only here.
        let formal = Self::parse(text)?;
        let mut table = toml::Value::Table(toml::from_str(text)?);
        replace(&mut table, &formal.informal);
        let mut script: Self = table.try_into()?;
        for intent in &mut script.intent {
            intent.prepare()?;
        }
        Ok(script)
    }

    /// Words of a text that are no fillers.
    pub(super) fn heard(&self, text: &str) -> Vec<Heard> {
        Heard::words(text, &self.fillers)
    }
}

/// Puts other texts in place of some.
fn replace(value: &mut toml::Value, texts: &BTreeMap<String, String>) {
    match value {
        toml::Value::String(text) => {
            if let Some(other) = texts.get(text) {
                text.clone_from(other);
            }
        }
        toml::Value::Array(values) => values.iter_mut().for_each(|value| replace(value, texts)),
        toml::Value::Table(values) => {
            let values = values.iter_mut();
            values.for_each(|(_, value)| replace(value, texts));
        }
        _ => {}
    }
}

impl Intent {
    fn prepare(&mut self) -> Result<(), ScriptError> {
        let patterns = self.phrases.iter().filter_map(|p| Pattern::new(p));
        self.patterns = patterns.collect();
        let unless = self.unless.iter().filter_map(|p| Pattern::new(p));
        self.unless_patterns = unless.collect();
        if let Some(tool) = &mut self.tool {
            let everything = tool.everything.iter().filter_map(|p| Pattern::new(p));
            tool.everything_patterns = everything.collect();
        }
        let asks = |tool: &ToolIntent| tool.needs.is_none() || !tool.ask.is_empty();
        let by_rules = self.act.is_some_and(Act::is_heard_by_rules);
        if self.is_silent()
            || !self.tool.iter().all(asks)
            || (self.patterns.is_empty() && !by_rules)
        {
            return Err(ScriptError::Incomplete(self.name.clone()));
        }
        let kinds = self.kinds.values_mut().flatten();
        let tools = self.tool.iter_mut();
        let when = tools.flat_map(|tool| tool.when.values_mut());
        let when = when.flat_map(BTreeMap::values_mut).flatten();
        for word in kinds.chain(when) {
            *word = stem(&word.to_lowercase().replace('ё', "е"));
        }
        Ok(())
    }

    /// Whether it can come to nothing to say.
    fn is_silent(&self) -> bool {
        match self.act {
            None => self.say.is_empty() && self.tool.is_none(),
            Some(Act::Correct | Act::Note) => self.say.is_empty(),
            Some(Act::RecallKind) => self.nothing.is_empty() || self.kinds.is_empty(),
            Some(_) => false,
        }
    }

    /// The slots if this is what was said.
    pub(super) fn matches(&self, said: &[Heard]) -> Option<Slots> {
        if self.max_words.is_some_and(|most| said.len() > most) {
            return None;
        }
        let mut unless = self.unless_patterns.iter();
        if unless.any(|p| p.matches(said, false).is_some()) {
            return None;
        }
        let mut found = self
            .patterns
            .iter()
            .filter_map(|p| p.matches(said, self.whole));
        found.next()
    }

    /// The kinds of facts in what was said.
    pub(super) fn kinds(&self, said: &[Heard]) -> Vec<&str> {
        let meant = |words: &Vec<String>| said.iter().any(|heard| heard.is_any(words));
        let kinds = self.kinds.iter().filter(|(_, words)| meant(words));
        kinds.map(|(kind, _)| kind.as_str()).collect()
    }
}

impl ToolIntent {
    pub(super) fn lacks(&self, arguments: &Slots) -> bool {
        let needs = self.needs.as_ref();
        needs.is_some_and(|name| !arguments.contains_key(name))
    }

    /// Whether it asked with these words, and the answer is everything.
    pub(super) fn is_everything(&self, asked: &str, said: &[Heard]) -> bool {
        let mut everything = self.everything_patterns.iter();
        self.ask.iter().any(|ask| ask == asked)
            && everything.any(|p| p.matches(said, true).is_some())
    }

    /// The further arguments in what was said; of several values the one that was said first.
    pub(super) fn arguments(&self, said: &[Heard]) -> Slots {
        let argument = |(name, values): (&String, &BTreeMap<String, Vec<String>>)| {
            let at = |words: &Vec<String>| said.iter().position(|heard| heard.is_any(words));
            let meant = values.iter();
            let meant = meant.filter_map(|(value, words)| Some((at(words)?, value)));
            let (_, value) = meant.min()?;
            Some((name.clone(), value.clone()))
        };
        self.when.iter().filter_map(argument).collect()
    }
}
