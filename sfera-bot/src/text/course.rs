use super::Text;
use crate::{
    render::escape,
    rooms::course::{Fault, Flaw},
};
use sfera_agent::Language;

impl Text {
    /// To the step before.
    pub const fn go_back(self) -> &'static str {
        self.either("◀️ Назад", "◀️ Back")
    }

    /// To the step after.
    pub const fn next_step(self) -> &'static str {
        self.either("Дальше ▶️", "Next ▶️")
    }

    /// After the last step.
    pub const fn finish_course(self) -> &'static str {
        self.either("Завершить ✅", "Finish ✅")
    }

    /// From the first step.
    pub const fn restart_course(self) -> &'static str {
        self.either("↺ Начать сначала", "↺ Start over")
    }

    /// An answer that is wrong.
    pub fn wrong_answer(self, answer: &str) -> String {
        let answer = escape(answer);
        match self.0 {
            Language::Ru => format!("❌ «{answer}» – нет. Подумай ещё и выбери другой ответ."),
            Language::En => {
                format!("❌ “{answer}” is not it. Think again and pick another answer.")
            }
        }
    }

    /// The file with the course cannot be used, for the administrators.
    pub fn course_broken(self, flaw: &Flaw) -> String {
        let place = match (flaw.line, self.0) {
            (None, _) => String::new(),
            (Some(line), Language::Ru) => format!("строка {line}: "),
            (Some(line), Language::En) => format!("line {line}: "),
        };
        let fault = escape(&self.fault(&flaw.fault));
        match self.0 {
            Language::Ru => format!(
                "⚠️ Курс из <code>SFERA_COURSE</code> не принят – {place}{fault}. Пока людям показывается \
                 последний исправный. Исправьте файл, перезапускать ничего не нужно."
            ),
            Language::En => format!(
                "⚠️ The course of <code>SFERA_COURSE</code> was not taken – {place}{fault}. Until then people see \
                 the last one that was good. Correct the file; nothing need be restarted."
            ),
        }
    }

    fn fault(self, fault: &Fault) -> String {
        let ru = self.0 == Language::Ru;
        match fault {
            Fault::Unreadable => self
                .either("файл не читается", "the file cannot be read")
                .to_owned(),
            Fault::TooLarge(most) => match ru {
                true => format!("файл больше {} КБ", most / 1_024),
                false => format!("the file is larger than {} KB", most / 1_024),
            },
            Fault::Form(reason) => match ru {
                true => format!("не разобрать: {reason}"),
                false => format!("it cannot be read: {reason}"),
            },
            Fault::NoSteps => self
                .either("нет ни одного шага", "there are no steps")
                .to_owned(),
            Fault::Id(id) => match ru {
                true => format!(
                    "id «{id}» должен состоять из 1–32 латинских букв, цифр, дефисов и подчёркиваний"
                ),
                false => {
                    format!("the id “{id}” must be 1–32 letters a-z, digits, hyphens and underscores")
                }
            },
            Fault::Twice(id) => match ru {
                true => format!("id «{id}» уже есть у другого шага"),
                false => format!("another step has the id “{id}” already"),
            },
            Fault::Empty(field) => match ru {
                true => format!("поле {field} пустое"),
                false => format!("the field {field} is empty"),
            },
            Fault::TooLong => self
                .either(
                    "шаг не помещается в одно сообщение Telegram: разделите его",
                    "the step does not fit into one message of Telegram: divide it",
                )
                .to_owned(),
            Fault::File => self
                .either(
                    "file – это адрес https://… или id файла в Telegram",
                    "file is an address https://… or the id of a file in Telegram",
                )
                .to_owned(),
            Fault::Answers => self
                .either(
                    "нужны right и от 1 до 5 разных wrong, каждый ответ не длиннее 60 знаков",
                    "there must be right and 1 to 5 different wrong, no answer longer than 60 characters",
                )
                .to_owned(),
        }
    }
}
