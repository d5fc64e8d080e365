//! A picture of a recorded session: who spoke when and said what, how long each stage took, who
//! interrupted whom, and which tools ran. An SVG with a background of its own, wide enough for a
//! README, that wraps long sessions into rows.

mod labels;
mod layout;
mod model;
mod picture;
mod reader;
mod row;
mod svg;
mod table;

use super::recording::Recording;
use crate::Language;

/// Draws a recording with labels in its own language. Answers with the text of an SVG file.
#[must_use]
pub fn draw(recording: &Recording) -> String {
    draw_in(recording, recording.header.language)
}

/// Draws a recording with labels in `language`.
#[must_use]
pub fn draw_in(recording: &Recording, language: Language) -> String {
    let conversation = model::Conversation::of(recording);
    picture::draw(&conversation, labels::of(language))
}
