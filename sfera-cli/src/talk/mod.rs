//! `sfera talk`: a conversation by microphone, keyboard, file or recorded scenario.

mod call;
mod conversation;
mod device;
mod file;
mod keep;
mod line;
mod live;
mod print;
mod scenario;
mod summary;
mod tape;
mod typed;
mod watch;
mod wav;

pub use conversation::{Conversation, Line, LineKind};
pub use scenario::Shortfall;
pub use wav::{explain as explain_wav, read as read_wav};

use crate::{
    cli::{DEFAULT_SCENARIO, TalkArgs},
    config::{Settings, Sources, load},
    error::{Error, Exit, FileError, Missing},
    output,
    providers::Parts,
    signal,
    text::Text,
};
use print::Form;
use sfera_agent::io::devices::DeviceOptions;
use std::path::{Path, PathBuf};

/// Where a recorded conversation goes if no folder is named.
const DEFAULT_OUT: &str = "sfera-talk";

/// Runs `sfera talk`.
pub fn run(arguments: &TalkArgs, sources: &Sources, text: Text) -> Result<Exit, Error> {
    if arguments.list_devices {
        return device::list(text);
    }
    let settings = load(sources)?;
    crate::log::begin(&settings.environment);
    for typo in &settings.environment.typos {
        let complaint = text.config_problem(typo);
        output::complain(format!("{}: {complaint}", text.warning_prefix()));
    }
    let way = choose(arguments, &settings)?;
    signal::run(talk(arguments, &settings, way, text))?
}

/// How the conversation is held.
enum Way {
    /// Microphone and speakers.
    Live(DeviceOptions),
    /// Keyboard and screen.
    Typed,
    /// A question as a file.
    File(PathBuf),
    /// A recorded conversation.
    Scenario(PathBuf),
}

fn choose(arguments: &TalkArgs, settings: &Settings) -> Result<Way, Error> {
    if let Some(question) = &arguments.wav {
        return Ok(Way::File(question.clone()));
    }
    if arguments.text {
        return Ok(Way::Typed);
    }
    if let Some(folder) = &arguments.scenario {
        return Ok(Way::Scenario(folder.clone()));
    }
    let named = arguments
        .device
        .as_ref()
        .or(settings.config.audio.device.as_ref());
    let named = named.map(String::as_str);
    match device::find(named, settings.config.audio.echo_cancellation)? {
        Some(devices) => Ok(Way::Live(devices)),
        None if Path::new(DEFAULT_SCENARIO).is_dir() => Ok(Way::Scenario(DEFAULT_SCENARIO.into())),
        None => Err(Missing::AnyDevice.into()),
    }
}

async fn talk(
    arguments: &TalkArgs,
    settings: &Settings,
    way: Way,
    text: Text,
) -> Result<Exit, Error> {
    let form = if arguments.json {
        Form::Json
    } else {
        Form::Lines
    };
    if let Some(folder) = &arguments.record {
        std::fs::create_dir_all(folder).map_err(|error| FileError::io(folder, &error))?;
    }
    let record = arguments.record.as_deref();
    match way {
        Way::File(question) => {
            file::run(
                &question,
                arguments.out.as_deref(),
                settings,
                record,
                form,
                text,
            )
            .await
        }
        Way::Typed => typed::run(settings, record, form, text).await,
        Way::Live(devices) => device::run(devices, settings, record, form, text).await,
        Way::Scenario(folder) => {
            if arguments.scenario.is_none() && form == Form::Lines {
                output::line(text.no_device_scenario(folder.display()))?;
            }
            let out = record.unwrap_or(Path::new(DEFAULT_OUT));
            let parts = loaded(Parts::for_scenario(settings), text).await?;
            scenario::run(&folder, out, &parts, form, text).await
        }
    }
}

/// Waits for the models, and says what the conversation does without; Ctrl+C works meanwhile.
async fn loaded(
    loading: impl Future<Output = Result<Parts, Error>>,
    text: Text,
) -> Result<Parts, Error> {
    let parts = tokio::select! {
        parts = loading => parts?,
        () = signal::interrupted() => return Err(Error::Interrupted),
    };
    for warning in &parts.warnings {
        let complaint = text.warning(warning);
        output::complain(format!("{}: {complaint}", text.warning_prefix()));
    }
    Ok(parts)
}
