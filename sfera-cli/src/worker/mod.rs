//! `sfera worker`: conversations that LiveKit's dispatch asks for.

mod bench;
mod livekit;
mod token;

pub use livekit::{no_key, refused, server};
pub use token::run as token;

use crate::{
    cli::{JoinArgs, WorkerArgs, WorkerCommand},
    config::{Settings, Sources, load},
    error::{Error, Exit},
    output,
    providers::{Parts, Voice},
    signal,
    text::Text,
};
use sfera_agent::{
    audio::SampleRate,
    io::room::{AgentRoom, CallerInfo, RoomOptions},
    memory::UserId,
    session::SessionOptions,
    worker::{
        Conversation, HoldError, Job, JobFailed, JobRunner, RoomJobs, Worker, WorkerControl,
        WorkerOptions, hold,
    },
};
use std::{
    io::IsTerminal,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// The rate of the agent's voice in a room: that of its session.
const VOICE_RATE: SampleRate = SampleRate::HZ_24000;

/// An agent that was put into a room waits there as long as anybody may want.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long an agent that is cut off may take to leave its room.
const LEAVING: Duration = Duration::from_secs(3);

/// What is logged where nobody says what should be. whisper.cpp calls a recognition that was cancelled an
/// error; of true ones the library tells.
const LOG: &str = "warn,sfera_agent=info,whisper_rs=off";

pub fn run(command: &WorkerCommand, sources: &Sources, text: Text) -> Result<Exit, Error> {
    let (arguments, gentle) = match command {
        WorkerCommand::Start(arguments) => (arguments, true),
        WorkerCommand::Dev(arguments) => (arguments, false),
    };
    let settings = load(sources)?;
    log(&settings, gentle);
    signal::run(work(arguments, &settings, gentle, text))?
}

/// A worker tells what it does: who operates it reads that. JSON where a program collects it.
fn log(settings: &Settings, json: bool) {
    let wanted = settings.environment.get("SFERA_LOG").unwrap_or(LOG);
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(wanted))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Fails only if there is a log already.
    let _ = if json {
        log.json().try_init()
    } else {
        log.try_init()
    };
}

async fn work(
    arguments: &WorkerArgs,
    settings: &Settings,
    gentle: bool,
    text: Text,
) -> Result<Exit, Error> {
    let server = server(settings)?;
    let options = options(arguments);
    let room = RoomOptions {
        output_rate: VOICE_RATE,
        ..RoomOptions::default()
    };
    let jobs: Arc<dyn JobRunner> = if arguments.bench {
        let (silence, speech) = bench::declared();
        output::line(text.worker_bench(silence.as_millis(), speech.as_millis()))?;
        Arc::new(RoomJobs::new(server.clone(), room, bench::conversations()))
    } else {
        let parts = parts(settings).await?;
        Arc::new(RoomJobs::new(
            server.clone(),
            room,
            conversations(parts, text),
        ))
    };
    let starting = Worker::start(server.clone(), options.clone(), jobs);
    let worker = signal::unless_interrupted(starting).await??;
    output::line(text.worker_ready(&options.agent_name, &server.url, options.max_jobs))?;
    if let Some(health) = worker.health() {
        output::line(text.worker_health(health))?;
    }
    let control = worker.control();
    let ending = end_when_asked(control, gentle, text);
    tokio::select! {
        ended = worker.ended() => ended?,
        never = ending => never?,
    }
    Ok(Exit::Fine)
}

/// `sfera room join`: the same conversation in a room that nobody was called into.
pub async fn join(arguments: &JoinArgs, settings: &Settings, text: Text) -> Result<Exit, Error> {
    let server = server(settings)?;
    let parts = parts(settings).await?;
    let identity = format!("agent-{}", arguments.agent_name);
    let address = crate::room::address(&server, &arguments.room, &identity, true)?;
    let room = RoomOptions {
        agent_name: Some(arguments.agent_name.clone()),
        output_rate: VOICE_RATE,
        ..RoomOptions::default()
    };
    let joined = signal::unless_interrupted(AgentRoom::join(&address, room)).await?;
    let room = joined.map_err(refused)?;
    output::line(text.room_joined(&arguments.room))?;
    let session = |caller: &CallerInfo| conversation(&parts, caller, text);
    let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
    let held = pin!(hold(room, PATIENCE, session, stop.clone(), cut.clone()));
    leave_when_asked(held, stop, cut, text).await?;
    Ok(Exit::Fine)
}

/// The first signal lets the agent finish its sentence, the second does not.
async fn leave_when_asked(
    mut held: Pin<&mut impl Future<Output = Result<(), HoldError>>>,
    stop: CancellationToken,
    cut: CancellationToken,
    text: Text,
) -> Result<(), Error> {
    tokio::select! {
        held = &mut held => return Ok(held?),
        () = signal::interrupted() => stop.cancel(),
    }
    output::line(text.room_drains())?;
    tokio::select! {
        held = &mut held => return Ok(held?),
        () = signal::interrupted_again() => cut.cancel(),
    }
    match timeout(LEAVING, held).await {
        Ok(held) => Ok(held?),
        Err(_) => Ok(()),
    }
}

async fn parts(settings: &Settings) -> Result<Arc<Parts>, Error> {
    let parts = signal::unless_interrupted(Parts::load(settings, Voice::Audible)).await??;
    Ok(Arc::new(parts))
}

/// The first signal lets conversations finish, the second cuts them off; while developing the first
/// does.
async fn end_when_asked(control: WorkerControl, gentle: bool, text: Text) -> Result<(), Error> {
    signal::interrupted().await;
    if gentle {
        control.drain();
        output::line(text.worker_drains())?;
        signal::interrupted_again().await;
    }
    control.cut();
    std::future::pending().await
}

fn options(arguments: &WorkerArgs) -> WorkerOptions {
    let usual = WorkerOptions::default();
    let options = WorkerOptions {
        agent_name: arguments.agent_name.clone(),
        max_jobs: arguments.max_jobs.unwrap_or(usual.max_jobs),
        health: arguments.health,
        ..usual
    };
    match arguments.max_load {
        Some(percent) => options.up_to_load(percent.into()),
        None => options,
    }
}

/// Sessions of one set of parts, each with its caller's own memory.
fn conversations(
    parts: Arc<Parts>,
    text: Text,
) -> impl Fn(&Job, &CallerInfo) -> Result<Conversation, JobFailed> + Send + Sync + 'static {
    move |_, caller| conversation(&parts, caller, text)
}

fn conversation(parts: &Parts, caller: &CallerInfo, text: Text) -> Result<Conversation, JobFailed> {
    let session = parts.session();
    let session =
        session.map_err(|_| JobFailed("the session's tools can't be set up".to_owned()))?;
    let options = SessionOptions {
        user: Some(UserId::new(caller.identity.as_str())),
        ..parts.options.clone()
    };
    Ok(Conversation {
        session: session.options(options),
        greeting: Some(text.worker_greeting().to_owned()),
    })
}
