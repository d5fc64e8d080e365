//! Takes Markdown's marks out of a stream of characters, one character at a time.
//!
//! LLMs write Markdown even when told not to, and a voice would read the stars aloud. A parser such
//! as pulldown-cmark needs whole blocks; speech has to start while the block is being written, so
//! this one looks at most one link ahead and gives back unchanged what turns out to be no mark.

/// Characters of a link's text that are held back at most.
const MAX_LINK_TEXT: usize = 200;
/// Characters of a link's address that are held back at most.
const MAX_LINK_URL: usize = 1_000;
/// Characters of the word after a code fence that are held back at most.
const MAX_FENCE_INFO: usize = 32;

/// Bold, code, links, headings, bullets and quotes go; their text stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Markdown {
    link: Link,
    emphasis: Emphasis,
}

#[derive(Clone, Debug, Default)]
enum Link {
    #[default]
    None,
    Bang,
    Backslash,
    Text(String),
    TextEnd(String),
    Url {
        text: String,
        url: String,
        depth: usize,
    },
}

impl Markdown {
    /// Takes the next character; `out` gets the text that is certain now.
    pub(super) fn push(&mut self, c: char, out: &mut impl FnMut(char)) {
        match std::mem::take(&mut self.link) {
            Link::None => self.plain(c, out),
            Link::Bang => {
                if c == '[' {
                    self.link = Link::Text(String::new());
                } else {
                    self.emphasis.push('!', out);
                    self.plain(c, out);
                }
            }
            Link::Backslash => {
                if c.is_ascii_punctuation() {
                    self.emphasis.literal(c, out);
                } else {
                    self.emphasis.push('\\', out);
                    self.plain(c, out);
                }
            }
            Link::Text(text) if c == ']' => self.link = Link::TextEnd(text),
            Link::Text(text) if c == '\n' || c == '[' || text.len() > MAX_LINK_TEXT => {
                self.give_back(&["[", &text], out);
                self.plain(c, out);
            }
            Link::Text(mut text) => {
                text.push(c);
                self.link = Link::Text(text);
            }
            Link::TextEnd(text) if c == '(' => {
                self.link = Link::Url {
                    text,
                    url: String::new(),
                    depth: 0,
                };
            }
            Link::TextEnd(text) => {
                self.give_back(&["[", &text, "]"], out);
                self.plain(c, out);
            }
            Link::Url { text, url, depth } => self.in_url(text, url, depth, c, out),
        }
    }

    /// Gives what is held back; the next character starts a new text.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(char)) {
        match std::mem::take(&mut self.link) {
            Link::None => {}
            Link::Bang => self.emphasis.push('!', out),
            Link::Backslash => self.emphasis.push('\\', out),
            Link::Text(text) => self.give_back(&["[", &text], out),
            Link::TextEnd(text) => self.give_back(&["[", &text, "]"], out),
            Link::Url { text, url, .. } => self.give_back(&["[", &text, "](", &url], out),
        }
        self.emphasis.finish(out);
        *self = Self::default();
    }

    fn plain(&mut self, c: char, out: &mut impl FnMut(char)) {
        match c {
            '[' => self.link = Link::Text(String::new()),
            '!' => {
                self.emphasis.settle(Some('!'), out);
                self.link = Link::Bang;
            }
            '\\' => self.link = Link::Backslash,
            _ => self.emphasis.push(c, out),
        }
    }

    fn in_url(
        &mut self,
        text: String,
        mut url: String,
        depth: usize,
        c: char,
        out: &mut impl FnMut(char),
    ) {
        if c == ')' && depth == 0 {
            self.give_back(&[&text], out);
        } else if c == '\n' || url.len() > MAX_LINK_URL {
            self.give_back(&["[", &text, "](", &url], out);
            self.plain(c, out);
        } else {
            let depth = match c {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            url.push(c);
            self.link = Link::Url { text, url, depth };
        }
    }

    fn give_back(&mut self, parts: &[&str], out: &mut impl FnMut(char)) {
        for c in parts.iter().flat_map(|part| part.chars()) {
            self.emphasis.push(c, out);
        }
    }
}

#[derive(Clone, Debug)]
struct Emphasis {
    /// The same mark several times, not yet known to be text.
    run: Option<(char, usize)>,
    /// The word after a code fence, so far.
    fence: Option<String>,
    previous: char,
    line_start: bool,
}

impl Default for Emphasis {
    fn default() -> Self {
        Self {
            run: None,
            fence: None,
            previous: '\n',
            line_start: true,
        }
    }
}

impl Emphasis {
    fn push(&mut self, c: char, out: &mut impl FnMut(char)) {
        if let Some((mark, count)) = &mut self.run
            && *mark == c
        {
            *count += 1;
            return;
        }
        self.settle(Some(c), out);
        if let Some(info) = &mut self.fence {
            if (c.is_ascii_alphanumeric() || "+#_-".contains(c)) && info.len() < MAX_FENCE_INFO {
                info.push(c);
                return;
            }
            let info = std::mem::take(info);
            self.fence = None;
            if c != '\n' {
                info.chars().for_each(|c| self.emit(c, out));
            }
        }
        let at_start = self.line_start && matches!(c, '#' | '-' | '+' | '>' | '•');
        if at_start || matches!(c, '*' | '_' | '~' | '`') {
            self.run = Some((c, 1));
        } else {
            self.emit(c, out);
        }
    }

    /// Text, whatever it looks like.
    fn literal(&mut self, c: char, out: &mut impl FnMut(char)) {
        self.settle(Some(c), out);
        self.emit(c, out);
    }

    fn finish(&mut self, out: &mut impl FnMut(char)) {
        self.settle(None, out);
        for c in self.fence.take().unwrap_or_default().chars() {
            self.emit(c, out);
        }
    }

    /// Decides, now that the next character is known, whether the run of marks was text.
    fn settle(&mut self, next: Option<char>, out: &mut impl FnMut(char)) {
        let Some((mark, count)) = self.run.take() else {
            return;
        };
        let before = self.previous;
        let after = next.unwrap_or('\n');
        let is_text = match mark {
            '`' => {
                if count >= 3 && self.line_start {
                    self.fence = Some(String::new());
                }
                false
            }
            '~' => count == 1,
            '*' => {
                let alone = before.is_whitespace() && after.is_whitespace() && !self.line_start;
                count == 1 && (alone || before.is_numeric() && after.is_numeric())
            }
            '_' => before.is_alphanumeric() && after.is_alphanumeric(),
            '#' => count > 6 || !after.is_whitespace(),
            '-' | '+' => !(after.is_whitespace() && (count == 1 || count >= 3)),
            _ => false,
        };
        if is_text {
            (0..count).for_each(|_| self.emit(mark, out));
        }
    }

    fn emit(&mut self, c: char, out: &mut impl FnMut(char)) {
        self.previous = c;
        if c == '\n' {
            self.line_start = true;
        } else if !c.is_whitespace() {
            self.line_start = false;
        }
        out(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, text: &str) {
        let mut stripped = String::new();
        let mut parser = Markdown::default();
        for c in markdown.chars() {
            parser.push(c, &mut |c| stripped.push(c));
        }
        parser.finish(&mut |c| stripped.push(c));
        assert_eq!(stripped, text, "from {markdown:?}");
    }

    #[test]
    fn marks_go_and_their_text_stays() {
        check("**Риск** и *доход*", "Риск и доход");
        check("`код` и ~~нет~~", "код и нет");
        check("## План\nтекст", " План\nтекст");
        check("- раз\n* два\n+ три\n• пять", " раз\n два\n три\n пять");
        check("> цитата", " цитата");
        check(
            "[наш сайт](https://example.com/a_(b)?c=d) тут",
            "наш сайт тут",
        );
        check("![график](a.png)", "график");
        check("```rust\nlet a;\n```\nвсё", "\nlet a;\n\nвсё");
        check("__важно__ и _очень_", "важно и очень");
        check("---\nтекст", "\nтекст");
    }

    #[test]
    fn what_is_no_mark_is_given_back() {
        check("2 * 3 и 4*5", "2 * 3 и 4*5");
        check("snake_case_name", "snake_case_name");
        check("#1 и C#", "#1 и C#");
        check("-5 градусов", "-5 градусов");
        check("~5 минут", "~5 минут");
        check("[1] и [не ссылка", "[1] и [не ссылка");
        check("[a](b\nc", "[a](b\nc");
        check("Ура! Да![x](y)", "Ура! Даx");
        check(r"\*звёзды\* \n", r"*звёзды* \n");
        check("```да```", "да");
        check("— Привет", "— Привет");
        check("конец!", "конец!");
    }
}
