//! Documents as they are read from files: a title, and text in sections under their headings.

#[cfg(feature = "ingest")]
mod docx;
#[cfg(feature = "ingest")]
mod error;
#[cfg(feature = "ingest")]
mod format;
#[cfg(feature = "ingest")]
mod html;
#[cfg(feature = "ingest")]
mod jsonl;
pub(super) mod markdown;
mod outline;
#[cfg(feature = "ingest")]
mod pdf;
#[cfg(feature = "ingest")]
mod plain;
#[cfg(feature = "ingest")]
mod read;

#[cfg(feature = "ingest")]
pub use error::{DocumentError, DocumentProblem, LineProblem};
#[cfg(feature = "ingest")]
pub use format::Format;
#[cfg(feature = "ingest")]
pub(super) use jsonl::line as jsonl_line;
#[cfg(test)]
pub(super) use outline::squeezed;
#[cfg(feature = "ingest")]
pub use pdf::PDF_THREAD;
#[cfg(feature = "ingest")]
pub(super) use read::contents;
#[cfg(feature = "ingest")]
pub use read::{Reading, parse, read};

/// A text with a title, wherever it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// As people know it.
    pub title: String,
    /// Where it is from: a path or a URL. Two documents never share one.
    pub source: String,
    /// Where people can read it.
    pub url: Option<String>,
    /// What it says, in its order.
    pub sections: Vec<Section>,
    /// What else its author wrote down.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// The text under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The headings it stands under, the outermost first; none before the first heading.
    pub path: Vec<String>,
    /// Paragraphs, a line each; within a line there is no more than one space in a row.
    pub text: String,
    /// Questions that it answers, in other words than its own; it is found by them too.
    pub questions: Vec<String>,
}
