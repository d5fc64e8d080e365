//! Which words belong to which segment. A plain struct: the session's events in, captions out.

use crate::{
    knowledge::Citation,
    turn::{Event, ReplyEnd, ReplyId},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// Citations that are kept, at most.
const CITATIONS: usize = 32;

/// Something to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Spoken {
    /// The agent went on.
    AgentWords {
        segment: Arc<str>,
        /// The words just heard.
        delta: String,
        /// With all words of the segment before them.
        text: String,
        /// What they stand on, as far as it is known.
        sources: Vec<Citation>,
    },
    /// The agent's segment is over, and this is what was heard of it.
    AgentEnd {
        segment: Arc<str>,
        text: String,
        /// Whether the words were told otherwise before.
        corrected: bool,
        /// What they stand on.
        sources: Vec<Citation>,
    },
    /// What the user says, so far or for good.
    User {
        segment: Arc<str>,
        text: String,
        is_final: bool,
    },
}

/// Lines that the user typed in the front end, which shows them itself. Bounded; clones share it.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct TypedLines(Arc<Mutex<VecDeque<String>>>);

impl TypedLines {
    /// As many lines as the session takes at a time.
    const MOST: usize = 32;

    pub(in super::super) fn note(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == Self::MOST {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    fn take(&self, line: &str) -> bool {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lines.iter().position(|known| known == line);
        known.is_some_and(|at| lines.remove(at).is_some())
    }
}

/// Keeps the segments that are open: at most one of each side.
pub(in super::super) struct CaptionBook<I> {
    new_id: I,
    typed: TypedLines,
    agent: Option<(ReplyId, Arc<str>, String)>,
    user: Option<Arc<str>>,
    /// What replies stand on that are not over; some of them may never be heard.
    citations: VecDeque<(ReplyId, Citation)>,
}

impl<I: FnMut() -> Arc<str>> CaptionBook<I> {
    /// A book whose segments are named by `new_id`.
    pub(in super::super) const fn new(new_id: I, typed: TypedLines) -> Self {
        Self {
            new_id,
            typed,
            agent: None,
            user: None,
            citations: VecDeque::new(),
        }
    }

    /// A reply stands on this.
    pub(in super::super) fn cite(&mut self, reply: ReplyId, citation: Citation) {
        let cited = (reply, citation);
        if self.citations.contains(&cited) {
            return;
        }
        if self.citations.len() == CITATIONS {
            self.citations.pop_front();
        }
        self.citations.push_back(cited);
    }

    fn sources(&self, reply: ReplyId) -> Vec<Citation> {
        let cited = self.citations.iter().filter(|(of, _)| *of == reply);
        cited.map(|(_, citation)| citation.clone()).collect()
    }

    /// What is to be shown because of an event.
    pub(in super::super) fn observe(&mut self, event: &Event) -> Option<Spoken> {
        match event {
            Event::AgentTranscript { reply, delta } => Some(self.agent_words(*reply, delta)),
            Event::ReplyEnded {
                reply, end, heard, ..
            } => self.agent_end(*reply, *end, heard),
            Event::UserTranscript { text, is_final } => self.user_words(text, *is_final),
            _ => None,
        }
    }

    fn agent_words(&mut self, reply: ReplyId, delta: &str) -> Spoken {
        let open = self.agent.take_if(|(open, ..)| *open == reply);
        let (_, segment, mut text) =
            open.unwrap_or_else(|| (reply, (self.new_id)(), String::new()));
        text.push_str(delta);
        self.agent = Some((reply, segment.clone(), text.clone()));
        Spoken::AgentWords {
            segment,
            delta: delta.to_owned(),
            text,
            sources: self.sources(reply),
        }
    }

    fn agent_end(&mut self, reply: ReplyId, end: ReplyEnd, heard: &str) -> Option<Spoken> {
        let sources = self.sources(reply);
        // Replies are numbered in the order in which they begin.
        self.citations.retain(|(of, _)| *of > reply);
        let (_, segment, text) = self.agent.take_if(|(open, ..)| *open == reply)?;
        // Words may be missing where this book fell behind. A reply that failed or was cut short has
        // no more text than was heard.
        let corrected = text.trim() != heard.trim();
        tracing::trace!(?end, corrected, "a segment of the agent is over");
        Some(Spoken::AgentEnd {
            segment,
            text: if corrected { heard.to_owned() } else { text },
            corrected,
            sources,
        })
    }

    fn user_words(&mut self, text: &str, is_final: bool) -> Option<Spoken> {
        if is_final && self.typed.take(text) {
            return None;
        }
        let segment = match self.user.take() {
            Some(open) => open,
            None if text.is_empty() => return None,
            None => (self.new_id)(),
        };
        if !is_final {
            self.user = Some(segment.clone());
        }
        Some(Spoken::User {
            segment,
            text: text.to_owned(),
            is_final,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> CaptionBook<impl FnMut() -> Arc<str>> {
        let mut n = 0;
        let ids = move || {
            n += 1;
            Arc::from(format!("SG_{n}"))
        };
        CaptionBook::new(ids, TypedLines::default())
    }

    fn words(reply: u32, delta: &str) -> Event {
        Event::AgentTranscript {
            reply: ReplyId(reply),
            delta: delta.into(),
        }
    }

    fn ended(reply: u32, end: ReplyEnd, heard: &str) -> Event {
        Event::ReplyEnded {
            reply: ReplyId(reply),
            turn: None,
            end,
            user: "".into(),
            heard: heard.into(),
        }
    }

    fn user(text: &str, is_final: bool) -> Event {
        Event::UserTranscript {
            text: text.into(),
            is_final,
        }
    }

    #[test]
    fn a_reply_is_one_segment_that_grows_and_ends_with_what_was_heard() {
        let mut book = book();
        let first = book.observe(&words(1, "Дисциплина "));
        let second = book.observe(&words(1, "важнее"));
        let expected = |delta: &str, text: &str| {
            Some(Spoken::AgentWords {
                segment: "SG_1".into(),
                delta: delta.into(),
                text: text.into(),
                sources: Vec::new(),
            })
        };
        assert_eq!(first, expected("Дисциплина ", "Дисциплина "));
        assert_eq!(second, expected("важнее", "Дисциплина важнее"));
        let end = book.observe(&ended(1, ReplyEnd::Interrupted, "Дисциплина важнее"));
        let over = Spoken::AgentEnd {
            segment: "SG_1".into(),
            text: "Дисциплина важнее".into(),
            corrected: false,
            sources: Vec::new(),
        };
        assert_eq!(end, Some(over));
        assert_eq!(
            book.observe(&ended(1, ReplyEnd::Completed, "")),
            None,
            "it is over"
        );
    }

    #[test]
    fn the_next_reply_is_another_segment() {
        let mut book = book();
        book.observe(&words(1, "Раз"));
        book.observe(&ended(1, ReplyEnd::Completed, "Раз"));
        let next = book.observe(&words(2, "Два"));
        assert!(matches!(next, Some(Spoken::AgentWords { segment, .. }) if &*segment == "SG_2"));
    }

    #[test]
    fn words_that_were_missed_are_put_right_at_the_end() {
        let mut book = book();
        book.observe(&words(1, "Торговый план"));
        let end = book.observe(&ended(1, ReplyEnd::Completed, "Торговый план спасает"));
        let over = Spoken::AgentEnd {
            segment: "SG_1".into(),
            text: "Торговый план спасает".into(),
            corrected: true,
            sources: Vec::new(),
        };
        assert_eq!(end, Some(over));
    }

    #[test]
    fn each_reply_has_its_own_sources_also_those_that_are_known_late() {
        let cited = |title: &str| Citation {
            title: title.into(),
            url: None,
        };
        let mut book = book();
        book.cite(ReplyId(1), cited("Тильт"));
        book.cite(ReplyId(1), cited("Тильт"));
        book.cite(ReplyId(2), cited("Страх"));
        let first = book.observe(&words(1, "Тильт это "));
        book.cite(ReplyId(1), cited("Open-Meteo"));
        let end = book.observe(&ended(1, ReplyEnd::Completed, "Тильт это "));
        let next = book.observe(&words(2, "Страх"));
        let sources = [first, end, next].map(|spoken| match spoken {
            Some(Spoken::AgentWords { sources, .. } | Spoken::AgentEnd { sources, .. }) => sources,
            other => panic!("{other:?}"),
        });
        let expected = [
            vec![cited("Тильт")],
            vec![cited("Тильт"), cited("Open-Meteo")],
            vec![cited("Страх")],
        ];
        assert_eq!(sources, expected);
    }

    #[test]
    fn what_replies_stand_on_that_are_never_heard_is_forgotten() {
        let mut book = book();
        for n in 0..1_000 {
            let title = n.to_string();
            book.cite(ReplyId(n), Citation { title, url: None });
        }
        assert_eq!(book.citations.len(), CITATIONS);
    }

    #[test]
    fn a_reply_of_which_nothing_was_heard_has_no_caption() {
        assert_eq!(book().observe(&ended(1, ReplyEnd::Interrupted, "")), None);
    }

    #[test]
    fn the_users_words_replace_each_other_until_the_turn_is_over() {
        let mut book = book();
        let said: Vec<_> = [
            ("При", false),
            ("Привет", false),
            ("Привет.", true),
            ("Как", false),
        ]
        .into_iter()
        .filter_map(|(text, is_final)| book.observe(&user(text, is_final)))
        .map(|spoken| match spoken {
            Spoken::User {
                segment,
                text,
                is_final,
            } => (segment.to_string(), text, is_final),
            other => panic!("{other:?}"),
        })
        .collect();
        let expected = [
            ("SG_1", "При", false),
            ("SG_1", "Привет", false),
            ("SG_1", "Привет.", true),
            ("SG_2", "Как", false),
        ];
        let expected: Vec<_> = expected
            .map(|(s, t, f)| (s.to_owned(), t.to_owned(), f))
            .into();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_typed_line_is_shown_by_the_front_end_itself_and_only_once() {
        let mut book = book();
        book.typed.note("Привет");
        assert_eq!(book.observe(&user("Привет", true)), None);
        assert!(
            book.observe(&user("Привет", true)).is_some(),
            "this one was spoken"
        );
    }

    #[test]
    fn typed_lines_that_never_come_back_are_forgotten() {
        let typed = TypedLines::default();
        for n in 0..100 {
            typed.note(&n.to_string());
        }
        assert!(!typed.take("0") && typed.take("99"));
    }
}
