use std::{fmt, path::Path};

/// A kind of file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `.md`, `.markdown`.
    Markdown,
    /// `.txt`.
    Text,
    /// `.html`, `.htm`.
    Html,
    /// `.pdf` with text in it.
    Pdf,
    /// `.docx`.
    Docx,
    /// `.jsonl`, `.ndjson`: a document or a passage of one a line.
    Jsonl,
}

const ENDINGS: &[(&str, Format)] = &[
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
    ("txt", Format::Text),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("pdf", Format::Pdf),
    ("docx", Format::Docx),
    ("jsonl", Format::Jsonl),
    ("ndjson", Format::Jsonl),
];

impl Format {
    /// What a file is by the end of its name; `None` if it is nothing that can be read.
    #[must_use]
    pub fn of(file: &Path) -> Option<Self> {
        let ending = file.extension()?.to_str()?;
        let mut known = ENDINGS.iter();
        let found = known.find(|(known, _)| known.eq_ignore_ascii_case(ending));
        found.map(|(_, format)| *format)
    }

    /// Bytes that a file of this kind may have: past that it is no document, and memory is at stake.
    /// A line of JSONL is a document, so a file of them may be larger.
    #[must_use]
    pub const fn max_bytes(self) -> u64 {
        match self {
            Self::Markdown | Self::Text | Self::Html => 16 << 20,
            Self::Pdf | Self::Docx => 64 << 20,
            Self::Jsonl => 256 << 20,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Markdown => "Markdown",
            Self::Text => "text",
            Self::Html => "HTML",
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
            Self::Jsonl => "JSONL",
        })
    }
}
