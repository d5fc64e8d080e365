mod amount;
#[cfg(feature = "assistant")]
mod asked;
mod parser;
mod token;

#[cfg(feature = "assistant")]
pub(crate) use asked::expression_in;

use super::{Tool, ToolContext, ToolError, ToolSpec};
use crate::language::Language;
use async_trait::async_trait;
use parser::Parser;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use token::tokens;

/// Characters of an expression, at most.
const MAX_LENGTH: usize = 200;
/// Decimals that are said.
const DECIMALS: u32 = 8;

/// `calculate`: arithmetic in decimals, as people count: 0.1 + 0.2 is 0.3.
///
/// Takes `expression`: `+ - * / ^ ( )`, numbers with a point or a comma, `%`, and the words for all that
/// in Russian and English, as speech recognition gives them: «5% от двух тысяч», «сколько будет двадцать
/// пять умножить на 4», "twelve divided by five". No key, no network. Numbers of up to 28 digits; what is
/// larger, or divided by zero, is [`ToolError::Refused`].
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
    Parser::new(tokens(expression, language)?).whole()
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
    fn what_is_said_in_words_is_counted_too() {
        for (expression, result) in [
            ("двадцать пять умножить на четыре", "100"),
            ("сколько будет пятнадцать процентов от двух тысяч", "300"),
            ("Сколько будет 15 процентов от двух тысяч?", "300"),
            ("сто разделить на восемь", "12,5"),
            ("сто плюс один", "101"),
            ("тысяча минус один", "999"),
            ("пять на шесть", "30"),
            ("дважды два", "4"),
            ("два в десятой степени", "1024"),
            ("2 в 10 степени", "1024"),
            ("три в квадрате плюс четыре в квадрате", "25"),
            ("минус пять плюс три", "-2"),
            ("сто прибавить пять процентов", "105"),
            ("ноль целых пять десятых умножить на два", "1"),
            ("три целых и двадцать пять сотых плюс одна десятая", "3,35"),
            ("три запятая четырнадцать умножить на два", "6,28"),
            ("полторы тысячи плюс 5 тысяч двести", "6700"),
            ("две с половиной тысячи разделить на два", "1250"),
            ("2,5 миллиона минус пятьсот тысяч", "2000000"),
            ("половина от двухсот пяти", "102,5"),
            ("25 х 4, пожалуйста", "100"),
            ("двадцать  семь отнять сто", "-73"),
        ] {
            assert_eq!(said(expression), result, "{expression}");
        }
        let english = |text| spoken(evaluate(text, Language::En).unwrap(), Language::En);
        for (expression, result) in [
            ("twelve times three", "36"),
            ("What is 15 percent of two thousand?", "300"),
            ("two hundred and five minus twenty-five", "180"),
            ("three point one four times two", "6.28"),
            ("two and a half million divided by five", "500000"),
            ("half of ninety", "45"),
            ("five-three", "2"),
            ("four squared", "16"),
        ] {
            assert_eq!(english(expression), result, "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_said_so() {
        for wrong in [
            "",
            "2 +",
            "(1",
            "1)",
            "two apples",
            "2 2",
            "1 + + ",
            "^2",
            "2^0.5",
            "2^97",
            "1; DROP",
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
        fn whatever_is_written_gives_a_number_or_an_error(text in "[0-9+*/^%(). ,-]{0,60}|.{0,40}|((сто|два|two|hundred|and|half|тысяч|целых|сотых|point|в|пятой|степени|с|половиной|-| |,|7)[ -]?){0,12}") {
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
