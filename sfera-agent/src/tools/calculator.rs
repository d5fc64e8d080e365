use super::{Tool, ToolContext, ToolError, ToolSpec};
use crate::language::Language;
use async_trait::async_trait;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Characters of an expression, at most.
const MAX_LENGTH: usize = 200;
/// Brackets and signs within each other, at most.
const MAX_DEPTH: u32 = 32;
/// The largest power: 2 to the 96th is the largest number there is.
const MAX_POWER: u32 = 96;
/// Decimals that are said.
const DECIMALS: u32 = 8;

/// `calculate`: arithmetic in decimals, as people count: 0.1 + 0.2 is 0.3.
///
/// Takes `expression`: `+ - * / ^ ( )`, numbers with a point or a comma, `%`, and the words for all that
/// in Russian and English: «5% от 1200», «3 умножить на 4», "12 divided by 5". No key, no network. Numbers
/// of up to 28 digits; what is larger, or divided by zero, is [`ToolError::Refused`].
#[derive(Clone, Copy, Debug, Default)]
pub struct CalculatorTool;

#[async_trait]
impl Tool for CalculatorTool {
    fn spec(&self) -> ToolSpec {
        let about = "Calculates exactly: + - * / ^, brackets, percent. Use it for all arithmetic.";
        let spec = ToolSpec::new("calculate", about).harmless();
        spec.with_parameters(json!({
            "type": "object",
            "properties": {
                "expression": { "type": "string", "description": "(120 + 80) * 5%" },
            },
            "required": ["expression"],
        }))
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let expression = arguments.get("expression").and_then(Value::as_str);
        let expression = expression.ok_or_else(|| wrong("`expression` must be a text"))?;
        let value = evaluate(expression, context.language)?;
        Ok(spoken(value, context.language))
    }
}

fn wrong(why: &str) -> ToolError {
    ToolError::Arguments(why.to_owned())
}

fn too_large() -> ToolError {
    ToolError::Refused("the number is too large".to_owned())
}

fn spoken(value: Decimal, language: Language) -> String {
    let rounded = value.round_dp(DECIMALS).normalize();
    let text = match language {
        Language::Ru => rounded.to_string().replace('.', ","),
        Language::En => rounded.to_string(),
    };
    match (language, rounded == value) {
        (_, true) => text,
        (Language::Ru, false) => format!("примерно {text}"),
        (Language::En, false) => format!("about {text}"),
    }
}

/// What an expression comes to.
fn evaluate(expression: &str, language: Language) -> Result<Decimal, ToolError> {
    if expression.chars().count() > MAX_LENGTH {
        return Err(wrong("`expression` is too long"));
    }
    let mut parser = Parser {
        tokens: tokens(expression, language)?,
        at: 0,
        depth: 0,
    };
    let value = parser.sum()?;
    match parser.peek() {
        None => Ok(value),
        Some(token) => Err(wrong(&format!("`expression` makes no sense at {token:?}"))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number(Decimal),
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Percent,
    Open,
    Close,
}

/// Words for signs; the longer ones first where one begins another.
const WORDS: &[(&str, Token)] = &[
    ("умножить на", Token::Times),
    ("умноженное на", Token::Times),
    ("помножить на", Token::Times),
    ("разделить на", Token::Over),
    ("поделить на", Token::Over),
    ("деленное на", Token::Over),
    ("делить на", Token::Over),
    ("в степени", Token::Power),
    ("процентов", Token::Percent),
    ("процента", Token::Percent),
    ("процент", Token::Percent),
    ("плюс", Token::Plus),
    ("минус", Token::Minus),
    ("от", Token::Times),
    ("multiplied by", Token::Times),
    ("divided by", Token::Over),
    ("to the power of", Token::Power),
    ("percent", Token::Percent),
    ("plus", Token::Plus),
    ("minus", Token::Minus),
    ("times", Token::Times),
    ("over", Token::Over),
    ("of", Token::Times),
];

fn tokens(expression: &str, language: Language) -> Result<Vec<Token>, ToolError> {
    let lower = expression.to_lowercase().replace('ё', "е");
    let mut rest = lower.trim().trim_end_matches(['=', '?', '.', ' ']);
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        if first.is_ascii_digit() {
            let (number, after) = number(rest, language)?;
            tokens.push(Token::Number(number));
            rest = after;
            continue;
        }
        if let Some((word, token)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            tokens.push(*token);
            rest = &rest[word.len()..];
            continue;
        }
        tokens.push(match first {
            '+' => Token::Plus,
            '-' | '−' | '–' => Token::Minus,
            '*' | '×' | '·' => Token::Times,
            '/' | ':' | '÷' => Token::Over,
            '^' => Token::Power,
            '%' => Token::Percent,
            '(' => Token::Open,
            ')' => Token::Close,
            other => {
                return Err(wrong(&format!(
                    "`expression` has {other:?}, which is no sign"
                )));
            }
        });
        rest = &rest[first.len_utf8()..];
    }
    Ok(tokens)
}

/// A number at the beginning: digits in groups of three, and one decimal sign. An English comma before
/// three digits parts groups.
fn number(text: &str, language: Language) -> Result<(Decimal, &str), ToolError> {
    let mut digits = String::new();
    let mut decimal = false;
    let mut chars = text.char_indices().peekable();
    let mut end = text.len();
    while let Some((at, char)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match char {
            digit if digit.is_ascii_digit() => digits.push(digit),
            ',' if language == Language::En && is_group(&text[at + 1..]) => {}
            '.' | ',' if next_is_digit && !decimal => {
                decimal = true;
                digits.push('.');
            }
            ' ' | '\u{a0}' | '\u{202f}'
                if next_is_digit && is_group(&text[at + char.len_utf8()..]) => {}
            _ => {
                end = at;
                break;
            }
        }
    }
    let number = digits.parse().map_err(|_| too_large())?;
    Ok((number, &text[end..]))
}

/// Whether a text begins with three digits and no fourth.
fn is_group(text: &str) -> bool {
    text.chars().take_while(char::is_ascii_digit).count() == 3
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, wanted: Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<Decimal, ToolError> {
        let mut value = self.product()?;
        loop {
            let result = if self.take(Token::Plus) {
                let more = self.part_of(value)?;
                value.checked_add(more)
            } else if self.take(Token::Minus) {
                let less = self.part_of(value)?;
                value.checked_sub(less)
            } else {
                return Ok(value);
            };
            value = result.ok_or_else(too_large)?;
        }
    }

    /// "100 + 5%" adds five percent of the hundred, as on a pocket calculator.
    fn part_of(&mut self, whole: Decimal) -> Result<Decimal, ToolError> {
        let alone = |next: Option<&Token>| {
            matches!(next, None | Some(Token::Plus | Token::Minus | Token::Close))
        };
        if let [Token::Number(part), Token::Percent, rest @ ..] = &self.tokens[self.at..]
            && alone(rest.first())
        {
            let part = *part;
            self.at += 2;
            let whole = whole.checked_mul(part).ok_or_else(too_large)?;
            return whole
                .checked_div(Decimal::ONE_HUNDRED)
                .ok_or_else(too_large);
        }
        self.product()
    }

    fn product(&mut self) -> Result<Decimal, ToolError> {
        let mut value = self.signed()?;
        loop {
            if self.take(Token::Times) {
                let by = self.signed()?;
                value = value.checked_mul(by).ok_or_else(too_large)?;
            } else if self.take(Token::Over) {
                let by = self.signed()?;
                if by.is_zero() {
                    return Err(ToolError::Refused(
                        "nothing can be divided by zero".to_owned(),
                    ));
                }
                value = value.checked_div(by).ok_or_else(too_large)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn signed(&mut self) -> Result<Decimal, ToolError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(wrong("`expression` is too deep"));
        }
        let value = if self.take(Token::Minus) {
            -self.signed()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<Decimal, ToolError> {
        let base = self.percent()?;
        if !self.take(Token::Power) {
            return Ok(base);
        }
        let exponent = self.signed()?;
        let whole = exponent.normalize();
        let times = u32::try_from(whole.abs()).ok().filter(|n| *n <= MAX_POWER);
        let times = times.filter(|_| whole.scale() == 0);
        let times = times.ok_or_else(|| wrong("a power must be a whole number up to 96"))?;
        let mut value = Decimal::ONE;
        for _ in 0..times {
            value = value.checked_mul(base).ok_or_else(too_large)?;
        }
        match exponent.is_sign_negative() && times > 0 {
            true => Decimal::ONE.checked_div(value).ok_or_else(too_large),
            false => Ok(value),
        }
    }

    fn percent(&mut self) -> Result<Decimal, ToolError> {
        let mut value = self.atom()?;
        while self.take(Token::Percent) {
            value = value
                .checked_div(Decimal::ONE_HUNDRED)
                .ok_or_else(too_large)?;
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<Decimal, ToolError> {
        match self.peek() {
            Some(Token::Number(number)) => {
                self.at += 1;
                Ok(number)
            }
            Some(Token::Open) => {
                self.at += 1;
                let value = self.sum()?;
                match self.take(Token::Close) {
                    true => Ok(value),
                    false => Err(wrong("`expression` lacks a closing bracket")),
                }
            }
            _ => Err(wrong("`expression` lacks a number")),
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::tool_conformance;
    use proptest::prelude::*;

    fn said(expression: &str) -> String {
        spoken(evaluate(expression, Language::Ru).unwrap(), Language::Ru)
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        tool_conformance(&CalculatorTool, json!({ "expression": "1+1" })).await;
    }

    #[test]
    fn it_counts_as_people_do() {
        for (expression, result) in [
            ("0.1 + 0.2", "0,3"),
            ("0,1+0,2=", "0,3"),
            ("2 + 2 * 2", "6"),
            ("(2 + 2) * 2", "8"),
            ("-2^2", "-4"),
            ("2^-2", "0,25"),
            ("2^3^2", "512"),
            ("10 / 4", "2,5"),
            ("10 / 3", "примерно 3,33333333"),
            ("1 000 000 : 8", "125000"),
            ("5% от 1200", "60"),
            ("100 + 5%", "105"),
            ("200 - 10% + 1", "181"),
            ("50% * 50%", "0,25"),
            ("12 умножить на 3 плюс 1", "37"),
            ("144 разделить на 12?", "12"),
            ("2 в степени 10", "1024"),
            ("15 percent of 80", "12"),
            ("7 times 6 minus 2", "40"),
            ("1.10 * 3", "3,3"),
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
        ] {
            assert_eq!(said(expression), result, "{expression}");
        }
        let english = |text| spoken(evaluate(text, Language::En).unwrap(), Language::En);
        assert_eq!(english("1/3"), "about 0.33333333");
        assert_eq!(english("1,250,000.5 * 2"), "2500001");
    }

    #[test]
    fn what_cannot_be_counted_is_said_so() {
        for wrong in [
            "", "2 +", "(1", "1)", "two", "2 2", "1 + + ", "^2", "2^0.5", "2^97", "1; DROP",
        ] {
            let error = evaluate(wrong, Language::Ru).unwrap_err();
            assert!(matches!(error, ToolError::Arguments(_)), "{wrong}: {error}");
        }
        for refused in [
            "1/0",
            "1 / (2 - 2)",
            "9^90",
            "99999999999999999999999999999999",
        ] {
            let error = evaluate(refused, Language::Ru).unwrap_err();
            assert!(matches!(error, ToolError::Refused(_)), "{refused}: {error}");
        }
        assert!(evaluate(&"(".repeat(199), Language::Ru).is_err());
        assert!(evaluate(&"-".repeat(199), Language::Ru).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_written_gives_a_number_or_an_error(text in "[0-9+*/^%(). ,-]{0,60}|.{0,40}") {
            let _ = evaluate(&text, Language::Ru);
        }

        #[test]
        fn sums_of_cents_are_exact(a in -1_000_000_i64..1_000_000, b in 0_i64..1_000_000) {
            let cents = |n: i64| Decimal::new(n, 2);
            let sum = evaluate(&format!("{} + {}", cents(a), cents(b)), Language::Ru).unwrap();
            prop_assert_eq!(sum, cents(a + b));
        }
    }
}
