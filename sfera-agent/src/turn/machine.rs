//! The machine itself: its state, its timers and the way inputs go.

use super::{
    AgentState, CloseReason, Effect, EndOfTurn, Event, Input, ReplyId, SegmentId, Time,
    TrailingWords, TurnId, TurnOptions, UserState,
    asking::Asked,
    endpointing::Endpointer,
    history::History,
    ledger::Ledger,
    reply::{Origin, Reply},
    timers::Timer,
    utterance::Utterance,
};
use crate::llm::Message;
use std::{collections::VecDeque, fmt, sync::Arc};

/// The turn engine. Feed it with [`Machine::handle`], carry out what [`Machine::poll_effect`] gives,
/// and send [`Input::Tick`] when [`Machine::deadline`] is reached.
///
/// ```
/// use sfera_agent::turn::{Effect, Input, Machine, Time, TurnOptions};
///
/// let mut machine = Machine::new(TurnOptions::default());
/// machine.handle(Time::from_millis(10), Input::Typed { text: "Привет".into() });
/// let asks_llm = std::iter::from_fn(|| machine.poll_effect())
///     .any(|effect| matches!(effect, Effect::Generate { .. }));
/// assert!(asks_llm);
/// ```
pub struct Machine {
    pub(super) options: TurnOptions,
    pub(super) end_of_turn: Box<dyn EndOfTurn>,
    pub(super) now: Time,
    effects: VecDeque<Effect>,
    pub(super) state: AgentState,
    pub(super) user: UserState,
    pub(super) history: History,
    pub(super) ledger: Ledger,
    pub(super) endpointer: Endpointer,
    pub(super) utterance: Utterance,
    /// Whether the text so far sounds finished; kept because it is asked for at every input.
    pub(super) sounds_complete: bool,
    pub(super) overlap: Overlap,
    /// Text that was taken without waiting for its final form, which may yet come.
    pub(super) late_final: Option<String>,
    pub(super) suspicion: Option<Suspicion>,
    /// What the user was asked and has not answered.
    pub(super) asked: Option<Asked>,
    pub(super) speculation: Option<Reply>,
    pub(super) reply: Option<Reply>,
    pub(super) queue: VecDeque<Queued>,
    /// Everything the latest reply said, to know its echo.
    pub(super) last_said: String,
    /// When the agent was first heard.
    pub(super) first_sound: Option<Time>,
    /// Since when nobody has said anything.
    pub(super) quiet_since: Time,
    pub(super) failures: u32,
    pub(super) apologised_at: Option<Time>,
    pub(super) life: Life,
    next_reply: u32,
    next_segment: u32,
    next_turn: u32,
}

/// How the user's speech meets the agent's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Overlap {
    /// It began while a reply was on.
    pub(super) reply: bool,
    /// It began where the loudspeaker's echo is expected.
    pub(super) echo: bool,
}

/// The user may be interrupting: playout is paused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspicion {
    /// When their speech began.
    pub(super) since: Time,
    /// When it ended.
    pub(super) ended: Option<Time>,
}

/// What is said next.
#[derive(Debug)]
pub(super) enum Queued {
    /// An answer to the user's words, oldest first.
    Turn {
        turn: TurnId,
        texts: Vec<Arc<str>>,
        /// When the first of them began.
        since: Time,
    },
    /// What the host wants said.
    Say { text: Arc<str>, interruptible: bool },
    /// An apology.
    Apology { text: Arc<str> },
}

/// Where the session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    New,
    Open,
    Draining,
    Closed,
}

impl Machine {
    /// Things waiting to be said, at most; more are dropped.
    pub(super) const MAX_QUEUED: usize = 32;

    /// A machine with the default idea of when a turn is over.
    #[must_use]
    pub fn new(options: TurnOptions) -> Self {
        let end_of_turn = Box::new(TrailingWords(options.language));
        Self::with_end_of_turn(options, end_of_turn)
    }

    /// A machine that asks `end_of_turn` whether a text sounds finished.
    #[must_use]
    pub fn with_end_of_turn(options: TurnOptions, end_of_turn: Box<dyn EndOfTurn>) -> Self {
        Self {
            end_of_turn,
            now: Time::ZERO,
            effects: VecDeque::new(),
            state: AgentState::Initializing,
            user: UserState::Listening,
            history: History::new(options.max_history),
            ledger: Ledger::default(),
            endpointer: Endpointer::new(options.endpointing.clone()),
            utterance: Utterance::default(),
            sounds_complete: true,
            overlap: Overlap::default(),
            late_final: None,
            suspicion: None,
            asked: None,
            speculation: None,
            reply: None,
            queue: VecDeque::new(),
            last_said: String::new(),
            first_sound: None,
            quiet_since: Time::ZERO,
            failures: 0,
            apologised_at: None,
            life: Life::New,
            next_reply: 0,
            next_segment: 0,
            next_turn: 0,
            options,
        }
    }

    /// Takes an input. Time never goes back: an earlier `now` counts as the latest one. After
    /// [`Effect::Shutdown`] inputs are ignored.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.now = self.now.max(now);
        match self.life {
            Life::Closed => return,
            Life::New => {
                self.life = Life::Open;
                self.quiet_since = self.now;
            }
            Life::Open | Life::Draining => {}
        }
        self.dispatch(input);
        self.fire_due_timers();
        self.advance();
        self.update_states();
    }

    /// The next thing to do, in order. Drain it after every [`Machine::handle`].
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Tick`] is due, if nothing else happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        if self.life == Life::Closed {
            return None;
        }
        self.next_timer().map(|(at, _)| at)
    }

    /// What the agent is doing.
    #[must_use]
    pub const fn state(&self) -> AgentState {
        self.state
    }

    /// The conversation so far, oldest first: what the user heard, no more.
    #[must_use]
    pub fn history(&self) -> &[Message] {
        self.history.messages()
    }

    /// Puts an earlier conversation before this one. Call it before the first input.
    pub fn restore_history(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.history.push(message);
        }
        self.history.trim();
    }

    fn dispatch(&mut self, input: Input) {
        match input {
            Input::Tick => {}
            Input::SpeechStarted { since } => self.speech_started(since.min(self.now)),
            Input::SpeechEnded { since } => self.speech_ended(since.min(self.now)),
            Input::Interim { text } => self.interim(&text),
            Input::Final { text } => self.final_text(&text),
            Input::Typed { text } => self.typed(text.trim()),
            Input::LlmText { reply, step, text } => self.llm_text(reply, step, &text),
            Input::LlmToolCall {
                reply,
                step,
                call,
                treatment,
            } => self.llm_tool_call(reply, step, (call, treatment)),
            Input::LlmDone { reply, step } => self.llm_done(reply, step),
            Input::LlmFailed {
                reply,
                step,
                failure,
            } => self.llm_failed(reply, step, failure),
            Input::ToolResult { id, outcome } => self.tool_result(&id, outcome),
            Input::TtsDone { segment, samples } => self.tts_done(segment, samples),
            Input::TtsFailed { segment, failure } => self.tts_failed(segment, failure),
            Input::SegmentStarted { segment } => self.segment_started(segment),
            Input::Progress { at } => self.progress(at),
            Input::SegmentPlayed { segment } => self.segment_played(segment),
            Input::PlayoutCleared { at } => self.playout_cleared(at),
            Input::ListeningFailed { stage, failure } => self.listening_failed(stage, failure),
            Input::Say {
                text,
                interruptible,
            } => self.say(text.trim(), interruptible),
            Input::Interrupt => self.interrupt(),
            Input::UserInterrupt => self.user_interrupt(),
            Input::Close { drain } => self.close_requested(drain),
        }
    }

    /// Starts what waits, if nothing is being said.
    fn advance(&mut self) {
        if self.reply.is_some() || self.life == Life::Closed {
            return;
        }
        if self.asked.is_some()
            && let Some(turn) = self.queued_answer().and_then(|n| self.queue.remove(n))
        {
            self.queue.push_front(turn);
        }
        let user_busy = !self.utterance.is_settled() || self.asked.is_some();
        match self.queue.front() {
            Some(Queued::Say { .. }) if user_busy => {}
            Some(_) => self.start_next(),
            None if self.life == Life::Draining => self.shut_down(CloseReason::Requested),
            None => {}
        }
    }

    fn start_next(&mut self) {
        match self.queue.pop_front() {
            Some(Queued::Turn { turn, texts, since }) => self.start_answer(turn, texts, since),
            Some(Queued::Say {
                text,
                interruptible,
            }) => {
                self.start_speech(Origin::Host, text, interruptible);
            }
            Some(Queued::Apology { text }) => self.start_speech(Origin::Apology, text, true),
            None => {}
        }
    }

    fn fire_due_timers(&mut self) {
        // Each timer that fires moves on; the bound only guards against a mistake in that.
        for _ in 0..32 {
            match self.next_timer() {
                Some((at, timer)) if at <= self.now && self.life != Life::Closed => {
                    self.fire(timer);
                }
                _ => return,
            }
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::EndOfTurn => self.commit_turn(),
            Timer::FinalText => self.give_up_final(),
            Timer::Speech => self.give_up_speech(),
            Timer::ConfirmInterruption => self.confirm_interruption(),
            Timer::DismissInterruption => self.dismiss_interruption(),
            Timer::Llm => self.llm_hangs(),
            Timer::Speculation => self.drop_speculation(),
            Timer::Tool(id) => self.tool_hangs(&id),
            Timer::Playout => self.playout_hangs(),
            Timer::Clearing => self.playout_cleared(None),
            Timer::Filler => self.fill(),
            Timer::Consent => self.give_up_consent(),
            Timer::Away => self.user = UserState::Away,
        }
    }

    fn update_states(&mut self) {
        if self.life == Life::Closed {
            return;
        }
        let user = match (self.utterance.speaking, self.user) {
            (Some(_), _) => UserState::Speaking,
            (None, UserState::Away) if self.is_quiet() => UserState::Away,
            (None, _) => UserState::Listening,
        };
        if user != self.user || self.away_untold(user) {
            self.emit(Event::UserState { state: user });
        }
        self.user = user;
        let state = self.current_state();
        if state != self.state {
            self.state = state;
            self.emit(Event::AgentState { state });
        }
    }

    /// Whether the user was just found to be away: the agent is not idle yet.
    fn away_untold(&self, user: UserState) -> bool {
        user == UserState::Away && self.state != AgentState::Idle
    }

    fn current_state(&self) -> AgentState {
        match &self.reply {
            Some(reply) if reply.ending.is_some() || self.suspicion.is_some() => {
                AgentState::Listening
            }
            Some(reply) if reply.is_audible() => AgentState::Speaking,
            Some(_) => AgentState::Thinking,
            None if self.user == UserState::Away => AgentState::Idle,
            None => AgentState::Listening,
        }
    }

    /// Nobody says, prepares or awaits anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.reply.is_none()
            && self.queue.is_empty()
            && self.utterance.is_settled()
            && !self.utterance.has_text()
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.push(Effect::Emit(event));
    }

    pub(super) fn new_reply_id(&mut self) -> ReplyId {
        self.next_reply += 1;
        ReplyId(self.next_reply)
    }

    pub(super) fn new_segment_id(&mut self) -> SegmentId {
        self.next_segment += 1;
        SegmentId(self.next_segment)
    }

    pub(super) fn new_turn_id(&mut self) -> TurnId {
        self.next_turn += 1;
        TurnId(self.next_turn)
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("now", &self.now)
            .field("state", &self.state)
            .field("user", &self.user)
            .field("reply", &self.reply)
            .field("suspicion", &self.suspicion)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
