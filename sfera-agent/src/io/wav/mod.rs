//! WAV files as input and output.

mod error;
mod header;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use error::WavError;
pub use reader::WavReader;
pub use writer::WavWriter;
