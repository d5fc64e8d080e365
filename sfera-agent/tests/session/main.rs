//! Whole sessions with scripted providers on tokio's virtual clock.
#![cfg(feature = "test-util")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::single_range_in_vec_init)]

mod answering;
mod failing;
mod interrupting;
mod lifetime;
mod world;
