//! Scripted fakes and conformance suites, for tests of agents and of providers written elsewhere; a
//! virtual clock and simulated conversations.

mod clock;
mod embedding;
mod journal;
mod knowledge;
mod llm;
mod memory;
mod memory_store;
mod reranking;
pub mod simulation;
mod store;
mod stt;
mod tool;
mod tts;
mod vad;
mod wer;

pub use clock::Agenda;
pub use embedding::embedder_conformance;
pub use journal::journal_conformance;
pub use knowledge::knowledge_conformance;
pub use llm::{LlmStep, ScriptedLlm, llm_conformance};
pub use memory::memory_conformance;
pub use memory_store::MemoryStore;
pub use reranking::reranker_conformance;
pub use store::store_conformance;
pub use stt::{
    Recognition, ScriptedRecognizer, ScriptedStt, ScriptedUtterance, recognizer_conformance,
    stt_conformance, stt_input, utterance,
};
pub use tool::{ScriptedTool, tool_conformance};
pub use tts::{ScriptedTts, TtsStep, tts_conformance};
pub use vad::{ScriptedVad, vad_conformance};
pub use wer::{WordErrors, wer, words};
