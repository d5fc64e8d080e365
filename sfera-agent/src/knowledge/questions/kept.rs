//! How questions are kept in a store: each is a point of a collection beside that of the passages.

use crate::{
    knowledge::point,
    store::{Condition, Filter, Point},
};
use serde_json::Map;
use uuid::Uuid;

/// Keys of the payload of a question.
mod key {
    /// The id of the passage that answers it.
    pub(super) const PASSAGE: &str = "passage";
    /// Who wrote it.
    pub(super) const AUTHOR: &str = "author";
}

/// Who wrote a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::knowledge) enum Author {
    /// Whoever wrote the document: it is part of it.
    Document,
    /// A [`super::QuestionWriter`].
    Writer,
}

impl Author {
    const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Writer => "writer",
        }
    }
}

/// Where the questions of a collection's passages are.
pub(in crate::knowledge) fn collection(passages: &str) -> String {
    format!("{passages}-questions")
}

/// The passage that answers a question.
pub(in crate::knowledge) fn passage_of(question: &Point) -> Option<Uuid> {
    let id = question.payload.get(key::PASSAGE)?.as_str()?;
    Uuid::parse_str(id).ok()
}

/// Questions as they are kept, without their vectors.
pub(in crate::knowledge) fn points(
    passage: Uuid,
    author: Author,
    questions: &[String],
) -> Vec<Point> {
    let payload = Map::from_iter([
        (key::PASSAGE.to_owned(), passage.to_string().into()),
        (key::AUTHOR.to_owned(), author.name().into()),
    ]);
    let point = |question: &String| Point {
        id: Uuid::new_v5(&passage, question.as_bytes()),
        text: question.clone(),
        dense: None,
        payload: payload.clone(),
    };
    questions.iter().map(point).collect()
}

/// The questions that a passage's document brings along.
pub(in crate::knowledge) fn brought(passage: &Point) -> Vec<String> {
    let questions = passage.payload.get(point::key::QUESTIONS);
    let questions = questions.and_then(|list| list.as_array());
    let texts = questions.into_iter().flatten().filter_map(|q| q.as_str());
    texts.map(str::to_owned).collect()
}

/// The questions that somebody wrote.
pub(in crate::knowledge) fn by(author: Author) -> Filter {
    Filter {
        must: vec![Condition::Is(key::AUTHOR.into(), author.name().into())],
    }
}

/// The questions of some passages.
pub(in crate::knowledge) fn of(passages: &[Uuid]) -> Condition {
    let passages = passages.iter().map(Uuid::to_string);
    Condition::OneOf(key::PASSAGE.into(), passages.collect())
}
