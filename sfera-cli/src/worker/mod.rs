//! `sfera worker`: conversations that LiveKit's dispatch asks for.

mod livekit;
mod token;

pub use livekit::server;
pub use token::run as token;

use crate::{
    cli::{WorkerArgs, WorkerCommand},
    config::{Settings, Sources, load},
    error::{Error, Exit},
    output,
    providers::{Parts, Voice},
    signal,
    text::Text,
};
use sfera_agent::{
    audio::SampleRate,
    io::room::{CallerInfo, RoomOptions},
    memory::UserId,
    session::SessionOptions,
    worker::{Conversation, Job, JobFailed, RoomJobs, Worker, WorkerControl, WorkerOptions},
};
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// The rate of the agent's voice in a room: that of its session.
const VOICE_RATE: SampleRate = SampleRate::HZ_24000;

/// What is logged where nobody says what should be.
const LOG: &str = "warn,sfera_agent=info";

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
    let parts = tokio::select! {
        parts = Parts::load(settings, Voice::Audible) => Arc::new(parts?),
        () = signal::interrupted() => return Err(Error::Interrupted),
    };
    let room = RoomOptions {
        output_rate: VOICE_RATE,
        ..RoomOptions::default()
    };
    let jobs = RoomJobs::new(server.clone(), room, conversations(parts, text));
    let worker = tokio::select! {
        worker = Worker::start(server.clone(), options.clone(), jobs) => worker?,
        () = signal::interrupted() => return Err(Error::Interrupted),
    };
    output::print(text.worker_ready(&options.agent_name, &server.url, options.max_jobs))?;
    if let Some(health) = worker.health() {
        output::print(text.worker_health(health))?;
    }
    let control = worker.control();
    let ending = end_when_asked(control, gentle, text);
    tokio::select! {
        ended = worker.ended() => ended?,
        never = ending => never?,
    }
    Ok(Exit::Fine)
}

/// The first signal lets conversations finish, the second ends them; while developing the first does.
async fn end_when_asked(control: WorkerControl, gentle: bool, text: Text) -> Result<(), Error> {
    signal::interrupted().await;
    if gentle {
        control.drain();
        output::print(text.worker_drains())?;
        signal::interrupted_again().await;
    }
    control.stop();
    std::future::pending().await
}

fn options(arguments: &WorkerArgs) -> WorkerOptions {
    let usual = WorkerOptions::default();
    WorkerOptions {
        agent_name: arguments.agent_name.clone(),
        max_jobs: arguments.max_jobs.unwrap_or(usual.max_jobs),
        health: arguments.health,
        ..usual
    }
}

/// Sessions of one set of parts, each with its caller's own memory.
fn conversations(
    parts: Arc<Parts>,
    text: Text,
) -> impl Fn(&Job, &CallerInfo) -> Result<Conversation, JobFailed> + Send + Sync + 'static {
    move |_, caller| {
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
}
