//! Text without any markup.

use super::{Document, outline::Outline};

/// Paragraphs are what blank lines part; without a blank line each line is one. `name` is the title.
pub(super) fn document(name: &str, text: &str) -> Document {
    let mut outline = Outline::default();
    paragraphs(text, |paragraph| outline.paragraph(paragraph));
    outline.finish(name)
}

/// Gives each paragraph of a text, with the line breaks in it.
pub(super) fn paragraphs(text: &str, mut take: impl FnMut(&str)) {
    let text = text.replace("\r\n", "\n");
    let mut lines = text.trim().lines();
    if lines.any(|line| line.trim().is_empty()) {
        let mut paragraph = String::new();
        for line in text.lines() {
            if line.trim().is_empty() {
                take(&std::mem::take(&mut paragraph));
            }
            paragraph.push_str(line);
            paragraph.push('\n');
        }
        take(&paragraph);
    } else {
        text.lines().for_each(take);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs_or_else_every_line_does() {
        let text = |text: &str| document("имя", text).sections.remove(0).text;
        assert_eq!(text("Один\r\nдва.\r\n\r\nТри.\r\n"), "Один два.\nТри.");
        assert_eq!(text("Один.\nДва.\n"), "Один.\nДва.");
        assert_eq!(document("имя", " \n\n").sections, []);
        assert_eq!(document("имя", "").title, "имя");
    }
}
