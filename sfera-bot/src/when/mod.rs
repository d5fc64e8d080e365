//! Moments as people write them: "через час", "завтра в 9:30", "every weekday at 9am".
//!
//! Words are read to a phrase, which knows neither clock nor zone; a phrase, a moment and a time zone
//! give the moment that is meant. Where clocks are turned, a time that does not exist is the one an
//! hour later, and of two that are the same the first one counts.

mod date;
mod parse;
mod phrase;
mod rule;
#[cfg(test)]
mod tests;
mod time;
mod words;
mod zone;

pub use parse::{Asked, Problem, When, parse};
pub use rule::Rule;
pub use zone::Zone;
