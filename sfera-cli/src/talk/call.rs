//! A running session with what belongs to it: its events, its remote control, its recording.

use crate::{
    error::{Error, FileError, Runtime},
    providers::Parts,
};
use sfera_agent::{
    audio::Frame,
    playout::PlayoutReader,
    session::{
        Session, SessionControl, SessionEvent,
        recording::{Header, Recorder},
    },
    turn::CloseReason,
};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
    time::timeout,
};

/// Frames between whoever listens and the session: a second of 20 ms frames.
const INPUT_FRAMES: usize = 50;

/// How long a session may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// A running session. Dropping it ends everything at once and leaves no recording.
pub struct Call {
    session: Session,
    control: SessionControl,
    events: broadcast::Receiver<SessionEvent>,
    recordings: JoinSet<io::Result<PathBuf>>,
    recording: Option<PathBuf>,
}

/// Where sound goes into a session and comes out.
pub struct Ends {
    /// What the user says, at the pace of real time.
    pub input: mpsc::Sender<Frame>,
    /// What the agent says.
    pub output: PlayoutReader,
}

impl Call {
    /// Starts a session, recorded into a file if one is named.
    pub async fn begin(parts: &Parts, recording: Option<&Path>) -> Result<(Self, Ends), Error> {
        let mut recordings = JoinSet::new();
        let mut builder = parts.session()?;
        if let Some(path) = recording {
            let header = Header::new(jiff::Timestamp::now(), parts.options.turn.clone());
            let recorder = Recorder::to_file(path, &header);
            let (recorder, writer) = recorder.map_err(|error| FileError::io(path, &error))?;
            recordings.spawn(writer.run());
            builder = builder.record(recorder);
        }
        let (input, frames) = mpsc::channel(INPUT_FRAMES);
        let cannot = |part| Error::Runtime(Runtime::Start(part));
        let mut session = builder.start(frames).map_err(|_| cannot("VAD"))?;
        let output = session.playout().ok_or(cannot("playout"))?;
        let call = Self {
            control: session.control(),
            events: session.events(),
            session,
            recordings,
            recording: recording.map(Path::to_owned),
        };
        Ok((call, Ends { input, output }))
    }

    /// The next event; `None` once the session has ended. Dropping the future loses nothing.
    pub async fn event(&mut self) -> Option<SessionEvent> {
        loop {
            match self.events.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// The session's remote control.
    pub const fn control(&self) -> &SessionControl {
        &self.control
    }

    /// Ends the session at once but in order, and completes the recording.
    pub async fn end(mut self) -> Result<(), Error> {
        // It may have ended by itself.
        let _ = self.control.close(false).await;
        let reason = timeout(FAREWELL, self.session.closed()).await;
        while let Some(written) = self.recordings.join_next().await {
            let path = self.recording.as_deref().unwrap_or(Path::new("–"));
            if let Ok(Err(error)) = written {
                return Err(FileError::io(path, &error).into());
            }
        }
        match reason {
            Ok(Ok(CloseReason::TooManyFailures)) => Err(Runtime::TooManyFailures.into()),
            _ => Ok(()),
        }
    }
}
