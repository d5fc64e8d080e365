//! The session's voice: one segment after the other goes through the TTS into playout.

use super::report::{Report, Tasks};
use crate::{
    Language,
    audio::Resampler,
    playout::{Cleared, Playout},
    tts::{Tts, TtsError, TtsRequest},
    turn::{Failure, Input, SegmentId},
};
use futures::StreamExt;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Sound resampled at a time. After each piece other sessions have their turn: a voice may give a
/// whole sentence at once, and nobody's first sound should wait until it is resampled.
const PIECE: Duration = Duration::from_millis(5);

/// Pieces (0.1 s of sound) between two pauses; so sound is made at most a hundred times faster than it
/// is heard.
const BURST: u32 = 20;
const PAUSE: Duration = Duration::from_millis(1);

/// The voice of one session.
pub(super) struct Voice {
    parts: VoiceParts,
    /// Bounded by the machine, which bounds a reply's text.
    waiting: VecDeque<(SegmentId, Arc<str>)>,
    speaking: Option<(SegmentId, AbortOnDropHandle<()>)>,
}

#[derive(Clone)]
struct VoiceParts {
    tts: Arc<dyn Tts>,
    playout: Playout,
    language: Language,
}

/// Why a segment was not spoken to its end.
enum Broken {
    Voice(TtsError),
    /// Nobody wants it any more.
    Cleared,
}

impl Voice {
    pub(super) fn new(tts: Arc<dyn Tts>, playout: Playout, language: Language) -> Self {
        let parts = VoiceParts {
            tts,
            playout,
            language,
        };
        Self {
            parts,
            waiting: VecDeque::new(),
            speaking: None,
        }
    }

    /// Speaks a segment after those before it.
    pub(super) fn speak(&mut self, segment: SegmentId, text: Arc<str>, tasks: &Tasks) {
        self.waiting.push_back((segment, text));
        self.go_on(tasks);
    }

    /// Forgets all that is not yet in playout.
    pub(super) fn cancel(&mut self) {
        self.waiting.clear();
        self.speaking = None;
    }

    /// A segment ended, well or not: the next one is due.
    pub(super) fn ended(&mut self, segment: SegmentId, tasks: &Tasks) {
        if self
            .speaking
            .as_ref()
            .is_some_and(|(current, _)| *current == segment)
        {
            self.speaking = None;
            self.go_on(tasks);
        }
    }

    fn go_on(&mut self, tasks: &Tasks) {
        if self.speaking.is_some() {
            return;
        }
        let Some((segment, text)) = self.waiting.pop_front() else {
            return;
        };
        self.parts.playout.open(segment);
        let parts = self.parts.clone();
        let fallen = move |failure| Report::Input(Input::TtsFailed { segment, failure });
        let task = tasks.spawn(
            move |reports| async move {
                let input = match parts.voice(segment, text, &reports).await {
                    Ok(()) => {
                        let samples = parts.playout.finish(segment);
                        Input::TtsDone { segment, samples }
                    }
                    Err(Broken::Voice(error)) => Input::TtsFailed {
                        segment,
                        failure: failure_of(&error),
                    },
                    Err(Broken::Cleared) => return,
                };
                // The loop is gone only when nobody listens any more.
                let _gone = reports.send(Report::Input(input)).await;
            },
            fallen,
        );
        self.speaking = Some((segment, task));
    }
}

impl VoiceParts {
    async fn voice(
        &self,
        segment: SegmentId,
        text: Arc<str>,
        reports: &mpsc::Sender<Report>,
    ) -> Result<(), Broken> {
        let request = TtsRequest {
            text,
            language: self.language,
        };
        let mut frames = self.tts.synthesize(request).await?;
        let mut resampler: Option<Resampler> = None;
        let mut samples = Vec::new();
        let mut pieces = 0;
        while let Some(frame) = frames.next().await {
            let frame = frame?;
            if resampler.is_none() {
                // The loop is gone only when nobody listens any more.
                let _gone = reports.send(Report::FirstSound(segment)).await;
            }
            let rate = self.playout.rate();
            let resampler = resampler.get_or_insert_with(|| Resampler::new(frame.rate(), rate));
            let length = frame.rate().samples(PIECE) as usize;
            for piece in frame.samples().chunks(length) {
                resampler.push(piece, &mut samples);
                self.playout.write(segment, &samples).await?;
                samples.clear();
                pieces += 1;
                breathe(pieces).await;
            }
        }
        if let Some(mut resampler) = resampler {
            resampler.flush(&mut samples);
            self.playout.write(segment, &samples).await?;
        }
        Ok(())
    }
}

/// Lets others work after each piece, and sleep after so many: a thread that goes on without a pause
/// keeps the system from waking others in time.
async fn breathe(pieces: u32) {
    if pieces.is_multiple_of(BURST) {
        tokio::time::sleep(PAUSE).await;
    } else {
        tokio::task::yield_now().await;
    }
}

impl From<TtsError> for Broken {
    fn from(error: TtsError) -> Self {
        Self::Voice(error)
    }
}

impl From<Cleared> for Broken {
    fn from(Cleared: Cleared) -> Self {
        Self::Cleared
    }
}

const fn failure_of(error: &TtsError) -> Failure {
    match error {
        TtsError::Timeout(_) => Failure::Timeout,
        TtsError::Unavailable => Failure::Unavailable,
        TtsError::Unauthorized | TtsError::RateLimited(_) | TtsError::UnsupportedLanguage(_) => {
            Failure::Refused
        }
        TtsError::Protocol => Failure::Nonsense,
    }
}
