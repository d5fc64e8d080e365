//! HTML: read tag by tag, without a tree, so that no nesting is too deep.

use super::{Document, outline::Outline};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use std::cell::RefCell;

/// Reads what people see of a page. The title is the first `h1`, else `title`, else `name`.
pub(super) fn document(name: &str, html: &str) -> Document {
    let page = RefCell::new(Page::default());
    let tokenizer = Tokenizer::new(Sink(&page), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let _whole = tokenizer.feed(&input);
    tokenizer.end();
    drop(tokenizer);
    page.into_inner().finish(name)
}

struct Sink<'a>(&'a RefCell<Page>);

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => page.text(&text),
            Token::TagToken(tag) => {
                if let Some(raw) = page.tag(&tag) {
                    return TokenSinkResult::RawData(raw);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What has been read of a page.
#[derive(Default)]
struct Page {
    outline: Outline,
    text: String,
    title: String,
    /// What is not shown, and how deep we are in it.
    hidden: Option<(String, u32)>,
    in_title: bool,
    heading: Option<u8>,
    /// Cells of the row we are in.
    cells: Option<Vec<String>>,
    in_cell: bool,
    tables: u32,
}

/// What a page does not show, or shows on every page of its site.
const HIDDEN: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "nav", "select",
    "button", "textarea", "noembed", "noframes",
];

/// What stands in a line with other text.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

impl Page {
    fn text(&mut self, text: &str) {
        if self.in_title {
            self.title.push_str(text);
        } else if self.hidden.is_none() {
            self.text.push_str(text);
        }
    }

    /// Takes a tag in, and answers how the text behind it is to be read if not as usual.
    fn tag(&mut self, tag: &Tag) -> Option<RawKind> {
        let name = &*tag.name;
        match tag.kind {
            TagKind::StartTag => {
                self.start(name, tag);
                match name {
                    "script" => Some(RawKind::ScriptData),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
                    "title" | "textarea" => Some(RawKind::Rcdata),
                    _ => None,
                }
            }
            TagKind::EndTag => {
                self.end(name);
                None
            }
        }
    }

    fn start(&mut self, name: &str, tag: &Tag) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += u32::from(*hidden == name && !tag.self_closing);
            return;
        }
        if HIDDEN.contains(&name) {
            let void = tag.self_closing && matches!(name, "svg" | "math");
            self.hidden = (!void).then(|| (name.to_owned(), 1));
            return;
        }
        match name {
            "title" => self.in_title = true,
            "br" => self.text.push(' '),
            "img" => {
                let alt = tag.attrs.iter().find(|a| &*a.name.local == "alt");
                if let Some(alt) = alt {
                    self.text.push_str(&alt.value);
                }
            }
            "table" => {
                self.end_block();
                self.tables += 1;
                if self.tables == 1 {
                    self.outline.begin_table();
                }
            }
            "tr" if self.tables == 1 => {
                self.end_row();
                self.cells = Some(Vec::new());
            }
            "td" | "th" if self.tables == 1 => {
                self.end_cell();
                self.in_cell = true;
            }
            _ if INLINE.contains(&name) => {}
            _ => {
                self.end_block();
                self.heading = level(name).filter(|_| self.cells.is_none());
            }
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= u32::from(*hidden == name);
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        match name {
            "title" => self.in_title = false,
            "td" | "th" if self.tables == 1 => self.end_cell(),
            "tr" if self.tables == 1 => self.end_row(),
            "table" => {
                if self.tables == 1 {
                    self.end_row();
                }
                self.end_block();
                self.tables = self.tables.saturating_sub(1);
            }
            _ if INLINE.contains(&name) => {}
            _ => self.end_block(),
        }
    }

    /// A block within a cell only parts words.
    fn end_block(&mut self) {
        if self.cells.is_some() {
            self.text.push(' ');
            return;
        }
        let text = std::mem::take(&mut self.text);
        match self.heading.take() {
            Some(level) => self.outline.heading(level, &text),
            None => self.outline.paragraph(&text),
        }
    }

    fn end_cell(&mut self) {
        let in_cell = std::mem::take(&mut self.in_cell);
        let Some(cells) = &mut self.cells else {
            return;
        };
        let text = std::mem::take(&mut self.text);
        if in_cell || !text.trim().is_empty() {
            cells.push(text);
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some(cells) = self.cells.take() {
            self.outline.row(&cells);
        }
    }

    fn finish(mut self, name: &str) -> Document {
        self.end_row();
        self.end_block();
        let title = super::outline::squeezed(&self.title);
        let name = if title.is_empty() { name } else { &title };
        self.outline.finish(name)
    }
}

fn level(name: &str) -> Option<u8> {
    let digit = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&digit).then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(html: &str) -> Vec<(String, String)> {
        let sections = document("имя", html).sections.into_iter();
        sections.map(|s| (s.path.join("/"), s.text)).collect()
    }

    #[test]
    fn what_people_see_is_read_and_nothing_else() {
        let html = "<!doctype html><html><head><title>Риск &amp; счёт — Сайт</title><style>p{}</style>
            <script>var a = '<p>нет</p>';</script></head><body><nav><a href=/>Меню</a></nav>
            <h1>Риск</h1><p>Не более <b>1&nbsp;%</b><br>на сделку.</p><!-- тайна -->
            <h2>Пример</h2><ul><li>Раз<li>Два</ul><div>Три<div>Четыре</div></div>
            <table><tr><th>Счёт</th><th>Риск</th></tr><tr><td><p>100</p></td><td>1</td></tr></table>";
        assert_eq!(document("имя", html).title, "Риск");
        assert_eq!(
            sections(html),
            [
                (String::new(), "Не более 1 % на сделку.".to_owned()),
                (
                    "Пример".to_owned(),
                    "Раз\nДва\nТри\nЧетыре\nСчёт; Риск\nСчёт: 100; Риск: 1.".to_owned()
                ),
            ]
        );
        let untitled = document("имя", "<title>Сайт</title><p>Текст");
        assert_eq!(untitled.title, "Сайт");
        assert_eq!(document("имя", "Текст").title, "имя");
    }

    #[test]
    fn no_nesting_is_too_deep_and_no_end_is_missed() {
        let deep = format!("{}Дно{}", "<div>".repeat(200_000), "</div>".repeat(7));
        assert_eq!(sections(&deep), [(String::new(), "Дно".to_owned())]);
        for odd in [
            "</td></tr></table></nav>А",
            "<table><td>А",
            "<h2>А",
            "<svg/>А",
            "А<nav>",
        ] {
            let read = document("имя", odd);
            let said = read.sections.iter().any(|s| s.text.contains('А'));
            assert!(said || odd == "<h2>А", "{odd}: {read:?}");
        }
    }
}
