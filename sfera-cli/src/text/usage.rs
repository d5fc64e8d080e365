//! Complaints about the command line.

use super::{Text, sentences};
use crate::error::Usage;

sentences! {
    /// Where to read more.
    see_help(command) { ru: "Справка: {command} --help.", en: "For help, see {command} --help." }
    unknown_argument(argument) { ru: "Параметра {argument} нет.", en: "There is no option {argument}." }
    unknown_command(command) { ru: "Команды «{command}» нет.", en: "There is no command \"{command}\"." }
    did_you_mean(suggestion) { ru: "Возможно, вы имели в виду {suggestion}?", en: "Did you mean {suggestion}?" }
    no_command() { ru: "Не сказано, что делать.", en: "No command was given." }
    conflict(argument, other) {
        ru: "{argument} и {other} вместе не работают: выберите что-то одно.",
        en: "{argument} and {other} do not go together: choose one.",
    }
    missing_argument(argument) { ru: "Не хватает параметра: {argument}.", en: "An argument is missing: {argument}." }
    no_value(argument) { ru: "После {argument} нужно значение.", en: "{argument} needs a value." }
    unknown_language(value) {
        ru: "Языка «{value}» Сфера не знает: есть ru и en.",
        en: "Sfera does not speak \"{value}\": there are ru and en.",
    }
    bad_value(argument, value) {
        ru: "Значение «{value}» не подходит для {argument}.",
        en: "\"{value}\" is no value for {argument}.",
    }
    allowed_values(allowed) { ru: "Можно: {allowed}.", en: "Possible: {allowed}." }
    bad_arguments(arguments) { ru: "Не понять параметры: {arguments}.", en: "These arguments make no sense: {arguments}." }
}

impl Text {
    /// The complaint about a command as one sentence, with a hint where there is one.
    pub fn usage_problem(self, usage: &Usage, command: &str) -> String {
        let (problem, hint) = match usage {
            Usage::NoCommand => (self.no_command(), None),
            Usage::UnknownArgument {
                argument,
                suggestion,
            } => (
                self.unknown_argument(argument),
                suggestion.as_ref().map(|s| self.did_you_mean(s)),
            ),
            Usage::UnknownCommand {
                command,
                suggestion,
            } => (
                self.unknown_command(command),
                suggestion.as_ref().map(|s| self.did_you_mean(s)),
            ),
            Usage::Conflict { argument, other } => (self.conflict(argument, other), None),
            Usage::Missing { argument } => (self.missing_argument(argument), None),
            Usage::NoValue { argument } => (self.no_value(argument), None),
            Usage::Language { value } => return self.unknown_language(value),
            Usage::BadValue {
                argument,
                value,
                allowed,
            } => (
                self.bad_value(argument, value),
                (!allowed.is_empty()).then(|| self.allowed_values(allowed)),
            ),
            Usage::Other { arguments } => (self.bad_arguments(arguments), None),
        };
        let hint = hint.unwrap_or_else(|| self.see_help(command));
        format!("{problem} {hint}")
    }
}
