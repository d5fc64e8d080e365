//! The calculators: exact decimals in, exact decimals out.

use super::{Calculator, Refusal};
use rust_decimal::{Decimal, RoundingStrategy};

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of [`Calculator::Size`].
    Size {
        /// Units, rounded down.
        size: Decimal,
        /// What is lost at the stop.
        loss: Decimal,
        /// What the position costs.
        cost: Decimal,
        /// Whether it is a bet on a fall.
        short: bool,
        /// Whether it costs more than there is.
        borrowed: bool,
    },
    /// Of [`Calculator::Reward`].
    Reward {
        /// Reward divided by risk.
        ratio: Decimal,
        /// Percent of trades that must win to lose nothing.
        wins: Decimal,
    },
    /// Of [`Calculator::Profit`].
    Profit {
        /// After fees.
        profit: Decimal,
        /// Percent of what the position cost.
        percent: Decimal,
        /// Both sides.
        fees: Decimal,
    },
    /// Of [`Calculator::Recovery`].
    Recovery {
        /// Percent of what is left.
        gain: Decimal,
    },
    /// Of [`Calculator::Drawdown`].
    Drawdown {
        /// Percent of the peak.
        loss: Decimal,
        /// Percent of what is left.
        gain: Decimal,
    },
}

impl Calculator {
    /// What comes out of all the numbers; none where some are missing.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn outcome(self, numbers: &[Decimal]) -> Option<Result<Outcome, Refusal>> {
        let found = match (self, numbers) {
            (Self::Size, &[deposit, risk, entry, stop]) => size(deposit, risk, entry, stop),
            (Self::Reward, &[entry, stop, target]) => reward(entry, stop, target),
            (Self::Profit, &[entry, exit, size, fee]) => profit(entry, exit, size, fee),
            (Self::Recovery, &[loss]) => recovery(loss).map(|gain| Outcome::Recovery { gain }),
            (Self::Drawdown, &[peak, trough]) => drawdown(peak, trough),
            _ => return None,
        };
        Some(found.ok_or(Refusal::TooLarge))
    }
}

fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)
}

fn size(deposit: Decimal, risk: Decimal, entry: Decimal, stop: Decimal) -> Option<Outcome> {
    let distance = (entry - stop).abs();
    let ready = deposit
        .checked_mul(risk)?
        .checked_div(Decimal::ONE_HUNDRED)?;
    // Rounded down, so that the stop never costs more.
    let units = ready.checked_div(distance)?;
    let size = units.round_dp_with_strategy(8, RoundingStrategy::ToZero);
    let cost = size.checked_mul(entry)?;
    Some(Outcome::Size {
        size,
        loss: size.checked_mul(distance)?,
        cost,
        short: stop > entry,
        borrowed: cost > deposit,
    })
}

fn reward(entry: Decimal, stop: Decimal, target: Decimal) -> Option<Outcome> {
    let (risk, reward) = ((entry - stop).abs(), (target - entry).abs());
    Some(Outcome::Reward {
        ratio: reward.checked_div(risk)?,
        wins: percent(risk, risk.checked_add(reward)?)?,
    })
}

fn profit(entry: Decimal, exit: Decimal, size: Decimal, fee: Decimal) -> Option<Outcome> {
    let cost = size.abs().checked_mul(entry)?;
    let turnover = cost.checked_add(size.abs().checked_mul(exit)?)?;
    let fees = turnover
        .checked_mul(fee)?
        .checked_div(Decimal::ONE_HUNDRED)?;
    let profit = size.checked_mul(exit - entry)?.checked_sub(fees)?;
    Some(Outcome::Profit {
        profit,
        percent: percent(profit, cost)?,
        fees,
    })
}

fn recovery(loss: Decimal) -> Option<Decimal> {
    percent(loss, Decimal::ONE_HUNDRED.checked_sub(loss)?)
}

fn drawdown(peak: Decimal, trough: Decimal) -> Option<Outcome> {
    let lost = peak.checked_sub(trough)?;
    Some(Outcome::Drawdown {
        loss: percent(lost, peak)?,
        gain: percent(lost, trough)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LARGE: i64 = 100_000_000_000_000_000;

    fn of(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn outcome(calculator: Calculator, numbers: &[&str]) -> Outcome {
        let numbers: Vec<_> = numbers.iter().map(|number| of(number)).collect();
        for count in 1..=numbers.len() {
            assert_eq!(calculator.check(&numbers[..count]), Ok(()));
        }
        calculator.outcome(&numbers).unwrap().unwrap()
    }

    #[test]
    fn the_numbers_are_right() {
        let size = outcome(Calculator::Size, &["100000", "1", "250", "240"]);
        let expected = Outcome::Size {
            size: of("100"),
            loss: of("1000"),
            cost: of("25000"),
            short: false,
            borrowed: false,
        };
        assert_eq!(size, expected);
        let reward = outcome(Calculator::Reward, &["100", "95", "115"]);
        let (ratio, wins) = (of("3"), of("25"));
        assert_eq!(reward, Outcome::Reward { ratio, wins });
        let profit = outcome(Calculator::Profit, &["100", "110", "10", "0.1"]);
        let (profit_is, percent, fees) = (of("97.9"), of("9.79"), of("2.1"));
        let expected = Outcome::Profit {
            profit: profit_is,
            percent,
            fees,
        };
        assert_eq!(profit, expected);
        let short = outcome(Calculator::Profit, &["100", "110", "-10", "0"]);
        assert!(matches!(short, Outcome::Profit { profit, .. } if profit == of("-100")));
        let gain = of("100");
        assert_eq!(
            outcome(Calculator::Recovery, &["50"]),
            Outcome::Recovery { gain }
        );
        let (loss, gain) = (of("20"), of("25"));
        let fallen = outcome(Calculator::Drawdown, &["1000", "800"]);
        assert_eq!(fallen, Outcome::Drawdown { loss, gain });
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (calculator, numbers, refusal) in [
            (Calculator::Size, &["0"][..], Refusal::NotPositive),
            (Calculator::Size, &["100", "101"], Refusal::Percent),
            (
                Calculator::Size,
                &["100", "1", "5", "5"],
                Refusal::SameAsEntry,
            ),
            (Calculator::Reward, &["100", "90", "95"], Refusal::StopSide),
            (
                Calculator::Reward,
                &["100", "90", "100"],
                Refusal::SameAsEntry,
            ),
            (Calculator::Profit, &["1", "2", "0"], Refusal::Nothing),
            (Calculator::Profit, &["1", "2", "3", "-1"], Refusal::Percent),
            (Calculator::Recovery, &["100"], Refusal::AllLost),
            (Calculator::Recovery, &["150"], Refusal::Percent),
            (Calculator::Drawdown, &["100", "200"], Refusal::AbovePeak),
        ] {
            let numbers: Vec<_> = numbers.iter().map(|number| of(number)).collect();
            assert_eq!(calculator.check(&numbers), Err(refusal), "{calculator:?}");
        }
    }

    proptest! {
        #[test]
        fn a_stop_never_costs_more_than_was_risked(
            deposit in 1_i64..1_000_000_000_000, risk in 1_i64..=10_000, entry in 1_i64..1_000_000_000,
            stop in 1_i64..1_000_000_000,
        ) {
            prop_assume!(entry != stop);
            let two = |number| Decimal::try_new(number, 2).unwrap();
            let numbers = [two(deposit), two(risk), two(entry), two(stop)];
            let found = Calculator::Size.outcome(&numbers).unwrap();
            if let Ok(Outcome::Size { loss, .. }) = found {
                prop_assert!(loss * Decimal::ONE_HUNDRED <= two(deposit) * two(risk));
            }
        }

        #[test]
        fn large_and_small_numbers_do_no_harm(
            digits in proptest::collection::vec(-LARGE..LARGE, 1..5), scale in 0_u32..18,
        ) {
            let numbers: Vec<_> = digits.iter().map(|d| Decimal::try_new(*d, scale).unwrap()).collect();
            for calculator in Calculator::ALL {
                let good = (1..=numbers.len()).all(|n| calculator.check(&numbers[..n]).is_ok());
                if good {
                    let _outcome = calculator.outcome(&numbers);
                }
            }
        }
    }
}
