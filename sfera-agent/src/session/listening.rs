//! The session's ears: VAD in the loop, recognition in a task of its own.

use super::report::{Report, Tasks};
use crate::{
    audio::Frame,
    stt::{Stt, SttError, SttEvent, SttInput, SttOptions},
    turn::{Failure, Input, Stage, Time},
    vad::{RATE, Vad, VadError, VadEvent, VadOptions, VadOutput, VadStream},
};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;

/// How the ears are made, again and again if they fail.
pub(super) struct EarsParts {
    pub(super) vad: Arc<dyn Vad>,
    pub(super) stt: Arc<dyn Stt>,
    pub(super) vad_options: VadOptions,
    pub(super) stt_options: SttOptions,
}

/// VAD and recogniser of one session.
pub(super) struct Ears {
    parts: EarsParts,
    vad: VadStream,
    stt: Option<mpsc::Sender<SttInput>>,
    task: Option<AbortOnDropHandle<()>>,
    /// Which start of the recogniser is the current one.
    listener: u32,
    failures: u32,
}

impl Ears {
    /// Audio on its way to the recogniser, at most: 30 s in 32 ms windows. A recogniser further
    /// behind is broken.
    const BACKLOG: usize = 1_000;
    const FIRST_PAUSE: Duration = Duration::from_millis(100);
    const LONGEST_PAUSE: Duration = Duration::from_secs(10);

    pub(super) fn new(parts: EarsParts, tasks: &Tasks) -> Result<Self, VadError> {
        let vad = VadStream::new(parts.vad.open()?, &parts.vad_options);
        let mut ears = Self {
            parts,
            vad,
            stt: None,
            task: None,
            listener: 0,
            failures: 0,
        };
        ears.listen(tasks);
        Ok(ears)
    }

    /// Starts VAD and recogniser anew.
    pub(super) fn restart(&mut self, tasks: &Tasks) -> Result<(), VadError> {
        self.vad = VadStream::new(self.parts.vad.open()?, &self.parts.vad_options);
        self.listen(tasks);
        Ok(())
    }

    /// How long to wait before the next start: longer with each failure in a row.
    pub(super) fn pause(&mut self) -> Duration {
        self.stt = None;
        self.task = None;
        let pause = Self::FIRST_PAUSE * 2_u32.saturating_pow(self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        pause.min(Self::LONGEST_PAUSE)
    }

    /// What the recogniser number `listener` said, if it is the current one.
    pub(super) fn accept(&mut self, listener: u32, input: Input) -> Option<Input> {
        if listener != self.listener {
            return None;
        }
        if matches!(&input, Input::Final { text } if !text.is_empty()) {
            self.failures = 0;
        }
        Some(input)
    }

    /// Hears a frame; what follows from it is appended to `inputs`.
    pub(super) fn hear(&mut self, frame: &Frame, now: Time, inputs: &mut Vec<Input>) {
        let Some(stt) = &self.stt else { return };
        let mut lost = false;
        let mut events = Vec::new();
        let judged = self.vad.push(frame, |output| {
            let told = match output {
                VadOutput::Audio { frame, .. } => SttInput::Audio(frame),
                VadOutput::Event(event) => {
                    events.push(event);
                    match event {
                        VadEvent::SpeechStarted { .. } => SttInput::SpeechStarted,
                        VadEvent::SpeechEnded { .. } => SttInput::SpeechEnded,
                    }
                }
            };
            lost |= matches!(stt.try_send(told), Err(TrySendError::Full(_)));
        });
        let position = self.vad.position();
        inputs.extend(
            events
                .into_iter()
                .map(|event| to_input(event, position, now)),
        );
        if judged.is_err() {
            inputs.push(failed(Stage::Vad, Failure::Unavailable));
        } else if lost {
            inputs.push(failed(Stage::Stt, Failure::Timeout));
        }
    }

    fn listen(&mut self, tasks: &Tasks) {
        let (sender, inbox) = mpsc::channel(Self::BACKLOG);
        self.listener += 1;
        let listener = self.listener;
        let (stt, options) = (self.parts.stt.clone(), self.parts.stt_options.clone());
        let fallen = move |failure| Report::Heard {
            listener,
            input: failed(Stage::Stt, failure),
        };
        let task = tasks.spawn(
            move |reports| async move {
                let failure = recognize(&*stt, inbox, options, listener, &reports).await;
                // The loop is gone only when nobody listens any more.
                let _gone = reports.send(fallen(failure)).await;
            },
            fallen,
        );
        self.stt = Some(sender);
        self.task = Some(task);
    }
}

/// Passes on what is understood until the recogniser fails, and says how it did.
async fn recognize(
    stt: &dyn Stt,
    inbox: mpsc::Receiver<SttInput>,
    options: SttOptions,
    listener: u32,
    reports: &mpsc::Sender<Report>,
) -> Failure {
    let mut events = match stt
        .listen(ReceiverStream::new(inbox).boxed(), options)
        .await
    {
        Ok(events) => events,
        Err(error) => return failure_of(&error),
    };
    while let Some(event) = events.next().await {
        let input = match event {
            Ok(SttEvent::Interim(text)) => Input::Interim { text },
            Ok(SttEvent::Final(transcript)) => Input::Final {
                text: transcript.text,
            },
            Err(error) => return failure_of(&error),
        };
        if reports
            .send(Report::Heard { listener, input })
            .await
            .is_err()
        {
            break;
        }
    }
    Failure::Unavailable
}

const fn failed(stage: Stage, failure: Failure) -> Input {
    Input::ListeningFailed { stage, failure }
}

const fn failure_of(error: &SttError) -> Failure {
    match error {
        SttError::Timeout(_) => Failure::Timeout,
        SttError::Unavailable => Failure::Unavailable,
        SttError::Unauthorized | SttError::RateLimited(_) | SttError::UnsupportedLanguage(_) => {
            Failure::Refused
        }
        SttError::Protocol => Failure::Nonsense,
    }
}

/// VAD counts samples; the machine counts time.
fn to_input(event: VadEvent, position: u64, now: Time) -> Input {
    let at = |since: u64| now - RATE.duration(position.saturating_sub(since));
    match event {
        VadEvent::SpeechStarted { since } => Input::SpeechStarted { since: at(since) },
        VadEvent::SpeechEnded { since } => Input::SpeechEnded { since: at(since) },
    }
}
