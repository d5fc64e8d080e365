use super::{
    Session, SessionOptions,
    driver::Driver,
    handle::{COMMANDS, SessionControl},
    recording::Recorder,
};
use crate::{
    audio::Frame,
    knowledge::Knowledge,
    llm::Llm,
    memory::Memory,
    playout::Playout,
    stt::Stt,
    tools::{Journal, RegistryError, Tool, ToolRegistry, ToolSource},
    tts::Tts,
    vad::{Vad, VadError},
};
use std::{fmt, sync::Arc};
use tokio::sync::{broadcast, mpsc};
use tokio_util::task::TaskTracker;

/// The four providers a session cannot do without. Cloning shares them: one warm set serves all
/// sessions of a process.
#[derive(Clone)]
pub struct Providers {
    /// Is anybody speaking?
    pub vad: Arc<dyn Vad>,
    /// What do they say?
    pub stt: Arc<dyn Stt>,
    /// What to answer?
    pub llm: Arc<dyn Llm>,
    /// How does it sound?
    pub tts: Arc<dyn Tts>,
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers")
            .field("vad", &self.vad.name())
            .field("stt", &self.stt.name())
            .field("llm", &self.llm.name())
            .field("tts", &self.tts.name())
            .finish()
    }
}

/// What a session consists of, before it starts.
pub struct SessionBuilder {
    pub(super) providers: Providers,
    pub(super) options: SessionOptions,
    pub(super) tools: ToolRegistry,
    pub(super) memory: Option<Arc<dyn Memory>>,
    pub(super) knowledge: Option<Arc<dyn Knowledge>>,
    pub(super) recorder: Option<Recorder>,
    pub(super) history: Vec<crate::llm::Message>,
    started: Option<Started>,
}

/// Who is told that a session started.
type Started = Box<dyn FnOnce(SessionControl) + Send>;

/// Why a session did not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The VAD cannot be run.
    #[error(transparent)]
    Vad(#[from] VadError),
    /// A tool cannot be offered.
    #[error(transparent)]
    Tools(#[from] RegistryError),
}

impl SessionBuilder {
    pub(super) fn new(providers: Providers) -> Self {
        Self {
            providers,
            options: SessionOptions::default(),
            tools: ToolRegistry::default(),
            memory: None,
            knowledge: None,
            recorder: None,
            history: Vec::new(),
            started: None,
        }
    }

    /// Replaces the default options.
    #[must_use]
    pub fn options(mut self, options: SessionOptions) -> Self {
        self.options = options;
        self
    }

    /// Lets the LLM call a tool.
    ///
    /// # Errors
    /// [`StartError::Tools`] if its name is taken or its specification is no good.
    pub fn tool(mut self, tool: Arc<dyn Tool>) -> Result<Self, StartError> {
        self.tools.add(tool)?;
        Ok(self)
    }

    /// Lets the LLM call tools that come and go.
    #[must_use]
    pub fn tool_source(mut self, source: Arc<dyn ToolSource>) -> Self {
        self.tools.add_source(source);
        self
    }

    /// Writes calls down that change something, before they run. What an earlier conversation of the
    /// same user left in doubt is told when the session starts.
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.tools.set_journal(journal);
        self
    }

    /// Remembers the user of [`SessionOptions::user`].
    #[must_use]
    pub fn memory(mut self, memory: Arc<dyn Memory>) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Looks things up before each answer.
    #[must_use]
    pub fn knowledge(mut self, knowledge: Arc<dyn Knowledge>) -> Self {
        self.knowledge = Some(knowledge);
        self
    }

    /// Records everything the turn machine hears and wants, the user's words included.
    #[must_use]
    pub fn record(mut self, recorder: Recorder) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// Goes on from an earlier conversation.
    #[must_use]
    pub fn history(mut self, messages: Vec<crate::llm::Message>) -> Self {
        self.history = messages;
        self
    }

    /// Gives the remote control to somebody else when the session starts, where another one starts it (a
    /// job, for example).
    #[must_use]
    pub fn on_start(mut self, started: impl FnOnce(SessionControl) + Send + 'static) -> Self {
        self.started = Some(Box::new(started));
        self
    }

    /// Starts the session on the current tokio runtime. It hears `input` (frames of any rate, at the
    /// pace of real time) until it is closed.
    ///
    /// # Errors
    /// [`StartError`] if something cannot start; nothing is left running then.
    pub fn start(mut self, input: mpsc::Receiver<Frame>) -> Result<Session, StartError> {
        let (playout, reader) = Playout::new(self.options.turn.playout_rate);
        let (commands, command_inbox) = mpsc::channel(COMMANDS);
        let (events, _) = broadcast::channel(super::handle::EVENTS);
        let control = SessionControl::new(commands);
        let (first, started) = (events.subscribe(), self.started.take());
        let driver = Driver::new(self, input, command_inbox, playout, events.clone())?;
        let tracker = TaskTracker::new();
        let task = tracker.spawn(driver.run());
        if let Some(started) = started {
            started(control.clone());
        }
        Ok(Session::new(control, reader, &events, first, task))
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("providers", &self.providers)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
