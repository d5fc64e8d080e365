use crate::stt::{
    Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
};
use async_trait::async_trait;
use futures::StreamExt;
use std::{
    collections::VecDeque,
    future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet, time};
use tokio_stream::wrappers::ReceiverStream;

/// Events on their way to a reader.
const EVENTS: usize = 16;

/// What a [`ScriptedStt`] makes of one utterance.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptedUtterance {
    /// Interim texts as soon as speech begins, and the final text so long after its end.
    Heard {
        /// The interim texts.
        interim: Vec<String>,
        /// The final text.
        text: String,
        /// How long it takes after the end of speech.
        after: Duration,
    },
    /// As many interim texts as are wanted, all different, then an empty final text.
    Babble(usize),
    /// The stream fails when speech ends.
    Fails(SttError),
    /// Nothing ever comes again.
    Hangs,
}

impl ScriptedUtterance {
    /// A final text as soon as speech ends, no interim ones.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Heard {
            interim: Vec::new(),
            text: text.to_owned(),
            after: Duration::ZERO,
        }
    }
}

/// Speech recognition that follows a script instead of its ears: one step an utterance, over all
/// streams of the object, and after the last one empty texts.
#[derive(Debug)]
pub struct ScriptedStt {
    name: &'static str,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    refusals: VecDeque<SttError>,
    script: VecDeque<ScriptedUtterance>,
    streams: usize,
    inputs: Vec<SttInput>,
}

impl Default for ScriptedStt {
    /// Hears nothing but empty texts.
    fn default() -> Self {
        Self::new([])
    }
}

impl ScriptedStt {
    /// Hears as scripted.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = ScriptedUtterance>) -> Self {
        let inner = Inner {
            script: script.into_iter().collect(),
            ..Inner::default()
        };
        Self {
            name: "scripted",
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// Refuses to listen with these errors, one a call, before it begins to follow the script.
    #[must_use]
    pub fn refusing(self, errors: impl IntoIterator<Item = SttError>) -> Self {
        lock(&self.inner).refusals.extend(errors);
        self
    }

    /// Takes a name of its own.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Streams it was asked for, refused ones too.
    #[must_use]
    pub fn streams(&self) -> usize {
        lock(&self.inner).streams
    }

    /// All that it heard, over all streams.
    #[must_use]
    pub fn inputs(&self) -> Vec<SttInput> {
        lock(&self.inner).inputs.clone()
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Stt for ScriptedStt {
    fn name(&self) -> &str {
        self.name
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let refused = {
            let mut inner = lock(&self.inner);
            inner.streams += 1;
            inner.refusals.pop_front()
        };
        if let Some(error) = refused {
            return Err(error);
        }
        let (events, receiver) = mpsc::channel(EVENTS);
        let listening = Listening {
            inner: self.inner.clone(),
            utterance: None,
            outbox: VecDeque::new(),
            hears: true,
        };
        let mut task = JoinSet::new();
        task.spawn(listening.run(input, events));
        let stream = ReceiverStream::new(receiver).map(move |event| {
            let _owned = &task;
            event
        });
        Ok(stream.boxed())
    }
}

type Event = Result<SttEvent, SttError>;

struct Listening {
    inner: Arc<Mutex<Inner>>,
    utterance: Option<ScriptedUtterance>,
    outbox: VecDeque<(time::Instant, Event)>,
    hears: bool,
}

impl Listening {
    async fn run(mut self, mut input: SttInputStream, events: mpsc::Sender<Event>) {
        while self.hears || !self.outbox.is_empty() {
            let due = self.outbox.front().map(|(due, _)| *due);
            tokio::select! {
                item = input.next(), if self.hears => self.hear(item),
                permit = room(due, &events) => {
                    let (Ok(permit), Some((_, event))) = (permit, self.outbox.pop_front()) else {
                        return;
                    };
                    permit.send(event);
                }
                () = events.closed() => return,
            }
        }
    }

    fn hear(&mut self, item: Option<SttInput>) {
        let Some(item) = item else {
            self.hears = false;
            return;
        };
        lock(&self.inner).inputs.push(item.clone());
        match item {
            SttInput::Audio(_) => {}
            SttInput::SpeechStarted => self.begin(),
            SttInput::SpeechEnded => self.end(),
        }
    }

    fn begin(&mut self) {
        let step = lock(&self.inner).script.pop_front();
        let step = step.unwrap_or(ScriptedUtterance::text(""));
        let interim: Vec<String> = match &step {
            ScriptedUtterance::Heard { interim, .. } => interim.clone(),
            ScriptedUtterance::Babble(count) => (0..*count).map(|n| format!("бла {n}")).collect(),
            ScriptedUtterance::Fails(_) | ScriptedUtterance::Hangs => Vec::new(),
        };
        for text in interim {
            self.send(Duration::ZERO, Ok(SttEvent::Interim(text)));
        }
        self.utterance = Some(step);
    }

    fn end(&mut self) {
        match self.utterance.take() {
            Some(ScriptedUtterance::Heard { text, after, .. }) => {
                self.send(after, final_text(text))
            }
            Some(ScriptedUtterance::Babble(_)) | None => {
                self.send(Duration::ZERO, final_text(String::new()));
            }
            Some(ScriptedUtterance::Fails(error)) => {
                self.send(Duration::ZERO, Err(error));
                self.hears = false;
            }
            Some(ScriptedUtterance::Hangs) => {
                let never = Duration::from_secs(365 * 24 * 3600);
                self.send(never, final_text(String::new()));
            }
        }
    }

    fn send(&mut self, after: Duration, event: Event) {
        self.outbox.push_back((time::Instant::now() + after, event));
    }
}

/// Room for the next event, when it is due.
async fn room(
    due: Option<time::Instant>,
    events: &mpsc::Sender<Event>,
) -> Result<mpsc::Permit<'_, Event>, mpsc::error::SendError<()>> {
    match due {
        Some(due) => time::sleep_until(due).await,
        None => future::pending().await,
    }
    events.reserve().await
}

fn final_text(text: String) -> Event {
    Ok(SttEvent::Final(Transcript {
        text,
        confidence: None,
    }))
}
