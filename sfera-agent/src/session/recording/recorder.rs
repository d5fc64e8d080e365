use super::{Header, Line, LineKind, Recording, file::PartFile};
use crate::turn::{Effect, Input, Time};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// Lines that wait for the writer, at most.
const QUEUE: usize = 4_096;

/// Lines the writer takes to the disk in one go, at most.
const BATCH: usize = 256;

/// Takes down what a session's machine is told and what it wants. Neither call ever waits: where the
/// disk is too slow or the buffer full, lines are dropped and the recording says how many.
///
/// A recorder that is dropped has finished: the [`RecordingWriter`] then completes the file.
#[derive(Debug)]
pub struct Recorder {
    sink: Sink,
    dropped: u64,
    last: Time,
}

#[derive(Debug)]
enum Sink {
    File(mpsc::Sender<Line>),
    Memory {
        recording: Box<Recording>,
        limit: usize,
    },
}

impl Recorder {
    /// Records into a file. The returned writer does the work: its owner runs
    /// [`RecordingWriter::run`] beside the session.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn to_file(path: &Path, header: &Header) -> io::Result<(Self, RecordingWriter)> {
        let mut file = PartFile::create(path)?;
        file.line(header)?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let recorder = Self {
            sink: Sink::File(sender),
            dropped: 0,
            last: Time::ZERO,
        };
        let writer = RecordingWriter {
            receiver,
            file,
            path: path.to_owned(),
        };
        Ok((recorder, writer))
    }

    /// Records into memory, at most `limit` lines.
    #[must_use]
    pub fn in_memory(header: Header, limit: usize) -> Self {
        let recording = Box::new(Recording {
            header,
            lines: Vec::new(),
        });
        Self {
            sink: Sink::Memory { recording, limit },
            dropped: 0,
            last: Time::ZERO,
        }
    }

    /// Takes down an input, before the machine gets it.
    pub fn record_input(&mut self, now: Time, input: &Input) {
        self.record(now, || LineKind::Input(input.clone()));
    }

    /// Takes down an effect, as it is polled.
    pub fn record_effect(&mut self, now: Time, effect: &Effect) {
        self.record(now, || LineKind::Effect(effect.clone()));
    }

    /// What was recorded into memory so far; `None` if this recorder writes a file.
    #[must_use]
    pub fn recording(&self) -> Option<Recording> {
        let Sink::Memory { recording, .. } = &self.sink else {
            return None;
        };
        let mut recording = Recording::clone(recording);
        if self.dropped > 0 {
            let (at, kind) = (self.last, LineKind::Dropped(self.dropped));
            recording.lines.push(Line { at, kind });
        }
        Some(recording)
    }

    fn record(&mut self, at: Time, kind: impl FnOnce() -> LineKind) {
        self.last = at;
        let kept = match &mut self.sink {
            Sink::File(sender) => send(sender, at, self.dropped, kind),
            Sink::Memory { recording, limit } if recording.lines.len() < *limit => {
                recording.lines.push(Line { at, kind: kind() });
                true
            }
            Sink::Memory { .. } => false,
        };
        self.dropped = match (&self.sink, kept) {
            (Sink::File(_), true) => 0,
            (_, true) => self.dropped,
            (_, false) => self.dropped + 1,
        };
    }
}

/// Whether the line found room, together with the note about those that did not.
fn send(
    sender: &mpsc::Sender<Line>,
    at: Time,
    dropped: u64,
    kind: impl FnOnce() -> LineKind,
) -> bool {
    let lines = 1 + usize::from(dropped > 0);
    let Ok(mut permits) = sender.try_reserve_many(lines) else {
        return false;
    };
    if dropped > 0
        && let Some(permit) = permits.next()
    {
        let kind = LineKind::Dropped(dropped);
        permit.send(Line { at, kind });
    }
    if let Some(permit) = permits.next() {
        permit.send(Line { at, kind: kind() });
    }
    true
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A note about lines lost at the very end is worth one more try, though not a wait.
        if let (Sink::File(sender), 1..) = (&self.sink, self.dropped) {
            let kind = LineKind::Dropped(self.dropped);
            let at = self.last;
            let _ = sender.try_send(Line { at, kind });
        }
    }
}

/// Brings a recording to the disk, a batch at a time on a blocking thread, flushing after each.
///
/// Until [`RecordingWriter::run`] has ended, the file is called `NAME.part`; if the writer is dropped
/// before, that file is deleted.
#[derive(Debug)]
#[must_use = "nothing is written unless the writer runs"]
pub struct RecordingWriter {
    receiver: mpsc::Receiver<Line>,
    file: PartFile,
    path: PathBuf,
}

impl RecordingWriter {
    /// Writes until the recorder is dropped, then completes the file and answers with its path.
    ///
    /// # Errors
    /// If the disk is full or gone; nothing is left behind then.
    pub async fn run(mut self) -> io::Result<PathBuf> {
        let mut batch = Vec::with_capacity(BATCH);
        while self.receiver.recv_many(&mut batch, BATCH).await > 0 {
            let (file, lines) = (self.file, std::mem::take(&mut batch));
            let written = tokio::task::spawn_blocking(move || write(file, lines)).await?;
            (self.file, batch) = written?;
        }
        let file = self.file;
        tokio::task::spawn_blocking(move || file.finish()).await??;
        Ok(self.path)
    }
}

fn write(mut file: PartFile, mut lines: Vec<Line>) -> io::Result<(PartFile, Vec<Line>)> {
    for line in lines.drain(..) {
        file.line(&line)?;
    }
    file.flush()?;
    Ok((file, lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::recording::RecordingError,
        turn::{Event, TurnOptions, UserState},
    };

    fn header() -> Header {
        Header::new(jiff::Timestamp::UNIX_EPOCH, TurnOptions::default())
    }

    fn effect() -> Effect {
        let state = UserState::Speaking;
        Effect::Emit(Event::UserState { state })
    }

    #[tokio::test]
    async fn a_file_appears_when_the_recorder_is_gone_and_reads_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.jsonl");
        let (mut recorder, writer) = Recorder::to_file(&path, &header()).unwrap();
        let text = "Привет, \"мир\" <&>\n".to_owned();
        recorder.record_input(Time::from_millis(1), &Input::Typed { text: text.clone() });
        recorder.record_effect(Time::from_millis(1), &effect());
        assert!(!path.exists(), "an unfinished recording has no name yet");
        drop(recorder);
        assert_eq!(writer.run().await.unwrap(), path);

        let recording = Recording::read(&path).unwrap();
        assert_eq!(recording.header, header());
        let at = Time::from_millis(1);
        let kinds = [
            LineKind::Input(Input::Typed { text }),
            LineKind::Effect(effect()),
        ];
        let lines: Vec<Line> = kinds.map(|kind| Line { at, kind }).into();
        assert_eq!(recording.lines, lines);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_writer_that_never_ran_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.jsonl");
        drop(Recorder::to_file(&path, &header()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn lines_beyond_the_queue_are_dropped_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.jsonl");
        let (mut recorder, writer) = Recorder::to_file(&path, &header()).unwrap();
        for n in 0..QUEUE as u64 + 7 {
            recorder.record_input(Time::from_millis(n), &Input::Tick);
        }
        let mut running = tokio::task::JoinSet::new();
        running.spawn(writer.run());
        while recorder.dropped > 0 {
            tokio::task::yield_now().await;
            let later = Time::from_millis(1_000_000);
            recorder.record_input(later, &Input::Interrupt);
        }
        drop(recorder);
        running.join_next().await.unwrap().unwrap().unwrap();
        let recording = Recording::read(&path).unwrap();
        assert!(recording.dropped() >= 7);
        let last = recording.lines.last().unwrap();
        assert_eq!(last.kind, LineKind::Input(Input::Interrupt));
    }

    #[test]
    fn a_full_buffer_says_how_much_is_missing() {
        let mut recorder = Recorder::in_memory(header(), 2);
        for n in 0..5 {
            recorder.record_input(Time::from_millis(n), &Input::Tick);
        }
        let recording = recorder.recording().unwrap();
        assert_eq!(recording.lines.len(), 3);
        assert_eq!(recording.dropped(), 3);
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let head = serde_json::to_string(&header()).unwrap();
        let read = |text: String| Recording::parse(text.as_bytes());
        let tick = r#"{"at":5,"input":{"type":"tick"}}"#;
        assert!(read(format!("{head}\n{tick}\n")).is_ok());
        assert!(matches!(read(String::new()), Err(RecordingError::Empty)));
        assert!(matches!(
            read("{}\n".into()),
            Err(RecordingError::NotARecording)
        ));
        let newer = head.replacen("\"sfera_recording\":1", "\"sfera_recording\":9", 1);
        assert!(matches!(
            read(newer),
            Err(RecordingError::Version { found: 9 })
        ));
        let cut = format!("{head}\n{tick}\n{}", &tick[..20]);
        assert!(matches!(
            read(cut),
            Err(RecordingError::Damaged { line: 3, .. })
        ));
        let back = format!("{head}\n{tick}\n{}", tick.replace('5', "4"));
        assert!(matches!(
            read(back),
            Err(RecordingError::OutOfOrder { line: 3 })
        ));
    }
}
