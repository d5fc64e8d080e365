//! An expression as numbers and signs, written or said.

use super::{
    ToolError,
    amount::{after, amount, nth, word},
    wrong,
};
use crate::language::Language;
use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
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

const TWO: Token = Token::Number(Decimal::TWO);
const THREE: Token = Token::Number(Decimal::from_parts(3, 0, 0, false, 0));

/// Words for signs; the longer ones first where one begins another.
const SIGNS: &[(&str, &[Token])] = &[
    ("умножить на", &[Token::Times]),
    ("умножь на", &[Token::Times]),
    ("умножаем на", &[Token::Times]),
    ("умноженное на", &[Token::Times]),
    ("помножить на", &[Token::Times]),
    ("помноженное на", &[Token::Times]),
    ("разделить на", &[Token::Over]),
    ("раздели на", &[Token::Over]),
    ("поделить на", &[Token::Over]),
    ("подели на", &[Token::Over]),
    ("поделенное на", &[Token::Over]),
    ("деленное на", &[Token::Over]),
    ("делить на", &[Token::Over]),
    ("делим на", &[Token::Over]),
    ("на", &[Token::Times]),
    ("раз по", &[Token::Times]),
    ("дважды", &[TWO, Token::Times]),
    ("трижды", &[THREE, Token::Times]),
    ("в степени", &[Token::Power]),
    ("в квадрате", &[Token::Power, TWO]),
    ("в кубе", &[Token::Power, THREE]),
    ("процентов", &[Token::Percent]),
    ("процента", &[Token::Percent]),
    ("процент", &[Token::Percent]),
    ("плюс", &[Token::Plus]),
    ("прибавить", &[Token::Plus]),
    ("прибавь", &[Token::Plus]),
    ("минус", &[Token::Minus]),
    ("отнять", &[Token::Minus]),
    ("вычесть", &[Token::Minus]),
    ("от", &[Token::Times]),
    ("multiplied by", &[Token::Times]),
    ("divided by", &[Token::Over]),
    ("to the power of", &[Token::Power]),
    ("squared", &[Token::Power, TWO]),
    ("cubed", &[Token::Power, THREE]),
    ("percent", &[Token::Percent]),
    ("per cent", &[Token::Percent]),
    ("plus", &[Token::Plus]),
    ("minus", &[Token::Minus]),
    ("times", &[Token::Times]),
    ("over", &[Token::Over]),
    ("of", &[Token::Times]),
];

/// Words around an expression that say nothing about it.
const SILENT: &[&str] = &[
    "сколько",
    "будет",
    "это",
    "посчитай",
    "посчитайте",
    "подсчитай",
    "сосчитай",
    "вычисли",
    "вычислите",
    "чему",
    "равно",
    "равняется",
    "же",
    "пожалуйста",
    "what",
    "what's",
    "is",
    "how",
    "much",
    "calculate",
    "compute",
    "equals",
    "a",
    "the",
    "please",
];

/// Whether the word, in lower case, says nothing about an expression.
pub(super) fn is_silent(word: &str) -> bool {
    SILENT.contains(&word)
}

pub(super) fn tokens(expression: &str, language: Language) -> Result<Vec<Token>, ToolError> {
    let lower = expression
        .to_lowercase()
        .replace('ё', "е")
        .replace('’', "'");
    let text = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = text.trim_end_matches(['=', '?', '!', '.', ' ']);
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let next = &rest[first.len_utf8()..];
        if first.is_whitespace() || first == ',' {
            rest = next;
        } else if let Some((power, behind)) = nth_power(rest) {
            tokens.extend([Token::Power, Token::Number(power)]);
            rest = behind;
        } else if let Some((signs, behind)) = said_signs(rest) {
            tokens.extend(signs);
            rest = behind;
        } else if let Some((number, behind)) = amount(rest, language)? {
            tokens.push(Token::Number(number));
            rest = behind;
        } else if let Some((_, behind)) = word(rest).filter(|(word, _)| is_silent(word)) {
            rest = behind;
        } else {
            tokens.push(sign(first)?);
            rest = next;
        }
    }
    Ok(tokens)
}

fn said_signs(text: &str) -> Option<(&'static [Token], &str)> {
    SIGNS.iter().find_map(|(said, signs)| {
        let behind = text.strip_prefix(said)?;
        let whole = !behind.starts_with(char::is_alphanumeric);
        whole.then_some((*signs, behind))
    })
}

/// «в пятой степени»
fn nth_power(text: &str) -> Option<(Decimal, &str)> {
    let (power, behind) = nth(after(text, &["в"])?)?;
    Some((power, after(behind, &["степени", "степень"])?))
}

fn sign(char: char) -> Result<Token, ToolError> {
    Ok(match char {
        '+' => Token::Plus,
        '-' | '−' | '–' => Token::Minus,
        '*' | '×' | '·' | 'x' | 'х' => Token::Times,
        '/' | ':' | '÷' => Token::Over,
        '^' => Token::Power,
        '%' => Token::Percent,
        '(' => Token::Open,
        ')' => Token::Close,
        other => {
            let why = format!("`expression` has {other:?}, which is no sign");
            return Err(wrong(&why));
        }
    })
}
