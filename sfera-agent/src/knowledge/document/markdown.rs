//! Markdown: CommonMark with tables.

use super::{Document, outline::Outline};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Reads a document; `name` is its title if it has no heading of level 1.
pub(in crate::knowledge) fn document(name: &str, markdown: &str) -> Document {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for event in Parser::new_ext(markdown, options) {
        reader.take(event);
    }
    reader.end_paragraph();
    reader.outline.finish(name)
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    paragraph: String,
    cells: Vec<String>,
    /// Settings of a site generator, which are no text.
    metadata: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::MetadataBlock(_)) => self.metadata = true,
            Event::End(TagEnd::MetadataBlock(_)) => self.metadata = false,
            Event::Start(Tag::Table(_)) => {
                self.end_paragraph();
                self.outline.begin_table();
            }
            Event::End(TagEnd::TableCell) => self.cells.push(std::mem::take(&mut self.paragraph)),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                self.outline.row(&std::mem::take(&mut self.cells));
            }
            Event::End(TagEnd::Heading(level)) => {
                let text = std::mem::take(&mut self.paragraph);
                self.outline.heading(level as u8, &text);
            }
            Event::Start(Tag::Heading { .. } | Tag::List(_) | Tag::Item)
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock) => {
                self.end_paragraph();
            }
            Event::Text(text) | Event::Code(text) if !self.metadata => {
                self.paragraph.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.paragraph.push(' '),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        self.outline.paragraph(&std::mem::take(&mut self.paragraph));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(markdown: &str) -> Vec<(String, String)> {
        let document = document("файл", markdown);
        let sections = document.sections.into_iter();
        sections.map(|s| (s.path.join("/"), s.text)).collect()
    }

    #[test]
    fn headings_name_the_sections_and_markup_is_gone() {
        let text = "# Страх\n\nПервый **абзац**,\nвторая строка.\n\n## Что делать\n\n- Дышать.\n  - Медленно.\n- [Ждать](http://x).\n";
        assert_eq!(document("файл", text).title, "Страх");
        assert_eq!(
            sections(text),
            [
                (String::new(), "Первый абзац, вторая строка.".to_owned()),
                (
                    "Что делать".to_owned(),
                    "Дышать.\nМедленно.\nЖдать.".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn tables_and_code_are_text_and_a_site_generators_settings_are_none() {
        let text = "---\nlayout: post\n---\n\n| Счёт | Риск |\n|---|---|\n| 100 | `1 %` |\n\n```\nстоп = 5\nцель = 9\n```\n";
        let read = sections(text);
        assert_eq!(read.len(), 1);
        assert_eq!(
            read[0].1,
            "Счёт; Риск\nСчёт: 100; Риск: 1 %.\nстоп = 5 цель = 9"
        );
    }

    #[test]
    fn a_title_alone_or_nothing_has_no_sections() {
        assert!(sections("# Only a title\n").is_empty());
        assert!(sections("").is_empty());
    }
}
