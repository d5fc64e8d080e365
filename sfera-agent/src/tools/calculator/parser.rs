//! What an expression comes to, by the order of its signs.

use super::{ToolError, token::Token, too_large, wrong};
use rust_decimal::Decimal;

/// Brackets and signs within each other, at most.
const MAX_DEPTH: u32 = 32;
/// The largest power: 2 to the 96th is the largest number there is.
const MAX_POWER: u32 = 96;

pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
        }
    }

    /// What all of it comes to.
    pub(super) fn whole(mut self) -> Result<Decimal, ToolError> {
        let value = self.sum()?;
        match self.peek() {
            None => Ok(value),
            Some(token) => Err(wrong(&format!("`expression` makes no sense at {token:?}"))),
        }
    }

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
