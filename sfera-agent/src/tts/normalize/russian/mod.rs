//! Russian text in words: rules over the tokens of a sentence.

mod agreement;
mod calendar;
mod quantity;
mod words;

use super::{
    lexer::{Token, tokens},
    number::Case,
    units::abbreviation,
};

/// After these words a number stands in the genitive.
const GENITIVE_AFTER: &[&str] = &[
    "от",
    "до",
    "из",
    "около",
    "без",
    "более",
    "менее",
    "больше",
    "меньше",
    "свыше",
    "после",
    "порядка",
    "у",
    "выше",
    "ниже",
    "кроме",
    "против",
    "не",
    "старше",
    "младше",
    "раньше",
    "позже",
];

pub(super) fn speakable(text: &str) -> String {
    let text = expand_abbreviations(text);
    let tokens = tokens(&text);
    let mut speaker = Speaker {
        tokens: &tokens,
        out: String::with_capacity(text.len() * 2),
        previous: String::new(),
        glue: false,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = speaker.step(at);
    }
    speaker.finish()
}

/// Writes out «т. е.», «ул.», «США» wherever a word begins, except after numbers («5 г.»), where
/// units are tried.
fn expand_abbreviations(text: &str) -> String {
    let text = text.replace('\u{A0}', " ");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut before = ' ';
    let mut after_number = false;
    while let Some(c) = rest.chars().next() {
        let begins = c.is_alphabetic() && !before.is_alphanumeric() && !after_number;
        if begins && let Some((length, words)) = abbreviation(rest) {
            out += words;
            let after = &rest[length..];
            // Its full stop also ends the sentence.
            if rest[..length].ends_with('.') && ends_sentence(words, after) {
                out.push('.');
            } else if after.starts_with(char::is_alphabetic) {
                out.push(' ');
            }
            before = 'я';
            rest = after;
            continue;
        }
        after_number = match c {
            _ if c.is_ascii_digit() => true,
            ' ' => after_number,
            _ => false,
        };
        out.push(c);
        before = c;
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn ends_sentence(words: &str, after: &str) -> bool {
    let next = after.trim_start();
    let may_end = [
        "далее",
        "подобное",
        "другие",
        "прочее",
        "эры",
        "рублей",
        "копеек",
        "годы",
    ];
    let may_end = may_end.iter().any(|last| words.ends_with(last));
    next.is_empty() || may_end && next.starts_with(char::is_uppercase)
}

struct Speaker<'t, 'a> {
    tokens: &'t [Token<'a>],
    out: String,
    /// The word before, in lower case.
    previous: String,
    /// The next word is part of the last one.
    glue: bool,
}

impl<'a> Speaker<'_, 'a> {
    /// Says what begins at `at`; returns where the next thing begins.
    fn step(&mut self, at: usize) -> usize {
        match &self.tokens[at] {
            Token::Space => {}
            Token::Line => self.pause('.'),
            Token::Word(word) => return self.word(word, at),
            Token::Number(_) => return self.number(at, false),
            Token::Date(date) => {
                let case = self.date_case();
                self.date(*date, case);
            }
            Token::Time { hour, minute } => self.time(*hour, *minute),
            Token::Phone(groups, plus) => self.phone(groups, *plus),
            Token::Address(address) => self.address(address),
            Token::Sign(sign) => return self.sign(*sign, at),
        }
        at + 1
    }

    fn finish(mut self) -> String {
        while self.out.ends_with([',', ' ', ':', ';', '-']) {
            self.out.pop();
        }
        self.out
    }

    fn get(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(at)
    }

    fn is_sign(&self, at: usize, signs: &str) -> bool {
        matches!(self.get(at), Some(Token::Sign(c)) if signs.contains(*c))
    }

    fn skip_space(&self, at: usize) -> usize {
        if matches!(self.get(at), Some(Token::Space)) {
            at + 1
        } else {
            at
        }
    }

    fn before(&self, at: usize) -> Option<&Token<'a>> {
        at.checked_sub(1).and_then(|before| self.get(before))
    }

    fn say(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        if !self.out.is_empty() && !self.glue {
            self.out.push(' ');
        }
        self.glue = false;
        self.out += words;
        self.previous = words.rsplit(' ').next().unwrap_or(words).to_lowercase();
    }

    /// A pause; a longer one replaces a shorter one, and a text does not begin with one.
    fn pause(&mut self, mark: char) {
        self.glue = false;
        let weight = |c: char| match c {
            '.' | '!' | '?' => 2,
            ',' | ':' | ';' => 1,
            _ => 0,
        };
        let last = self.out.chars().last().unwrap_or('.');
        if weight(last) == 0 {
            self.out.push(mark);
        } else if weight(last) < weight(mark) {
            self.out.pop();
            self.out.push(mark);
        }
        self.previous.clear();
    }

    /// The case that the word before asks for.
    fn case_here(&self) -> Case {
        match self.previous.as_str() {
            "в" | "на" | "за" | "через" | "про" => Case::Accusative,
            word if GENITIVE_AFTER.contains(&word) => Case::Genitive,
            _ => Case::Nominative,
        }
    }
}

fn is_russian(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}
