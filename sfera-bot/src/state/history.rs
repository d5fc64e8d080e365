//! What a user said and heard, for them to read.

use super::{Millis, StateError, Store};
use sfera_agent::llm::Message;
use sqlx::{Row as _, any::AnyRow};

/// Where something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a voice call.
    Voice,
    /// In chat.
    Chat,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where.
    pub place: Place,
    /// Which conversation: the call's number, or the dialogue's.
    pub conversation: i64,
    /// When.
    pub said: Millis,
    /// The user's words.
    pub question: String,
    /// The agent's, as far as they were heard.
    pub answer: String,
}

impl Store {
    /// The newest things a user said and heard, at most `most` of each place, oldest first.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn history(&self, user: i64, most: i64) -> Result<Vec<Line>, StateError> {
        let spoken = sqlx::query(
            "SELECT call, said, question, answer FROM call_lines \
             WHERE call IN (SELECT id FROM calls WHERE user_id = $1) ORDER BY id DESC LIMIT $2",
        )
        .bind(user)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let written = sqlx::query(
            "SELECT dialogue, created, question, messages FROM turns \
             WHERE user_id = $1 AND chat = $1 AND kind = 'chat' AND state = 'done' ORDER BY id DESC LIMIT $2",
        )
        .bind(user)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let spoken = spoken
            .iter()
            .map(|row| line(row, Place::Voice, row.try_get(3)?));
        let written = written
            .iter()
            .map(|row| line(row, Place::Chat, answer(row)?));
        let lines: Result<Vec<Line>, StateError> = spoken.chain(written).collect();
        let mut lines = lines?;
        lines.sort_by_key(|line| line.said);
        Ok(lines)
    }
}

fn line(row: &AnyRow, place: Place, answer: String) -> Result<Line, StateError> {
    Ok(Line {
        place,
        conversation: row.try_get(0)?,
        said: row.try_get(1)?,
        question: row.try_get(2)?,
        answer,
    })
}

/// What the agent wrote in a turn, without what it did meanwhile.
fn answer(row: &AnyRow) -> Result<String, StateError> {
    let messages: String = row.try_get(3)?;
    let messages: Vec<Message> =
        serde_json::from_str(&messages).map_err(|_| StateError::Version)?;
    let texts = messages.iter().filter_map(|message| match message {
        Message::Assistant { text, .. } => Some(text.to_string()),
        _ => None,
    });
    Ok(texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n"))
}
