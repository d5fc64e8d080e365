//! Whole sessions with scripted providers on tokio's virtual clock.
#![cfg(feature = "test-util")]

mod answering;
mod failing;
mod interrupting;
mod lifetime;
mod world;
