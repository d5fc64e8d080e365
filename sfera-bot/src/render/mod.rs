//! An LLM's Markdown as Telegram shows it.
//!
//! Telegram takes a few tags of HTML and refuses a whole message over one that is wrong. So nothing of
//! the text is ever passed through: a Markdown parser says what is meant, and only known tags are
//! written, each closed where it was opened. A message that breaks off in the middle, as it does while
//! an answer is being written, is as whole as any other.

mod html;
mod split;
#[cfg(test)]
mod telegram;
#[cfg(test)]
mod tests;

pub use html::{escape, markdown};
pub use split::split;

/// Characters of a message as Telegram counts them (UTF-16 units, without tags), at most.
pub const LONGEST: usize = 4096;
