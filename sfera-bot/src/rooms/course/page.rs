//! A step as it is shown.

use super::document::{Course, Step};
use crate::{
    render::{LONGEST, escape, markdown, split},
    telegram::{Button, Keyboard},
    text::Text,
};
use sfera_agent::Language;

/// Cells of the progress bar, at most.
const CELLS: usize = 10;
/// Characters kept free for the header, which grows with the course.
const SPARE: usize = 100;

/// How the question of a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// There is none yet.
    Open,
    /// This one, and it was wrong.
    Wrong(&'a str),
    /// The right one.
    Right,
}

/// "▓▓▓░░ 3/7"
pub fn bar(done: usize, all: usize) -> String {
    let cells = all.clamp(1, CELLS);
    let full = (done * cells).div_ceil(all.max(1)).min(cells);
    let empty = cells - full;
    format!("{}{} {done}/{all}", "▓".repeat(full), "░".repeat(empty))
}

/// The text of a step: HTML.
pub fn html(text: Text, title: &str, bar: &str, step: &Step, answer: Answer<'_>) -> String {
    let (title, heading) = (escape(title), escape(&step.title));
    let mut page = format!("{title}\n{bar}\n\n<b>{heading}</b>\n\n{}", step.text);
    let Some(quiz) = &step.quiz else { return page };
    page.push_str(&format!("\n\n❓ <b>{}</b>", escape(&quiz.question)));
    match answer {
        Answer::Open => {}
        Answer::Wrong(picked) => page.push_str(&format!("\n\n{}", text.wrong_answer(picked))),
        Answer::Right => {
            let why = markdown(&quiz.explanation);
            page.push_str(&format!("\n\n✅ <b>{}</b>\n{why}", escape(&quiz.right)));
        }
    }
    page
}

/// Whether a step fits into one message, whatever is answered.
pub fn fits(title: &str, step: &Step) -> bool {
    let answers = step.quiz.iter().flat_map(|quiz| &quiz.wrong);
    let wrong = answers.map(|answer| Answer::Wrong(answer));
    wrong.chain([Answer::Right]).all(|answer| {
        Language::ALL
            .iter()
            .all(|language| is_page(&html(Text(*language), title, "", step, answer)))
    })
}

/// Whether HTML fits into one message, with a header above it.
pub fn is_page(html: &str) -> bool {
    split(html, LONGEST - SPARE).len() == 1
}

/// What is tapped below a step. Every button names the step it stands below: what that means is found
/// out when it is tapped, by the course as it is then.
pub fn keyboard(text: Text, course: &Course, at: usize, open: bool, restart: bool) -> Keyboard {
    let Some(step) = course.steps.get(at) else {
        return Keyboard::None;
    };
    let button = |label: &str, what: &str| Button::tap(label, format!("course:{what}:{}", step.id));
    let mut rows = Vec::new();
    let quiz = step.quiz.as_ref().filter(|_| open);
    for (name, answer) in quiz.map(|quiz| quiz.answers()).unwrap_or_default() {
        let data = format!("course:pick:{}:{name}", step.id);
        rows.push(vec![Button::tap(answer, data)]);
    }
    let mut walk = Vec::new();
    if at > 0 {
        walk.push(button(text.go_back(), "back"));
    }
    if quiz.is_none() {
        let label = match at + 1 == course.steps.len() {
            true => text.finish_course(),
            false => text.next_step(),
        };
        walk.push(button(label, "next"));
    }
    if !walk.is_empty() {
        rows.push(walk);
    }
    if restart {
        rows.push(vec![Button::tap(text.restart_course(), "course:restart")]);
    }
    Keyboard::Buttons(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_with_the_steps() {
        assert_eq!(bar(3, 7), "▓▓▓░░░░ 3/7");
        assert_eq!(bar(1, 40), "▓░░░░░░░░░ 1/40");
        assert_eq!(bar(40, 40), "▓▓▓▓▓▓▓▓▓▓ 40/40");
        assert_eq!(bar(0, 0), "░ 0/0");
    }
}
