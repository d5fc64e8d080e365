//! From a request to what is said or which tool is called.

use super::{
    known::Known,
    passage::excerpt,
    pattern::{Heard, Slots},
    recent::Reading,
    script::{Act, Intent, Script, ToolIntent, UnknownSlot},
};
use crate::{
    knowledge::{Passage, Relevance},
    language::{
        assets::Asset,
        cities::City,
        names::Named,
        words::{capital, words},
    },
    llm::{LlmRequest, Message},
    tools::{ToolOutcome, expression_in},
};
use serde_json::{Map, Value};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A short utterance that only names a city or a day goes on with the question before.
const FOLLOW_UP_WORDS: usize = 5;
/// Characters by which an offer is known that was cut short.
const CUT_OFFER: usize = 10;

/// What the assistant does next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Say(String),
    Read(Reading),
    /// Says which passage is the nearest.
    Offer {
        said: String,
        reading: Reading,
    },
    /// The passage that these words offered is wanted.
    Accept {
        heard: String,
    },
    /// The words of an earlier answer are from where?
    Source {
        heard: String,
    },
    Call {
        name: String,
        arguments: String,
    },
}

/// Answers one request.
pub(super) struct Respondent<'a> {
    pub(super) script: &'a Script,
    pub(super) request: &'a LlmRequest,
    pub(super) known: Known,
}

impl<'a> Respondent<'a> {
    pub(super) fn new(script: &'a Script, request: &'a LlmRequest) -> Self {
        Self {
            script,
            request,
            known: Known::default(),
        }
    }
}

impl Respondent<'_> {
    pub(super) fn answer(&self) -> Answer {
        if let Some(answer) = self.tool_results().or_else(|| self.consented()) {
            return answer;
        }
        let text = self.request.last_user_text();
        let said = self.script.heard(text);
        if text.trim().is_empty() {
            return self.say(&self.script.unheard);
        }
        // «Ну давай» is nothing but words that change nothing, and a yes where there was a question.
        let agreed = words(text).any(|word| self.script.agreements.contains(&word));
        if let Some(accepted) = self.accept().filter(|_| agreed && said.is_empty()) {
            return accepted;
        }
        if let Some(everything) = self.everything(&said) {
            return everything;
        }
        let intents = self.script.intent.iter();
        let mut understood = intents.filter_map(|i| Some((i, self.heard(i, &said)?)));
        let answered = understood.find_map(|(intent, slots)| self.carry_out(intent, slots, &said));
        answered
            .or_else(|| self.declined(&said))
            .or_else(|| self.follow_up(&said))
            .or_else(|| self.read_best())
            // An article that is only near is not offered to who says where they live.
            .or_else(|| self.only_noted())
            .or_else(|| self.offer())
            .or_else(|| self.noted())
            .unwrap_or_else(|| self.say(self.no_article(&self.script.cannot)))
    }

    /// The slots of an intent, if it is what was said. A correction has no words of its own.
    fn heard(&self, intent: &Intent, said: &[Heard]) -> Option<Slots> {
        match intent.act {
            Some(Act::Correct) => self.corrected(),
            _ => intent.matches(said),
        }
    }

    /// Does what an intent wants; nothing if it was not meant after all.
    fn carry_out(&self, intent: &Intent, slots: Slots, said: &[Heard]) -> Option<Answer> {
        if let Some(tool) = &intent.tool {
            return self.call(tool, slots, said);
        }
        match intent.act {
            None => Some(self.say(&intent.say)),
            Some(Act::Introduce) => self.is_introduced().then(|| self.say(&intent.say)),
            Some(Act::Correct) => Some(Answer::Say(self.pick(&intent.say, &slots))),
            // Only where nothing else is meant.
            Some(Act::Note) => None,
            Some(Act::RecallName) if self.fact("name").is_none() => {
                Some(self.say(self.no_memory(&self.script.no_name)))
            }
            Some(Act::RecallName) => Some(self.say(&intent.say)),
            Some(Act::RecallFacts) => Some(self.all_facts()),
            Some(Act::RecallKind) => {
                let told = self.facts_of(intent, said).or_else(|| self.read_best());
                Some(told.unwrap_or_else(|| self.say(self.no_memory(&intent.nothing))))
            }
            Some(Act::Knowledge) => Some(
                self.read()
                    .unwrap_or_else(|| self.say(self.no_article(&self.script.nothing_found))),
            ),
            Some(Act::Accept) => self.accept(),
            Some(Act::Decline) => self.accept().map(|_| self.say(&intent.say)),
            Some(Act::Source) => Some(match self.last_heard() {
                Some(heard) => Answer::Source {
                    heard: heard.to_owned(),
                },
                None => self.say(&self.script.no_source),
            }),
            Some(Act::Repeat) => Some(match self.last_heard() {
                Some(heard) => Answer::Say(heard.to_owned()),
                None => self.say(&self.script.nothing_to_repeat),
            }),
        }
    }

    fn call(&self, tool: &ToolIntent, mut slots: Slots, said: &[Heard]) -> Option<Answer> {
        let named = self.named_in(&tool.slot, self.request.last_user_text());
        let raw = slots.remove(&tool.slot);
        let raw = raw
            .filter(|_| tool.unknown == UnknownSlot::Pass)
            .map(|r| capital(&r));
        let remembered = tool.memory.as_deref().and_then(|kind| self.fact(kind));
        let value = named.or(raw).or_else(|| remembered.map(str::to_owned));
        if value.is_none() && !tool.optional {
            // Words that are no asset, and an answer from the articles, mean another question.
            let other = tool.unknown == UnknownSlot::Skip && said.len() > 2;
            return (!other).then(|| self.say(&tool.ask));
        }
        let mut arguments = tool.arguments(said);
        arguments.extend(value.map(|value| (tool.slot.clone(), value)));
        self.call_with(tool, arguments)
    }

    fn call_with(&self, tool: &ToolIntent, arguments: Slots) -> Option<Answer> {
        if self.is_offered(tool) && tool.lacks(&arguments) {
            return Some(self.say(&tool.ask));
        }
        self.call_for_all(tool, arguments)
    }

    fn is_offered(&self, tool: &ToolIntent) -> bool {
        self.request.tools.iter().any(|spec| spec.name == tool.name)
    }

    /// Calls a tool that may do all it can.
    fn call_for_all(&self, tool: &ToolIntent, arguments: Slots) -> Option<Answer> {
        if !self.is_offered(tool) {
            return (!tool.missing.is_empty()).then(|| self.say(&tool.missing));
        }
        let object = arguments.into_iter().map(|(k, v)| (k, Value::from(v)));
        Some(Answer::Call {
            name: tool.name.clone(),
            arguments: Value::Object(object.collect::<Map<_, _>>()).to_string(),
        })
    }

    /// «Всё» where we asked what exactly. The user is still asked whether they mean it.
    fn everything(&self, said: &[Heard]) -> Option<Answer> {
        let asked = self.last_heard()?;
        let mut tools = self.script.intent.iter().filter_map(|it| it.tool.as_ref());
        let tool = tools.find(|tool| tool.is_everything(asked, said))?;
        self.call_for_all(tool, Slots::new())
    }

    /// The user was asked about a call and said something else than yes.
    fn declined(&self, said: &[Heard]) -> Option<Answer> {
        let declined = *self.asked_about()?.outcome == ToolOutcome::Declined;
        (declined && said.len() <= FOLLOW_UP_WORDS).then(|| self.say(&self.script.declined))
    }

    /// «А в Питере?», «А завтра?», or the city we asked for.
    fn follow_up(&self, said: &[Heard]) -> Option<Answer> {
        if said.len() > FOLLOW_UP_WORDS {
            return None;
        }
        let before = self.said_before()?;
        let before_heard = self.script.heard(before);
        let mut intents = self.script.intent.iter();
        let matched = intents.find(|intent| intent.matches(&before_heard).is_some())?;
        let tool = matched.tool.as_ref()?;
        let now = self.named_in(&tool.slot, self.request.last_user_text());
        let mut arguments = tool.arguments(said);
        if now.is_none() && arguments.is_empty() {
            let asked = self
                .last_heard()
                .is_some_and(|h| tool.ask.iter().any(|ask| ask == h));
            let asked = asked && !tool.lacks(&arguments);
            return asked.then(|| self.call_as_heard(tool))?;
        }
        let value = now.or_else(|| self.named_in(&tool.slot, before));
        arguments.extend(value.map(|value| (tool.slot.clone(), value)));
        self.call_with(tool, arguments)
    }

    /// The whole answer to our question is the slot, whether we know it or not.
    fn call_as_heard(&self, tool: &ToolIntent) -> Option<Answer> {
        let text = self.request.last_user_text().trim();
        let text = text.trim_end_matches(['.', '!', '?', ',']);
        self.call_with(tool, Slots::from([(tool.slot.clone(), text.to_owned())]))
    }

    /// Reads the best passage if it answers, or offers the first that is near.
    fn read(&self) -> Option<Answer> {
        self.read_best().or_else(|| self.offer())
    }

    fn read_best(&self) -> Option<Answer> {
        let best = self.request.passages.first();
        let answer = best.filter(|passage| passage.relevance == Relevance::Answers)?;
        self.reading(answer).map(Answer::Read)
    }

    fn offer(&self) -> Option<Answer> {
        let mut passages = self.request.passages.iter();
        let near = passages.find(|passage| passage.relevance != Relevance::Perhaps)?;
        let reading = self.reading(near)?;
        Some(Answer::Offer {
            said: self.named(&reading, &self.script.near, &self.script.near_section),
            reading,
        })
    }

    /// What of a passage is read out; nothing if that would be nothing.
    fn reading(&self, passage: &Passage) -> Option<Reading> {
        let reading = Reading {
            text: excerpt(passage, self.request.last_user_text()),
            title: passage.title.clone(),
            section: passage.section.clone(),
            url: None,
        };
        (!reading.text.is_empty()).then_some(reading)
    }

    /// Says where words are from.
    pub(super) fn named(
        &self,
        reading: &Reading,
        article: &[String],
        section_of_article: &[String],
    ) -> String {
        let mut slots = Slots::from([("title".to_owned(), reading.title.clone())]);
        match &reading.section {
            Some(section) => {
                slots.insert("section".to_owned(), section.clone());
                self.pick(section_of_article, &slots)
            }
            None => self.pick(article, &slots),
        }
    }

    /// Takes what was offered, if the last words were an offer.
    fn accept(&self) -> Option<Answer> {
        let heard = self.last_heard()?;
        let mut offers = self.script.near.iter().chain(&self.script.near_section);
        let offered = offers.any(|offer| {
            let begins = offer.split('{').next().unwrap_or_default();
            let cut = heard.chars().count() >= CUT_OFFER && begins.starts_with(heard);
            cut || heard.starts_with(begins)
        });
        offered.then(|| Answer::Accept {
            heard: heard.to_owned(),
        })
    }

    /// What is said where nothing is remembered: of a memory that did not answer that is not known.
    pub(super) fn no_memory<'t>(&'t self, texts: &'t [String]) -> &'t [String] {
        match self.request.unread.memory {
            true => &self.script.unread,
            false => texts,
        }
    }

    /// What is said where no article is about it, likewise.
    fn no_article<'t>(&'t self, texts: &'t [String]) -> &'t [String] {
        match self.request.unread.knowledge {
            true => &self.script.unread,
            false => texts,
        }
    }

    pub(super) fn say(&self, texts: &[String]) -> Answer {
        Answer::Say(self.pick(texts, &Slots::new()))
    }

    /// One of the texts whose slots are known, by what was said and how long we have been talking.
    pub(super) fn pick(&self, texts: &[String], slots: &Slots) -> String {
        let filled: Vec<_> = texts
            .iter()
            .filter_map(|text| self.fill(text, slots))
            .collect();
        let mut hasher = DefaultHasher::new();
        self.request.last_user_text().hash(&mut hasher);
        self.request.messages.len().hash(&mut hasher);
        let chosen = hasher.finish() % filled.len().max(1) as u64;
        let chosen = usize::try_from(chosen).unwrap_or(0);
        filled.into_iter().nth(chosen).unwrap_or_default()
    }

    fn fill(&self, text: &str, slots: &Slots) -> Option<String> {
        let Some((before, rest)) = text.split_once('{') else {
            return Some(text.to_owned());
        };
        let (slot, after) = rest.split_once('}')?;
        let value = match slots.get(slot) {
            Some(value) => value.clone(),
            None if slot == "name" => self.fact("name")?.to_owned(),
            None => return None,
        };
        Some(format!("{before}{value}{}", self.fill(after, slots)?))
    }

    fn last_heard(&self) -> Option<&str> {
        self.request.messages.iter().rev().find_map(|m| match m {
            Message::Assistant { text, .. } if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        })
    }

    /// The user's words before the last ones.
    pub(super) fn said_before(&self) -> Option<&str> {
        let mut users = self.request.messages.iter().rev().filter_map(|m| match m {
            Message::User { text } => Some(&**text),
            _ => None,
        });
        users.nth(1)
    }

    /// The value of a slot that does not depend on a phrase: a name that is known, something that can
    /// be calculated.
    fn named_in(&self, slot: &str, text: &str) -> Option<String> {
        let language = self.request.language;
        let value = match slot {
            "city" => City::find(text)?.name(language),
            "asset" => Asset::find(text)?.name(language),
            "expression" => expression_in(text, &self.script.fillers, language)?,
            _ => return None,
        };
        Some(value.to_owned())
    }
}
