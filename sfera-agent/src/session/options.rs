use crate::{memory::UserId, turn::TurnOptions, vad::VadOptions};
use std::{sync::Arc, time::Duration};

/// Everything about one session that is not a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionOptions {
    /// How turns are taken, and in which language.
    pub turn: TurnOptions,
    /// When sound counts as speech.
    pub vad: VadOptions,
    /// Who the agent is and how it behaves; the LLM gets it with every request.
    pub instructions: Arc<str>,
    /// The user, for memory; without one nothing is remembered.
    pub user: Option<UserId>,
    /// Words worth preferring in recognition: names, tickers.
    pub hints: Vec<String>,
    /// How long memory and knowledge may take before the LLM is asked without them.
    pub recall_budget: Duration,
    /// Passages for one answer, at most.
    pub recall_limit: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            turn: TurnOptions::default(),
            vad: VadOptions::default(),
            instructions: Arc::from(""),
            user: None,
            hints: Vec::new(),
            recall_budget: Duration::from_millis(150),
            recall_limit: 5,
        }
    }
}
