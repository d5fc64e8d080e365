//! What the caller said before the agent was there: a front end records it and sends it as a byte
//! stream, to be heard before the live sound.

mod format;
mod read;
mod splice;

pub(super) use read::{Prelude, TOPIC, read};
pub(super) use splice::Splice;
