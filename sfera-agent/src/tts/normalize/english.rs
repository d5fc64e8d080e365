//! English text for voices that read digits but no signs: money, signs, abbreviations.

/// Signs that come before a number, and what is said after it: one, several.
const MONEY: &[(char, &str, &str)] = &[
    ('$', "dollar", "dollars"),
    ('€', "euro", "euros"),
    ('£', "pound", "pounds"),
    ('¥', "yen", "yen"),
    ('₽', "rouble", "roubles"),
    ('₿', "bitcoin", "bitcoins"),
];
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("e.g.", "for example"),
    ("i.e.", "that is"),
    ("etc.", "et cetera"),
    ("vs.", "versus"),
    ("Mr.", "Mister"),
    ("Mrs.", "Missis"),
    ("Ms.", "Miss"),
    ("Dr.", "Doctor"),
    ("approx.", "approximately"),
    ("No.", "number"),
    ("km/h", "kilometres per hour"),
    ("m/s", "metres per second"),
    ("°C", "degrees Celsius"),
    ("°F", "degrees Fahrenheit"),
];
/// What may follow an amount of money and belongs before its name.
const SCALES: &[&str] = &["thousand", "million", "billion", "trillion"];

pub(super) fn speakable(text: &str) -> String {
    let mut out = Out::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match abbreviation(rest, out.in_word).or_else(|| money(rest)) {
            Some((words, after)) => {
                out.word(&words);
                after
            }
            None => {
                let after = &rest[c.len_utf8()..];
                out.sign(c, after);
                after
            }
        };
    }
    out.finish()
}

#[derive(Default)]
struct Out {
    text: String,
    /// The last character was a letter or digit of the source.
    in_word: bool,
}

impl Out {
    fn word(&mut self, words: &str) {
        self.space();
        self.text += words;
        self.text.push(' ');
        self.in_word = false;
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.in_word = false;
    }

    fn pause(&mut self, mark: char) {
        let trimmed = self.text.trim_end().len();
        self.text.truncate(trimmed);
        if self
            .text
            .ends_with(|c: char| c.is_alphanumeric() || c == '\'')
        {
            self.text.push(mark);
        } else if ".!?".contains(mark) && self.text.ends_with([',', ';', ':']) {
            self.text.pop();
            self.text.push(mark);
        }
        self.space();
    }

    fn sign(&mut self, c: char, after: &str) {
        let number_follows = after.starts_with(|c: char| c.is_ascii_digit());
        match c {
            _ if c.is_ascii_alphanumeric() => {
                self.text.push(c);
                self.in_word = true;
            }
            // 3.14, 60,000, 14:30
            '.' | ',' | ':'
                if number_follows && self.text.ends_with(|c: char| c.is_ascii_digit()) =>
            {
                self.text.push(c);
            }
            '\'' | '’' if self.in_word && after.starts_with(char::is_alphabetic) => {
                self.text.push('\'');
            }
            '-' if self.in_word && after.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.text.push('-');
            }
            '-' | '–' if self.in_word && number_follows => self.word("to"),
            '-' | '−' | '–' if number_follows => self.word("minus"),
            '.' | ',' | '!' | '?' | ';' | ':' => self.pause(c),
            '…' | '\n' => self.pause('.'),
            '—' | '–' | '(' | ')' | '[' | ']' | '|' | '•' | '→' => self.pause(','),
            _ if c.is_alphabetic() => {
                self.text += latin(c);
                self.in_word = true;
            }
            '"' | '\'' | '“' | '”' | '«' | '»' | '\u{0301}' => {}
            _ => match name(c) {
                Some(name) => self.word(name),
                None => self.space(),
            },
        }
    }

    fn finish(self) -> String {
        let text = self
            .text
            .trim_end_matches([' ', ',', ';', ':'])
            .replace(" .", ".");
        if text.contains(char::is_alphanumeric) {
            text
        } else {
            String::new()
        }
    }
}

fn abbreviation(rest: &str, in_word: bool) -> Option<(String, &str)> {
    let sign = rest.starts_with('°');
    if in_word && !sign && !rest.starts_with(['k', 'm']) {
        return None;
    }
    ABBREVIATIONS.iter().find_map(|(written, words)| {
        let after = rest.strip_prefix(written)?;
        let ends = written.ends_with('.') || !after.starts_with(|c: char| c.is_alphanumeric());
        ends.then(|| ((*words).to_owned(), after))
    })
}

/// «$1.5 million» → "1.5 million dollars".
fn money(rest: &str) -> Option<(String, &str)> {
    let sign = rest.chars().next()?;
    let (_, one, several) = MONEY.iter().find(|(c, ..)| *c == sign)?;
    let after = rest[sign.len_utf8()..].trim_start_matches(' ');
    let end = after
        .find(|c: char| !(c.is_ascii_digit() || ".,".contains(c)))
        .unwrap_or(after.len());
    let amount = after[..end].trim_end_matches(['.', ',']);
    if !amount.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(((*several).to_owned(), &rest[sign.len_utf8()..]));
    }
    let mut after = &after[amount.len()..];
    let mut words = amount.to_owned();
    let scale = after.strip_prefix(' ').and_then(|next| {
        let scale = SCALES.iter().find(|scale| next.starts_with(**scale))?;
        Some((*scale, &next[scale.len()..]))
    });
    if let Some((scale, rest)) = scale {
        words = format!("{words} {scale}");
        after = rest;
    }
    Some((
        format!("{words} {}", if words == "1" { one } else { several }),
        after,
    ))
}

fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '%' => "percent",
        '°' => "degrees",
        '&' => "and",
        '+' => "plus",
        '=' => "equals",
        '@' => "at",
        '#' | '№' => "number",
        '<' => "less than",
        '>' => "more than",
        '≤' => "at most",
        '≥' => "at least",
        '≈' | '~' => "about",
        '±' => "plus or minus",
        '×' => "times",
        '/' => "slash",
        _ => return None,
    })
}

/// Cyrillic and accented letters as an English voice can read them; others are dropped.
fn latin(c: char) -> &'static str {
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
        "t", "u", "f", "kh", "ts", "ch", "sh", "sch", "", "y", "", "e", "yu", "ya",
    ];
    let lower = c.to_lowercase().next().unwrap_or(c);
    if let Some(at) = (lower as usize).checked_sub('а' as usize)
        && let Some(latin) = CYRILLIC.get(at)
    {
        return latin;
    }
    match lower {
        'ё' => "yo",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' => "o",
        'ù'..='ü' | 'ū' | 'ů' => "u",
        'ś' | 'š' | 'ş' => "s",
        'ß' => "ss",
        'ź' | 'ż' | 'ž' => "z",
        'ł' => "l",
        'ý' | 'ÿ' => "y",
        _ => "",
    }
}
