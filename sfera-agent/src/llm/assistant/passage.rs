//! Reading a passage back.

use crate::{knowledge::Passage, language::words::content_stems};
use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation;

/// Sentences that are read, at most.
const SENTENCES: usize = 4;
/// Characters after which no further sentence is begun: about twenty seconds of speech.
const CHARS: usize = 280;

/// Two to four sentences of the passage, word for word, from where it says most about the question.
pub(super) fn excerpt(passage: &Passage, question: &str) -> String {
    let wanted: HashSet<_> = content_stems(question).collect();
    let sentences: Vec<_> = passage.text.unicode_sentences().map(str::trim).collect();
    let about = |sentence: &str| {
        content_stems(sentence)
            .filter(|s| wanted.contains(s))
            .count()
    };
    // Not so late that fewer than three sentences are left.
    let starts = sentences.len().saturating_sub(2).max(1);
    let best = (0..starts)
        .rev()
        .max_by_key(|&start| sentences.get(start).map_or(0, |s| about(s)));
    let mut text = String::new();
    for sentence in sentences.iter().skip(best.unwrap_or(0)).take(SENTENCES) {
        if text.chars().count() > CHARS {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt_of(text: &str, question: &str) -> String {
        let passage = Passage {
            title: "Т".into(),
            section: None,
            text: text.into(),
            score: 1.0,
            relevance: crate::knowledge::Relevance::Answers,
        };
        excerpt(&passage, question)
    }

    #[test]
    fn it_starts_where_the_answer_is_and_stays_short() {
        let text = "Начало. Ещё слова. Тильт это потеря контроля. Он опасен. Конец.";
        assert_eq!(
            excerpt_of(text, "что такое тильт"),
            "Тильт это потеря контроля. Он опасен. Конец."
        );
        let long = "Очень длинное предложение о дисциплине и о том, как она помогает. ".repeat(20);
        assert!(excerpt_of(&long, "дисциплина").chars().count() < 400);
        assert_eq!(excerpt_of("Одно.", "что-то"), "Одно.");
        assert_eq!(excerpt_of("", "что-то"), "");
    }
}
