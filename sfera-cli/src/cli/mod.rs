//! The command line: what can be typed, and what is said about it in the user's language.

mod complain;
mod localise;

use clap::{Args, FromArgMatches, Parser, Subcommand, builder::RangedU64ValueParser};
use clap_complete::Shell;
use sfera_agent::Language;
use std::{net::SocketAddr, path::PathBuf};

use crate::{error::Error, text::Text};

/// `sfera`.
#[derive(Debug, Parser)]
#[command(name = "sfera", version)]
pub struct Cli {
    /// Language of the conversation and of all that is printed.
    #[arg(long, global = true, value_name = "ru|en")]
    pub lang: Option<Language>,
    /// Settings instead of those found.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `sfera` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A conversation.
    Talk(TalkArgs),
    /// Conversations in LiveKit's rooms.
    #[command(subcommand)]
    Worker(WorkerCommand),
    /// A call, or an agent without a dispatch.
    #[command(subcommand)]
    Room(RoomCommand),
    /// A token for a room.
    Token(TokenArgs),
    /// Model files.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// The knowledge base.
    #[command(subcommand)]
    Kb(KbCommand),
    /// A recorded session once more.
    Replay(ReplayArgs),
    /// What is missing on this machine.
    Doctor(DoctorArgs),
    /// A completion script.
    Completions(CompletionsArgs),
}

/// `sfera talk`.
#[derive(Debug, Default, Args)]
pub struct TalkArgs {
    /// A question as a file instead of the microphone.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "scenario", "device"])]
    pub wav: Option<PathBuf>,
    /// Where the spoken answer to `--wav` goes.
    #[arg(long, value_name = "FILE", requires = "wav")]
    pub out: Option<PathBuf>,
    /// Typing instead of the microphone.
    #[arg(long, conflicts_with_all = ["scenario", "device"])]
    pub text: bool,
    /// Microphone and speakers by name.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Shows the names for `--device`.
    #[arg(long, conflicts_with_all = ["wav", "text", "device", "scenario", "record", "json"])]
    pub list_devices: bool,
    /// The recorded conversation in this folder instead of the microphone.
    #[arg(long, value_name = "DIR", num_args = 0..=1, conflicts_with = "device",
          default_missing_value = DEFAULT_SCENARIO)]
    pub scenario: Option<PathBuf>,
    /// Where the sound, the events and the picture of the session are kept.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Events as JSON lines instead of text.
    #[arg(long)]
    pub json: bool,
}

/// The recorded conversation that is run where there is no sound device.
pub const DEFAULT_SCENARIO: &str = "examples/conversation";

/// `sfera worker`.
#[derive(Debug, Subcommand)]
pub enum WorkerCommand {
    /// Works until it is asked to end, and lets conversations finish then.
    Start(WorkerArgs),
    /// The same for a developer: readable, and ends at once.
    Dev(WorkerArgs),
}

/// `sfera worker start` and `dev`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// What dispatches name.
    #[arg(long, value_name = "NAME", default_value = "sfera")]
    pub agent_name: String,
    /// Conversations at a time.
    #[arg(long, value_name = "N")]
    pub max_jobs: Option<usize>,
    /// No new conversations while the machine is busier than this; 100 always takes them.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub max_load: Option<u8>,
    /// Where health and figures are served.
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = HEALTH)]
    pub health: Option<SocketAddr>,
    /// Answers with a tone, without any model: to measure the worker itself.
    #[arg(long)]
    pub bench: bool,
}

/// Where health is served if nothing else is named: the port of livekit-agents, for this machine only.
const HEALTH: &str = "127.0.0.1:8081";

/// `sfera room`.
#[derive(Debug, Subcommand)]
pub enum RoomCommand {
    /// Calls the agent of a room.
    Call(CallArgs),
    /// An agent joins a room by itself.
    Join(JoinArgs),
}

/// `sfera room call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// The room.
    #[arg(value_name = "ROOM")]
    pub room: String,
    /// Who calls.
    #[arg(long, value_name = "NAME", default_value = "caller")]
    pub identity: String,
    /// The agent to ask for.
    #[arg(long, value_name = "NAME")]
    pub dispatch: Option<String>,
    /// A question as a file instead of the microphone.
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub wav: Option<PathBuf>,
    /// Where the agent's voice goes instead of the speakers.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Microphone and speakers by name.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
}

/// `sfera room join`.
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The room.
    #[arg(value_name = "ROOM")]
    pub room: String,
    /// The agent's name.
    #[arg(long, value_name = "NAME", default_value = "sfera")]
    pub agent_name: String,
}

/// `sfera token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The room it opens.
    #[arg(long, value_name = "ROOM")]
    pub room: String,
    /// Who comes.
    #[arg(long, value_name = "NAME")]
    pub identity: String,
    /// As they are called.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// An agent that is asked for when the room is opened with it.
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// How long it is good for.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub minutes: u64,
    /// For machines, with the address.
    #[arg(long)]
    pub json: bool,
}

/// `sfera models`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// What there is and what is on disk.
    List(ListArgs),
    /// Downloads what is missing.
    Pull(ModelNames),
    /// Reads every byte again and compares checksums.
    Verify(ModelNames),
}

/// `sfera models list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// Which models; those a conversation needs if none is named.
#[derive(Debug, Args)]
pub struct ModelNames {
    /// Their names.
    #[arg(value_name = "MODEL")]
    pub names: Vec<String>,
}

/// `sfera kb`.
#[derive(Debug, Subcommand)]
pub enum KbCommand {
    /// Makes an empty knowledge base.
    Setup(SetupArgs),
    /// Takes documents in, and what changed in them.
    Ingest(IngestArgs),
    /// Has a model write what the passages are asked for.
    Questions(QuestionsArgs),
    /// Looks something up.
    Search(SearchArgs),
    /// The documents.
    List(ListArgs),
    /// Takes documents out.
    Remove(RemoveArgs),
    /// What there is in all.
    Stats(ListArgs),
    /// Writes everything down.
    Export(ExportArgs),
}

/// `sfera kb setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// Throws away what there is.
    #[arg(long)]
    pub anew: bool,
    /// Language of the texts; both where there is none.
    #[arg(long, value_name = "ru|en")]
    pub texts: Option<Language>,
}

/// `sfera kb ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files and folders.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Again whenever something changes.
    #[arg(long)]
    pub watch: bool,
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// `sfera kb questions`.
#[derive(Debug, Args)]
pub struct QuestionsArgs {
    /// Forgets what was written before.
    #[arg(long)]
    pub anew: bool,
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// `sfera kb search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What is asked, with or without quotes.
    #[arg(value_name = "QUERY", required = true)]
    pub query: Vec<String>,
    /// Passages at most.
    #[arg(long, value_name = "N", default_value_t = 5,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub limit: usize,
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// `sfera kb remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Their sources, as `sfera kb list` shows them, or folders.
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<String>,
}

/// `sfera kb export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where it goes; stdout otherwise.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `sfera replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the picture goes; beside the recording by default.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// `sfera doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// `sfera completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell.
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// Something to do.
    Run(Cli),
    /// Only this text: help or the version.
    Print(String),
}

impl Cli {
    /// Understands the arguments, the program's name first.
    pub fn read(arguments: &[String], text: Text) -> Result<Asked, Error> {
        let mut command = command(text);
        let parsed = command
            .try_get_matches_from_mut(arguments)
            .and_then(|matches| Self::from_arg_matches(&matches));
        match parsed {
            Ok(cli) => Ok(Asked::Run(cli)),
            Err(error) => complain::explain(&error, &command, arguments),
        }
    }
}

/// The command with its texts in one language, for help and completions.
pub fn command(text: Text) -> clap::Command {
    localise::localise(<Cli as clap::CommandFactory>::command(), text)
}

/// Writes the completion script of a shell.
pub fn completions(arguments: &CompletionsArgs, text: Text) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(text), "sfera", &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(arguments: &[&str]) -> Option<String> {
        let arguments = ["sfera", "worker", "start"].iter().chain(arguments);
        let arguments: Vec<String> = arguments.map(|argument| (*argument).to_owned()).collect();
        match Cli::read(&arguments, Text(Language::En)) {
            Ok(Asked::Run(Cli {
                command: Command::Worker(WorkerCommand::Start(worker)),
                ..
            })) => worker.health.map(|address| address.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn health_is_served_where_it_is_wanted() {
        assert_eq!(health(&[]), None);
        assert_eq!(health(&["--health"]).as_deref(), Some("127.0.0.1:8081"));
        assert_eq!(
            health(&["--health", "--bench"]).as_deref(),
            Some("127.0.0.1:8081")
        );
        assert_eq!(
            health(&["--health", "0.0.0.0:9000"]).as_deref(),
            Some("0.0.0.0:9000")
        );
    }
}
