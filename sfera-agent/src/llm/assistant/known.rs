//! What is known of the user: what is remembered, unless they said something else in this conversation.

use super::{
    answer::{Answer, Respondent},
    pattern::{Heard, Slots},
    script::{Act, Intent},
};
use crate::{
    language::words::{is_stop_word, words},
    llm::Message,
    memory::{
        Recollection, Statement,
        rules::{
            self, Said,
            values::{ends, same},
        },
    },
    tools::ToolOutcome,
};
use std::cell::OnceCell;

/// The tool that forgets.
const FORGET: &str = "forget_me";
/// Words of the user that are looked at, the newest ones.
const UTTERANCES: usize = 100;
/// Characters of each, as many as a memory keeps.
const CHARS: usize = 2_000;

/// What is found out once it is needed.
#[derive(Default)]
pub(super) struct Known {
    facts: OnceCell<Vec<Fact>>,
    /// What the last words say of their speaker.
    told: OnceCell<Vec<Said>>,
}

/// Something that holds.
struct Fact {
    kind: String,
    value: String,
}

impl Fact {
    fn new(kind: &str, value: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.to_owned(),
        }
    }

    fn remembered(it: &Recollection) -> Option<Self> {
        let kind = it.kind.as_deref().filter(|_| !it.is_summary())?;
        Some(Self::new(kind, &it.text))
    }
}

/// What is said later holds, as in a memory.
fn hold(facts: &mut Vec<Fact>, statement: &Statement) {
    facts.retain(|fact| !ends(statement, &fact.kind, &fact.value));
    match statement {
        Statement::Is { kind, value } | Statement::Also { kind, value } => {
            facts.push(Fact::new(kind, value));
        }
        Statement::Not { .. } => {}
        Statement::Correction { old, value } => {
            let mut newest_first = facts.iter_mut().rev();
            if let Some(fact) = newest_first.find(|fact| same(old, &fact.value)) {
                fact.value.clone_from(value);
            }
        }
    }
}

impl Respondent<'_> {
    /// All facts, the name first.
    fn known_facts(&self) -> &[Fact] {
        self.known.facts.get_or_init(|| {
            let remembered = self.request.recalled.iter();
            let mut facts: Vec<_> = remembered.filter_map(Fact::remembered).collect();
            let said = self.said().into_iter();
            for (statement, _) in said.flat_map(|text| self.statements(text)) {
                hold(&mut facts, &statement);
            }
            facts.sort_by_key(|fact| fact.kind != "name");
            facts
        })
    }

    fn told_now(&self) -> &[Said] {
        let last = || self.statements(self.request.last_user_text());
        self.known.told.get_or_init(last)
    }

    fn statements(&self, text: &str) -> Vec<Said> {
        let text: String = text.chars().take(CHARS).collect();
        let mut told = rules::statements(&text);
        told.retain(|(statement, _)| self.is_meant(statement));
        told
    }

    /// The user's words, oldest first. Those before something was forgotten do not count: what is left of
    /// them, the memory knows.
    fn said(&self) -> Vec<&str> {
        let messages = &self.request.messages;
        let forgotten = messages.iter().rposition(|it| self.is_forgetting(it));
        let since = messages.iter().skip(forgotten.map_or(0, |at| at + 1));
        let newest_first = since.rev().filter_map(|message| match message {
            Message::User { text } => Some(&**text),
            _ => None,
        });
        let mut said: Vec<_> = newest_first.take(UTTERANCES).collect();
        said.reverse();
        said
    }

    fn is_forgetting(&self, message: &Message) -> bool {
        let Message::ToolCall(call) = message else {
            return false;
        };
        call.name == FORGET && matches!(self.outcome(call), Some(ToolOutcome::Ok(_)))
    }

    /// Some words are no name, whatever stands before them.
    fn is_meant(&self, statement: &Statement) -> bool {
        let Statement::Is { kind, value } = statement else {
            return true;
        };
        let never = |word: String| self.script.never_names.contains(&word);
        kind != "name" || !words(value).next().is_some_and(never)
    }

    /// The first fact of a kind.
    pub(super) fn fact(&self, kind: &str) -> Option<&str> {
        let mut facts = self.known_facts().iter();
        let fact = facts.find(|fact| fact.kind == kind);
        fact.map(|fact| fact.value.as_str())
    }

    /// Whether the last words say the user's name.
    pub(super) fn is_introduced(&self) -> bool {
        let is_name = |it: &Statement| matches!(it, Statement::Is { kind, .. } if kind == "name");
        self.told_now().iter().any(|(it, _)| is_name(it))
    }

    /// The fact that the last words correct, told as it is now.
    pub(super) fn corrected(&self) -> Option<Slots> {
        let right = self.told_now().iter().find_map(|(it, _)| match it {
            Statement::Correction { value, .. } => Some(value),
            _ => None,
        })?;
        let mut facts = self.known_facts().iter();
        let fact = facts.find(|fact| fact.value == *right)?;
        let text = self.script.facts.get(&fact.kind)?;
        let told = text.replace("{value}", &fact.value);
        Some(Slots::from([("fact".to_owned(), told)]))
    }

    /// The last words say of their speaker what is so and nothing else: nothing is to be looked up.
    pub(super) fn only_noted(&self) -> Option<Answer> {
        let told = self.told_now();
        told.iter().find(|(it, _)| is_plain(it))?;
        let mut rest = self.request.last_user_text().to_owned();
        for (_, words) in told {
            rest = rest.replacen(words, " ", 1);
        }
        let empty = |word: String| is_stop_word(&word) || self.script.fillers.contains(&word);
        words(&rest).all(empty).then(|| self.noted())?
    }

    /// The last words say something of their speaker, and ask nothing.
    pub(super) fn noted(&self) -> Option<Answer> {
        let asks = self.request.last_user_text().contains('?');
        let mut intents = self.script.intent.iter();
        let intent = intents.find(|intent| intent.act == Some(Act::Note))?;
        let noted = !asks && !self.told_now().is_empty();
        noted.then(|| self.say(&intent.say))
    }

    /// Everything that is known.
    pub(super) fn all_facts(&self) -> Answer {
        match self.told(|_| true) {
            Some(told) => Answer::Say(format!("{} {told}", self.script.facts_begin)),
            None => self.say(self.no_memory(&self.script.no_facts)),
        }
    }

    /// The facts of the kinds that an intent asks about.
    pub(super) fn facts_of(&self, intent: &Intent, said: &[Heard]) -> Answer {
        let kinds = intent.kinds(said);
        match self.told(|kind| kinds.contains(&kind)) {
            Some(told) => Answer::Say(told),
            None => self.say(self.no_memory(&intent.nothing)),
        }
    }

    /// Facts in words; nothing if there are none.
    fn told(&self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
        let facts = self.known_facts().iter();
        for fact in facts.filter(|fact| is_wanted(&fact.kind)) {
            match kinds.iter_mut().find(|(kind, _)| *kind == fact.kind) {
                Some((_, values)) => values.push(&fact.value),
                None => kinds.push((&fact.kind, vec![&fact.value])),
            }
        }
        let told = kinds.into_iter().filter_map(|(kind, values)| {
            let text = self.script.facts.get(kind)?;
            Some(text.replace("{value}", &values.join(", ")))
        });
        let told: Vec<_> = told.collect();
        (!told.is_empty()).then(|| told.join(" "))
    }
}

/// Whether it tells a fact or asks to keep one. A wish or a liking may be the beginning of a talk, about
/// which there may be an article.
fn is_plain(statement: &Statement) -> bool {
    match statement {
        Statement::Is { .. } | Statement::Not { .. } => true,
        Statement::Also { kind, .. } => kind == "note",
        Statement::Correction { .. } => false,
    }
}
