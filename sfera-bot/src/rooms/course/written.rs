//! A course as it is written: YAML, checked as a whole before anybody sees it.

use super::{
    document::{Course, Picture, Quiz, Step},
    page,
};
use crate::render::markdown;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::HashSet;

/// What is wrong with a course, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1, where it is known.
    pub line: Option<u64>,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file cannot be read.
    Unreadable,
    /// The file is too large: bytes at most.
    TooLarge(u64),
    /// It is not written as a course is; in the parser's words.
    Form(String),
    /// There are no steps.
    NoSteps,
    /// An id is empty, too long, or has other letters than a-z, 0-9, - and _.
    Id(String),
    /// Two steps have this id.
    Twice(String),
    /// This field of a step says nothing.
    Empty(&'static str),
    /// A step does not fit into one message.
    TooLong,
    /// The file is neither an https address nor one of Telegram's ids.
    File,
    /// Too many answers, none that is wrong, two alike, or one that is too long for a button.
    Answers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Spanned<String>,
    title: Spanned<String>,
    steps: Spanned<Vec<WrittenStep>>,
    completion: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    id: Spanned<String>,
    title: String,
    text: String,
    media: Option<Picture>,
    quiz: Option<Quiz>,
}

impl Course {
    /// Reads a course.
    ///
    /// # Errors
    /// [`Flaw`]: the first one.
    pub fn parse(yaml: &str) -> Result<Self, Flaw> {
        let written: Written = serde_saphyr::from_str(yaml).map_err(|error| Flaw {
            line: error.location().map(|at| at.line()),
            fault: Fault::Form(reason(&error)),
        })?;
        let at = |line| move |fault| Flaw { line, fault };
        let top = at(line(&written.id));
        check_id(&written.id.value).map_err(top)?;
        if written.steps.value.is_empty() {
            return Err(at(line(&written.steps))(Fault::NoSteps));
        }
        said(&written.title.value, "title").map_err(at(line(&written.title)))?;
        said(&written.completion.value, "completion").map_err(at(line(&written.completion)))?;
        let completion = markdown(&written.completion.value);
        if !page::is_page(&completion) {
            return Err(at(line(&written.completion))(Fault::TooLong));
        }
        let mut course = Self {
            id: written.id.value,
            title: written.title.value,
            steps: Vec::new(),
            completion,
        };
        let mut ids = HashSet::new();
        for step in written.steps.value {
            let at = at(line(&step.id));
            if !ids.insert(step.id.value.clone()) {
                return Err(at(Fault::Twice(step.id.value)));
            }
            let step = step.checked().map_err(at)?;
            if !page::fits(&course.title, &step) {
                return Err(at(Fault::TooLong));
            }
            course.steps.push(step);
        }
        Ok(course)
    }
}

impl WrittenStep {
    fn checked(self) -> Result<Step, Fault> {
        check_id(&self.id.value)?;
        said(&self.title, "title")?;
        said(&self.text, "text")?;
        if let Some(picture) = &self.media {
            picture.check()?;
        }
        if let Some(quiz) = &self.quiz {
            said(&quiz.question, "question")?;
            said(&quiz.explanation, "explanation")?;
            quiz.check()?;
        }
        Ok(Step {
            id: self.id.value,
            title: self.title,
            text: markdown(&self.text),
            media: self.media,
            quiz: self.quiz,
        })
    }
}

fn check_id(id: &str) -> Result<(), Fault> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let good = (1..=32).contains(&id.len()) && id.chars().all(letter);
    good.then_some(()).ok_or_else(|| Fault::Id(id.to_owned()))
}

fn said(text: &str, field: &'static str) -> Result<(), Fault> {
    match text.trim().is_empty() {
        true => Err(Fault::Empty(field)),
        false => Ok(()),
    }
}

fn line<T>(of: &Spanned<T>) -> Option<u64> {
    Some(of.referenced.line()).filter(|line| *line > 0)
}

/// One line, without the place and the piece of the file that the parser draws.
fn reason(error: &serde_saphyr::Error) -> String {
    let said = error.without_snippet().to_string();
    let said = said.lines().next().unwrap_or_default();
    let said = said.split(" at line ").next().unwrap_or_default();
    said.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RU: &str = include_str!("../../../course/ru.yaml");
    const EN: &str = include_str!("../../../course/en.yaml");

    #[test]
    fn the_courses_that_come_with_the_program_are_good_and_the_same() {
        let ids = |yaml| {
            let course = Course::parse(yaml).unwrap();
            let steps = course.steps.iter().map(|step| step.id.clone());
            (course.id.clone(), steps.collect::<Vec<_>>())
        };
        assert_eq!(ids(RU), ids(EN));
        assert_eq!(ids(RU).1.len(), 7);
    }

    fn flaw(steps: &str) -> Flaw {
        let yaml = format!("id: own\ntitle: Т\ncompletion: К\nsteps:{steps}\n");
        Course::parse(&yaml).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let step = "\n- id: a\n  title: Т\n  text: Т\n";
        let quiz = |right: &str, wrong: &str| {
            format!("{step}  quiz: {{question: В, right: {right}, wrong: {wrong}, explanation: П}}")
        };
        let media = |file: &str| format!("{step}  media: {{kind: photo, file: '{file}'}}");
        let long = "слово ".repeat(800);
        for (steps, line, fault) in [
            (" []".to_owned(), 4, Fault::NoSteps),
            (
                "\n- id: 'шаг'\n  title: Т\n  text: Т".to_owned(),
                5,
                Fault::Id("шаг".into()),
            ),
            (
                format!("{step}- id: a\n  title: Т\n  text: Т"),
                8,
                Fault::Twice("a".into()),
            ),
            (
                "\n- id: a\n  title: ' '\n  text: Т".to_owned(),
                5,
                Fault::Empty("title"),
            ),
            (
                format!("\n- id: a\n  title: Т\n  text: {long}"),
                5,
                Fault::TooLong,
            ),
            (media("http://a.example/p.png"), 5, Fault::File),
            (media("p.png"), 5, Fault::File),
            (quiz("да", "[]"), 5, Fault::Answers),
            (quiz("да", "[да]"), 5, Fault::Answers),
            (quiz("да", "[нет, нет]"), 5, Fault::Answers),
            (quiz(&"д".repeat(61), "[нет]"), 5, Fault::Answers),
        ] {
            let line = Some(line);
            assert_eq!(flaw(&steps), Flaw { line, fault }, "{steps}");
        }
        for (steps, line) in [
            ("\n- id: a\n  title: Т\n  texte: Т", 7),
            ("\n- id: a\n  title: [Т\n", 6),
            (
                "\n- id: a\n  title: Т\n  text: Т\n  media: {kind: film, file: x}",
                8,
            ),
        ] {
            let flaw = flaw(steps);
            assert!(
                matches!(&flaw.fault, Fault::Form(reason) if !reason.is_empty()),
                "{flaw:?}"
            );
            assert!(flaw.line.is_some_and(|at| at >= line), "{flaw:?}");
        }
    }

    #[test]
    fn a_file_that_telegram_has_is_known_by_its_id() {
        let yaml = "id: own\ntitle: Т\ncompletion: К\nsteps:\n- id: a\n  title: Т\n  text: Т\n  \
            media: {kind: video, file: AgACAgIAAxkBAAIBY2Zk_x-0}\n  \
            quiz: {question: В, right: 10, wrong: [1, 5%], explanation: П}";
        let course = Course::parse(yaml).unwrap();
        let answers = course.steps[0].quiz.as_ref().unwrap().answers();
        assert_eq!(answers.len(), 3);
    }

    #[test]
    fn whatever_is_in_a_file_does_no_harm() {
        for yaml in [
            "",
            "- 1",
            "{",
            "&a [*a]",
            "id: *x",
            "\u{0}",
            "a: !!binary x",
            "? ? ?",
        ] {
            assert!(Course::parse(yaml).is_err(), "{yaml}");
        }
    }
}
