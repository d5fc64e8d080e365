//! How a passage is kept in a store, and made of what the store gives back.
//!
//! The first line of a point's text is its document's title and the headings it stands under, for what
//! is asked about is often said only there; the passage follows.

use super::{Passage, Relevance};
use crate::store::Point;
use serde_json::{Map, Value};

/// What stands between the headings above a passage.
pub const PATH_SEPARATOR: &str = " › ";

/// Keys of the payload.
pub(super) mod key {
    /// The document's title.
    pub(in crate::knowledge) const TITLE: &str = "title";
    /// The headings, as one text; missing where there is none.
    pub(in crate::knowledge) const SECTION: &str = "section";
    /// Path or URL of the document.
    pub(in crate::knowledge) const SOURCE: &str = "source";
    /// The file it was read from.
    pub(in crate::knowledge) const ORIGIN: &str = "origin";
    /// The passage's number within its section.
    pub(in crate::knowledge) const PLACE: &str = "place";
    /// Where people can read it.
    pub(in crate::knowledge) const URL: &str = "url";
    /// What else the author wrote down.
    pub(in crate::knowledge) const METADATA: &str = "metadata";
    /// Questions that it answers, by who wrote the document.
    pub(in crate::knowledge) const QUESTIONS: &str = "questions";
    /// Checksum of the file; only the file's last passage has it, which is written last.
    pub(in crate::knowledge) const DIGEST: &str = "digest";
    /// How many passages the file has; beside the checksum.
    pub(in crate::knowledge) const PASSAGES: &str = "passages";
}

/// The text of a point.
pub(super) fn text(title: &str, path: &[String], passage: &str) -> String {
    let heads = std::iter::once(title).chain(path.iter().map(String::as_str));
    let heads: Vec<_> = heads.collect();
    format!("{}\n{passage}", heads.join(PATH_SEPARATOR))
}

/// The passage of a point's text.
pub(super) fn body(text: &str) -> &str {
    text.split_once('\n').map_or(text, |(_, body)| body)
}

/// A point as a passage; it is named by the heading right above it.
pub(crate) fn passage(point: &Point, score: f32, relevance: Relevance) -> Passage {
    let heading = string(&point.payload, key::SECTION);
    let heading = heading.and_then(|path| path.rsplit(PATH_SEPARATOR).next());
    Passage {
        title: string(&point.payload, key::TITLE)
            .unwrap_or_default()
            .to_owned(),
        section: heading.map(str::to_owned),
        text: body(&point.text).to_owned(),
        score,
        relevance,
    }
}

/// Where a point's document can be read by people.
pub(crate) fn url(point: &Point) -> Option<&str> {
    string(&point.payload, key::URL)
}

pub(super) fn string<'a>(payload: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    payload.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_comes_back_as_it_was() {
        let path = ["Риск".to_owned(), "На сделку".to_owned()];
        let text = text("Правила", &path, "Один процент.\nНе больше.");
        assert!(text.starts_with("Правила › Риск › На сделку\n"));
        let mut payload = Map::new();
        payload.insert(key::TITLE.into(), "Правила".into());
        payload.insert(key::SECTION.into(), path.join(PATH_SEPARATOR).into());
        let point = Point {
            id: uuid::Uuid::nil(),
            text,
            dense: None,
            payload,
        };
        let read = passage(&point, 0.5, Relevance::Near);
        assert_eq!(read.title, "Правила");
        assert_eq!(read.section.as_deref(), Some("На сделку"));
        assert_eq!(read.text, "Один процент.\nНе больше.");
        assert_eq!(url(&point), None);
    }
}
