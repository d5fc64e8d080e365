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
/// Characters of all of them.
const ALL_CHARS: usize = 20_000;
/// Words of a plain fact, at most: "to buy a house".
const FEW: usize = 4;

/// What is found out once it is needed.
#[derive(Default)]
pub(super) struct Known {
    /// What held before the last words.
    before: OnceCell<Vec<Fact>>,
    facts: OnceCell<Vec<Fact>>,
    /// What the last words say of their speaker.
    told: OnceCell<Vec<Said>>,
}

/// Something that holds.
#[derive(Clone)]
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
            let mut facts = self.facts_before().to_vec();
            for (statement, _) in self.told_now() {
                hold(&mut facts, statement);
            }
            facts.sort_by_key(|fact| fact.kind != "name");
            facts
        })
    }

    fn facts_before(&self) -> &[Fact] {
        self.known.before.get_or_init(|| {
            let remembered = self.request.recalled.iter();
            let mut facts: Vec<_> = remembered.filter_map(Fact::remembered).collect();
            let said = self.said_earlier().into_iter();
            for (statement, _) in said.flat_map(|text| self.statements(text)) {
                hold(&mut facts, &statement);
            }
            facts
        })
    }

    fn told_now(&self) -> &[Said] {
        let last = || self.statements(self.request.last_user_text());
        self.known.told.get_or_init(last)
    }

    fn statements(&self, text: &str) -> Vec<Said> {
        let text: String = text.chars().take(CHARS).collect();
        // What is to be forgotten is not told again.
        if rules::is_unkept(&text) {
            return Vec::new();
        }
        let mut told = rules::statements(&text);
        told.retain(|(statement, _)| self.is_meant(statement));
        told
    }

    /// The user's words before the last ones, oldest first. Those before something was forgotten do not
    /// count, nor do those that the memory knows: what is left of them, it has told.
    fn said_earlier(&self) -> Vec<&str> {
        let messages = &self.request.messages;
        let forgotten = messages.iter().rposition(|it| self.is_forgetting(it));
        let kept = self.has_memory().then(|| self.answered()).flatten();
        let since = forgotten.max(kept).map_or(0, |at| at + 1);
        let newest_first = messages.iter().skip(since).rev();
        let newest_first = newest_first.filter_map(|message| match message {
            Message::User { text } => Some(&**text),
            _ => None,
        });
        let mut left = ALL_CHARS;
        let fits = |text: &&str| {
            left = left.saturating_sub(text.chars().take(CHARS).count());
            left > 0
        };
        let earlier = newest_first.skip(1).take(UTTERANCES).take_while(fits);
        let mut said: Vec<_> = earlier.collect();
        said.reverse();
        said
    }

    /// Whether the memory was asked and answered. One that knows nothing cannot be told from none, but by
    /// the tool that comes with it.
    fn has_memory(&self) -> bool {
        let request = self.request;
        let answered = request.user.is_some() && !request.unread.memory;
        let tool = || request.tools.iter().any(|spec| spec.name == FORGET);
        answered && (!request.recalled.is_empty() || tool())
    }

    /// The last answer before the last words. What the user said before it has reached the memory, which
    /// takes each exchange once it is over.
    fn answered(&self) -> Option<usize> {
        let messages = &self.request.messages;
        let is_user = |message: &Message| matches!(message, Message::User { .. });
        let last = messages.iter().rposition(is_user)?;
        let is_answer = |message: &Message| matches!(message, Message::Assistant { .. });
        messages.get(..last)?.iter().rposition(is_answer)
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

    /// The fact that the last words correct, told as it is now. «Не статью, а стихи» corrects nothing.
    pub(super) fn corrected(&self) -> Option<Slots> {
        let told = self.told_now();
        let (wrong, right) = told.iter().find_map(|(it, _)| match it {
            Statement::Correction { old, value } => Some((old, value)),
            _ => None,
        })?;
        let was = |fact: &Fact| same(wrong, &fact.value);
        let is = |it: &Statement| matches!(it, Statement::Is { value, .. } if same(right, value));
        let corrects = self.facts_before().iter().any(was) || told.iter().any(|(it, _)| is(it));
        if self.asks() || !corrects {
            return None;
        }
        let mut facts = self.known_facts().iter();
        let fact = facts.find(|fact| same(right, &fact.value))?;
        let text = self.script.facts.get(&fact.kind)?;
        let told = text.replace("{value}", &fact.value);
        Some(Slots::from([("fact".to_owned(), told)]))
    }

    fn asks(&self) -> bool {
        self.request.last_user_text().contains('?')
    }

    /// The last words say plainly of their speaker what is so: nothing is to be looked up.
    pub(super) fn only_noted(&self) -> Option<Answer> {
        self.is_plain().then(|| self.noted())?
    }

    /// The last words say something of their speaker, and ask nothing.
    pub(super) fn noted(&self) -> Option<Answer> {
        let mut intents = self.script.intent.iter();
        let intent = intents.find(|intent| intent.act == Some(Act::Note))?;
        // An idle correction says nothing of anybody.
        let says = |it: &Statement| !matches!(it, Statement::Correction { .. });
        // «Запомни, что …, ладно?» waits for no other answer.
        let noted = (!self.asks() || self.only_asks_to_keep())
            && self.told_now().iter().any(|(it, _)| says(it));
        // There may be an article about it.
        let late = self.request.unread.knowledge && !self.is_plain();
        (noted && !late).then(|| self.say(&intent.say))
    }

    fn only_asks_to_keep(&self) -> bool {
        let mut told = self.told_now().iter();
        told.any(|(it, _)| kind_of(it) == "note") && self.is_plain()
    }

    /// Whether the last words are plain facts, or ask to keep one, and nothing else.
    fn is_plain(&self) -> bool {
        let told = self.told_now();
        let text = self.request.last_user_text();
        let asking = |word: String| self.script.question_words.contains(&word);
        let is_request = told.iter().any(|(it, _)| kind_of(it) == "note");
        if told.is_empty() || (!is_request && words(text).any(asking)) {
            return false;
        }
        let plain = is_request || told.iter().all(|(it, _)| is_plain(it, told));
        plain && self.says_no_more(text, told)
    }

    /// Whether a text says nothing but this.
    fn says_no_more(&self, text: &str, told: &[Said]) -> bool {
        let mut said: Vec<_> = told.iter().map(|(_, words)| words.as_str()).collect();
        // What is to be kept may have other facts in it.
        said.sort_by_key(|words| std::cmp::Reverse(words.len()));
        let replaced = |rest: String, words: &&str| rest.replacen(*words, " ", 1);
        let rest = said.iter().fold(text.to_owned(), replaced);
        let empty = |word: String| is_stop_word(&word) || self.script.fillers.contains(&word);
        words(&rest).all(empty)
    }

    /// Everything that is known.
    pub(super) fn all_facts(&self) -> Answer {
        match self.told(|_| true) {
            Some(told) => Answer::Say(format!("{} {told}", self.script.facts_begin)),
            None => self.say(self.no_memory(&self.script.no_facts)),
        }
    }

    /// The facts of the kinds that an intent asks about.
    pub(super) fn facts_of(&self, intent: &Intent, said: &[Heard]) -> Option<Answer> {
        let kinds = intent.kinds(said);
        self.told(|kind| kinds.contains(&kind)).map(Answer::Say)
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

/// Whether it tells a fact in few words. A wish or a liking may be the beginning of a
/// talk, about which there may be an article; so may be what somebody trades, if it is nothing by name:
/// «торгую на эмоциях».
fn is_plain(statement: &Statement, told: &[Said]) -> bool {
    let beside = |kind: &str| told.iter().any(|(it, _)| kind_of(it) == kind);
    match kind_of(statement) {
        "instrument" => return beside("trades"),
        "trades" if !beside("instrument") => return false,
        _ => {}
    }
    match statement {
        Statement::Is { value, .. } => words(value).count() <= FEW,
        Statement::Not { value, .. } => value.as_ref().is_none_or(|it| words(it).count() <= FEW),
        Statement::Also { .. } | Statement::Correction { .. } => false,
    }
}

/// The kind of what a statement is about; a correction does not name it.
fn kind_of(statement: &Statement) -> &str {
    match statement {
        Statement::Is { kind, .. } | Statement::Also { kind, .. } | Statement::Not { kind, .. } => {
            kind
        }
        Statement::Correction { .. } => "",
    }
}
