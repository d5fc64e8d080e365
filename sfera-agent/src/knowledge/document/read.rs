use super::{
    Document, DocumentError, DocumentProblem, Format, docx, html, jsonl, markdown, pdf, plain,
};
use std::{fs, io::Read, path::Path};

/// What was in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What could be read.
    pub documents: Vec<Document>,
    /// What could not.
    pub problems: Vec<DocumentError>,
}

/// Reads a file. Blocks: a PDF takes seconds.
#[must_use]
pub fn read(file: &Path) -> Reading {
    match contents(file) {
        Ok((format, bytes)) => parse(format, file, &bytes),
        Err(problem) => failed(file, problem),
    }
}

/// The bytes of a file that is no larger than its format may be.
pub(in crate::knowledge) fn contents(file: &Path) -> Result<(Format, Vec<u8>), DocumentProblem> {
    let format = Format::of(file).ok_or(DocumentProblem::UnknownFormat)?;
    let unreadable = |error: std::io::Error| DocumentProblem::Unreadable(error.kind());
    let opened = fs::File::open(file).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = format.max_bytes();
    let mut bounded = opened.take(limit + 1);
    bounded.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(DocumentProblem::TooLarge(limit >> 20));
    }
    Ok((format, bytes))
}

/// Reads what a file holds. Blocks.
#[must_use]
pub fn parse(format: Format, file: &Path, bytes: &[u8]) -> Reading {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let source = file.display().to_string();
    let read = match format {
        Format::Pdf => pdf::document(&name, bytes),
        Format::Docx => docx::document(&name, bytes),
        Format::Markdown => text(bytes).map(|text| markdown::document(&name, text)),
        Format::Text => text(bytes).map(|text| plain::document(&name, text)),
        Format::Html => text(bytes).map(|text| html::document(&name, text)),
        Format::Jsonl => match text(bytes) {
            Ok(text) => return lines(file, jsonl::documents(&source, &name, text)),
            Err(problem) => Err(problem),
        },
    };
    match read {
        Ok(document) => Reading {
            documents: vec![Document { source, ..document }],
            problems: Vec::new(),
        },
        Err(problem) => failed(file, problem),
    }
}

fn text(bytes: &[u8]) -> Result<&str, DocumentProblem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| DocumentProblem::NotUtf8(error.valid_up_to()))
}

fn lines(
    file: &Path,
    (documents, wrong): (Vec<Document>, Vec<(usize, super::LineProblem)>),
) -> Reading {
    let error = |(line, wrong)| DocumentError {
        file: file.to_owned(),
        problem: DocumentProblem::Line { line, wrong },
    };
    Reading {
        documents,
        problems: wrong.into_iter().map(error).collect(),
    }
}

fn failed(file: &Path, problem: DocumentProblem) -> Reading {
    let file = file.to_owned();
    Reading {
        documents: Vec::new(),
        problems: vec![DocumentError { file, problem }],
    }
}
