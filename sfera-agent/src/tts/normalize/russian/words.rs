//! Words, signs, addresses and telephone numbers.

use super::{
    super::{
        latin,
        lexer::{Token, tokens},
        number::{Ordinal, digits, ordinal},
        units::{measure, with_stress},
    },
    Speaker,
    agreement::nominative,
    is_russian,
};

impl<'a> Speaker<'_, 'a> {
    pub(super) fn word(&mut self, word: &'a str, at: usize) -> usize {
        if let Some(next) = self.roman_century(word, at) {
            return next;
        }
        let hyphen = self.is_sign(at + 1, "-") && matches!(self.get(at + 2), Some(Token::Word(_)));
        let is_cyrillic = word.starts_with(is_russian);
        let said = if is_cyrillic {
            russian_word(word)
        } else {
            foreign_word(word)
        };
        self.say(&said);
        if hyphen && let Some(Token::Word(next)) = self.get(at + 2) {
            let ending = next.chars().count() <= 2 && next.chars().all(is_russian);
            if is_cyrillic && next.starts_with(is_russian) {
                self.out.push('-');
                self.glue = true;
            } else if !is_cyrillic && ending {
                // «Bitcoin-а»
                self.glue = true;
            }
            return at + 2;
        }
        // «А. С. Пушкин»: no pause after initials.
        let initial = is_cyrillic
            && word.chars().count() == 1
            && word.chars().all(char::is_uppercase)
            && self.is_sign(at + 1, ".")
            && matches!(self.get(self.skip_space(at + 2)), Some(Token::Word(next)) if next.starts_with(char::is_uppercase));
        at + 1 + usize::from(initial)
    }

    /// «XXI век», «в XX веке».
    pub(super) fn roman_century(&mut self, word: &str, at: usize) -> Option<usize> {
        let value = roman(word)?;
        let next = self.skip_space(at + 1);
        let Some(Token::Word(noun)) = self.get(next) else {
            return None;
        };
        let form = match *noun {
            "век" | "съезд" | "том" | "квартал" => Ordinal::Yj,
            "века" | "съезда" | "тома" | "квартала" => Ordinal::Ogo,
            "веке" | "съезде" | "томе" | "квартале" => Ordinal::Om,
            "веком" | "томом" | "кварталом" => Ordinal::Ym,
            _ => return None,
        };
        self.say(&ordinal(value, form));
        Some(next)
    }

    pub(super) fn sign(&mut self, sign: char, at: usize) -> usize {
        let number_follows = matches!(self.get(at + 1), Some(Token::Number(_)));
        let free = !matches!(
            self.before(at),
            Some(Token::Word(_) | Token::Number(_) | Token::Sign(')' | '%'))
        );
        let in_space = matches!(self.before(at), Some(Token::Space))
            && matches!(self.get(at + 1), Some(Token::Space));
        match sign {
            '.' | '!' | '?' | ',' | ':' | ';' => self.pause(sign),
            '…' => self.pause('.'),
            '-' | '−' | '–' if number_follows && free => {
                self.say("минус");
                return self.number(at + 1, true);
            }
            '+' if number_follows && free => {
                self.say("плюс");
                return self.number(at + 1, true);
            }
            '$' | '€' | '£' | '¥' | '₽' | '₿' | '₴' | '₸' => {
                if let Some(measure) = measure(sign.encode_utf8(&mut [0; 4]))
                    && let next = self.skip_space(at + 1)
                    && matches!(self.get(next), Some(Token::Number(_)))
                {
                    return self.quantity(next, Some(measure));
                }
            }
            '+' if free || in_space => self.say("плюс"),
            '−' if in_space => self.say("минус"),
            '—' | '–' | '-' if in_space || sign != '-' => self.pause(','),
            '(' | ')' | '[' | ']' | '|' | '•' | '→' | '⇒' => self.pause(','),
            _ => {}
        }
        if let Some(name) = sign_name(sign, in_space) {
            self.say(name);
        }
        at + 1
    }

    pub(super) fn address(&mut self, address: &str) {
        let mut parts = address.split('@');
        self.address_part(parts.next().unwrap_or(""));
        for part in parts {
            self.say("собака");
            self.address_part(part);
        }
    }

    pub(super) fn address_part(&mut self, part: &str) {
        for token in tokens(part) {
            match token {
                Token::Word(word) => {
                    let said = if word.starts_with(is_russian) {
                        russian_word(word)
                    } else {
                        foreign_word(word)
                    };
                    self.say(&said);
                }
                Token::Number(number) => {
                    self.say(&digits(&number.whole));
                    if let Some(fraction) = number.fraction {
                        self.say("точка");
                        self.say(&digits(fraction));
                    }
                }
                Token::Sign('.') => self.say("точка"),
                Token::Sign('-') => self.say("дефис"),
                _ => {}
            }
        }
    }

    pub(super) fn phone(&mut self, groups: &[&str], plus: bool) {
        if plus {
            self.say("плюс");
        }
        for group in groups {
            let zeros = group.len() - group.trim_start_matches('0').len();
            let (zeros, rest) = group.split_at(zeros);
            self.say(&digits(zeros));
            match rest.parse() {
                Ok(n) if rest.len() <= 3 => self.say(&nominative(n)),
                _ => self.say(&digits(rest)),
            }
            self.pause(',');
        }
    }
}

fn roman(word: &str) -> Option<u64> {
    let value = |c| match c {
        'I' => Some(1),
        'V' => Some(5),
        'X' => Some(10),
        'L' => Some(50),
        'C' => Some(100),
        _ => None,
    };
    let values: Vec<u64> = word.chars().map(value).collect::<Option<_>>()?;
    if values.is_empty() || values.len() > 8 {
        return None;
    }
    let next = values.iter().skip(1).chain([&0]);
    let (plus, minus) = values
        .iter()
        .zip(next)
        .fold((0, 0), |(plus, minus), (value, next)| {
            if value < next {
                (plus, minus + value)
            } else {
                (plus + value, minus)
            }
        });
    Some(plus - minus.min(plus)).filter(|value| *value > 0)
}

/// A word in Russian letters, and what of others can be said so.
fn russian_word(word: &str) -> String {
    if let Some(spelled) = latin::russian_acronym(word) {
        return spelled;
    }
    if let Some(said) = with_stress(word) {
        return said;
    }
    let letters = word.chars().map(|c| match c {
        'і' => 'и',
        'І' => 'И',
        'ї' => 'и',
        'є' => 'е',
        'ґ' => 'г',
        'ў' => 'у',
        _ => c,
    });
    letters
        .filter(|c| is_russian(*c) || *c == '\u{0301}')
        .collect()
}

/// A word in Latin or Greek letters, perhaps with Russian ones in it.
fn foreign_word(word: &str) -> String {
    if word.chars().all(|c| latin::greek(c).is_some()) {
        let names: Vec<&str> = word.chars().filter_map(latin::greek).collect();
        return names.join(" ");
    }
    match word.find(|c: char| ('а'..='я').contains(&c) || ('А'..='ё').contains(&c)) {
        Some(at) if at > 0 => latin::to_russian(&word[..at]) + &russian_word(&word[at..]),
        _ => latin::to_russian(word),
    }
}

fn sign_name(sign: char, in_space: bool) -> Option<&'static str> {
    Some(match sign {
        '%' => "процентов",
        '°' => "градусов",
        '$' => "долларов",
        '€' => "евро",
        '£' => "фунтов",
        '₽' => "рублей",
        '№' => "номер",
        '§' => "параграф",
        '&' => "и",
        '@' => "собака",
        '=' => "равно",
        '≈' | '~' => "примерно",
        '<' => "меньше",
        '>' => "больше",
        '≤' => "не больше",
        '≥' => "не меньше",
        '±' => "плюс-минус",
        '×' | '·' => "на",
        '÷' => "разделить на",
        '*' if in_space => "умножить на",
        '∞' => "бесконечность",
        '√' => "корень из",
        '²' => "в квадрате",
        '³' => "в кубе",
        '½' => "одна вторая",
        '¼' => "одна четверть",
        '¾' => "три четверти",
        _ => return None,
    })
}
