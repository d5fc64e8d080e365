//! What both sides say, as text: for front ends of today (the text stream `lk.transcription`) and of
//! yesterday (the `Transcription` packet).

mod book;
mod writer;

pub(super) use book::{CaptionBook, Spoken, TypedLines};
pub(super) use writer::{CaptionWriter, Voice, segment_id};

/// The topic of captions.
pub(super) const TOPIC: &str = "lk.transcription";
/// Which piece of speech; a later text for the same piece replaces the earlier one.
pub(super) const SEGMENT: &str = "lk.segment_id";
/// Whether the text will not change any more: `true` or `false`.
pub(super) const FINAL: &str = "lk.transcription_final";
/// The track on which it was said.
pub(super) const TRACK: &str = "lk.transcribed_track_id";
/// What the agent's words stand on: a JSON list of `{"title", "url"}`, the address only where there is
/// one. Sfera's own; it may come as late as with the end of the stream.
pub(super) const SOURCES: &str = "sfera.sources";
