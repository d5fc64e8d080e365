//! Scripted fakes and conformance suites, for tests of agents and of providers written elsewhere; a
//! virtual clock and simulated conversations.

mod clock;
pub mod simulation;
mod vad;

pub use clock::Agenda;
pub use vad::{ScriptedVad, vad_conformance};
