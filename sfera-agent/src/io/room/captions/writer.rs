use super::{FINAL, SEGMENT, SOURCES, Spoken, TOPIC, TRACK};
use crate::knowledge::Citation;
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
            Spoken::AgentWords {
                segment,
                delta,
                sources,
                ..
            } => {
                let attributes = attributes(agent, segment, false, sources);
                self.go_on(segment, delta, attributes).await
            }
            Spoken::AgentEnd {
                segment,
                text,
                corrected,
                sources,
            } => {
                let attributes = attributes(agent, segment, true, sources);
                self.end(segment, corrected.then_some(text), attributes, agent)
                    .await
            }
            Spoken::User {
                segment,
                text,
                is_final,
            } => {
                let attributes = attributes(user, segment, *is_final, &[]);
                self.whole(text, attributes, user).await
            }
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "a caption was not sent");
        }
        self.legacy(spoken, agent, user).await;
    }

    async fn go_on(
        &mut self,
        segment: &Arc<str>,
        delta: &str,
        attributes: Attributes,
    ) -> StreamResult<()> {
        if self.open.as_ref().is_none_or(|(open, _)| open != segment) {
            let options = StreamTextOptions::new_with_topic(TOPIC).with_attributes(attributes);
            let stream = self.participant.stream_text(options).await?;
            self.open = Some((segment.clone(), stream));
        }
        match &self.open {
            Some((_, stream)) => stream.write(delta).await,
            None => Ok(()),
        }
    }

    /// Ends a segment, with other words than were told where they are `corrected`.
    async fn end(
        &mut self,
        segment: &Arc<str>,
        corrected: Option<&String>,
        attributes: Attributes,
        agent: &Voice,
    ) -> StreamResult<()> {
        if let Some((_, stream)) = self.open.take_if(|(open, _)| open == segment) {
            let closed = stream.close_with_options(None, Some(attributes.clone()));
            closed.await?;
        }
        match corrected {
            Some(text) => self.whole(text, attributes, agent).await,
            None => Ok(()),
        }
    }

    /// A text of its own, which replaces what was sent for the segment before.
    async fn whole(&self, text: &str, attributes: Attributes, voice: &Voice) -> StreamResult<()> {
        let mut options = StreamTextOptions::new_with_topic(TOPIC).with_attributes(attributes);
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

type Attributes = HashMap<String, String>;

fn attributes(voice: &Voice, segment: &str, is_final: bool, sources: &[Citation]) -> Attributes {
    let mut attributes = HashMap::from([
        (SEGMENT.to_owned(), segment.to_owned()),
        (FINAL.to_owned(), is_final.to_string()),
    ]);
    if !voice.track.is_empty() {
        attributes.insert(TRACK.to_owned(), voice.track.clone());
    }
    if !sources.is_empty()
        && let Ok(list) = serde_json::to_string(sources)
    {
        attributes.insert(SOURCES.to_owned(), list);
    }
    attributes
}
