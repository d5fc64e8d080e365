//! Voice messages and pictures, as far as they are looked at.

use super::What;
use crate::state::Attachment;
use teloxide::types::{FileMeta, Message, PhotoSize};

/// Bytes of a file, at most.
pub const LARGEST: u32 = 5 << 20;

/// What is attached to a message, with the words below it.
pub(super) fn attached(message: &Message, words: &str) -> Option<What> {
    if let Some(voice) = message.voice() {
        let attachment = fitting(&voice.file).map(|file| Attachment::Voice { file });
        let seconds = voice.duration.seconds();
        return Some(What::Voice {
            attachment,
            seconds,
        });
    }
    let (file, media_type) = picture(message)?;
    let attachment = file.map(|file| Attachment::Picture { file, media_type });
    let caption = words.to_owned();
    Some(What::Picture {
        attachment,
        caption,
    })
}

/// The picture's file, none where it is too large, and its type.
fn picture(message: &Message) -> Option<(Option<String>, String)> {
    if let Some(sizes) = message.photo() {
        let area = |size: &&PhotoSize| u64::from(size.width) * u64::from(size.height);
        let fits = |size: &&PhotoSize| fitting(&size.file).is_some();
        let largest = sizes.iter().filter(fits).max_by_key(area);
        let file = largest.and_then(|size| fitting(&size.file));
        return Some((file, "image/jpeg".to_owned()));
    }
    let document = message.document()?;
    let media_type = document.mime_type.as_ref()?.essence_str();
    let known = ["image/jpeg", "image/png", "image/webp"].contains(&media_type);
    known.then(|| (fitting(&document.file), media_type.to_owned()))
}

/// Telegram's id of a file that is not too large.
fn fitting(file: &FileMeta) -> Option<String> {
    (file.size <= LARGEST).then(|| file.id.0.clone())
}
