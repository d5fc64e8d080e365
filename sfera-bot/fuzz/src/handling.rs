#[path = "../../src/handling/addressed.rs"]
mod addressed;
#[path = "../../src/handling/attached.rs"]
mod attached;
#[path = "../../src/handling/incoming.rs"]
mod incoming;

pub use attached::LARGEST;
pub use incoming::{Incoming, Me, What};
