//! Numbers and what they count: ordinals, fractions, ranges, units, money.

use super::{
    super::{
        lexer::{Number, Token},
        number::{
            Case, Gender, LIMIT, Ordinal, cardinal, compound, decimal, digits, ordinal, plural,
        },
        units::{Measure, Unit, measure},
    },
    GENITIVE_AFTER, Speaker,
    agreement::{gender_by_ending, is_cents, is_scale, last_digits, nominative, noun, thousands},
    is_russian,
};

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

impl Speaker<'_, '_> {
    /// A number and what belongs to it: dates, years, ordinals, ranges, units.
    pub(super) fn number(&mut self, at: usize, signed: bool) -> usize {
        if !signed && let Some(next) = self.dated(at).or_else(|| self.suffixed(at)) {
            return next;
        }
        self.quantity(at, None)
    }

    pub(super) fn small(&self, at: usize) -> Option<u64> {
        match self.get(at) {
            Some(Token::Number(Number {
                whole,
                fraction: None,
            })) if whole.len() <= 4 => whole.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn count(&mut self, n: u64, case: Case, unit: Unit) {
        self.say(&cardinal(n, unit.gender, case));
        self.say(&noun(n, case, unit));
    }

    /// «5-й», «90-х», «24-часовой», «1/2», «24/7», «2x».
    pub(super) fn suffixed(&mut self, at: usize) -> Option<usize> {
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
                let tens = *suffix == "е" && n.is_multiple_of(10) && n > 10;
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

    pub(super) fn ratio(&mut self, above: u64, below: u64) {
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
    pub(super) fn range_end(&self, at: usize) -> Option<usize> {
        let dash = self.skip_space(at);
        if !self.is_sign(dash, "-–—−") {
            return None;
        }
        let end = self.skip_space(dash + 1);
        let even = (dash == at) == (end == dash + 1);
        (even && matches!(self.get(end), Some(Token::Number(_)))).then_some(end)
    }

    /// A number or a range with its unit, whose sign may have stood before it.
    pub(super) fn quantity(&mut self, at: usize, before: Option<Measure>) -> usize {
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
    pub(super) fn units(
        &mut self,
        number: &Number<'_>,
        case: Case,
        scale: Option<Unit>,
        unit: Option<Unit>,
    ) {
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
    pub(super) fn may_say_from_to(
        &self,
        first: &Number<'_>,
        last: &Number<'_>,
        own_unit: bool,
    ) -> bool {
        let small = |number: &Number<'_>| number.whole.parse::<u64>().unwrap_or(0);
        let near = small(last) <= small(first).saturating_add(1);
        // A noun of the text stands in the form after the last number.
        let fits = own_unit || plural(small(last), Case::Nominative, ["", "", "many"]) == "many";
        let free = !GOVERNING.contains(&self.previous.as_str())
            && !GENITIVE_AFTER.contains(&self.previous.as_str());
        fits && free && !near && first.fraction.is_none() && last.fraction.is_none()
    }

    pub(super) fn quantity_case(&self, after: usize) -> Case {
        match self.case_here() {
            // «с 5 до 10»
            Case::Nominative if self.previous == "с" && self.word_follows(after, &["до", "по"]) => {
                Case::Genitive
            }
            case => case,
        }
    }

    pub(super) fn word_follows(&self, at: usize, words: &[&str]) -> bool {
        let near = self.tokens.iter().skip(at).take(6);
        near.into_iter()
            .any(|token| matches!(token, Token::Word(word) if words.contains(word)))
    }

    /// The unit written at `at` or after a space, and where what follows it begins.
    pub(super) fn measure_at(&self, at: usize) -> Option<(Measure, usize)> {
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
    pub(super) fn gender_of_noun(&self, at: usize, number: &Number<'_>) -> Gender {
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

    pub(super) fn amount(&mut self, number: &Number<'_>, gender: Gender, case: Case) {
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

    pub(super) fn digits(&mut self, number: &Number<'_>) {
        match number.whole.parse::<u64>() {
            Ok(n) if number.fraction.is_some() && n < LIMIT => self.say(&nominative(n)),
            _ => self.say(&digits(&number.whole)),
        }
        if let Some(fraction) = number.fraction {
            self.say("запятая");
            self.say(&digits(fraction));
        }
    }

    pub(super) fn money(&mut self, number: &Number<'_>, case: Case, unit: Unit, hundredth: Unit) {
        let whole = number.whole.parse().unwrap_or(0);
        let cents = number.fraction.and_then(|f| f.parse().ok()).unwrap_or(0);
        self.count(whole, case, unit);
        if cents > 0 {
            self.count(cents, case, hundredth);
        }
    }
}
