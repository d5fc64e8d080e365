//! What the calculators ask for, and what they refuse.

use rust_decimal::Decimal;

/// What can be calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calculator {
    /// How much to buy so that the stop costs what one is ready to lose.
    Size,
    /// What a target is worth against its stop.
    Reward,
    /// What a trade brings.
    Profit,
    /// What brings a loss back.
    Recovery,
    /// How far it went down from the top.
    Drawdown,
}

/// A number that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Money in the account.
    Deposit,
    /// Percent of it.
    Risk,
    /// A price.
    Entry,
    /// A price.
    Stop,
    /// A price.
    Target,
    /// A price.
    Exit,
    /// Units; fewer than none are sold short.
    Size,
    /// Percent of each side of the trade.
    Fee,
    /// Percent.
    Loss,
    /// Money.
    Peak,
    /// Money.
    Trough,
}

/// Why a number cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is none.
    NotANumber,
    /// It must be more than nothing.
    NotPositive,
    /// It must not be nothing.
    Nothing,
    /// It is no share: more than 0 and no more than 100 percent.
    Percent,
    /// All is lost: nothing brings that back.
    AllLost,
    /// The entry and this are the same price.
    SameAsEntry,
    /// The target is on the stop's side.
    StopSide,
    /// The trough is above the peak.
    AbovePeak,
    /// Nobody has that much.
    TooLarge,
}

use Field::{Deposit, Entry, Exit, Fee, Loss, Peak, Risk, Stop, Target, Trough};

impl Calculator {
    /// All, in the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::Size,
        Self::Reward,
        Self::Profit,
        Self::Recovery,
        Self::Drawdown,
    ];

    /// Its name in the state and on buttons.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Reward => "reward",
            Self::Profit => "profit",
            Self::Recovery => "recovery",
            Self::Drawdown => "drawdown",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// What it asks for, in this order.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Size => &[Deposit, Risk, Entry, Stop],
            Self::Reward => &[Entry, Stop, Target],
            Self::Profit => &[Entry, Exit, Field::Size, Fee],
            Self::Recovery => &[Loss],
            Self::Drawdown => &[Peak, Trough],
        }
    }

    /// Whether the last of these numbers can be, after those before it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check(self, numbers: &[Decimal]) -> Result<(), Refusal> {
        let (Some(last), Some(field)) = (
            numbers.last(),
            self.fields().get(numbers.len().saturating_sub(1)),
        ) else {
            return Ok(());
        };
        field.check(*last)?;
        match (self, numbers) {
            (Self::Size, [_, _, entry, stop]) | (Self::Reward, [entry, stop]) if entry == stop => {
                Err(Refusal::SameAsEntry)
            }
            (Self::Reward, [entry, _, target]) if entry == target => Err(Refusal::SameAsEntry),
            (Self::Reward, [entry, stop, target]) if (stop < entry) == (target < entry) => {
                Err(Refusal::StopSide)
            }
            (Self::Drawdown, [peak, trough]) if trough > peak => Err(Refusal::AbovePeak),
            _ => Ok(()),
        }
    }
}

impl Field {
    fn check(self, value: Decimal) -> Result<(), Refusal> {
        let positive = value > Decimal::ZERO;
        match self {
            Self::Risk if !positive || value > Decimal::ONE_HUNDRED => Err(Refusal::Percent),
            Self::Loss if value == Decimal::ONE_HUNDRED => Err(Refusal::AllLost),
            Self::Loss if !positive || value > Decimal::ONE_HUNDRED => Err(Refusal::Percent),
            Self::Fee if value < Decimal::ZERO || value >= Decimal::ONE_HUNDRED => {
                Err(Refusal::Percent)
            }
            Self::Size if value.is_zero() => Err(Refusal::Nothing),
            Self::Risk | Self::Loss | Self::Fee | Self::Size => Ok(()),
            _ if positive => Ok(()),
            _ => Err(Refusal::NotPositive),
        }
    }
}
