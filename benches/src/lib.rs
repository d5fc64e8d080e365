//! How fast Sfera is. What the benchmarks share: providers that answer at once, a user who speaks
//! loud, and a table; and how well it finds passages.

mod mock;
pub mod retrieval;
mod table;

pub use mock::{FRAME, RATE, frame, providers, session_options};
pub use table::{Row, print_table, row_of};

/// Whether cargo wants figures, and not only to see that the benchmark runs.
#[must_use]
pub fn in_earnest() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}
