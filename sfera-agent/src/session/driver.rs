//! The one loop of a session: everything that happens becomes an input, every effect is carried out.

use super::{
    SessionBuilder, SessionEvent, SessionEventKind, StartError,
    acting::Hands,
    command::Command,
    latency::Latencies,
    listening::{Ears, EarsParts},
    recording::Recorder,
    report::{Report, Tasks},
    thinking::{Mind, MindParts},
    voicing::Voice,
};
use crate::{
    audio::{Frame, LevelMeter},
    llm::Grounding,
    playout::{Playout, PlayoutEvent},
    stt::SttOptions,
    turn::{CloseReason, Effect, Event, Failure, Input, Machine, Stage, Time},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::{Instant, sleep_until},
};

/// Drives one machine.
pub(super) struct Driver {
    machine: Machine,
    began: Instant,
    input: Option<mpsc::Receiver<Frame>>,
    commands: Option<mpsc::Receiver<Command>>,
    reports: mpsc::Receiver<Report>,
    events: broadcast::Sender<SessionEvent>,
    tasks: Tasks,
    ears: Ears,
    mind: Mind,
    hands: Hands,
    voice: Voice,
    playout: Playout,
    level: LevelMeter,
    latencies: Latencies,
    recorder: Option<Recorder>,
    /// When the ears are to be started anew.
    restart_at: Option<Instant>,
    ended: Option<CloseReason>,
    /// Replies cut short so far.
    interruptions: u64,
}

/// What woke the loop.
enum Woken {
    Frame(Option<Frame>),
    Command(Option<Command>),
    Report(Report),
    Playout,
    Restart,
    Deadline,
}

impl Driver {
    /// How often the input's level is told.
    const LEVEL: Duration = Duration::from_millis(100);

    pub(super) fn new(
        builder: SessionBuilder,
        input: mpsc::Receiver<Frame>,
        commands: mpsc::Receiver<Command>,
        playout: Playout,
        events: broadcast::Sender<SessionEvent>,
    ) -> Result<Self, StartError> {
        let (tasks, reports) = Tasks::new();
        let options = Arc::new(builder.options);
        let language = options.turn.language;
        let ears = EarsParts {
            vad: builder.providers.vad,
            stt: builder.providers.stt,
            vad_options: options.vad.clone(),
            stt_options: SttOptions {
                language,
                hints: options.hints.clone(),
            },
        };
        let mind = MindParts {
            llm: builder.providers.llm,
            grounding: Grounding {
                memory: builder.memory,
                knowledge: builder.knowledge,
                budget: options.recall_budget,
                limit: options.recall_limit,
                ..Grounding::default()
            },
            options: options.clone(),
        };
        let mut machine = Machine::new(options.turn.clone());
        machine.restore_history(builder.history);
        Ok(Self {
            machine,
            began: Instant::now(),
            input: Some(input),
            commands: Some(commands),
            reports,
            events,
            ears: Ears::new(ears, &tasks)?,
            mind: Mind::new(mind),
            hands: Hands::new(builder.tools, language, options.user.clone()),
            voice: Voice::new(builder.providers.tts, playout.clone(), language),
            tasks,
            playout,
            level: LevelMeter::new(Self::LEVEL),
            latencies: Latencies::default(),
            recorder: builder.recorder,
            restart_at: None,
            ended: None,
            interruptions: 0,
        })
    }

    pub(super) async fn run(mut self) -> CloseReason {
        self.tell(Input::Tick);
        self.hands.recall_doubts(&self.tasks);
        let reason = loop {
            if let Some(reason) = self.ended {
                break reason;
            }
            match self.wake().await {
                Woken::Frame(Some(frame)) => self.hear(&frame),
                Woken::Frame(None) => self.input = None,
                Woken::Command(Some(Command::Input(input))) => self.tell(input),
                Woken::Command(Some(Command::UserInterrupt(answer))) => {
                    self.user_interrupts(answer)
                }
                // Nobody can close the session any more: it closes itself.
                Woken::Command(None) => {
                    self.commands = None;
                    self.tell(Input::Close { drain: false });
                }
                Woken::Report(report) => self.take(report),
                Woken::Playout => self.follow_playout(),
                Woken::Restart => self.restart_ears(),
                Woken::Deadline => self.tell(Input::Tick),
            }
        };
        self.voice.cancel();
        self.mind.close().await;
        reason
    }

    async fn wake(&mut self) -> Woken {
        let deadline = self
            .machine
            .deadline()
            .map(|at| self.began + at.since_start());
        let restart = self.restart_at;
        tokio::select! {
            command = receive(self.commands.as_mut()) => Woken::Command(command),
            Some(report) = self.reports.recv() => Woken::Report(report),
            () = self.playout.moved() => Woken::Playout,
            frame = receive(self.input.as_mut()) => Woken::Frame(frame),
            () = until(restart) => Woken::Restart,
            () = until(deadline) => Woken::Deadline,
        }
    }

    /// Whoever asked may have gone; the agent falls silent all the same.
    fn user_interrupts(&mut self, answer: oneshot::Sender<bool>) {
        let before = self.interruptions;
        self.tell(Input::UserInterrupt);
        let _gone = answer.send(self.interruptions > before);
    }

    fn now(&self) -> Time {
        Time::after(self.began.elapsed())
    }

    /// Tells the machine something and does what it wants.
    fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.now();
            if let Some(recorder) = &mut self.recorder {
                recorder.record_input(now, &input);
            }
            let metrics = self.latencies.input(now, &input);
            self.machine.handle(now, input);
            while let Some(effect) = self.machine.poll_effect() {
                if let Some(recorder) = &mut self.recorder {
                    recorder.record_effect(now, &effect);
                }
                self.latencies.effect(now, &effect);
                inputs.extend(self.carry_out(now, effect));
            }
            if let Some(metrics) = metrics {
                self.announce(now, SessionEventKind::Metrics { metrics });
            }
        }
    }

    /// Carries out an effect. What is known of it at once is given back as the next input.
    fn carry_out(&mut self, now: Time, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Generate {
                reply,
                step,
                tools,
                messages,
                ..
            } => {
                for citation in self.hands.citations(&messages) {
                    self.announce(now, SessionEventKind::Citation { reply, citation });
                }
                let specs = if tools {
                    self.hands.specs()
                } else {
                    Vec::new()
                };
                self.mind
                    .generate((reply, step), messages, specs, &self.tasks);
            }
            Effect::CancelLlm { reply } => self.mind.cancel(reply),
            Effect::Speak { segment, text, .. } => self.voice.speak(segment, text, &self.tasks),
            Effect::CancelTts => self.voice.cancel(),
            Effect::PausePlayout => self.playout.pause(),
            Effect::ResumePlayout => self.playout.resume(),
            Effect::ClearPlayout => {
                return Some(Input::PlayoutCleared {
                    at: self.playout.clear(),
                });
            }
            Effect::RunTool { call, confirmed } => self.hands.run(call, confirmed, &self.tasks),
            Effect::CancelTool { id } => return self.hands.cancel(&id),
            Effect::RestartListening => {
                self.restart_at = Some(Instant::now() + self.ears.pause());
            }
            Effect::Emit(event) => self.emit(now, event),
            Effect::Shutdown => {
                self.ended.get_or_insert(CloseReason::Requested);
            }
        }
        None
    }

    fn emit(&mut self, now: Time, event: Event) {
        match &event {
            Event::ReplyEnded {
                reply, user, heard, ..
            } => {
                self.mind.remember(*reply, user, heard);
            }
            Event::InterruptionConfirmed => self.interruptions += 1,
            Event::Closed { reason } => self.ended = Some(*reason),
            _ => {}
        }
        self.announce(now, SessionEventKind::Turn(event));
    }

    fn announce(&self, at: Time, kind: SessionEventKind) {
        // Nobody need listen.
        let _listeners = self.events.send(SessionEvent { at, kind });
    }

    fn hear(&mut self, frame: &Frame) {
        let now = self.now();
        if let Some(level) = self.level.push(frame) {
            self.announce(
                now,
                SessionEventKind::InputLevel {
                    dbfs: level.rms_dbfs,
                },
            );
        }
        let mut inputs = Vec::new();
        self.ears.hear(frame, now, &mut inputs);
        for input in inputs {
            self.tell(input);
        }
    }

    fn take(&mut self, report: Report) {
        match report {
            Report::Heard { listener, input } => {
                if let Some(input) = self.ears.accept(listener, input) {
                    self.tell(input);
                }
            }
            Report::FirstSound(segment) => self.latencies.first_sound(self.now(), segment),
            Report::Citation { reply, citation } => {
                self.announce(self.now(), SessionEventKind::Citation { reply, citation });
            }
            Report::Call { reply, step, call } => {
                let treatment = self.hands.treatment(&call);
                self.tell(Input::LlmToolCall {
                    reply,
                    step,
                    call,
                    treatment,
                });
            }
            Report::Progress { id, text } => {
                let kind = SessionEventKind::ToolProgress { id, progress: text };
                self.announce(self.now(), kind);
            }
            Report::Input(input) => self.take_input(input),
        }
    }

    fn take_input(&mut self, input: Input) {
        let segment = match &input {
            Input::TtsDone { segment, .. } | Input::TtsFailed { segment, .. } => Some(*segment),
            _ => None,
        };
        self.tell(input);
        // Only now may playout end the segment: the machine must know first that it is broken.
        if let Some(segment) = segment {
            self.playout.finish(segment);
            self.voice.ended(segment, &self.tasks);
        }
    }

    fn follow_playout(&mut self) {
        for event in self.playout.take_events() {
            self.tell(match event {
                PlayoutEvent::Started(segment) => Input::SegmentStarted { segment },
                PlayoutEvent::Progress(at) => Input::Progress { at },
                PlayoutEvent::Played(segment) => Input::SegmentPlayed { segment },
            });
        }
    }

    fn restart_ears(&mut self) {
        self.restart_at = None;
        if self.ears.restart(&self.tasks).is_err() {
            self.tell(Input::ListeningFailed {
                stage: Stage::Vad,
                failure: Failure::Unavailable,
            });
        }
    }
}

/// The next item; never, if there is no queue.
async fn receive<T>(queue: Option<&mut mpsc::Receiver<T>>) -> Option<T> {
    match queue {
        Some(queue) => queue.recv().await,
        None => std::future::pending().await,
    }
}

/// Waits until then; for ever, if there is no such moment.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
