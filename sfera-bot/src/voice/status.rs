use crate::figures::Figures;
use sfera_agent::assembly::AssemblyError;
use std::sync::{Arc, Mutex, PoisonError};

/// Whether calls are taken in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// They are not meant to be: a worker elsewhere may take them.
    #[default]
    Elsewhere,
    /// What they need is being loaded.
    Loading,
    /// They are.
    Ready,
    /// Something is missing; it is tried again and again.
    Lacking(Lack),
}

/// What calls lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The model that recognises speech.
    Model,
    /// A program that speaks.
    Speaker,
    /// Another part.
    Part,
    /// A LiveKit server that takes the worker.
    LiveKit,
}

impl Readiness {
    /// For programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Lacking(Lack::Model) => "no speech model",
            Self::Lacking(Lack::Speaker) => "no speech program",
            Self::Lacking(Lack::Part) => "a part is missing",
            Self::Lacking(Lack::LiveKit) => "no LiveKit",
        }
    }
}

impl From<&AssemblyError> for Lack {
    fn from(error: &AssemblyError) -> Self {
        match error {
            AssemblyError::Model(_) => Self::Model,
            AssemblyError::Voice(_) => Self::Speaker,
            AssemblyError::Part(_) => Self::Part,
        }
    }
}

/// Where whoever asks reads how it is. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Status {
    now: Arc<Mutex<Readiness>>,
    figures: Figures,
}

impl Status {
    /// One that is counted among these.
    #[must_use]
    pub fn new(figures: Figures) -> Self {
        let status = Self {
            now: Arc::default(),
            figures,
        };
        status.figures.tell_voice(Readiness::default().name());
        status
    }

    /// How it is.
    #[must_use]
    pub fn now(&self) -> Readiness {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is from now on; whether that is something new.
    pub(super) fn becomes(&self, readiness: Readiness) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *now != readiness;
        *now = readiness;
        if is_new {
            self.figures.tell_voice(readiness.name());
        }
        is_new
    }
}
