//! DOCX: paragraphs, headings by their style, tables.

use super::{Document, DocumentProblem, Format, outline::Outline};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};
use std::{
    collections::HashMap,
    io::{Cursor, Read},
};
use zip::{ZipArchive, result::ZipError};

/// Bytes that a packed part may have once it is unpacked.
const MAX_PART_BYTES: u64 = 64 << 20;

const DOCUMENT: &str = "word/document.xml";
const STYLES: &str = "word/styles.xml";

/// Reads a document; `name` is its title if no paragraph has the style of one.
///
/// # Errors
/// What is wrong with it, and in which part.
pub(super) fn document(name: &str, bytes: &[u8]) -> Result<Document, DocumentProblem> {
    // What Word encrypts is no ZIP archive, but one of Microsoft's older containers.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(DocumentProblem::Encrypted);
    }
    let archive = ZipArchive::new(Cursor::new(bytes));
    let mut archive = archive.map_err(|_| damaged("ZIP"))?;
    let styles = match part(&mut archive, STYLES)? {
        Some(text) => styles(&text)?,
        None => HashMap::new(),
    };
    let body = part(&mut archive, DOCUMENT)?.ok_or_else(|| damaged(DOCUMENT))?;
    let mut reader = Body {
        styles,
        ..Body::default()
    };
    events(DOCUMENT, &body, |event| reader.take(event))?;
    reader.end_paragraph();
    Ok(reader.outline.finish(name))
}

fn damaged(place: impl Into<String>) -> DocumentProblem {
    DocumentProblem::Damaged {
        format: Format::Docx,
        place: place.into(),
    }
}

fn part(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
) -> Result<Option<String>, DocumentProblem> {
    let part = match archive.by_name(name) {
        Ok(part) => part,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(ZipError::InvalidPassword | ZipError::UnsupportedArchive(_)) => {
            return Err(DocumentProblem::Encrypted);
        }
        Err(_) => return Err(damaged(name)),
    };
    let mut text = Vec::new();
    let read = part.take(MAX_PART_BYTES + 1).read_to_end(&mut text);
    let read = read.map_err(|_| damaged(name))?;
    if read as u64 > MAX_PART_BYTES {
        return Err(DocumentProblem::TooLarge(MAX_PART_BYTES >> 20));
    }
    let text = String::from_utf8(text);
    text.map(Some).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        damaged(format!("{name}, byte {at}"))
    })
}

fn events(name: &str, text: &str, mut take: impl FnMut(&Event<'_>)) -> Result<(), DocumentProblem> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            // One that is empty begins and ends at once.
            Ok(Event::Empty(start)) => {
                let end = Event::End(start.to_end().into_owned());
                take(&Event::Start(start));
                take(&end);
            }
            Ok(event) => take(&event),
            Err(_) => {
                let at = reader.error_position();
                return Err(damaged(format!("{name}, byte {at}")));
            }
        }
    }
}

fn value(start: &BytesStart<'_>) -> Option<String> {
    attribute(start, "w:val")
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.value.into_owned())
}

/// What a style makes of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Title,
    Heading(u8),
}

/// The styles that make titles and headings, by their ids. Their names are English in every Word.
fn styles(text: &str) -> Result<HashMap<String, Style>, DocumentProblem> {
    let (mut found, mut based) = (HashMap::new(), HashMap::new());
    let mut id = String::new();
    events(STYLES, text, |event| {
        let Event::Start(start) = event else { return };
        match start.name().as_ref() {
            "w:style" => id = attribute(start, "w:styleId").unwrap_or_default(),
            "w:name" => {
                if let Some(style) = value(start).and_then(|name| named(&name)) {
                    found.insert(id.clone(), style);
                }
            }
            "w:outlineLvl" => {
                if let Some(style) = value(start).and_then(|level| outlined(&level)) {
                    found.entry(id.clone()).or_insert(style);
                }
            }
            "w:basedOn" => {
                based.extend(value(start).map(|base| (id.clone(), base)));
            }
            _ => {}
        }
    })?;
    for (style, base) in &based {
        if let Some(inherited) = found.get(base).copied() {
            found.entry(style.clone()).or_insert(inherited);
        }
    }
    Ok(found)
}

fn named(name: &str) -> Option<Style> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(Style::Title);
    }
    let level = name.strip_prefix("heading ")?.parse().ok()?;
    (1..=9).contains(&level).then_some(Style::Heading(level))
}

fn outlined(level: &str) -> Option<Style> {
    let level: u8 = level.parse().ok()?;
    (level < 9).then_some(Style::Heading(level + 1))
}

/// What has been read of the body.
#[derive(Default)]
struct Body {
    styles: HashMap<String, Style>,
    outline: Outline,
    paragraph: String,
    style: Option<Style>,
    in_text: bool,
    tables: u32,
    cells: Vec<String>,
    /// What stands here a second time for older programs.
    fallback: u32,
}

impl Body {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(start) => self.start(start),
            Event::End(end) => self.end(end.name().as_ref()),
            Event::Text(text) if self.in_text => self.push(text),
            Event::CData(text) if self.in_text => self.push(text),
            Event::GeneralRef(entity) if self.in_text => {
                if let Some(text) = resolve_predefined_entity(entity) {
                    self.push(text);
                } else if let Ok(Some(c)) = entity.resolve_char_ref() {
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.fallback == 0 {
            self.paragraph.push_str(text);
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        match start.name().as_ref() {
            "mc:Fallback" => self.fallback += 1,
            "w:t" => self.in_text = true,
            "w:tab" | "w:br" | "w:cr" => self.push(" "),
            "w:noBreakHyphen" => self.push("-"),
            "w:pStyle" => {
                self.style = value(start).and_then(|id| self.styles.get(&id).copied());
            }
            "w:outlineLvl" if self.style.is_none() => {
                self.style = value(start).and_then(|level| outlined(&level));
            }
            "w:tbl" => {
                self.end_paragraph();
                if self.tables == 0 {
                    self.outline.begin_table();
                }
                self.tables += 1;
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "mc:Fallback" => self.fallback = self.fallback.saturating_sub(1),
            "w:t" => self.in_text = false,
            "w:p" => self.end_paragraph(),
            "w:tc" if self.tables == 1 => self.cells.push(std::mem::take(&mut self.paragraph)),
            "w:tr" if self.tables == 1 => self.outline.row(&std::mem::take(&mut self.cells)),
            "w:tbl" => self.tables = self.tables.saturating_sub(1),
            _ => {}
        }
    }

    /// Within a table, what parts paragraphs only parts words.
    fn end_paragraph(&mut self) {
        let style = self.style.take();
        if self.tables > 0 {
            self.paragraph.push(' ');
            return;
        }
        let text = std::mem::take(&mut self.paragraph);
        match style {
            Some(Style::Title) => self.outline.title(&text),
            Some(Style::Heading(level)) => self.outline.heading(level, &text),
            None => self.outline.paragraph(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let mut writer = ZipWriter::new(&mut file);
        for (name, text) in parts {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        file.into_inner()
    }

    fn paragraph(style: &str, text: &str) -> String {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    }

    const STYLE: &str = r#"<w:styles><w:style w:styleId="a3"><w:name w:val="Title"/></w:style>
        <w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="my"><w:name w:val="Мой"/><w:basedOn w:val="1"/></w:style></w:styles>"#;

    #[test]
    fn headings_are_known_by_their_style_and_tables_by_their_columns() {
        let body = [
            "<w:document><w:body>".to_owned(),
            paragraph("a3", "Риск"),
            paragraph("1", "Правило"),
            paragraph("", "Не более 1&#160;% &amp; точка.<w:tab/>"),
            paragraph("my", "Пример"),
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Счёт</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Риск</w:t></w:r></w:p></w:tc></w:tr>\
             <w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>1 %</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
                .to_owned(),
            "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>Раз</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>Раз</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>".to_owned(),
            "</w:body></w:document>".to_owned(),
        ];
        let bytes = packed(&[(STYLES, STYLE), (DOCUMENT, &body.concat())]);
        let document = document("файл", &bytes).unwrap();
        assert_eq!(document.title, "Риск");
        let sections = document.sections.iter();
        let sections: Vec<_> = sections
            .map(|s| (s.path.join("/"), s.text.as_str()))
            .collect();
        assert_eq!(
            sections,
            [
                ("Правило".to_owned(), "Не более 1 % & точка."),
                ("Пример".to_owned(), "Счёт; Риск\nРиск: 1 %.\nРаз"),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let place = |bytes: &[u8]| match document("файл", bytes) {
            Err(DocumentProblem::Damaged { place, .. }) => place,
            other => panic!("{other:?}"),
        };
        assert_eq!(place(b"no archive"), "ZIP");
        assert_eq!(place(&packed(&[("a.txt", "")])), DOCUMENT);
        let broken = packed(&[(DOCUMENT, "<w:document><w:p></w:document>")]);
        assert!(place(&broken).starts_with("word/document.xml, byte "));
        let ole = [0xd0, 0xcf, 0x11, 0xe0, 0, 0];
        assert_eq!(document("", &ole), Err(DocumentProblem::Encrypted));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = " ".repeat(usize::try_from(MAX_PART_BYTES).unwrap() + 1);
        let bytes = packed(&[(DOCUMENT, &bomb)]);
        assert!(bytes.len() < 1 << 20);
        assert_eq!(document("", &bytes), Err(DocumentProblem::TooLarge(64)));
    }
}
