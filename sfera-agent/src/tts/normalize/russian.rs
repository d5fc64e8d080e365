//! Russian text in words: rules over the tokens of a sentence.

use super::{
    latin,
    lexer::{Date, Number, Token, tokens},
    number::{Case, Gender, LIMIT, Ordinal, cardinal, compound, decimal, digits, ordinal, plural},
    units::{Measure, Unit, abbreviation, measure, with_stress},
};

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
const HOUR: Unit = Unit {
    gender: Gender::Masculine,
    forms: ["час", "часа", "часов"],
};
const MINUTE: Unit = Unit {
    gender: Gender::Feminine,
    forms: ["минута", "минуты", "минут"],
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
/// After these words «от … до …» cannot follow.
const GOVERNING: &[&str] = &[
    "в",
    "на",
    "за",
    "через",
    "про",
    "по",
    "с",
    "к",
    "о",
    "чем",
    "минус",
];
/// After these words a date stands in the nominative.
const NOMINATIVE_AFTER: &[&str] = &["сегодня", "завтра", "вчера", "это", "дата", "послезавтра"];

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

    fn word(&mut self, word: &'a str, at: usize) -> usize {
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
    fn roman_century(&mut self, word: &str, at: usize) -> Option<usize> {
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

    fn sign(&mut self, sign: char, at: usize) -> usize {
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

    fn address(&mut self, address: &str) {
        let mut parts = address.split('@');
        self.address_part(parts.next().unwrap_or(""));
        for part in parts {
            self.say("собака");
            self.address_part(part);
        }
    }

    fn address_part(&mut self, part: &str) {
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

    fn phone(&mut self, groups: &[&str], plus: bool) {
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

    fn date_case(&self) -> Ordinal {
        if NOMINATIVE_AFTER.contains(&self.previous.as_str()) {
            Ordinal::Oje
        } else {
            Ordinal::Ogo
        }
    }

    fn date(&mut self, date: Date, day: Ordinal) {
        self.say(&ordinal(date.day, day));
        self.say(MONTHS[(date.month - 1) % 12]);
        if let Some(year) = date.year {
            self.say(&ordinal(year, Ordinal::Ogo));
            self.say("года");
        }
    }

    fn time(&mut self, hour: u64, minute: u64) {
        let case = match self.case_here() {
            Case::Nominative if matches!(self.previous.as_str(), "с" | "к") => Case::Genitive,
            case => case,
        };
        self.count(hour, case, HOUR);
        if minute > 0 {
            self.count(minute, case, MINUTE);
        }
    }

    fn count(&mut self, n: u64, case: Case, unit: Unit) {
        self.say(&cardinal(n, unit.gender, case));
        self.say(&noun(n, case, unit));
    }

    fn case_here(&self) -> Case {
        match self.previous.as_str() {
            "в" | "на" | "за" | "через" | "про" => Case::Accusative,
            word if GENITIVE_AFTER.contains(&word) => Case::Genitive,
            _ => Case::Nominative,
        }
    }

    /// A number and what belongs to it: dates, years, ordinals, ranges, units.
    fn number(&mut self, at: usize, signed: bool) -> usize {
        if !signed && let Some(next) = self.dated(at).or_else(|| self.suffixed(at)) {
            return next;
        }
        self.quantity(at, None)
    }

    fn small(&self, at: usize) -> Option<u64> {
        match self.get(at) {
            Some(Token::Number(Number {
                whole,
                fraction: None,
            })) if whole.len() <= 4 => whole.parse().ok(),
            _ => None,
        }
    }

    /// «3 марта», «3–5 марта 2026 года», «2026 год», «2020–2025 гг.».
    fn dated(&mut self, at: usize) -> Option<usize> {
        let first = self.small(at)?;
        let (second, next) = match self.range_end(at + 1) {
            Some(end) => (Some(self.small(end)?), end + 1),
            None => (None, at + 1),
        };
        let noun_at = self.skip_space(next);
        let Some(Token::Word(noun)) = self.get(noun_at) else {
            return None;
        };
        let noun = noun.to_lowercase();
        let last = second.unwrap_or(first);
        if MONTHS.contains(&noun.as_str()) && (1..=31).contains(&first) && (1..=31).contains(&last)
        {
            let case = self.date_case();
            self.say(&ordinal(first, case));
            if let Some(second) = second {
                self.pause(',');
                self.say(&ordinal(second, case));
            }
            self.say(&noun);
            return Some(self.year_after(noun_at + 1));
        }
        if !(1_000..=2_999).contains(&last) {
            return None;
        }
        let (form, noun, dot) = self.year_noun(&noun, noun_at)?;
        self.say(&ordinal(first, form));
        if let Some(second) = second {
            self.pause(',');
            self.say(&ordinal(second, form));
        }
        self.say(noun);
        Some(noun_at + 1 + usize::from(dot))
    }

    /// The form of the year before its noun, the noun to say, and whether its dot is to be skipped.
    fn year_noun(&self, noun: &str, at: usize) -> Option<(Ordinal, &'static str, bool)> {
        let dot = self.is_sign(at + 1, ".") && !self.sentence_ends(at + 2);
        Some(match noun {
            "год" => (Ordinal::Yj, "год", false),
            "года" => (Ordinal::Ogo, "года", false),
            "году" => (Ordinal::Om, "году", false),
            "годом" => (Ordinal::Ym, "годом", false),
            "годы" => (Ordinal::Yj, "годы", false),
            "годов" => (Ordinal::Yh, "годов", false),
            "годах" => (Ordinal::Yh, "годах", false),
            "гг" => (Ordinal::Yj, "годы", dot),
            "г" if self.previous == "в" => (Ordinal::Om, "году", dot),
            "г" => (Ordinal::Ogo, "года", dot),
            _ => return None,
        })
    }

    fn sentence_ends(&self, at: usize) -> bool {
        match self.get(self.skip_space(at)) {
            None | Some(Token::Line) => true,
            Some(Token::Word(word)) => word.starts_with(char::is_uppercase),
            _ => false,
        }
    }

    /// A year after a month, with or without «года» or «г.».
    fn year_after(&mut self, at: usize) -> usize {
        let year_at = self.skip_space(at);
        let Some(year) = self
            .small(year_at)
            .filter(|year| (1_000..=2_999).contains(year))
        else {
            return at;
        };
        self.say(&ordinal(year, Ordinal::Ogo));
        self.say("года");
        let noun_at = self.skip_space(year_at + 1);
        match self.get(noun_at) {
            Some(Token::Word("года")) => noun_at + 1,
            Some(Token::Word("г")) => {
                let dot = self.is_sign(noun_at + 1, ".") && !self.sentence_ends(noun_at + 2);
                noun_at + 1 + usize::from(dot)
            }
            _ => year_at + 1,
        }
    }

    /// «5-й», «90-х», «24-часовой», «1/2», «24/7», «2x».
    fn suffixed(&mut self, at: usize) -> Option<usize> {
        let Some(Token::Number(Number {
            whole,
            fraction: None,
        })) = self.get(at)
        else {
            return None;
        };
        let n: u64 = whole.parse().ok().filter(|n| *n < LIMIT)?;
        if self.is_sign(at + 1, "-–") {
            let Some(Token::Word(suffix)) = self.get(at + 2) else {
                return None;
            };
            if !suffix.starts_with(is_russian) {
                return None;
            }
            if let Some(form) = Ordinal::from_suffix(suffix) {
                let tens = *suffix == "е" && n % 10 == 0 && n > 10;
                self.say(&ordinal(n, if tens { Ordinal::Yje } else { form }));
            } else if suffix.chars().count() > 3 {
                self.say(&(compound(n) + &suffix.to_lowercase()));
            } else {
                return None;
            }
            return Some(at + 3);
        }
        if self.is_sign(at + 1, "/")
            && let Some(below) = self.small(at + 2)
            && !self.is_sign(at + 3, "/")
        {
            self.ratio(n, below);
            return Some(at + 3);
        }
        None
    }

    fn ratio(&mut self, above: u64, below: u64) {
        let words = match (above, below) {
            (1, 2) => "одна вторая".to_owned(),
            (1, 3) => "одна треть".to_owned(),
            (2, 3) => "две трети".to_owned(),
            (1, 4) => "одна четверть".to_owned(),
            (3, 4) => "три четверти".to_owned(),
            (24, 7) => "двадцать четыре на семь".to_owned(),
            _ => format!("{} дробь {}", nominative(above), nominative(below)),
        };
        self.say(&words);
    }

    /// Where the second number of a range is: «5–10», «5 - 10».
    fn range_end(&self, at: usize) -> Option<usize> {
        let dash = self.skip_space(at);
        if !self.is_sign(dash, "-–—−") {
            return None;
        }
        let end = self.skip_space(dash + 1);
        let even = (dash == at) == (end == dash + 1);
        (even && matches!(self.get(end), Some(Token::Number(_)))).then_some(end)
    }

    /// A number or a range with its unit, whose sign may have stood before it.
    fn quantity(&mut self, at: usize, before: Option<Measure>) -> usize {
        let (first, second, mut next) = match (self.get(at), self.range_end(at + 1)) {
            (Some(Token::Number(first)), Some(end)) => match self.get(end) {
                Some(Token::Number(second)) => (first.clone(), Some(second.clone()), end + 1),
                _ => return at + 1,
            },
            (Some(Token::Number(first)), None) => (first.clone(), None, at + 1),
            _ => return at + 1,
        };
        let case = self.quantity_case(next);
        let scale = self
            .measure_at(next)
            .filter(|(measure, _)| is_scale(measure.unit));
        if let Some((_, end)) = scale {
            next = end;
        }
        let after = self.measure_at(next);
        let measure = before.or(after.map(|(measure, _)| measure));
        if let (None, Some((_, end))) = (before, after) {
            next = end;
        }
        let money = measure.is_some_and(|measure| measure.hundredth.is_some());
        let gender = match (scale, measure) {
            (Some((scale, _)), _) => scale.unit.gender,
            (None, Some(measure)) => measure.unit.gender,
            (None, None) => self.gender_of_noun(next, second.as_ref().unwrap_or(&first)),
        };
        let last = second.as_ref().unwrap_or(&first).clone();
        let last = thousands(last, money);
        let mut case = case;
        if second.is_some() {
            let first = thousands(first, money);
            let ours = scale.is_some() || measure.is_some();
            if self.may_say_from_to(&first, &last, ours) {
                case = Case::Genitive;
                self.say("от");
                self.amount(&first, gender, case);
                self.say("до");
            } else {
                self.amount(&first, gender, case);
            }
        }
        match (scale, measure) {
            (
                None,
                Some(Measure {
                    unit,
                    hundredth: Some(hundredth),
                }),
            ) if is_cents(&last) => {
                self.money(&last, case, unit, hundredth);
            }
            _ => {
                self.amount(&last, gender, case);
                let scale = scale.map(|(scale, _)| scale.unit);
                let unit = measure.map(|measure| measure.unit);
                self.units(&last, case, scale, unit);
            }
        }
        next
    }

    /// Millions of roubles: the scale follows the number, the unit the scale.
    fn units(&mut self, number: &Number<'_>, case: Case, scale: Option<Unit>, unit: Option<Unit>) {
        let form = |unit: Unit| match number.fraction {
            Some(_) => unit.forms[1].to_owned(),
            None => noun(last_digits(&number.whole), case, unit),
        };
        if let Some(scale) = scale {
            self.say(&form(scale));
        }
        match (scale, unit) {
            (Some(_), Some(unit)) => self.say(unit.forms[2]),
            (None, Some(unit)) => self.say(&form(unit)),
            (_, None) => {}
        }
    }

    /// «от пяти до десяти процентов», but «один два процента» and «на пять десять процентов».
    fn may_say_from_to(&self, first: &Number<'_>, last: &Number<'_>, own_unit: bool) -> bool {
        let small = |number: &Number<'_>| number.whole.parse::<u64>().unwrap_or(0);
        let near = small(last) <= small(first).saturating_add(1);
        // A noun of the text stands in the form after the last number.
        let fits = own_unit || plural(small(last), Case::Nominative, ["", "", "many"]) == "many";
        let free = !GOVERNING.contains(&self.previous.as_str())
            && !GENITIVE_AFTER.contains(&self.previous.as_str());
        fits && free && !near && first.fraction.is_none() && last.fraction.is_none()
    }

    fn quantity_case(&self, after: usize) -> Case {
        match self.case_here() {
            // «с 5 до 10»
            Case::Nominative if self.previous == "с" && self.word_follows(after, &["до", "по"]) => {
                Case::Genitive
            }
            case => case,
        }
    }

    fn word_follows(&self, at: usize, words: &[&str]) -> bool {
        let near = self.tokens.iter().skip(at).take(6);
        near.into_iter()
            .any(|token| matches!(token, Token::Word(word) if words.contains(word)))
    }

    /// The unit written at `at` or after a space, and where what follows it begins.
    fn measure_at(&self, at: usize) -> Option<(Measure, usize)> {
        let start = self.skip_space(at);
        match self.get(start)? {
            Token::Sign('°') => {
                let letter_at = self.skip_space(start + 1);
                let written = match self.get(letter_at) {
                    Some(Token::Word("C" | "С")) => "°C",
                    Some(Token::Word("F")) => "°F",
                    _ => return Some((measure("°")?, start + 1)),
                };
                Some((measure(written)?, letter_at + 1))
            }
            Token::Sign(sign) => Some((measure(sign.encode_utf8(&mut [0; 4]))?, start + 1)),
            Token::Word(word) => {
                if self.is_sign(start + 1, "/.")
                    && let Some(Token::Word(per)) = self.get(start + 2)
                    && let Some(Token::Sign(sign)) = self.get(start + 1)
                    && let Some(found) = measure(&format!("{word}{sign}{per}"))
                {
                    return Some((found, start + 3));
                }
                if self.is_sign(start + 1, "²³")
                    && let Some(Token::Sign(power)) = self.get(start + 1)
                    && let Some(found) = measure(&format!("{word}{power}"))
                {
                    return Some((found, start + 2));
                }
                let found = measure(word)?;
                let dot = self.is_sign(start + 1, ".") && !self.sentence_ends(start + 2);
                Some((found, start + 1 + usize::from(dot)))
            }
            _ => None,
        }
    }

    /// The gender of the noun after a number, as far as it shows: «2 минуты», «1 окно».
    fn gender_of_noun(&self, at: usize, number: &Number<'_>) -> Gender {
        let n = last_digits(&number.whole);
        let mut at = self.skip_space(at);
        for _ in 0..3 {
            let Some(Token::Word(word)) = self.get(at) else {
                break;
            };
            match gender_by_ending(&word.to_lowercase(), n) {
                Some(gender) => return gender,
                None => at = self.skip_space(at + 1),
            }
        }
        Gender::Masculine
    }

    fn amount(&mut self, number: &Number<'_>, gender: Gender, case: Case) {
        let Ok(n) = number.whole.parse::<u64>() else {
            return self.digits(number);
        };
        let leading_zero = number.whole.len() > 1 && number.whole.starts_with('0');
        if n >= LIMIT || leading_zero {
            return self.digits(number);
        }
        match number.fraction {
            None => self.say(&cardinal(n, gender, case)),
            Some(fraction) => match decimal(n, fraction, case) {
                Some(words) => self.say(&words),
                None => self.digits(number),
            },
        }
    }

    fn digits(&mut self, number: &Number<'_>) {
        match number.whole.parse::<u64>() {
            Ok(n) if number.fraction.is_some() && n < LIMIT => self.say(&nominative(n)),
            _ => self.say(&digits(&number.whole)),
        }
        if let Some(fraction) = number.fraction {
            self.say("запятая");
            self.say(&digits(fraction));
        }
    }

    fn money(&mut self, number: &Number<'_>, case: Case, unit: Unit, hundredth: Unit) {
        let whole = number.whole.parse().unwrap_or(0);
        let cents = number.fraction.and_then(|f| f.parse().ok()).unwrap_or(0);
        self.count(whole, case, unit);
        if cents > 0 {
            self.count(cents, case, hundredth);
        }
    }
}

/// The unit after a number: «минута», «минуту», «минут».
fn noun(n: u64, case: Case, unit: Unit) -> String {
    let form = plural(n, case, unit.forms);
    let object = case == Case::Accusative && form == unit.forms[0];
    match (form.strip_suffix('а'), form.strip_suffix('я')) {
        (Some(stem), _) if object && unit.gender == Gender::Feminine => format!("{stem}у"),
        (_, Some(stem)) if object && unit.gender == Gender::Feminine => format!("{stem}ю"),
        _ => form.to_owned(),
    }
}

fn nominative(n: u64) -> String {
    cardinal(n, Gender::Masculine, Case::Nominative)
}

fn is_russian(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

fn is_scale(unit: Unit) -> bool {
    matches!(
        unit.forms[2],
        "тысяч" | "миллионов" | "миллиардов" | "триллионов"
    )
}

fn is_cents(number: &Number<'_>) -> bool {
    number.fraction.is_some_and(|fraction| fraction.len() == 2) && number.whole.len() < 15
}

/// «60,000» and «$67,432» are thousands, whatever the comma means elsewhere.
fn thousands<'a>(number: Number<'a>, money: bool) -> Number<'a> {
    match number.fraction {
        Some(fraction)
            if fraction == "000"
                || money
                    && fraction.len() == 3
                    && number.whole.len() <= 3
                    && !number.whole.starts_with('0') =>
        {
            Number {
                whole: number.whole + fraction,
                fraction: None,
            }
        }
        _ => number,
    }
}

/// What decides the forms of words after the number.
fn last_digits(whole: &str) -> u64 {
    let start = whole.len().saturating_sub(2);
    whole
        .get(start..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// Gender by the ending of the noun after a number that ends in 1 (nominative or accusative), in 2 to
/// 4 (genitive singular) or in others (genitive plural); `None` for adjectives that do not show it.
fn gender_by_ending(word: &str, n: u64) -> Option<Gender> {
    let teen = (11..=14).contains(&(n % 100));
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match n % 10 {
        1 if !teen => {
            let feminine_soft = ends(&["сть", "чь", "ель", "ль"])
                && !ends(&[
                    "тель",
                    "рубль",
                    "гость",
                    "апрель",
                    "июль",
                    "корабль",
                    "день",
                    "отель",
                ]);
            Some(if ends(&["а", "я", "у", "ю"]) || feminine_soft {
                Gender::Feminine
            } else if ends(&["о", "е"]) {
                Gender::Neuter
            } else {
                Gender::Masculine
            })
        }
        2..=4 if !teen => {
            if ends(&["ых", "их"]) {
                None
            } else if ends(&["ы", "и", "ые", "ие"]) {
                Some(Gender::Feminine)
            } else {
                Some(Gender::Masculine)
            }
        }
        _ if ends(&["ов", "ев", "ей", "раз", "лет", "человек"]) => {
            Some(Gender::Masculine)
        }
        _ if ends(&["ых", "их"]) => None,
        // «1–5 минут»: without an ending, most are feminine.
        _ => Some(Gender::Feminine),
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
