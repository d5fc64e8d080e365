//! PDF with text in it. Its format knows neither headings nor paragraphs: pages are the sections.

use super::{Document, DocumentProblem, Format, Section, outline::squeezed};
use pdf_extract::{Error, OutputError};
use std::{
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// The reader calls itself for each level of nesting; a thread of its own has room for that.
const STACK_BYTES: usize = 64 << 20;
/// A reader that takes longer than this has met an endless loop; it is left alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Name of the thread that reads a PDF. The crate panics on files that break the format, and the thread
/// takes that with it; a program may keep its panic hook quiet about threads of this name.
pub const PDF_THREAD: &str = "sfera-pdf";

/// Reads a document. Blocks for up to a minute.
///
/// # Errors
/// What is wrong with it.
pub(super) fn document(name: &str, bytes: &[u8]) -> Result<Document, DocumentProblem> {
    let pages = pages(bytes.to_vec())?;
    let sections = sections(&pages);
    if sections.is_empty() {
        return Err(DocumentProblem::NoText);
    }
    Ok(Document {
        title: squeezed(name),
        sections,
        ..Document::default()
    })
}

fn pages(bytes: Vec<u8>) -> Result<Vec<String>, DocumentProblem> {
    let (done, result) = sync_channel(1);
    let reader = thread::Builder::new()
        .name(PDF_THREAD.to_owned())
        .stack_size(STACK_BYTES);
    let read = move || {
        // Nobody waits for it any more only when it took too long.
        let _late = done.send(pdf_extract::extract_text_from_mem_by_pages(&bytes));
    };
    let _reader = reader.spawn(read).map_err(|_| damaged("thread"))?;
    match result.recv_timeout(PATIENCE) {
        Ok(Ok(pages)) => Ok(pages),
        Ok(Err(OutputError::PdfError(Error::Decryption(_) | Error::InvalidPassword))) => {
            Err(DocumentProblem::Encrypted)
        }
        Ok(Err(OutputError::PdfError(_))) => Err(damaged("structure")),
        Ok(Err(_)) => Err(damaged("text")),
        Err(RecvTimeoutError::Disconnected) => Err(damaged("text")),
        Err(RecvTimeoutError::Timeout) => Err(damaged("endless text")),
    }
}

fn damaged(place: &str) -> DocumentProblem {
    DocumentProblem::Damaged {
        format: Format::Pdf,
        place: place.to_owned(),
    }
}

/// The pages that say something. A sentence that goes on overleaf stays whole, on its first page.
fn sections(pages: &[String]) -> Vec<Section> {
    let mut sections = Vec::<Section>::new();
    for (number, page) in pages.iter().enumerate() {
        let mut paragraphs = paragraphs(page);
        let goes_on = |text: &String| text.chars().next().is_some_and(char::is_lowercase);
        if let Some(before) = sections.last_mut()
            && paragraphs.first().is_some_and(goes_on)
        {
            match before.text.strip_suffix('-').map(str::len) {
                Some(len) => before.text.truncate(len),
                None => before.text.push(' '),
            }
            before.text.push_str(&paragraphs.remove(0));
        }
        if !paragraphs.is_empty() {
            let text = paragraphs.join("\n");
            let path = vec![page_name(number + 1, &text)];
            sections.push(Section {
                path,
                text,
                ..Section::default()
            });
        }
    }
    // A single page needs no name.
    if let [only] = sections.as_mut_slice() {
        only.path.clear();
    }
    sections
}

/// The lines of a page as paragraphs. A line goes on in the next one unless a sentence ends with it or
/// it is much shorter than the page is wide.
fn paragraphs(page: &str) -> Vec<String> {
    let text = without_hyphens(page);
    let mut lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    // A number alone at the top or at the bottom is the page's.
    lines.pop_if(|line| is_number(line));
    if lines.first().is_some_and(|line| is_number(line)) {
        lines.remove(0);
    }
    let widest = lines.iter().map(|line| line.chars().count()).max();
    // Where every line has a blank one behind it, that parts nothing.
    let parted = lines
        .windows(2)
        .any(|two| two.iter().all(|l| !l.is_empty()));
    let (mut paragraphs, mut goes_on) = (Vec::<String>::new(), false);
    for line in lines {
        if line.is_empty() {
            goes_on &= !parted;
            continue;
        }
        match paragraphs.last_mut().filter(|_| goes_on) {
            Some(paragraph) => *paragraph = format!("{paragraph} {line}"),
            None => paragraphs.push(line.to_owned()),
        }
        let ends = line.ends_with(['.', '!', '?', '…', ':', ';']);
        goes_on = !ends && line.chars().count() * 3 >= widest.unwrap_or(0) * 2;
    }
    let squeezed = paragraphs.iter().map(|paragraph| squeezed(paragraph));
    squeezed.filter(|paragraph| !paragraph.is_empty()).collect()
}

fn is_number(line: &str) -> bool {
    !line.chars().any(char::is_alphabetic)
}

/// Joins words that were parted at the end of a line.
fn without_hyphens(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for line in page.lines() {
        let line = line.trim();
        if line.starts_with(char::is_lowercase) && text.ends_with("-\n") {
            text.truncate(text.len() - 2);
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// In the language of the page.
fn page_name(number: usize, text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (cyrillic, other): (Vec<_>, Vec<_>) = letters.partition(|c| ('А'..='я').contains(c));
    if cyrillic.len() > other.len() {
        format!("стр. {number}")
    } else {
        format!("p. {number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_sections_and_no_sentence_ends_with_its_page() {
        let pages = [
            "Риск на сдел-\nку мал.\n\nОн не боль-\n\n1".to_owned(),
            "ше процента.\n\nДальше другое.\n\n2".to_owned(),
            " 3 \n".to_owned(),
        ];
        let section = |path: &str, text: &str| Section {
            path: vec![path.into()],
            text: text.into(),
            ..Section::default()
        };
        assert_eq!(
            sections(&pages),
            [
                section("стр. 1", "Риск на сделку мал.\nОн не больше процента."),
                section("стр. 2", "Дальше другое."),
            ]
        );
        let single = sections(&["One page.".to_owned()]);
        assert_eq!(single[0].path, [""; 0]);
    }

    #[test]
    fn lines_are_joined_to_paragraphs_as_wide_as_the_page() {
        let page = "Риск\nРиск на сделку это доля счёта, которую\nтеряют по стопу. Обычно один процент от\nсчёта.\nВторой абзац короче.\n1 %; 2 %\n7";
        assert_eq!(
            paragraphs(page),
            [
                "Риск",
                "Риск на сделку это доля счёта, которую теряют по стопу. Обычно один процент от счёта.",
                "Второй абзац короче.",
                "1 %; 2 %",
            ]
        );
        let spaced = "Риск на сделку это доля счёта,\n\nкоторую теряют по стопу.\n\nИ всё.";
        assert_eq!(
            paragraphs(spaced),
            [
                "Риск на сделку это доля счёта, которую теряют по стопу.",
                "И всё."
            ]
        );
    }

    #[test]
    fn what_is_no_pdf_is_said_to_be_none() {
        for bytes in [&b""[..], b"%PDF-1.7", b"no PDF at all", &[0xff; 2_000]] {
            let problem = document("файл", bytes).unwrap_err();
            assert!(
                matches!(problem, DocumentProblem::Damaged { .. }),
                "{problem}"
            );
        }
    }
}
