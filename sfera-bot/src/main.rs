//! `sfera-bot`: Sfera in Telegram.

use clap::Parser;
use sfera_bot::{app, config, text::Text};
use std::{io::Write as _, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// Sfera в Telegram: бот и веб-сервер Mini App. Настройки – в .env, образец – .env.example.
///
/// Sfera in Telegram: the bot and the web server of its Mini App. Settings are in .env, see .env.example.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Описать то, что спрашивает страница, для программ, и закончить · Describe what the page asks, and end
    #[arg(long, hide = true)]
    openapi: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    if Arguments::parse().openapi {
        return describe();
    }
    let values = config::environment();
    log(values.get("SFERA_LOG").map(String::as_str));
    let language = values.get("SFERA_LANG").and_then(|code| code.parse().ok());
    let text = Text(language.unwrap_or_default());
    match app::run(&values, text).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stopped) => {
            eprintln!("{}", stopped.said(text));
            ExitCode::from(stopped.code())
        }
    }
}

/// What the page asks for, as OpenAPI: `frontend/src/api` is made of it.
fn describe() -> ExitCode {
    let description = sfera_bot::web::openapi().to_pretty_json();
    let written = description.map(|text| writeln!(std::io::stdout(), "{text}"));
    match written {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What is logged where nobody says what should be. whisper.cpp calls a recognition that was cancelled an
/// error; of true ones the library tells.
const LOG: &str = "warn,sfera_bot=info,sfera_agent=info,whisper_rs=off";

/// What the libraries under the bot say may hold the token; it is not asked for.
fn log(wanted: Option<&str>) {
    let filter = EnvFilter::new(wanted.unwrap_or(LOG));
    let quiet = [
        "reqwest=warn",
        "hyper=warn",
        "hyper_util=warn",
        "teloxide_core=warn",
        "sqlx=warn",
    ];
    let filter = quiet
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
