//! Every way a command can end other than well, and the exit code of each.

use crate::{config::ConfigError, text::Text};
use sfera_agent::{
    embedding::EmbedError,
    io::room::{JoinError, RoomEnd},
    knowledge::{KnowledgeBaseError, QuestionError},
    models::ModelError,
    reranking::RerankError,
    store::StoreError,
    tools::mcp::{McpAway, McpConfigError},
    tts::LocalTtsError,
    worker::DispatchError,
};
use std::{io, net::SocketAddr, path::PathBuf, process::ExitCode};

/// What the shell gets. Written down in `sfera --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Fine = 0,
    /// A scenario or a comparison failed.
    CheckFailed = 1,
    /// The command, the settings or an input file is wrong.
    Usage = 2,
    /// A model, a device or a program is missing.
    Missing = 3,
    /// Something failed while running.
    Runtime = 4,
    /// Ctrl+C before the work was done.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub enum Error {
    /// The command line.
    Usage {
        /// The command that was typed, whose help says more.
        command: String,
        /// What is wrong with it.
        usage: Usage,
    },
    /// The settings.
    Config(ConfigError),
    /// A file that was named on the command line.
    File(FileError),
    /// A model file; `suggestion` is a name spelt alike.
    Model {
        /// What is wrong with it.
        error: ModelError,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// The knowledge base.
    Knowledge(KnowledgeProblem),
    /// The memory of people.
    Memory(MemoryProblem),
    /// Something else this machine lacks.
    Missing(Missing),
    /// A LiveKit server, or what is said to it.
    LiveKit(LiveKitProblem),
    /// Something failed while running.
    Runtime(Runtime),
    /// Ctrl+C before the work was done.
    Interrupted,
}

/// What is wrong with the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Nothing to do.
    NoCommand,
    /// No such option.
    UnknownArgument {
        argument: String,
        suggestion: Option<String>,
    },
    /// No such command.
    UnknownCommand {
        command: String,
        suggestion: Option<String>,
    },
    /// Two options exclude each other.
    Conflict { argument: String, other: String },
    /// An option or argument is required.
    Missing { argument: String },
    /// An option lacks its value.
    NoValue { argument: String },
    /// A language nobody here speaks.
    Language { value: String },
    /// A value that cannot be used; `allowed` may be empty.
    BadValue {
        argument: String,
        value: String,
        allowed: String,
    },
    /// Anything else.
    Other { arguments: String },
}

/// What is wrong with a file named by the user.
#[derive(Debug)]
pub struct FileError {
    /// The file, as the user wrote it.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: FileProblem,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum FileProblem {
    /// It does not exist.
    NotFound,
    /// It may not be read or written.
    Denied,
    /// It is a folder.
    Folder,
    /// Where it should be written there is no folder.
    NoParent,
    /// Input and output are one file.
    SameAsInput,
    /// No space is left for it.
    DiskFull,
    /// The system refuses for another reason.
    Io(io::ErrorKind),
    /// It is not a WAV file, or cut off.
    NotWav,
    /// It holds no sound.
    EmptyWav,
    /// It is longer than a question may be, in minutes.
    TooLong { minutes: u64, limit: u64 },
    /// It ends before its header says; lengths in seconds.
    CutWav { promised: f32, found: f32 },
    /// A kind of WAV that cannot be read.
    UnsupportedWav,
    /// A rate nobody uses for speech, in Hz.
    WavRate(u32),
    /// It is not what `sfera` records.
    NotRecording { line: usize },
    /// It was recorded by another version, in this format.
    RecordingVersion(u32),
    /// A plan of a scenario is wrong: the key or step.
    BadScenario(String),
}

impl FileError {
    /// A problem with a file.
    pub fn new(path: impl Into<PathBuf>, problem: FileProblem) -> Self {
        Self {
            path: path.into(),
            problem,
        }
    }

    /// What the system said about a file.
    pub fn io(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => FileProblem::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                FileProblem::Denied
            }
            io::ErrorKind::IsADirectory => FileProblem::Folder,
            io::ErrorKind::NotADirectory => FileProblem::NoParent,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileProblem::DiskFull,
            other => FileProblem::Io(other),
        };
        Self::new(path, problem)
    }
}

/// What is wrong with the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnowledgeProblem {
    /// Its store.
    Store(StoreError),
    /// The Qdrant server at this address does not answer.
    Server(String),
    /// The store's file, named here, is busy or out of reach.
    Busy(String),
    /// The store's file is a folder.
    StoreFolder(PathBuf),
    /// Who embeds its texts.
    Embedding(EmbedError),
    /// Who embeds its texts does not answer at this address.
    EmbeddingServer(String),
    /// The folder that is used in its place, or a document in it, cannot be read: what the system says, or
    /// that it is no such text.
    Unread(PathBuf, Option<io::ErrorKind>),
    /// Who reads what was found.
    Reranking(RerankError),
    /// Who writes questions.
    Questions(QuestionError),
    /// There is nobody who could write them.
    NoWriter,
    /// The model of its vectors is not here.
    Model(String),
    /// There is no place for its file.
    NoHome,
    /// A path that cannot be watched.
    Watch(PathBuf),
    /// No document of this source; `suggestion` is one spelt alike.
    NoDocument {
        source: String,
        suggestion: Option<String>,
    },
}

/// What the store of people's memory says.
#[derive(Debug)]
pub struct MemoryProblem(pub StoreError);

impl KnowledgeProblem {
    const fn exit(&self) -> Exit {
        match self {
            Self::Store(error) => store_exit(error),
            Self::Server(_) | Self::Busy(_) | Self::EmbeddingServer(_) => Exit::Runtime,
            Self::Embedding(EmbedError::Unavailable | EmbedError::Protocol)
            | Self::Questions(QuestionError::Unavailable | QuestionError::Protocol) => {
                Exit::Runtime
            }
            Self::Model(_) | Self::Embedding(EmbedError::Model(_)) => Exit::Missing,
            _ => Exit::Usage,
        }
    }
}

/// What a conversation does without, though the settings ask for it.
#[derive(Debug)]
pub enum Warning {
    /// Search by meaning: the knowledge base is of this model, which is not here.
    Meaning(String),
    /// The tools of all MCP servers.
    Servers(McpConfigError),
    /// The tools of this one.
    Server(String, McpAway),
}

/// What this machine lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No sound device of this name.
    Device {
        name: String,
        suggestion: Option<String>,
    },
    /// The sound device is there, but another program has it, or it may not be used.
    DeviceBusy,
    /// No sound device at all, and no recorded conversation either.
    AnyDevice,
    /// No voice.
    Voice(LocalTtsError),
    /// Something the doctor found; it has already been printed.
    SeeAbove,
}

/// What is wrong with LiveKit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveKitProblem {
    /// A variable that is needed.
    Unset(&'static str),
    /// The server lets nobody in, or is not there.
    Refused(JoinError),
    /// What conversations are made of does not start; the log says more.
    NotReady,
    /// Health can't be served there.
    Health(SocketAddr),
    /// No agent came.
    Dispatch(DispatchError),
    /// Nobody came to talk with the agent.
    NobodyCame,
    /// The call, or the conversation, ended before it was over.
    BrokeOff(RoomEnd),
}

impl LiveKitProblem {
    const fn exit(&self) -> Exit {
        match self {
            Self::Unset(_) | Self::Health(_) => Exit::Usage,
            Self::Refused(error) | Self::Dispatch(DispatchError::Refused(error))
                if !error.is_passing() =>
            {
                Exit::Usage
            }
            Self::NotReady => Exit::Missing,
            _ => Exit::Runtime,
        }
    }
}

/// What failed while running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// The sound device went away.
    DeviceLost,
    /// The session closed itself after too many failures in a row.
    TooManyFailures,
    /// Nobody answered.
    NoAnswer,
    /// The terminal cannot be used.
    Terminal,
    /// A part does not start; named in the catalogue's words.
    Start(&'static str),
}

impl Error {
    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Config(_) => Exit::Usage,
            Self::File(FileError {
                problem: FileProblem::DiskFull,
                ..
            }) => Exit::Runtime,
            Self::File(_) => Exit::Usage,
            Self::Model { error, .. } => model_exit(error),
            Self::Knowledge(problem) => problem.exit(),
            Self::Memory(MemoryProblem(error)) => store_exit(error),
            Self::Missing(_) => Exit::Missing,
            Self::LiveKit(problem) => problem.exit(),
            Self::Runtime(_) => Exit::Runtime,
            Self::Interrupted => Exit::Interrupted,
        }
    }

    /// One sentence for the user; `None` where everything was said already.
    pub fn sentence(&self, text: Text) -> Option<String> {
        Some(match self {
            Self::Usage { command, usage } => text.usage_problem(usage, command),
            Self::Config(problem) => text.config_problem(problem),
            Self::File(problem) => text.file_problem(problem),
            Self::Model { error, suggestion } => text.model_problem(error, suggestion.as_deref()),
            Self::Knowledge(problem) => text.knowledge_problem(problem),
            Self::Memory(problem) => text.memory_problem(problem),
            Self::Missing(Missing::SeeAbove) => return None,
            Self::Missing(missing) => text.missing_problem(missing),
            Self::LiveKit(problem) => text.livekit_problem(problem),
            Self::Runtime(problem) => text.runtime_problem(problem),
            Self::Interrupted => text.interrupted(),
        })
    }
}

const fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Unavailable | StoreError::Damaged(_) | StoreError::Newer(_) => Exit::Runtime,
        _ => Exit::Usage,
    }
}

const fn model_exit(error: &ModelError) -> Exit {
    match error {
        ModelError::Unknown(_) => Exit::Usage,
        ModelError::Missing(_)
        | ModelError::Damaged(_)
        | ModelError::Unsupported(_)
        | ModelError::PipMissing => Exit::Missing,
        _ => Exit::Runtime,
    }
}

impl From<ModelError> for Error {
    fn from(error: ModelError) -> Self {
        Self::Model {
            error,
            suggestion: None,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<KnowledgeProblem> for Error {
    fn from(problem: KnowledgeProblem) -> Self {
        Self::Knowledge(problem)
    }
}

impl From<MemoryProblem> for Error {
    fn from(problem: MemoryProblem) -> Self {
        Self::Memory(problem)
    }
}

impl From<StoreError> for KnowledgeProblem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Knowledge(error.into())
    }
}

impl From<KnowledgeBaseError> for Error {
    fn from(error: KnowledgeBaseError) -> Self {
        match error {
            KnowledgeBaseError::Store(error) => error.into(),
            KnowledgeBaseError::Embedding(error) => KnowledgeProblem::Embedding(error).into(),
            KnowledgeBaseError::Questions(error) => KnowledgeProblem::Questions(error).into(),
            KnowledgeBaseError::Model(model) => KnowledgeProblem::Model(model).into(),
            KnowledgeBaseError::Write(error) => FileError::io("stdout", &error).into(),
        }
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Runtime> for Error {
    fn from(problem: Runtime) -> Self {
        Self::Runtime(problem)
    }
}
