use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::fmt::Write as _;

/// A text with everything in it that HTML would take for its own.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Telegram drops them or refuses the message.
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => out.push(c),
        }
    }
}

/// Telegram's HTML of a Markdown text.
pub fn markdown(text: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let mut page = Page::default();
    for event in Parser::new_ext(text, options) {
        page.take(event);
    }
    page.finish()
}

#[derive(Default)]
struct Page {
    out: String,
    /// Closing tags of what is open, innermost last.
    open: Vec<&'static str>,
    /// Numbers of the lists that are open; none for one with bullets.
    lists: Vec<Option<u64>>,
    /// Inside `<pre>` or `<code>` Telegram allows no other tag.
    code: bool,
    quotes: usize,
    cells: usize,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            // What looks like HTML is what somebody wrote.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.out.push_str("<code>");
                self.text(&text);
                self.out.push_str("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.out.push('\n'),
            Event::Rule => {
                self.paragraph();
                self.out.push_str("———");
            }
            Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]")),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.paragraph(),
            Tag::Heading { .. } => {
                self.paragraph();
                self.open("<b>", "</b>");
            }
            Tag::Strong => self.open("<b>", "</b>"),
            Tag::Emphasis => self.open("<i>", "</i>"),
            Tag::Strikethrough => self.open("<s>", "</s>"),
            Tag::BlockQuote(_) => {
                self.paragraph();
                self.quotes += 1;
                // Telegram refuses a quote within a quote.
                if self.quotes == 1 {
                    self.open("<blockquote>", "</blockquote>");
                }
            }
            Tag::CodeBlock(kind) => self.code_block(&kind),
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.paragraph();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(&dest_url),
            Tag::Table(_) => self.paragraph(),
            Tag::TableHead | Tag::TableRow => {
                self.line();
                self.cells = 0;
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.out.push_str(" · ");
                }
                self.cells += 1;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_)
            | TagEnd::Strong
            | TagEnd::Emphasis
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => self.close(),
            TagEnd::BlockQuote(_) => {
                self.quotes = self.quotes.saturating_sub(1);
                if self.quotes == 0 {
                    self.trim();
                    self.close();
                }
            }
            TagEnd::CodeBlock => {
                self.trim();
                self.code = false;
                self.close();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        push_escaped(&mut self.out, text);
    }

    fn open(&mut self, opening: &str, closing: &'static str) {
        self.out.push_str(opening);
        self.open.push(closing);
    }

    fn close(&mut self) {
        if let Some(closing) = self.open.pop() {
            self.out.push_str(closing);
        }
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        self.paragraph();
        let language = match kind {
            CodeBlockKind::Fenced(name) => name.split_whitespace().next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-#_.".contains(c);
        if language.is_empty() || !language.chars().all(plain) {
            self.open("<pre>", "</pre>");
        } else {
            let opening = format!("<pre><code class=\"language-{language}\">");
            self.open(&opening, "</code></pre>");
        }
        self.code = true;
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists.len().saturating_sub(1);
        self.out.push_str(&"  ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                // Writing to a string cannot fail.
                let _ = write!(self.out, "{number}. ");
                *number += 1;
            }
            _ => self.out.push_str("• "),
        }
    }

    /// Only what a browser may open is a link; the words of another stay words, and so does a picture
    /// that is one.
    fn link(&mut self, to: &str) {
        let known = ["https://", "http://", "tg://", "mailto:"];
        let within = self.open.contains(&"</a>");
        if !within && known.iter().any(|scheme| to.starts_with(scheme)) {
            let opening = format!("<a href=\"{}\">", escape(to));
            self.open(&opening, "</a>");
        } else {
            self.open("", "");
        }
    }

    /// An empty line before what follows, where there is something before it.
    fn paragraph(&mut self) {
        if self.at_start() || self.lists.last().is_some() && self.out.ends_with(['•', '.', ' ']) {
            return;
        }
        self.line();
        if self.lists.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn line(&mut self) {
        if !self.at_start() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Nothing is written yet, or nothing after what was opened last.
    fn at_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with("<blockquote>")
    }

    fn trim(&mut self) {
        let length = self.out.trim_end_matches('\n').len();
        self.out.truncate(length);
    }

    fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.trim();
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_models_write_is_shown_as_meant() {
        for (text, html) in [
            ("**Риск** и *покой*", "<b>Риск</b> и <i>покой</i>"),
            ("# Заголовок\nтекст", "<b>Заголовок</b>\n\nтекст"),
            ("- раз\n- два\n  - три", "• раз\n• два\n  • три"),
            ("1. раз\n2. два", "1. раз\n2. два"),
            ("`a < b`", "<code>a &lt; b</code>"),
            (
                "```rust\nlet x = 1;\n```",
                "<pre><code class=\"language-rust\">let x = 1;</code></pre>",
            ),
            (
                "[сайт](https://a.example/?x=1&y=2)",
                "<a href=\"https://a.example/?x=1&amp;y=2\">сайт</a>",
            ),
            ("[плохо](javascript:alert)", "плохо"),
            (
                "[![фото](https://a.example/1)](https://a.example/2)",
                "<a href=\"https://a.example/2\">фото</a>",
            ),
            (
                "> мысль\n> дальше\n\nответ",
                "<blockquote>мысль\nдальше</blockquote>\n\nответ",
            ),
            ("~~нет~~ да", "<s>нет</s> да"),
            ("раз\n\nдва", "раз\n\nдва"),
            ("<b>не тег</b>", "&lt;b&gt;не тег&lt;/b&gt;"),
            ("|a|b|\n|-|-|\n|1|2|", "a · b\n1 · 2"),
        ] {
            assert_eq!(markdown(text), html, "{text}");
        }
    }

    /// Found by fuzzing.
    #[test]
    fn nothing_but_text_is_left_of_control_characters() {
        assert_eq!(markdown("раз\u{7f}\u{85}\0два"), "раздва");
        assert_eq!(escape("\r\u{9b}да\n\t"), "да\n\t");
    }

    #[test]
    fn a_text_that_breaks_off_is_whole() {
        assert_eq!(markdown("**жирный"), "**жирный");
        assert_eq!(markdown("```\nкод"), "<pre>код</pre>");
        assert_eq!(
            markdown("> цитата **жир"),
            "<blockquote>цитата **жир</blockquote>"
        );
    }
}
