use super::format::{Packing, Unheard, from_pcm};
use crate::audio::{SampleRate, opus};
use futures::StreamExt;
use livekit::{ByteStreamReader, StreamReader};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The topic of recordings.
pub(in super::super) const TOPIC: &str = "lk.agent.pre-connect-audio-buffer";

/// The longest recording, in bytes: 10 s of 48 kHz in stereo are 1.9 MB.
const LONGEST: usize = 4 << 20;
/// How much of one is heard: browsers stop after 10 s.
const HEARD: Duration = Duration::from_secs(30);
/// How long a recording may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was said on a track before it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Prelude {
    /// The track's SID.
    pub(in super::super) track: String,
    /// Mono samples of the session's input rate.
    pub(in super::super) samples: Vec<i16>,
    pub(in super::super) arrived: Instant,
}

/// Reads and decodes a recording. One that cannot be heard is empty, with a warning: live sound waits
/// for it no longer. `None` if it does not say to which track it belongs.
pub(in super::super) async fn read(reader: ByteStreamReader, rate: SampleRate) -> Option<Prelude> {
    let track = reader.info().attributes().remove("trackId");
    let read = timeout(PATIENCE, read_all(reader, rate)).await;
    match read.unwrap_or(Err(Unheard::TooLong)) {
        Ok(prelude) => Some(prelude),
        Err(problem) => {
            tracing::warn!(%problem, "what the caller said before the agent came is not heard");
            Some(Prelude {
                track: track?,
                samples: Vec::new(),
                arrived: Instant::now(),
            })
        }
    }
}

async fn read_all(mut reader: ByteStreamReader, rate: SampleRate) -> Result<Prelude, Unheard> {
    let attributes = reader.info().attributes();
    let track = attributes.get("trackId").cloned().ok_or(Unheard::NoTrack)?;
    let packing = Packing::of(&reader.info().mime_type, &attributes)?;
    let mut bytes = Vec::new();
    while let Some(part) = reader.next().await {
        bytes.extend_from_slice(&part.map_err(|_| Unheard::Broken)?);
        if bytes.len() > LONGEST {
            return Err(Unheard::TooLong);
        }
    }
    let arrived = Instant::now();
    // Ten seconds take some ten milliseconds, during which other sessions are to be heard.
    let decoding = tokio::task::spawn_blocking(move || match packing {
        Packing::Pcm {
            rate: from,
            channels,
        } => Ok(from_pcm(&bytes, from, channels, rate)),
        // A browser's recorder that was stopped before its first packet.
        Packing::Opus if bytes.is_empty() => Ok(Vec::new()),
        Packing::Opus => match opus::decode(bytes, rate, HEARD) {
            Ok(sound) => Ok(sound.samples().to_vec()),
            Err(_) => Err(Unheard::Broken),
        },
    });
    let samples = decoding.await.map_err(|_| Unheard::Broken)??;
    Ok(Prelude {
        track,
        samples,
        arrived,
    })
}
