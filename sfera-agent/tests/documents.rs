//! Real files of every kind that can be read.

#![cfg(feature = "ingest")]

use proptest::prelude::*;
use sfera_agent::knowledge::{Document, DocumentProblem, Format, parse, read};
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents");
    data.join(name)
}

fn document(name: &str) -> Document {
    let mut reading = read(&path(name));
    assert_eq!(reading.problems, []);
    assert_eq!(
        reading.documents[0].source,
        path(name).display().to_string()
    );
    reading.documents.remove(0)
}

fn sections(document: &Document) -> Vec<(String, &str)> {
    let sections = document.sections.iter();
    sections
        .map(|s| (s.path.join(" › "), s.text.as_str()))
        .collect()
}

#[test]
fn a_pdf_is_read_by_its_pages() {
    let read = document("drawdown.pdf");
    assert_eq!(read.title, "drawdown");
    let sections = sections(&read);
    let pages: Vec<_> = sections.iter().map(|(page, _)| page.as_str()).collect();
    assert_eq!(pages, ["стр. 1", "стр. 2"]);
    let first = sections[0].1;
    assert!(
        first.starts_with("Просадка\nПросадка – это путь счёта"),
        "{first}"
    );
    // The sentence that goes on overleaf.
    assert!(
        first.ends_with(
            "правило «трёх стопов» закрывает торговый день после третьей потери подряд."
        ),
        "{first}"
    );
    assert!(
        sections[1].1.starts_with("Выход из просадки"),
        "{:?}",
        sections[1]
    );
}

#[test]
fn a_docx_has_its_headings_and_tables() {
    let read = document("position.docx");
    assert_eq!(read.title, "Размер позиции");
    assert_eq!(
        sections(&read),
        [
            (
                String::new(),
                "Размер позиции считают от расстояния до стопа, а не от уверенности."
            ),
            (
                "Формула".to_owned(),
                "Риск в деньгах делят на расстояние до стопа. Получается число акций."
            ),
            (
                "Формула › Пример".to_owned(),
                "Счёт; Риск; Стоп\nСчёт: 100 000; Риск: 1 %; Стоп: 5 рублей.\nСчёт: 50 000; Риск: 0,5 %; Стоп: 2 рубля."
            ),
        ]
    );
}

#[test]
fn html_text_and_markdown_are_read_as_people_read_them() {
    let page = document("staying.html");
    assert_eq!(page.title, "Спокойствие в торговле");
    assert_eq!(
        sections(&page)[1..],
        [
            (
                "Дыхание".to_owned(),
                "Четыре секунды вдох, шесть секунд выдох – и так пять раз."
            ),
            (
                "Перерыв".to_owned(),
                "После убытка встать из-за стола.\nВернуться через двадцать минут."
            ),
        ]
    );
    let text = document("fomo.txt");
    assert!(
        sections(&text)[0]
            .1
            .contains("Цена ушла без нас – значит, сделки по плану не было.")
    );
    let markdown = document("discipline.md");
    assert!(
        sections(&markdown)[1]
            .1
            .ends_with("Пункт: Стоп; Вопрос: Где идея окажется неверной?")
    );
    assert_eq!(read(&path("faq.jsonl")).documents.len(), 2);
}

#[test]
fn what_cannot_be_read_is_said() {
    let problem = |name: &str| read(&path(name)).problems.remove(0).problem;
    assert_eq!(problem("locked.pdf"), DocumentProblem::Encrypted);
    assert_eq!(problem("a.png"), DocumentProblem::UnknownFormat);
    let missing = DocumentProblem::Unreadable(std::io::ErrorKind::NotFound);
    assert_eq!(problem("missing.md"), missing);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The readers meet files of strangers: changed, cut or made up, they read or refuse them.
    #[test]
    fn no_file_brings_a_reader_down(
        name in prop::sample::select(vec!["drawdown.pdf", "position.docx", "staying.html", "discipline.md", "fomo.txt", "faq.jsonl"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(path(name)).unwrap();
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let format = Format::of(Path::new(name)).unwrap();
        let reading = parse(format, Path::new(name), &bytes);
        for document in &reading.documents {
            for section in &document.sections {
                prop_assert!(!section.text.trim().is_empty());
            }
        }
    }

    #[test]
    fn no_bytes_bring_a_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        for name in ["a.pdf", "a.docx", "a.html", "a.md", "a.txt", "a.jsonl"] {
            let format = Format::of(Path::new(name)).unwrap();
            let _either = parse(format, Path::new(name), &bytes);
        }
    }
}
