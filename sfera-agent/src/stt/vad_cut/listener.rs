use super::{
    super::{Recognizer, SttError, SttEvent, SttInput, SttInputStream, SttOptions, Transcript},
    outbox::Outbox,
    speech::Speech,
};
use crate::audio::{Frame, SampleRate};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use std::{collections::VecDeque, mem, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::sleep};

/// Audio kept from before speech began: the VAD's 0.5 s of padding and what it needed to decide.
const PREFIX: usize = 9_600;
/// After this long without input nothing more is awaited of it: the microphone may be off.
const STALLED: Duration = Duration::from_millis(300);
/// Pieces that wait for the recogniser.
const BACKLOG: usize = 8;

/// A piece of an utterance that awaits its final text.
struct Piece {
    sound: Sound,
    /// Whether the utterance ends with it.
    last: bool,
}

enum Sound {
    /// To be recognised.
    Unknown(Frame),
    /// Already recognised, or nothing.
    Known(Transcript),
}

/// What the recogniser is working on.
enum Aim {
    /// The text so far of the first so many samples.
    Guess(usize),
    /// The final text of a piece; whether the utterance ends with it.
    Piece(bool),
}

struct Work {
    aim: Aim,
    answer: BoxFuture<'static, Result<Transcript, SttError>>,
}

/// Listens to one stream.
pub(super) struct Listener<R: ?Sized> {
    recognizer: Arc<R>,
    options: SttOptions,
    prefix: Vec<i16>,
    speech: Option<Speech>,
    pieces: VecDeque<Piece>,
    work: Option<Work>,
    /// Texts of the pieces done of an utterance that is not.
    texts: Vec<Transcript>,
    shown: String,
    outbox: Outbox,
    hears: bool,
}

impl<R: Recognizer + ?Sized + 'static> Listener<R> {
    pub(super) fn new(recognizer: Arc<R>, options: SttOptions) -> Self {
        Self {
            recognizer,
            options,
            prefix: Vec::new(),
            speech: None,
            pieces: VecDeque::new(),
            work: None,
            texts: Vec::new(),
            shown: String::new(),
            outbox: Outbox::default(),
            hears: true,
        }
    }

    /// Listens until the input ends and all is said, something failed, or nobody listens to it.
    pub(super) async fn run(
        mut self,
        mut input: SttInputStream,
        events: mpsc::Sender<Result<SttEvent, SttError>>,
    ) {
        loop {
            self.start_work();
            let reads = self.hears && self.pieces.len() < BACKLOG;
            let rests = reads && self.rests();
            if !self.hears && self.work.is_none() && self.outbox.is_empty() {
                return;
            }
            tokio::select! {
                item = input.next(), if reads => self.hear(item),
                () = sleep(STALLED), if rests => self.finish(),
                answer = answer(&mut self.work), if self.work.is_some() => self.answered(answer),
                permit = events.reserve(), if !self.outbox.is_empty() => {
                    let (Ok(permit), Some(event)) = (permit, self.outbox.pop()) else { return };
                    permit.send(event);
                }
                () = events.closed() => return,
            }
        }
    }

    fn hear(&mut self, item: Option<SttInput>) {
        match item {
            Some(SttInput::Audio(frame)) if frame.rate() != SampleRate::HZ_16000 => {
                self.fail(SttError::Protocol);
            }
            Some(SttInput::Audio(frame)) => self.audio(frame.samples()),
            Some(SttInput::SpeechStarted) => self.begin(),
            Some(SttInput::SpeechEnded) => self.end(),
            None => {
                self.hears = false;
                if self.rests() {
                    self.finish();
                }
                self.speech = None;
                self.abandon_guess();
            }
        }
    }

    fn audio(&mut self, samples: &[i16]) {
        let Some(speech) = &mut self.speech else {
            return keep_last(&mut self.prefix, samples);
        };
        speech.utterance.push(samples);
        if speech.is_over() {
            self.finish();
        } else if let Some(frame) = speech.cut() {
            self.abandon_guess();
            self.await_text(Sound::Unknown(frame), false);
        }
    }

    fn begin(&mut self) {
        if let Some(speech) = &mut self.speech {
            if speech.ended.take().is_some() {
                // What was said before the pause is told with what follows it.
                self.await_text(Sound::Known(Transcript::default()), true);
            }
            return;
        }
        self.speech = Some(Speech::new(&mem::take(&mut self.prefix)));
    }

    fn end(&mut self) {
        if self.rests() {
            self.finish();
        }
        let guessing = self.guessing();
        let Some(speech) = &mut self.speech else {
            return self.await_text(Sound::Known(Transcript::default()), true);
        };
        speech.ended = Some(speech.utterance.len());
        if speech.is_over() {
            return self.finish();
        }
        if guessing.is_some_and(|length| !speech.is_covered_by(length)) {
            self.work = None;
        }
    }

    /// Whether speech has ended, but may go on.
    fn rests(&self) -> bool {
        self.speech.as_ref().is_some_and(|s| s.ended.is_some())
    }

    /// The utterance is over: its text is the guess of it all, if there is one.
    fn finish(&mut self) {
        let Some(mut speech) = self.speech.take() else {
            return;
        };
        let ended = speech.ended.unwrap_or(speech.utterance.len());
        keep_last(&mut self.prefix, &speech.utterance.split_off(ended));
        if let Some((length, text)) = speech.guess.take()
            && speech.is_covered_by(length)
        {
            self.abandon_guess();
            return self.await_text(Sound::Known(text), true);
        }
        let covers = |length| speech.is_covered_by(length);
        if self.guessing().is_some_and(covers)
            && let Some(work) = &mut self.work
        {
            // The guess on its way is of all that was said.
            work.aim = Aim::Piece(true);
            return;
        }
        self.abandon_guess();
        self.await_text(Sound::Unknown(speech.utterance.frame()), true);
    }

    fn await_text(&mut self, sound: Sound, last: bool) {
        self.pieces.push_back(Piece { sound, last });
    }

    /// The samples that the guess on its way is of.
    fn guessing(&self) -> Option<usize> {
        match self.work.as_ref()?.aim {
            Aim::Guess(length) => Some(length),
            Aim::Piece(_) => None,
        }
    }

    fn abandon_guess(&mut self) {
        if self.guessing().is_some() {
            self.work = None;
        }
    }

    /// Gives the recogniser the next thing to do: finals first, then a guess if it is time for one.
    fn start_work(&mut self) {
        if !self.pieces.is_empty() {
            self.abandon_guess();
        }
        while self.work.is_none()
            && let Some(Piece { sound, last }) = self.pieces.pop_front()
        {
            match sound {
                Sound::Known(text) => self.piece_done(text, last),
                Sound::Unknown(frame) => self.work = Some(self.ask(frame, Aim::Piece(last))),
            }
        }
        if self.work.is_some() {
            return;
        }
        let Some(speech) = self.speech.as_mut().filter(|speech| speech.wants_a_guess()) else {
            return;
        };
        let length = speech.utterance.len();
        speech.guessed_at = length;
        let frame = speech.utterance.frame();
        self.work = Some(self.ask(frame, Aim::Guess(length)));
    }

    fn ask(&self, frame: Frame, aim: Aim) -> Work {
        let (recognizer, options) = (self.recognizer.clone(), self.options.clone());
        let answer = async move { recognizer.recognize(frame, &options).await };
        Work {
            aim,
            answer: answer.boxed(),
        }
    }

    fn answered(&mut self, answer: Result<Transcript, SttError>) {
        match (self.work.take().map(|work| work.aim), answer) {
            (Some(Aim::Piece(last)), Ok(text)) => self.piece_done(text, last),
            (Some(Aim::Piece(_)), Err(error)) => self.fail(error),
            (Some(Aim::Guess(length)), Ok(text)) => self.guessed(length, text),
            (Some(Aim::Guess(_)), Err(error)) => {
                tracing::debug!(%error, "no interim text");
            }
            (None, _) => {}
        }
    }

    fn guessed(&mut self, length: usize, text: Transcript) {
        let Some(speech) = &mut self.speech else {
            return;
        };
        let before = self.texts.iter().map(|t| t.text.as_str());
        let so_far = join(before.chain([text.text.as_str()]));
        speech.guess = Some((length, text));
        if !so_far.is_empty() && so_far != self.shown {
            self.shown.clone_from(&so_far);
            self.outbox.interim(so_far);
        }
    }

    fn piece_done(&mut self, text: Transcript, last: bool) {
        self.texts.push(text);
        if !last {
            return;
        }
        self.shown.clear();
        let texts = mem::take(&mut self.texts);
        if !self.outbox.finish(whole(&texts)) {
            self.fail(SttError::Unavailable);
        }
    }

    fn fail(&mut self, error: SttError) {
        self.outbox.fail(error);
        self.hears = false;
        self.speech = None;
        self.work = None;
        self.pieces.clear();
    }
}

/// Appends to a beginning kept, of which only the last [`PREFIX`] samples count.
fn keep_last(prefix: &mut Vec<i16>, samples: &[i16]) {
    prefix.extend_from_slice(samples);
    let surplus = prefix.len().saturating_sub(PREFIX);
    prefix.drain(..surplus);
}

/// The answer of the work at hand; never without any.
async fn answer(work: &mut Option<Work>) -> Result<Transcript, SttError> {
    match work {
        Some(work) => (&mut work.answer).await,
        None => std::future::pending().await,
    }
}

/// One transcript of many: texts joined, the mean of what confidence there is.
fn whole(texts: &[Transcript]) -> Transcript {
    let known: Vec<f32> = texts.iter().filter_map(|t| t.confidence).collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    Transcript {
        text: join(texts.iter().map(|t| t.text.as_str())),
        confidence: (!known.is_empty()).then_some(mean),
    }
}

fn join<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts = texts.map(str::trim).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}
