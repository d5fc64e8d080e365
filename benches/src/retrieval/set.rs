use serde::Deserialize;
use sfera_agent::knowledge::Passage;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

/// How a question is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// With words of the passage.
    Plain,
    /// In other words than the passage's: none is in both.
    Paraphrase,
    /// As people ask, who have not read the passage: with its words or without.
    Natural,
    /// With slips of the pen.
    Typo,
    /// As a recogniser writes it: no digits, no punctuation, tickers by their sound.
    Spoken,
    /// A ticker, a number, a name of a setting.
    Exact,
    /// There is no answer.
    Negative,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Paraphrase,
        Self::Natural,
        Self::Typo,
        Self::Spoken,
        Self::Exact,
        Self::Negative,
    ];

    /// Its name in the set and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Paraphrase => "paraphrase",
            Self::Natural => "natural",
            Self::Typo => "typo",
            Self::Spoken => "spoken",
            Self::Exact => "exact",
            Self::Negative => "negative",
        }
    }
}

/// What somebody asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// How it is put.
    pub kind: Kind,
    /// The question.
    pub text: String,
    /// The sections that answer it, each of them well enough; none for a negative.
    pub passages: Vec<String>,
}

/// How much was known of a question when the library's numbers were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of `questions.jsonl`: everything was built with them in view.
    First,
    /// Odd numbers of `later.jsonl`: the numbers of `relevance.rs` were fitted to them too.
    Fitted,
    /// Even numbers of `later.jsonl`: nothing was chosen by them.
    HeldOut,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::First, Self::Fitted, Self::HeldOut];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Fitted => "fitted",
            Self::HeldOut => "held out",
        }
    }
}

impl Question {
    /// What was known of it.
    #[must_use]
    pub fn part(&self) -> Part {
        if !self.id.starts_with("later-") {
            return Part::First;
        }
        let number = self
            .id
            .rsplit('-')
            .next()
            .and_then(|n| n.parse::<u32>().ok());
        match number {
            Some(number) if number.is_multiple_of(2) => Part::HeldOut,
            _ => Part::Fitted,
        }
    }
}

/// A section of a document: what a retriever should find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `file#heading`, as questions name it.
    pub id: String,
    /// The document's title.
    pub title: String,
    /// Its own heading.
    pub heading: String,
    /// What it says.
    pub text: String,
}

/// What a language model expected to be asked about a section, which had read the section and no question
/// of the set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The section's id.
    pub passage: String,
    /// In its own order.
    pub questions: Vec<String>,
}

/// Sections and the questions about them.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// In the order of the files.
    pub sections: Vec<Section>,
    /// In the order of the files.
    pub questions: Vec<Question>,
    /// By section.
    pub expected: Vec<Expected>,
}

impl Set {
    /// The folder of Markdown that a knowledge base is to read.
    #[must_use]
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge/passages")
    }

    /// Reads the set.
    ///
    /// # Errors
    /// A file cannot be read, or a question is no question.
    pub fn load() -> Result<Self, Box<dyn Error>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(Self::folder())? {
            files.push(entry?.path());
        }
        files.sort();
        let mut set = Self::default();
        for file in files {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            set.sections
                .extend(sections(&stem, &fs::read_to_string(&file)?));
        }
        for file in ["questions.jsonl", "later.jsonl"] {
            set.questions.extend(lines(file)?);
        }
        set.expected = lines("expected.jsonl")?;
        Ok(set)
    }

    /// The section that a passage is from. Whole or in part: how a retriever cuts is its own affair.
    #[must_use]
    pub fn section_of(&self, passage: &Passage) -> Option<&Section> {
        let heading = passage.section.as_deref()?;
        let mut sections = self.sections.iter();
        sections.find(|s| s.title == passage.title && s.heading == heading)
    }
}

fn lines<T: for<'a> Deserialize<'a>>(file: &str) -> Result<Vec<T>, Box<dyn Error>> {
    let text = fs::read_to_string(Set::folder().with_file_name(file))?;
    let lines = text.lines().enumerate();
    let read = |(n, line)| serde_json::from_str(line).map_err(|e| format!("{file}:{}: {e}", n + 1));
    Ok(lines.map(read).collect::<Result<_, _>>()?)
}

/// A document's sections. Not by the library's own parser, which is a part of what is measured.
fn sections(stem: &str, markdown: &str) -> Vec<Section> {
    let (mut title, mut sections) = (String::new(), Vec::<Section>::new());
    for line in markdown.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push(Section {
                id: format!("{stem}#{heading}"),
                title: title.clone(),
                heading: heading.to_owned(),
                text: String::new(),
            });
        } else if let Some(heading) = line.strip_prefix("# ") {
            heading.clone_into(&mut title);
        } else if let Some(section) = sections.last_mut().filter(|_| !line.is_empty()) {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}
