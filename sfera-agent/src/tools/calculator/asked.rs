//! Whether somebody asks for a calculation.

use super::{
    ToolError,
    amount::word,
    evaluate,
    token::{Token, is_silent, tokens},
};
use crate::language::Language;

/// Bytes of an expression that is looked at; [`evaluate`] takes fewer characters.
const MAX_ASKED: usize = 1_000;

/// The expression that somebody asks for, if it is all that they say and can be calculated; `fillers`, in
/// lower case, do not count.
pub(crate) fn expression_in<'t>(
    text: &'t str,
    fillers: &[String],
    language: Language,
) -> Option<&'t str> {
    let mut rest = text.trim();
    while let Some((word, behind)) = word(rest) {
        let word = word.to_lowercase().replace('ё', "е");
        if !is_silent(&word) && !fillers.contains(&word) {
            break;
        }
        rest = behind.trim_start_matches([' ', ',', ':']);
    }
    let expression = rest.trim_end_matches(['=', '?', '!', '.', ' ']);
    if expression.len() > MAX_ASKED {
        return None;
    }
    let tokens = tokens(expression, language).ok()?.into_iter();
    let numbers = tokens.filter(|token| matches!(token, Token::Number(_)));
    let wrong = matches!(evaluate(expression, language), Err(ToolError::Arguments(_)));
    (numbers.count() > 1 && !wrong).then_some(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_an_expression_only_if_nothing_else_is_in_it() {
        let fillers = ["сфера", "а"].map(str::to_owned);
        let found = |text| expression_in(text, &fillers, Language::Ru);
        for (text, expression) in [
            ("Сколько будет два плюс два?", "два плюс два"),
            ("Сфера, а сколько будет 2+2", "2+2"),
            ("сколько будет (2 + 3) * 4", "(2 + 3) * 4"),
            ("посчитай: -5 + 3", "-5 + 3"),
            ("десять разделить на ноль", "десять разделить на ноль"),
        ] {
            assert_eq!(found(text), Some(expression), "{text}");
        }
        for text in [
            "",
            "сколько будет",
            "сколько будет пять",
            "сколько будет стоить биткоин",
            "сколько будет стоить биткоин через два года",
            "сколько будет корень из 16 плюс 9",
            "посчитай до десяти",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
