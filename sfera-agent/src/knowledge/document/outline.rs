//! From headings and paragraphs, as every reader finds them, to a document.

use super::{Document, Section};
use crate::knowledge::PATH_SEPARATOR;

/// A heading beyond this is a paragraph that somebody made bold.
const HEADING_CHARS: usize = 200;

/// Takes headings and paragraphs in their order. The first heading of level 1 is the title.
#[derive(Debug, Default)]
pub(super) struct Outline {
    title: Option<String>,
    headings: Vec<(u8, String)>,
    paragraphs: Vec<String>,
    sections: Vec<Section>,
    /// The heads of the table's columns, once its first row has come.
    columns: Option<Vec<String>>,
}

impl Outline {
    /// A title that was marked as such, so that no heading is needed as one.
    #[cfg(feature = "ingest")]
    pub(super) fn title(&mut self, text: &str) {
        let text = squeezed(text);
        if self.title.is_none() && !text.is_empty() {
            self.title = Some(text);
        }
    }

    /// A heading; 1 is the outermost level.
    pub(super) fn heading(&mut self, level: u8, text: &str) {
        let text = squeezed(text);
        if text.chars().count() > HEADING_CHARS {
            return self.paragraph(&text);
        }
        if text.is_empty() {
            return;
        }
        self.end_section();
        if level == 1 && self.title.is_none() {
            self.headings.clear();
            self.title = Some(text);
            return;
        }
        while self.headings.last().is_some_and(|(l, _)| *l >= level) {
            self.headings.pop();
        }
        let text = text.replace(PATH_SEPARATOR, " – ");
        self.headings.push((level, text));
    }

    /// A paragraph, with whatever spaces and line breaks it had.
    pub(super) fn paragraph(&mut self, text: &str) {
        let text = squeezed(text);
        if !text.is_empty() {
            self.paragraphs.push(text);
        }
    }

    /// The next row is the first one of a table: the heads of its columns.
    pub(super) fn begin_table(&mut self) {
        self.columns = None;
    }

    /// A row of a table. Rows below the first are told with the heads of their columns: a number
    /// alone is found by nobody.
    pub(super) fn row(&mut self, cells: &[String]) {
        let cells: Vec<_> = cells.iter().map(|cell| squeezed(cell)).collect();
        if cells.iter().all(String::is_empty) {
            return;
        }
        let Some(columns) = &self.columns else {
            self.paragraphs.push(filled(&cells).join("; "));
            self.columns = Some(cells);
            return;
        };
        let named = cells.iter().enumerate().map(|(i, cell)| {
            let column = columns.get(i).map(|c| c.trim_end_matches(':'));
            match column.filter(|c| !c.is_empty() && !cell.is_empty()) {
                Some(column) => format!("{column}: {cell}"),
                None => cell.clone(),
            }
        });
        let named: Vec<_> = named.collect();
        let mut row = filled(&named).join("; ");
        if !row.ends_with(['.', '!', '?', '…']) {
            row.push('.');
        }
        self.paragraphs.push(row);
    }

    /// The document; `name` is its title if it has none.
    pub(super) fn finish(mut self, name: &str) -> Document {
        self.end_section();
        Document {
            title: self.title.unwrap_or_else(|| squeezed(name)),
            sections: self.sections,
            ..Document::default()
        }
    }

    fn end_section(&mut self) {
        if self.paragraphs.is_empty() {
            return;
        }
        let path: Vec<_> = self.headings.iter().map(|(_, text)| text.clone()).collect();
        let text = std::mem::take(&mut self.paragraphs).join("\n");
        self.sections.push(Section {
            path,
            text,
            ..Section::default()
        });
    }
}

fn filled(cells: &[String]) -> Vec<&str> {
    let cells = cells.iter().map(String::as_str);
    cells.filter(|cell| !cell.is_empty()).collect()
}

/// The text with one space where there was any white space or a control character, without soft
/// hyphens.
pub(in crate::knowledge) fn squeezed(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.map(|word| word.replace(['\u{ad}', '\u{feff}'], ""));
    words
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_nest_by_their_level_and_empty_sections_vanish() {
        let mut outline = Outline::default();
        outline.paragraph(" До\u{ad}рога \n\t");
        outline.heading(1, "Риск");
        outline.heading(2, "На сделку");
        outline.heading(3, "Пример › счёт");
        outline.paragraph("Один процент.");
        outline.heading(2, "На день");
        outline.heading(4, "  ");
        outline.paragraph("Три процента.");
        outline.paragraph("Не больше.");
        let document = outline.finish("файл");
        let section = |path: &[&str], text: &str| Section {
            path: path.iter().map(ToString::to_string).collect(),
            text: text.into(),
            ..Section::default()
        };
        assert_eq!(document.title, "Риск");
        assert_eq!(
            document.sections,
            [
                section(&[], "Дорога"),
                section(&["На сделку", "Пример – счёт"], "Один процент."),
                section(&["На день"], "Три процента.\nНе больше."),
            ]
        );
    }

    #[test]
    fn a_row_is_told_with_the_heads_of_its_columns() {
        let mut outline = Outline::default();
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        outline.begin_table();
        outline.row(&row(&["Счёт:", "Риск"]));
        outline.row(&row(&["100 000", "1 %", "лишнее"]));
        outline.row(&row(&["", ""]));
        let document = outline.finish("файл");
        assert_eq!(
            document.sections[0].text,
            "Счёт:; Риск\nСчёт: 100 000; Риск: 1 %; лишнее."
        );
        assert_eq!(document.title, "файл");
    }
}
