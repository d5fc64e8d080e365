//! What the library reads of strangers' documents, and what must hold whatever is in them.

use sfera_agent::knowledge::{Chunking, Format, Reading, Section, chunks, parse, tokens};
use std::{
    io::{Cursor, Write},
    path::Path,
};
use unicode_segmentation::UnicodeSegmentation;
use zip::{ZipWriter, write::SimpleFileOptions};

/// What is read is text, in lines without a space too many.
fn check(reading: &Reading) {
    for document in &reading.documents {
        assert!(!document.source.is_empty());
        for section in &document.sections {
            assert!(!section.text.trim().is_empty());
            for line in section
                .text
                .lines()
                .chain(section.path.iter().map(String::as_str))
            {
                assert_eq!(line.trim(), line);
                assert!(
                    !line.contains("  ") && !line.chars().any(char::is_control),
                    "{line:?}"
                );
            }
        }
    }
}

/// A page, whatever its tags.
pub fn html(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    check(&parse(
        Format::Html,
        Path::new("page.html"),
        text.as_bytes(),
    ));
}

/// Lines that are read can be read again; each one that is not is named once.
pub fn jsonl(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let reading = parse(Format::Jsonl, Path::new("lines.jsonl"), text.as_bytes());
    check(&reading);
    let sections: usize = reading.documents.iter().map(|d| d.sections.len()).sum();
    let lines = text.trim_start_matches('\u{feff}').lines();
    let lines = lines.filter(|line| !line.trim().is_empty()).count();
    assert_eq!(sections + reading.problems.len(), lines);
}

/// An archive as it comes, or one whose document is whatever comes.
pub fn docx(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let file = Path::new("file.docx");
    if kind % 2 == 0 {
        return check(&parse(Format::Docx, file, rest));
    }
    let (styles, body) = rest.split_at(rest.len() * usize::from(kind / 2) / 128);
    let mut archive = Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut archive);
    for (name, part) in [("word/styles.xml", styles), ("word/document.xml", body)] {
        let begun = writer.start_file(name, SimpleFileOptions::default());
        begun.expect("memory takes it");
        writer.write_all(part).expect("memory takes it");
    }
    writer.finish().expect("memory takes it");
    check(&parse(Format::Docx, file, archive.get_ref()));
}

/// Passages hold all of a text in order and stay within their bound, and cutting one again changes
/// nothing.
pub fn chunking(bytes: &[u8]) {
    let [most, overlap, rest @ ..] = bytes else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let read = parse(Format::Text, Path::new("text.txt"), text.as_bytes());
    let chunking = Chunking {
        tokens: usize::from(*most).max(1),
        overlap: usize::from(*overlap),
    };
    let bound = chunking.tokens + chunking.tokens / 6;
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    for section in read
        .documents
        .iter()
        .flat_map(|document| &document.sections)
    {
        let cut = chunks(std::slice::from_ref(section), chunking);
        let all: String = cut.iter().map(|c| solid(&c.text[c.repeated..])).collect();
        assert_eq!(all, solid(&section.text));
        for chunk in cut {
            // What people see as one letter, with any number of signs on it, is not torn apart.
            let letters = chunk.text.graphemes(true).count();
            assert!(tokens(&chunk.text) <= bound || letters <= 1, "{chunk:?}");
            let again = Section {
                text: chunk.text.clone(),
                ..Section::default()
            };
            let again = chunks(&[again], chunking);
            let texts: Vec<_> = again.iter().map(|c| c.text.as_str()).collect();
            assert_eq!(texts, [chunk.text.as_str()]);
        }
    }
}
