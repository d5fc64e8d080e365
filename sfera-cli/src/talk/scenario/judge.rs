//! Did the agent do what the plan expects?

use super::{plan::Expect, words::words};
use sfera_agent::knowledge::Passage;

/// What a step led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What the user heard as an answer.
    pub heard: String,
    /// Whether a part failed while it was prepared.
    pub failed: bool,
    /// Whether the answer before was cut short.
    pub interrupted: bool,
    /// What the knowledge base says about the question.
    pub passages: Vec<Passage>,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Shortfall {
    /// Nothing was heard.
    NoAnswer,
    /// A part failed.
    PartFailed,
    /// None of the expected words was heard.
    Lacks(Vec<String>),
    /// A word was heard that must not be.
    Holds(String),
    /// So many percent of the answer's words are from the knowledge base only.
    NotFromKnowledge(u32),
    /// The answer before went on.
    NotInterrupted,
    /// The answer before was cut short by a word one listens by.
    Interrupted,
    /// A word one listens by was answered.
    Answered(String),
}

/// The share of an answer's words that must be found in the passages, in percent.
const ENOUGH_KNOWLEDGE: u32 = 60;

/// Words shorter than this are in every text.
const TELLING_LENGTH: usize = 4;

/// Compares what happened with what is expected.
pub fn judge(expect: &Expect, outcome: &Outcome) -> Result<(), Shortfall> {
    if outcome.failed {
        return Err(Shortfall::PartFailed);
    }
    if expect.backchannel {
        return match (outcome.interrupted, outcome.heard.trim()) {
            (false, "") => Ok(()),
            (true, _) => Err(Shortfall::Interrupted),
            (false, heard) => Err(Shortfall::Answered(heard.to_owned())),
        };
    }
    if outcome.heard.trim().is_empty() {
        return Err(Shortfall::NoAnswer);
    }
    if expect.interrupts && !outcome.interrupted {
        return Err(Shortfall::NotInterrupted);
    }
    let heard = words(&outcome.heard).join(" ");
    let holds = |stem: &String| {
        let stem = words(stem).join(" ");
        format!(" {heard}").contains(&format!(" {stem}"))
    };
    if let Some(stem) = expect.none.iter().find(|stem| holds(stem)) {
        return Err(Shortfall::Holds(stem.clone()));
    }
    if !expect.any.is_empty() && !expect.any.iter().any(holds) {
        return Err(Shortfall::Lacks(expect.any.clone()));
    }
    if expect.knowledge {
        let share = share_from(&outcome.heard, &outcome.passages);
        if share < ENOUGH_KNOWLEDGE {
            return Err(Shortfall::NotFromKnowledge(share));
        }
    }
    Ok(())
}

/// The percentage of a text's telling words that are in the passages.
fn share_from(text: &str, passages: &[Passage]) -> u32 {
    let source: Vec<String> = passages.iter().flat_map(|p| words(&p.text)).collect();
    let mut telling = words(text);
    telling.retain(|word| word.chars().count() >= TELLING_LENGTH);
    let found = telling.iter().filter(|word| source.contains(word)).count();
    match telling.len() {
        0 => 0,
        all => (found * 100 / all) as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(heard: &str) -> Outcome {
        Outcome {
            heard: heard.into(),
            ..Outcome::default()
        }
    }

    fn any(stems: &[&str]) -> Expect {
        Expect {
            any: stems.iter().map(ToString::to_string).collect(),
            ..Expect::default()
        }
    }

    #[test]
    fn silence_and_failures_never_pass() {
        assert_eq!(
            judge(&Expect::default(), &outcome(" ")),
            Err(Shortfall::NoAnswer)
        );
        let failed = Outcome {
            failed: true,
            ..outcome("Простите")
        };
        assert_eq!(
            judge(&Expect::default(), &failed),
            Err(Shortfall::PartFailed)
        );
    }

    #[test]
    fn a_word_is_found_by_its_beginning_in_any_case() {
        let heard = outcome("Вас зовут Алекс!");
        assert_eq!(judge(&any(&["алекс"]), &heard), Ok(()));
        assert_eq!(judge(&any(&["иван", "АЛЕ"]), &heard), Ok(()));
        let lacks = judge(&any(&["лекс"]), &heard);
        assert_eq!(lacks, Err(Shortfall::Lacks(vec!["лекс".into()])));
    }

    #[test]
    fn forbidden_words_and_an_answer_that_was_not_interrupted_fail() {
        let forbidden = Expect {
            none: vec!["не знаю".into()],
            ..Expect::default()
        };
        let said = judge(&forbidden, &outcome("Этого я не знаю."));
        assert_eq!(said, Err(Shortfall::Holds("не знаю".into())));
        let barge_in = Expect {
            interrupts: true,
            ..Expect::default()
        };
        assert_eq!(
            judge(&barge_in, &outcome("Да?")),
            Err(Shortfall::NotInterrupted)
        );
    }

    #[test]
    fn a_word_one_listens_by_must_change_nothing() {
        let expect = Expect {
            backchannel: true,
            ..Expect::default()
        };
        assert_eq!(judge(&expect, &outcome("")), Ok(()));
        let cut = Outcome {
            interrupted: true,
            ..outcome("")
        };
        assert_eq!(judge(&expect, &cut), Err(Shortfall::Interrupted));
        let answered = judge(&expect, &outcome("Да?"));
        assert_eq!(answered, Err(Shortfall::Answered("Да?".into())));
    }

    #[test]
    fn an_answer_from_elsewhere_is_told_from_one_out_of_the_knowledge_base() {
        let passage = Passage {
            title: "Страх".into(),
            section: None,
            text: "Страх заставляет закрывать прибыльные сделки слишком рано.".into(),
            score: 1.0,
            relevance: sfera_agent::knowledge::Relevance::Answers,
        };
        let expect = Expect {
            knowledge: true,
            ..Expect::default()
        };
        let mut from_there = outcome("Вот что пишут: страх заставляет закрывать сделки рано.");
        from_there.passages = vec![passage];
        assert_eq!(judge(&expect, &from_there), Ok(()));
        let made_up = Outcome {
            heard: "Торговля похожа на шахматы и требует спокойствия.".into(),
            ..from_there
        };
        assert_eq!(
            judge(&expect, &made_up),
            Err(Shortfall::NotFromKnowledge(0))
        );
    }
}
