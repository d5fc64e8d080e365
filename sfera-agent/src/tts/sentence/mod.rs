//! From streamed text to sentences a voice can start with.

mod abbreviation;
mod markdown;
mod splitter;
#[cfg(test)]
mod tests;

pub use splitter::SentenceSplitter;
