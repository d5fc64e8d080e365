use super::{FINAL, SEGMENT, Spoken, TOPIC, TRACK};
use livekit::{
    StreamResult, StreamTextOptions, StreamWriter, TextStreamWriter,
    prelude::{LocalParticipant, Transcription, TranscriptionSegment},
};
use std::{collections::HashMap, sync::Arc};

/// A new name of a segment, unique in any room.
pub(in super::super) fn segment_id() -> Arc<str> {
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("SG_{}", id.get(..12).unwrap_or(&id)).into()
}

/// Whose words these are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Voice {
    pub(in super::super) identity: String,
    /// The track on which they speak; empty if unknown.
    pub(in super::super) track: String,
}

/// Sends captions to everybody in the room, in both forms. What cannot be sent is left out: captions
/// never hold up a conversation.
pub(in super::super) struct CaptionWriter {
    participant: LocalParticipant,
    /// The stream of the agent's segment under way.
    open: Option<(Arc<str>, TextStreamWriter)>,
}

impl CaptionWriter {
    pub(in super::super) const fn new(participant: LocalParticipant) -> Self {
        Self {
            participant,
            open: None,
        }
    }

    /// Sends one caption; `agent` and `user` say whose tracks they are.
    pub(in super::super) async fn write(&mut self, spoken: Spoken, agent: &Voice, user: &Voice) {
        let sent = match &spoken {
            Spoken::AgentWords { segment, delta, .. } => self.go_on(segment, delta, agent).await,
            Spoken::AgentEnd {
                segment,
                text,
                corrected,
            } => self.end(segment, text, *corrected, agent).await,
            Spoken::User {
                segment,
                text,
                is_final,
            } => self.whole(segment, text, *is_final, user).await,
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "a caption was not sent");
        }
        self.legacy(spoken, agent, user).await;
    }

    async fn go_on(&mut self, segment: &Arc<str>, delta: &str, agent: &Voice) -> StreamResult<()> {
        if self.open.as_ref().is_none_or(|(open, _)| open != segment) {
            let options = options(agent, segment, false);
            let stream = self.participant.stream_text(options).await?;
            self.open = Some((segment.clone(), stream));
        }
        match &self.open {
            Some((_, stream)) => stream.write(delta).await,
            None => Ok(()),
        }
    }

    async fn end(
        &mut self,
        segment: &Arc<str>,
        text: &str,
        corrected: bool,
        agent: &Voice,
    ) -> StreamResult<()> {
        if let Some((_, stream)) = self.open.take_if(|(open, _)| open == segment) {
            let closed = stream.close_with_options(None, Some(attributes(agent, segment, true)));
            closed.await?;
        }
        match corrected {
            true => self.whole(segment, text, true, agent).await,
            false => Ok(()),
        }
    }

    /// A text of its own, which replaces what was sent for the segment before.
    async fn whole(
        &self,
        segment: &Arc<str>,
        text: &str,
        is_final: bool,
        voice: &Voice,
    ) -> StreamResult<()> {
        let mut options = options(voice, segment, is_final);
        if !voice.identity.is_empty() {
            options = options.with_sender_identity(voice.identity.clone());
        }
        let stream = self.participant.stream_text(options).await?;
        stream.write(text).await?;
        stream.close().await
    }

    async fn legacy(&self, spoken: Spoken, agent: &Voice, user: &Voice) {
        let (voice, segment, text, is_final) = match spoken {
            Spoken::AgentWords { segment, text, .. } => (agent, segment, text, false),
            Spoken::AgentEnd { segment, text, .. } => (agent, segment, text, true),
            Spoken::User {
                segment,
                text,
                is_final,
            } => (user, segment, text, is_final),
        };
        let packet = Transcription {
            participant_identity: voice.identity.clone(),
            track_id: voice.track.clone(),
            segments: vec![TranscriptionSegment {
                id: segment.to_string(),
                text,
                r#final: is_final,
                ..TranscriptionSegment::default()
            }],
        };
        if let Err(error) = self.participant.publish_transcription(packet).await {
            tracing::debug!(%error, "a caption packet was not sent");
        }
    }
}

fn options(voice: &Voice, segment: &str, is_final: bool) -> StreamTextOptions {
    StreamTextOptions::new_with_topic(TOPIC).with_attributes(attributes(voice, segment, is_final))
}

fn attributes(voice: &Voice, segment: &str, is_final: bool) -> HashMap<String, String> {
    let mut attributes = HashMap::from([
        (SEGMENT.to_owned(), segment.to_owned()),
        (FINAL.to_owned(), is_final.to_string()),
    ]);
    if !voice.track.is_empty() {
        attributes.insert(TRACK.to_owned(), voice.track.clone());
    }
    attributes
}
