//! Cuts text into words, numbers, signs, and the composed things that must not be cut further.

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number(Number<'a>),
    Date(Date),
    Time {
        hour: u64,
        minute: u64,
    },
    /// Groups of digits of a telephone number, and whether a plus stood before them.
    Phone(Vec<&'a str>, bool),
    /// An address without its scheme, as far as it is spoken.
    Address(&'a str),
    Sign(char),
    Space,
    Line,
}

/// A number as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number<'a> {
    /// Digits before the point, without separators.
    pub(super) whole: String,
    /// Digits after the point.
    pub(super) fraction: Option<&'a str>,
}

/// A date; the year may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) day: u64,
    pub(super) month: usize,
    pub(super) year: Option<u64>,
}

/// Longest run of digits taken for one number; the rest is the next number.
const MAX_DIGITS: usize = 40;

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(c) = rest.chars().next() {
        let (token, length) = token(rest, c, after_word);
        after_word = matches!(token, Token::Word(_) | Token::Number(_));
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

fn token(rest: &str, c: char, after_word: bool) -> (Token<'_>, usize) {
    if !after_word && let Some(found) = address(rest).or_else(|| phone(rest)) {
        return found;
    }
    if c.is_ascii_digit() {
        let found = if after_word {
            None
        } else {
            date(rest).or_else(|| time(rest))
        };
        return found.unwrap_or_else(|| number(rest));
    }
    if c.is_alphabetic() {
        let is_part = |c: char| c.is_alphabetic() || c == '\u{0301}' || "'’ʼ".contains(c);
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['\'', '’', 'ʼ']);
        return (Token::Word(word), word.len());
    }
    let token = match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Token::Line,
        _ if c.is_whitespace() => Token::Space,
        _ => Token::Sign(c),
    };
    (token, c.len_utf8())
}

/// Reads a pattern step by step.
#[derive(Clone, Copy)]
struct Scan<'a> {
    all: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    const fn new(all: &'a str) -> Self {
        Self { all, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.all[self.at..]
    }

    fn one_of(&mut self, chars: &str) -> Option<char> {
        let c = self.rest().chars().next().filter(|c| chars.contains(*c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// All digits here, if there are as many as allowed.
    fn digits(&mut self, count: std::ops::RangeInclusive<usize>) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        count.contains(&end).then(|| {
            self.at += end;
            &rest[..end]
        })
    }

    /// Nothing that would make the pattern something else follows.
    fn ends(&self) -> Option<()> {
        let mut next = self.rest().chars();
        match (next.next(), next.next()) {
            (Some(c), _) if c.is_alphanumeric() => None,
            (Some('.' | ',' | ':' | '/' | '-'), Some(c)) if c.is_ascii_digit() => None,
            _ => Some(()),
        }
    }
}

fn date(rest: &str) -> Option<(Token<'_>, usize)> {
    let mut scan = Scan::new(rest);
    let first = scan.digits(1..=4)?;
    let separator = scan.one_of("./-")?;
    let second = scan.digits(1..=2)?;
    if scan.one_of("./-")? != separator {
        return None;
    }
    let third = scan.digits(2..=4)?;
    scan.ends()?;
    let (day, year) = match (first.len(), third.len()) {
        (4, 2) => (third, first),
        (1 | 2, 4) => (first, third),
        (1 | 2, 2) if separator == '.' => (first, third),
        _ => return None,
    };
    let (day, month): (u64, usize) = (day.parse().ok()?, second.parse().ok()?);
    let full: u64 = year.parse().ok()?;
    let year = Some(if year.len() == 2 { 2_000 + full } else { full });
    let is_date = (1..=31).contains(&day) && (1..=12).contains(&month);
    is_date.then_some((Token::Date(Date { day, month, year }), scan.at))
}

fn time(rest: &str) -> Option<(Token<'_>, usize)> {
    let mut scan = Scan::new(rest);
    let hour = scan.digits(1..=2)?.parse().ok()?;
    scan.one_of(":")?;
    let minute = scan.digits(2..=2)?.parse().ok()?;
    scan.ends()?;
    (hour < 24 && minute < 60).then_some((Token::Time { hour, minute }, scan.at))
}

/// «+7 (495) 123-45-67», «8 800 555 35 35»: ten to fifteen digits in groups.
fn phone(rest: &str) -> Option<(Token<'_>, usize)> {
    let mut scan = Scan::new(rest);
    let plus = scan.one_of("+").is_some();
    let mut groups = Vec::new();
    let mut end = 0;
    loop {
        scan.one_of("(");
        let Some(group) = scan.digits(1..=4) else {
            break;
        };
        groups.push(group);
        scan.one_of(")");
        end = scan.at;
        scan.one_of(" \u{A0}-");
        if groups.len() > 8 {
            return None;
        }
    }
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let starts = plus || matches!(groups.first(), Some(&("7" | "8")));
    scan.at = end;
    scan.ends()?;
    (starts && (10..=15).contains(&digits) && groups.len() >= 4)
        .then_some((Token::Phone(groups, plus), end))
}

/// `https://host/path`, `www.host`, `name@host`; only the host is spoken of a web address.
fn address(rest: &str) -> Option<(Token<'_>, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    let whole = rest[..end].trim_end_matches(['.', ',', ')', ':', ';', '!', '?', '\'']);
    let after = ["https://", "http://", "www."]
        .iter()
        .find_map(|p| whole.strip_prefix(p));
    if let Some(host) = after {
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or(host);
        let host = host.strip_prefix("www.").unwrap_or(host);
        return host
            .contains('.')
            .then_some((Token::Address(host), whole.len()));
    }
    let (name, host) = whole.split_once('@')?;
    let is_mail = !name.is_empty() && host.contains('.') && !host.contains(['/', '@']);
    is_mail.then_some((Token::Address(whole), whole.len()))
}

/// «1 000 000», «1,000,000», «3,14», «3.14», «007».
fn number(rest: &str) -> (Token<'_>, usize) {
    let mut scan = Scan::new(rest);
    let all = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let first = &rest[..all.min(MAX_DIGITS)];
    scan.at = first.len();
    let mut whole = first.to_owned();
    if first.len() <= 3 && !first.starts_with('0') {
        whole += &groups(&mut scan, " \u{A0}\u{202F}\u{2009}", 1);
        if whole.len() == first.len() {
            whole += &groups(&mut scan, ",", 2);
        }
    }
    let mut point = scan;
    let fraction = point
        .one_of(".,")
        .and_then(|_| point.digits(1..=MAX_DIGITS))
        .filter(|_| point.ends_decimal());
    if fraction.is_some() {
        scan = point;
    }
    (Token::Number(Number { whole, fraction }), scan.at)
}

/// Groups of three digits, at least so many, else none.
fn groups(scan: &mut Scan<'_>, separators: &str, at_least: usize) -> String {
    let mut digits = String::new();
    let mut ahead = *scan;
    let mut end = *scan;
    while ahead.one_of(separators).is_some()
        && let Some(group) = ahead.digits(3..=3)
        && digits.len() < MAX_DIGITS
    {
        digits += group;
        end = ahead;
    }
    if digits.len() < 3 * at_least {
        return String::new();
    }
    *scan = end;
    digits
}

impl Scan<'_> {
    /// No second point with digits follows: 1.2.3 is a version.
    fn ends_decimal(&self) -> bool {
        let mut next = self.rest().chars();
        !(matches!(next.next(), Some('.' | ',')) && next.next().is_some_and(|c| c.is_ascii_digit()))
    }
}
