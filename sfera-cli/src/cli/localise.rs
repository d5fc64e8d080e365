use crate::text::Text;
use clap::{Arg, ArgAction, Command};

/// Puts the catalogue's texts into a command and all its subcommands. Arguments themselves are
/// declared once, in the derived structs.
pub fn localise(command: Command, text: Text) -> Command {
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .help(text.argument_help("sfera", "version").unwrap_or_default())
        .help_heading(text.options());
    describe(
        command.disable_version_flag(true).arg(version),
        "sfera",
        text,
    )
}

fn describe(command: Command, path: &str, text: Text) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help(text.argument_help("sfera", "help").unwrap_or_default())
        .help_heading(text.options())
        .display_order(LAST);
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let command = command
        .about(text.about(path).unwrap_or_default())
        .after_help(text.examples(path).unwrap_or_default())
        .override_usage(text.usage(path).unwrap_or_default())
        .help_template(format!(
            "{{about}}\n\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            text.usage_heading()
        ))
        .subcommand_help_heading(text.commands())
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(help)
        .mut_args(|arg| explain(arg, path, text));
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |sub| describe(sub, &path, text))
    })
}

/// Options of a command come before those that every command has.
const FIRST: usize = 0;
const LAST: usize = 100;

fn explain(arg: Arg, path: &str, text: Text) -> Arg {
    let id = arg.get_id().to_string();
    let common = arg.is_global_set();
    let arg = name_value(arg, text);
    let Some(help) = text.argument_help(path, &id) else {
        return arg;
    };
    let help = with_default(help, &arg, text);
    let has_default = !arg.get_default_values().is_empty();
    arg.help(help)
        .hide_default_value(has_default)
        .help_heading(text.options())
        .display_order(if common { LAST } else { FIRST })
}

fn name_value(arg: Arg, text: Text) -> Arg {
    let name = arg.get_value_names().and_then(|names| names.first());
    match name.and_then(|name| text.value_name(name)) {
        Some(name) => arg.value_name(name),
        None => arg,
    }
}

/// What clap itself says of it is English.
fn with_default(help: &str, arg: &Arg, text: Text) -> String {
    match arg.get_default_values().first() {
        Some(value) => format!("{help} ({})", text.usual_value(value.to_string_lossy())),
        None => help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, command};
    use sfera_agent::Language;

    fn walk(command: &Command, path: &str, text: Text) {
        for found in [text.about(path), text.usage(path), text.examples(path)] {
            assert!(found.is_some(), "{path} lacks a text in {:?}", text.0);
        }
        for arg in command.get_arguments() {
            let help = text.argument_help(path, arg.get_id().as_str());
            let common = text.argument_help("sfera", arg.get_id().as_str());
            assert!(
                help.or(common).is_some(),
                "{path} {} lacks help",
                arg.get_id()
            );
        }
        for sub in command.get_subcommands() {
            walk(sub, &format!("{path} {}", sub.get_name()), text);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_texts_in_every_language() {
        for language in Language::ALL {
            let text = Text(language);
            command(text).debug_assert();
            walk(&command(text), "sfera", text);
        }
    }

    fn every_value_is_named(command: &Command, text: Text) {
        let arguments = command.get_arguments();
        for arg in arguments.filter(|arg| arg.get_action().takes_values()) {
            for name in arg.get_value_names().unwrap_or_default() {
                let known = text.value_name(name);
                assert!(known.is_some(), "{name} lacks a name in {:?}", text.0);
            }
        }
        for sub in command.get_subcommands() {
            every_value_is_named(sub, text);
        }
    }

    #[test]
    fn every_value_has_a_name_in_every_language() {
        for language in Language::ALL {
            every_value_is_named(&<Cli as clap::CommandFactory>::command(), Text(language));
        }
    }

    #[test]
    fn help_reads_well_in_both_languages() {
        for language in Language::ALL {
            for path in [&["sfera"][..], &["sfera", "talk"], &["sfera", "models"]] {
                let mut command = command(Text(language)).term_width(90);
                command.build();
                let target = path[1..].iter().fold(&mut command, |c, name| {
                    c.find_subcommand_mut(name).expect("the command exists")
                });
                let name = format!("help_{}_{language}", path.join("_"));
                insta::assert_snapshot!(name, target.render_help());
            }
        }
    }
}
