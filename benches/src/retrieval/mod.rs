//! How well passages are found: a set of Russian questions with their right passages, and what is
//! counted over it.

mod flaws;
mod score;
mod set;

pub use score::{Outcome, Score, ask};
pub use set::{Expected, Kind, Part, Question, Section, Set};
