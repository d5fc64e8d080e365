//! From a Markdown document to chunks that can be read out.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

/// Characters after which a chunk is full: about half a minute of speech.
const CHUNK_CHARS: usize = 600;
/// The end of a section that is shorter than this stays with what is before it.
const REMNANT_CHARS: usize = 250;

/// A piece of a document, small enough to be read out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) title: String,
    pub(super) section: Option<String>,
    pub(super) text: String,
}

/// Cuts a document into chunks of whole paragraphs, of whole sentences where a paragraph is long.
/// The first top-level heading is the title; without one it is `name`.
pub(super) fn chunks(name: &str, markdown: &str) -> Vec<Chunk> {
    let mut cutter = Cutter {
        title: name.to_owned(),
        ..Cutter::default()
    };
    for event in Parser::new(markdown) {
        cutter.take(event);
    }
    cutter.end_paragraph();
    cutter.end_section();
    for chunk in &mut cutter.done {
        chunk.title.clone_from(&cutter.title);
    }
    cutter.done
}

#[derive(Default)]
struct Cutter {
    title: String,
    section: Option<String>,
    heading: Option<HeadingLevel>,
    titled: bool,
    paragraph: String,
    chunk: String,
    done: Vec<Chunk>,
}

impl Cutter {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.end_paragraph();
                self.end_section();
                self.heading = Some(level);
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock) => {
                self.end_paragraph();
            }
            Event::Text(text) | Event::Code(text) => self.paragraph.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.paragraph.push(' '),
            _ => {}
        }
    }

    fn end_heading(&mut self) {
        let text = std::mem::take(&mut self.paragraph).trim().to_owned();
        if self.heading.take() == Some(HeadingLevel::H1) && !self.titled {
            self.title = text;
            self.titled = true;
        } else {
            self.section = Some(text);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        for sentence in sentences(paragraph.trim()) {
            let len = self.chunk.chars().count() + sentence.chars().count();
            if len > CHUNK_CHARS {
                self.end_chunk();
            }
            if !self.chunk.is_empty() {
                self.chunk.push(' ');
            }
            self.chunk.push_str(sentence);
        }
    }

    fn end_section(&mut self) {
        let short = self.chunk.chars().count() < REMNANT_CHARS;
        let before = self.done.last_mut().filter(|c| c.section == self.section);
        if let Some(before) = before.filter(|_| short && !self.chunk.is_empty()) {
            before.text.push(' ');
            before.text.push_str(&std::mem::take(&mut self.chunk));
        }
        self.end_chunk();
    }

    fn end_chunk(&mut self) {
        let text = std::mem::take(&mut self.chunk);
        if !text.is_empty() {
            self.done.push(Chunk {
                title: String::new(),
                section: self.section.clone(),
                text,
            });
        }
    }
}

/// The sentences of a text, trimmed; each is at most [`CHUNK_CHARS`] long.
fn sentences(text: &str) -> Vec<&str> {
    use unicode_segmentation::UnicodeSegmentation;
    let trimmed = text.unicode_sentences().map(str::trim);
    trimmed.flat_map(pieces).filter(|s| !s.is_empty()).collect()
}

/// Cuts what is no sentence at all (a table, a line of base64) at a fixed length.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while let Some((cut, _)) = text.char_indices().nth(CHUNK_CHARS) {
        let (piece, rest) = text.split_at(cut);
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_the_chunks_and_markup_is_gone() {
        let text = "# Страх\n\nПервый **абзац**,\nвторая строка.\n\n## Что делать\n\n- Дышать.\n- [Ждать](http://x).\n";
        let found = chunks("file", text);
        let chunk = |section: Option<&str>, text: &str| Chunk {
            title: "Страх".into(),
            section: section.map(Into::into),
            text: text.into(),
        };
        assert_eq!(
            found,
            [
                chunk(None, "Первый абзац, вторая строка."),
                chunk(Some("Что делать"), "Дышать. Ждать."),
            ]
        );
    }

    #[test]
    fn long_sections_are_cut_between_sentences_and_nothing_is_lost() {
        let sentence = "Это предложение о дисциплине. ";
        let found = chunks("file", &sentence.repeat(60));
        assert!(found.len() > 2);
        let most = CHUNK_CHARS + REMNANT_CHARS;
        assert!(found.iter().all(|c| c.text.chars().count() <= most));
        assert!(
            found
                .iter()
                .all(|c| c.text.ends_with('.') && c.title == "file")
        );
        let joined: Vec<_> = found.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(joined.join(" "), sentence.repeat(60).trim());
    }

    #[test]
    fn the_last_sentence_of_a_section_is_not_left_alone() {
        let text = format!(
            "## Первый\n\n{}\n\n## Второй\n\nКонец.",
            "Это о страхе. ".repeat(45)
        );
        let found = chunks("file", &text);
        let ends: Vec<_> = found.iter().map(|c| c.section.as_deref()).collect();
        assert_eq!(ends, [Some("Первый"), Some("Второй")]);
    }

    #[test]
    fn a_text_without_sentences_is_cut_and_an_empty_one_gives_nothing() {
        let found = chunks("file", &"я".repeat(2_000));
        let most = CHUNK_CHARS + REMNANT_CHARS;
        assert!(found.iter().all(|c| c.text.chars().count() <= most));
        assert_eq!(
            found
                .iter()
                .map(|c| c.text.matches('я').count())
                .sum::<usize>(),
            2_000
        );
        assert!(chunks("file", "# Only a title\n").is_empty());
        assert!(chunks("file", "").is_empty());
    }
}
