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
    /// What the passage said when it was written.
    pub(super) const MARK: &str = "mark";
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
    format!("{passages}.questions")
}

/// The passage that answers a question.
pub(in crate::knowledge) fn passage_of(question: &Point) -> Option<Uuid> {
    let id = question.payload.get(key::PASSAGE)?.as_str()?;
    Uuid::parse_str(id).ok()
}

/// What a passage says, as a mark: with another title or text it is another one.
pub(in crate::knowledge) fn mark(passage: &Point) -> String {
    Uuid::new_v5(&passage.id, passage.text.as_bytes()).to_string()
}

/// Whether a question was written for the passage as it is.
pub(in crate::knowledge) fn is_of(question: &Point, passage: &Point) -> bool {
    passage_of(question) == Some(passage.id)
        && point::string(&question.payload, key::MARK) == Some(mark(passage).as_str())
}

/// Whether this one wrote it.
pub(in crate::knowledge) fn is_by(question: &Point, author: Author) -> bool {
    point::string(&question.payload, key::AUTHOR) == Some(author.name())
}

/// Questions of a passage as they are kept, without their vectors.
pub(in crate::knowledge) fn points(
    passage: &Point,
    author: Author,
    questions: &[String],
) -> Vec<Point> {
    let payload = Map::from_iter([
        (key::PASSAGE.to_owned(), passage.id.to_string().into()),
        (key::MARK.to_owned(), mark(passage).into()),
        (key::AUTHOR.to_owned(), author.name().into()),
    ]);
    let point = |question: &String| Point {
        id: Uuid::new_v5(&passage.id, question.as_bytes()),
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

/// The questions that somebody wrote for some passages.
pub(in crate::knowledge) fn by(author: Author, passages: &[Uuid]) -> Filter {
    let author = Condition::Is(key::AUTHOR.into(), author.name().into());
    Filter {
        must: vec![author, condition(passages)],
    }
}

/// The questions of some passages, whoever wrote them.
pub(in crate::knowledge) fn of(passages: &[Uuid]) -> Filter {
    Filter {
        must: vec![condition(passages)],
    }
}

fn condition(passages: &[Uuid]) -> Condition {
    let passages = passages.iter().map(Uuid::to_string);
    Condition::OneOf(key::PASSAGE.into(), passages.collect())
}
