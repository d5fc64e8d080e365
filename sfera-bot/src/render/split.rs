/// Cuts Telegram's HTML into messages of at most so many characters (UTF-16 units without tags), at the
/// best place there is: between paragraphs, lines, words. What is open at a cut is closed and opened
/// again in the next message. Telegram refuses a message in which nothing is to be seen: there is none.
pub fn split(html: &str, longest: usize) -> Vec<String> {
    let mut pages = Vec::new();
    let mut page = Page::default();
    for token in tokens(html) {
        if page.length + token.length() > longest && page.length > 0 {
            let (full, rest) = page.cut();
            pages.extend(full.whole());
            page = rest;
        }
        page.push(token);
    }
    pages.extend(page.whole());
    pages
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Open(&'a str),
    Close(&'a str),
    /// A character, or what stands for one.
    Char(&'a str, usize),
}

impl Token<'_> {
    const fn length(self) -> usize {
        match self {
            Self::Char(_, length) => length,
            _ => 0,
        }
    }
}

fn tokens(html: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '<' => rest.find('>').map(|at| at + 1),
            '&' => rest.find(';').map(|at| at + 1),
            _ => None,
        };
        let (token, after) = rest.split_at(end.unwrap_or(first.len_utf8()));
        rest = after;
        Some(match (first, end) {
            ('<', Some(_)) if token.starts_with("</") => Token::Close(token),
            ('<', Some(_)) => Token::Open(token),
            ('&', Some(_)) => Token::Char(token, 1),
            _ => Token::Char(token, first.len_utf16()),
        })
    })
}

/// A message that is being filled.
#[derive(Default)]
struct Page<'a> {
    tokens: Vec<Token<'a>>,
    length: usize,
}

impl<'a> Page<'a> {
    fn push(&mut self, token: Token<'a>) {
        self.length += token.length();
        self.tokens.push(token);
    }

    /// None where nothing is to be seen.
    fn whole(&self) -> Option<String> {
        if self.tokens.iter().all(|token| token.is_unseen()) {
            return None;
        }
        let mut text: String = self.tokens.iter().map(|token| token.text()).collect();
        let length = text.trim_end().len();
        text.truncate(length);
        for tag in self.open().iter().rev() {
            text.push_str(&closing(tag));
        }
        Some(text)
    }

    /// Tags that are open at the end, outermost first.
    fn open(&self) -> Vec<&'a str> {
        let mut open = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Open(tag) => open.push(*tag),
                Token::Close(_) => {
                    open.pop();
                }
                Token::Char(..) => {}
            }
        }
        open
    }

    /// What is full, and what goes on.
    fn cut(self) -> (Self, Self) {
        let at = self.best_cut();
        let (before, after) = self.tokens.split_at(at);
        let mut full = Page::default();
        before.iter().for_each(|token| full.push(*token));
        let mut rest = Page::default();
        full.open()
            .iter()
            .for_each(|tag| rest.push(Token::Open(tag)));
        let space = |token: &&Token<'a>| matches!(token, Token::Char(..)) && token.is_unseen();
        let after = after.iter().skip_while(space);
        after.for_each(|token| rest.push(*token));
        (full, rest)
    }

    /// After which token to cut. The second half of a message is searched for a good place.
    fn best_cut(&self) -> usize {
        let least = self.tokens.len() / 2;
        let is =
            |at: usize, wanted: &str| matches!(self.tokens[at], Token::Char(c, _) if c == wanted);
        let last =
            |good: &dyn Fn(usize) -> bool| (least..self.tokens.len()).rev().find(|at| good(*at));
        let paragraph = last(&|at| at > 0 && is(at, "\n") && is(at - 1, "\n"));
        let place = paragraph
            .or_else(|| last(&|at| is(at, "\n")))
            .or_else(|| last(&|at| is(at, " ")));
        place.map_or(self.tokens.len(), |at| at + 1)
    }
}

impl<'a> Token<'a> {
    fn is_unseen(self) -> bool {
        match self {
            Self::Open(_) | Self::Close(_) => true,
            Self::Char(c, _) => c.trim().is_empty(),
        }
    }

    const fn text(self) -> &'a str {
        match self {
            Self::Open(text) | Self::Close(text) | Self::Char(text, _) => text,
        }
    }
}

fn closing(tag: &str) -> String {
    let name = tag.trim_start_matches('<');
    let end = name.find([' ', '>']).unwrap_or(name.len());
    format!("</{}>", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_one_message_and_an_empty_one_is_none() {
        assert_eq!(split("<b>да</b>", 100), ["<b>да</b>"]);
        assert!(split("", 100).is_empty());
    }

    #[test]
    fn nothing_to_be_seen_is_no_message() {
        assert!(split("<pre> \n\u{a0}</pre>", 100).is_empty());
        let pages = split(&format!("<b>да{}</b>нет", " \n".repeat(9)), 6);
        assert_eq!(pages.len(), 2, "{pages:?}");
        assert!(pages[0] == "<b>да</b>" && pages[1].ends_with("нет"));
    }

    #[test]
    fn what_is_open_goes_on_in_the_next_message() {
        let pages = split("<b>раз два <i>три четыре</i></b>", 10);
        assert_eq!(pages, ["<b>раз два</b>", "<b><i>три четыре</i></b>"]);
    }

    #[test]
    fn paragraphs_are_the_best_places() {
        let text = format!("{}\n\nвторой абзац", "слово ".repeat(10).trim());
        let pages = split(&text, 70);
        assert_eq!(pages[1], "второй абзац");
    }
}
