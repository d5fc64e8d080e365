//! Voice agents in one process: audio → VAD → STT → turn → LLM → TTS → playout.
//!
//! Each room of the walk is a module; imports point leftwards only, and a test checks it. The turn
//! engine ([`turn`]) is pure: input and time in, effects out. A [`session`] drives it and owns every
//! task. Providers are small traits ([`vad::Vad`], [`stt::Stt`], [`llm::Llm`], [`tts::Tts`],
//! [`tools::Tool`], [`memory::Memory`], [`knowledge::Knowledge`]); those shipped here stand behind
//! features of their own, and without features the crate builds none of them.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "what tests share is outside of any test function"
    )
)]

#[cfg(feature = "local")]
pub mod assembly;
pub mod audio;
pub mod chat;
pub mod embedding;
#[cfg(feature = "http")]
#[allow(dead_code, reason = "on without a feature that needs it, it is idle")]
mod http;
pub mod io;
pub mod knowledge;
pub mod language;
pub mod llm;
pub mod memory;
#[cfg(feature = "models")]
pub mod models;
#[cfg(any(feature = "embed-fastembed", feature = "silero"))]
mod onnx;
pub mod playout;
pub mod reranking;
pub mod retry;
pub mod session;
pub mod store;
pub mod stt;
#[cfg(feature = "test-util")]
pub mod testing;
pub mod tools;
pub mod tts;
pub mod turn;
pub mod vad;
#[cfg(feature = "livekit")]
pub mod worker;

pub use language::Language;
