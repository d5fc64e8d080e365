use super::Asked;
use crate::{
    config::closest,
    error::{Error, Usage},
};
use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use sfera_agent::language::UnknownLanguage;
use std::error::Error as _;

/// Turns what clap found into a sentence of the catalogue. Help and the version are no error.
pub fn explain(
    error: &clap::Error,
    command: &Command,
    arguments: &[String],
) -> Result<Asked, Error> {
    let get = |kind| value(error, kind).unwrap_or_default();
    let argument = || bare(&get(ContextKind::InvalidArg));
    let usage = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return Ok(Asked::Print(error.render().to_string()));
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Usage::NoCommand
        }
        ErrorKind::UnknownArgument => {
            let argument = get(ContextKind::InvalidArg);
            let options = options(command);
            let alike = || closest(&argument, options.iter().map(String::as_str));
            Usage::UnknownArgument {
                suggestion: elsewhere(command, &argument)
                    .or_else(|| value(error, ContextKind::SuggestedArg))
                    .or_else(alike),
                argument,
            }
        }
        ErrorKind::InvalidSubcommand => Usage::UnknownCommand {
            command: get(ContextKind::InvalidSubcommand),
            suggestion: value(error, ContextKind::SuggestedSubcommand),
        },
        ErrorKind::ArgumentConflict => Usage::Conflict {
            argument: argument(),
            other: bare(&get(ContextKind::PriorArg)),
        },
        ErrorKind::MissingRequiredArgument => Usage::Missing {
            argument: unmarked(&get(ContextKind::InvalidArg)),
        },
        ErrorKind::InvalidValue if get(ContextKind::InvalidValue).is_empty() => Usage::NoValue {
            argument: argument(),
        },
        ErrorKind::ValueValidation if is_language(error) => Usage::Language {
            value: get(ContextKind::InvalidValue),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => Usage::BadValue {
            argument: argument(),
            value: get(ContextKind::InvalidValue),
            allowed: get(ContextKind::ValidValue),
        },
        _ => Usage::Other {
            arguments: argument(),
        },
    };
    let command = typed(command, arguments);
    Err(Error::Usage { command, usage })
}

/// The command that was typed, as far as it is one: `sfera kb search`.
fn typed(command: &Command, arguments: &[String]) -> String {
    let (mut command, mut path) = (command, command.get_name().to_owned());
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        if takes_value(command, argument) {
            arguments.next();
        } else if let Some(sub) = command.find_subcommand(argument) {
            path = format!("{path} {}", sub.get_name());
            command = sub;
        }
    }
    path
}

/// Whether what is typed behind this option is its value.
fn takes_value(command: &Command, argument: &str) -> bool {
    let Some(long) = argument.strip_prefix("--") else {
        return false;
    };
    let mut known = command.get_arguments();
    known.any(|known| known.get_long() == Some(long) && known.get_action().takes_values())
}

/// The options of a command and all its subcommands, as they are typed.
fn options(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|arg| arg.get_long());
    let own = own.map(|long| format!("--{long}"));
    own.chain(command.get_subcommands().flat_map(options))
        .collect()
}

/// The subcommand that has this very option, with it.
fn elsewhere(command: &Command, argument: &str) -> Option<String> {
    let owner = command
        .get_subcommands()
        .find(|sub| options(sub).iter().any(|option| option == argument))?;
    Some(format!("{} {argument}", owner.get_name()))
}

fn is_language(error: &clap::Error) -> bool {
    error.source().is_some_and(|s| s.is::<UnknownLanguage>())
}

fn value(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::None => None,
        ContextValue::Strings(all) if all.is_empty() => None,
        found => Some(found.to_string()),
    }
}

/// `--wav <FILE>` without the name of its value, `<SHELL>` without what marks it as a value.
fn bare(argument: &str) -> String {
    let name = argument.split([' ', '=']).next().unwrap_or_default();
    name.trim_matches(['[', ']', '<', '>', '.']).to_owned()
}

/// `--wav <FILE>` and `<QUERY>...` as a usage line has them.
fn unmarked(argument: &str) -> String {
    argument.replace(['<', '>'], "").replace("...", "")
}
