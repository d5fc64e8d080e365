//! Scripted fakes and conformance suites, for tests of agents and of providers written elsewhere.

mod vad;

pub use vad::{ScriptedVad, vad_conformance};
