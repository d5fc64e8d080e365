//! Keeps one stream alive over several streams of providers: what retry and fallback have in common.

use super::{Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions};
use futures::StreamExt;
use std::{collections::VecDeque, mem, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{self, Instant},
};
use tokio_stream::wrappers::ReceiverStream;

/// Input on its way to a provider, and events to the reader.
const CHANNEL: usize = 64;
/// Sound of unfinished utterances that can be replayed: 60 s at 16 kHz, 2 MB.
const REPLAY: usize = 60 * 16_000;
/// Sound kept from before speech begins: the VAD's padding, 0.6 s.
const PREFIX: usize = 9_600;
/// Events that wait for their reader. Interim texts among them are given up first.
const UNREAD: usize = 512;

/// One try.
pub(super) struct Attempt<S: ?Sized> {
    /// Whom to ask.
    pub(super) provider: Arc<S>,
    /// What to wait before.
    pub(super) pause: Duration,
}

/// Says whom to try next: given the failures since the last success, and the last of them. `None`
/// gives up with that error.
pub(super) type Next<S> = Box<dyn FnMut(usize, Option<&SttError>) -> Option<Attempt<S>> + Send>;

/// Listens through one attempt after another.
pub(super) async fn reopen<S: Stt + ?Sized + 'static>(
    input: SttInputStream,
    options: SttOptions,
    limit: Duration,
    next: Next<S>,
) -> Result<SttEventStream, SttError> {
    let mut relay = Relay {
        options,
        limit,
        next,
        failures: 0,
        tape: Tape::default(),
        owed: VecDeque::new(),
        outbox: VecDeque::new(),
    };
    // The first stream is opened here, so that an error can be the answer to the call.
    let open = relay.open(None).await?;
    let (sender, receiver) = mpsc::channel(CHANNEL);
    let mut task = JoinSet::new();
    task.spawn(relay.run(open, input, sender));
    let stream = ReceiverStream::new(receiver).map(move |event| {
        let _owned = &task;
        event
    });
    Ok(stream.boxed())
}

type Event = Result<SttEvent, SttError>;

/// A provider's stream.
struct Open {
    input: mpsc::Sender<SttInput>,
    events: SttEventStream,
}

struct Relay<S: ?Sized> {
    options: SttOptions,
    limit: Duration,
    next: Next<S>,
    failures: usize,
    tape: Tape,
    /// When each final text that is owed will be overdue.
    owed: VecDeque<Instant>,
    outbox: VecDeque<Event>,
}

impl<S: Stt + ?Sized> Relay<S> {
    /// Opens the next stream that can be opened.
    async fn open(&mut self, mut error: Option<SttError>) -> Result<Open, SttError> {
        loop {
            let Some(attempt) = (self.next)(self.failures, error.as_ref()) else {
                return Err(error.unwrap_or(SttError::Unavailable));
            };
            time::sleep(attempt.pause).await;
            let (input, receiver) = mpsc::channel(CHANNEL);
            let stream = ReceiverStream::new(receiver).boxed();
            let opening = attempt.provider.listen(stream, self.options.clone());
            match time::timeout(self.limit, opening).await {
                Ok(Ok(events)) => {
                    self.tape.rewind();
                    self.owed.clear();
                    return Ok(Open { input, events });
                }
                Ok(Err(failed)) => error = Some(failed),
                Err(_) => error = Some(SttError::Timeout(self.limit)),
            }
            self.failures += 1;
        }
    }

    async fn run(mut self, open: Open, mut input: SttInputStream, events: mpsc::Sender<Event>) {
        let (mut sink, mut source) = (Some(open.input), open.events);
        let mut hears = true;
        loop {
            if !hears && self.tape.is_played() {
                sink = None;
            }
            let overdue = self.owed.front().copied();
            let step = tokio::select! {
                item = input.next(), if hears => {
                    match item {
                        Some(item) => self.tape.record(item),
                        None => hears = false,
                    }
                    Step::GoOn
                }
                permit = room(&sink), if !self.tape.is_played() => match permit {
                    Some(permit) => self.play(permit),
                    None => Step::Deaf,
                },
                event = source.next() => match event {
                    Some(Ok(event)) => self.heard(event),
                    Some(Err(error)) => Step::Failed(error),
                    None if !hears && self.tape.is_done() => Step::Done,
                    None => Step::Failed(SttError::Unavailable),
                },
                () = until(overdue), if overdue.is_some() => {
                    Step::Failed(SttError::Timeout(self.limit))
                }
                permit = events.reserve(), if !self.outbox.is_empty() => {
                    let (Ok(permit), Some(event)) = (permit, self.outbox.pop_front()) else {
                        return;
                    };
                    permit.send(event);
                    Step::GoOn
                }
                () = events.closed() => return,
            };
            match step {
                Step::GoOn => {}
                Step::Deaf => sink = None,
                Step::Done => return self.flush(&events).await,
                Step::Failed(error) => {
                    let again = tokio::select! {
                        again = self.open_again(error) => again,
                        () = events.closed() => return,
                    };
                    match again {
                        Ok(open) => (sink, source) = (Some(open.input), open.events),
                        Err(error) => {
                            self.outbox.push_back(Err(error));
                            return self.flush(&events).await;
                        }
                    }
                }
            }
        }
    }

    async fn open_again(&mut self, error: SttError) -> Result<Open, SttError> {
        self.failures += 1;
        tracing::debug!(%error, failures = self.failures, "a recogniser's stream broke");
        self.open(Some(error)).await
    }

    fn play(&mut self, permit: mpsc::Permit<'_, SttInput>) -> Step {
        if let Some(item) = self.tape.play() {
            if item == SttInput::SpeechEnded {
                self.owed.push_back(Instant::now() + self.limit);
            }
            permit.send(item);
        }
        Step::GoOn
    }

    fn heard(&mut self, event: SttEvent) -> Step {
        if matches!(event, SttEvent::Final(_)) {
            self.failures = 0;
            // A final text that is not owed is of a service with an endpointer of its own: what was
            // said up to here is done.
            let owed = self.owed.pop_front().is_some();
            self.tape.forget(owed);
        }
        let stale = matches!(self.outbox.back(), Some(Ok(SttEvent::Interim(_))));
        if stale || self.outbox.len() >= UNREAD {
            self.outbox.pop_back();
        }
        self.outbox.push_back(Ok(event));
        Step::GoOn
    }

    async fn flush(&mut self, events: &mpsc::Sender<Event>) {
        for event in mem::take(&mut self.outbox) {
            if events.send(event).await.is_err() {
                return;
            }
        }
    }
}

/// What follows from what happened.
enum Step {
    GoOn,
    /// The provider let go of its input; its events will say why.
    Deaf,
    Failed(SttError),
    Done,
}

async fn room(sink: &Option<mpsc::Sender<SttInput>>) -> Option<mpsc::Permit<'_, SttInput>> {
    match sink {
        Some(input) => input.reserve().await.ok(),
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The input since the last finished utterance, and how far it is played to the provider.
#[derive(Default)]
struct Tape {
    items: VecDeque<SttInput>,
    played: usize,
    /// Samples on the tape.
    samples: usize,
    speaking: bool,
}

impl Tape {
    fn record(&mut self, item: SttInput) {
        match &item {
            SttInput::Audio(frame) => self.samples += frame.samples().len(),
            SttInput::SpeechStarted => self.speaking = true,
            SttInput::SpeechEnded => self.speaking = false,
        }
        self.items.push_back(item);
        self.trim();
    }

    /// The next item for the provider.
    fn play(&mut self) -> Option<SttInput> {
        let item = self.items.get(self.played).cloned();
        self.played += usize::from(item.is_some());
        self.trim();
        item
    }

    fn rewind(&mut self) {
        self.played = 0;
    }

    /// Whether the provider has all of it.
    fn is_played(&self) -> bool {
        self.played == self.items.len()
    }

    /// Whether no utterance on it awaits its final text.
    fn is_done(&self) -> bool {
        !self.items.contains(&SttInput::SpeechEnded)
    }

    /// Forgets what has its final text: the first utterance, or, where its end is still to come, the
    /// sound of it that was played.
    fn forget(&mut self, ended: bool) {
        let end = self
            .items
            .iter()
            .position(|item| *item == SttInput::SpeechEnded);
        let count = match (ended, end) {
            (true, Some(end)) => end + 1,
            (true, None) => 0,
            (false, _) => self.played,
        };
        let mut kept = VecDeque::new();
        for item in self.items.drain(..count.min(self.played)) {
            match item {
                SttInput::Audio(frame) => self.samples -= frame.samples().len(),
                SttInput::SpeechStarted if !ended => kept.push_back(item),
                SttInput::SpeechStarted | SttInput::SpeechEnded => {}
            }
        }
        self.played -= count.min(self.played);
        self.played += kept.len();
        kept.append(&mut self.items);
        self.items = kept;
    }

    /// Drops the oldest sound where there is more than is needed.
    fn trim(&mut self) {
        let marked = self.speaking || !self.is_done();
        while self.samples > if marked { REPLAY } else { PREFIX } {
            let oldest = self
                .items
                .iter()
                .position(|item| matches!(item, SttInput::Audio(_)));
            // Without an utterance on it, what has not been played may wait a while.
            let waits = |at: usize| !marked && at >= self.played && self.samples <= REPLAY;
            let Some(at) = oldest.filter(|&at| !waits(at)) else {
                return;
            };
            if let Some(SttInput::Audio(frame)) = self.items.remove(at) {
                self.samples -= frame.samples().len();
                self.played -= usize::from(at < self.played);
            }
        }
    }
}
