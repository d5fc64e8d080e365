//! `sfera`: a voice conversation in the terminal.

mod cli;
mod config;
mod doctor;
mod error;
mod knowledge;
mod log;
mod models;
mod output;
mod providers;
mod quiet;
mod replay;
mod room;
mod signal;
mod talk;
mod text;
mod worker;

use cli::{Asked, Cli, Command};
use error::{Error, Exit};
use std::process::ExitCode;
use text::Text;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let text = Text(text::interface_language(&arguments, |name| {
        std::env::var(name).ok()
    }));
    match run(&arguments, text) {
        Ok(exit) => exit.into(),
        Err(error) => {
            if let Some(sentence) = error.sentence(text) {
                output::complain(format!("{}: {sentence}", text.error_prefix()));
            }
            error.exit().into()
        }
    }
}

fn run(arguments: &[String], text: Text) -> Result<Exit, Error> {
    let cli = match Cli::read(arguments, text)? {
        Asked::Print(text) => return output::print(text).map(|()| Exit::Fine),
        Asked::Run(cli) => cli,
    };
    let sources = config::Sources {
        config: cli.config,
        language: cli.lang,
    };
    match cli.command {
        Command::Talk(arguments) => talk::run(&arguments, &sources, text),
        Command::Worker(command) => worker::run(&command, &sources, text),
        Command::Room(command) => room::run(&command, &sources, text),
        Command::Token(arguments) => worker::token(&arguments, &sources),
        Command::Models(command) => models::run(&command, &sources, text),
        Command::Kb(command) => knowledge::run(&command, &sources, text),
        Command::Replay(arguments) => replay::run(&arguments, text),
        Command::Doctor(arguments) => doctor::run(&arguments, &sources, text),
        Command::Completions(arguments) => {
            output::print(cli::completions(&arguments, text)).map(|()| Exit::Fine)
        }
    }
}
