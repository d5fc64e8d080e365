//! A course as it is shown.

use super::written::Fault;
use crate::{
    render::{markdown, split},
    telegram::Media,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// Wrong answers of a question, at most.
const ANSWERS: usize = 5;
/// Characters of an answer, at most: it stands on a button.
const ANSWER: usize = 60;
/// Characters below a picture as Telegram counts them, at most.
const CAPTION: usize = 1_024;

/// A course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Names it: who changes this begins a new course.
    pub id: String,
    /// What stands above every step.
    pub title: String,
    /// In this order.
    pub steps: Vec<Step>,
    /// Telegram's HTML for whoever is through.
    pub completion: String,
}

/// A step of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Names it, however the course is edited.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Telegram's HTML.
    pub text: String,
    /// A picture or a film above it.
    pub media: Option<Picture>,
    /// What is asked before it goes on.
    pub quiz: Option<Quiz>,
}

/// A picture, a film or a file of a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// What it is.
    pub kind: Media,
    /// An https address, or Telegram's id of the file.
    pub file: String,
    /// Markdown below it.
    #[serde(default)]
    pub caption: String,
}

/// A question with one right answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// What is asked; plain text.
    pub question: String,
    /// The answer.
    pub right: String,
    /// What else may be tapped.
    pub wrong: Vec<String>,
    /// Why it is the answer; Markdown.
    pub explanation: String,
}

impl Course {
    /// Where a step is.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }
}

impl Picture {
    /// Whether Telegram can take it.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if !self.is_file() {
            return Err(Fault::File);
        }
        match split(&markdown(&self.caption), CAPTION).len() {
            0 | 1 => Ok(()),
            _ => Err(Fault::TooLong),
        }
    }

    fn is_file(&self) -> bool {
        let id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match reqwest::Url::parse(&self.file) {
            Ok(url) => url.scheme() == "https",
            Err(_) => self.file.len() > 10 && self.file.chars().all(id),
        }
    }
}

impl Quiz {
    /// All answers with their names, in an order that tells nothing.
    #[must_use]
    pub fn answers(&self) -> Vec<(String, &str)> {
        let all = self.wrong.iter().chain([&self.right]);
        let mut named: Vec<_> = all.map(|text| (name(text), text.as_str())).collect();
        named.sort();
        named
    }

    /// Whether it can be asked.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let names: HashSet<_> = self.answers().into_iter().map(|(name, _)| name).collect();
        let fits = |text: &String| {
            let length = text.chars().count();
            !text.trim().is_empty() && length <= ANSWER
        };
        let all = self.wrong.iter().chain([&self.right]);
        let good = (1..=ANSWERS).contains(&self.wrong.len())
            && names.len() == self.wrong.len() + 1
            && all.into_iter().all(fits);
        good.then_some(()).ok_or(Fault::Answers)
    }
}

/// Names a text by what it says: on a button that is older than the file an answer means the same, or
/// nothing.
pub(super) fn name(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
