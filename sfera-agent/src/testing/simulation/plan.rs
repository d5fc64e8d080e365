//! What happens in a simulated conversation, as plain data that proptest can make and shrink. All
//! numbers are milliseconds unless said otherwise. A list that runs out starts from its beginning.

use crate::turn::{Failure, Stage, TurnOptions};

/// Everything that is decided before a simulated conversation begins.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The machine's options.
    pub options: TurnOptions,
    /// What the user and the host do, one after another.
    pub acts: Vec<Act>,
    /// How the LLM answers, one for each request.
    pub answers: Vec<Answer>,
    /// How the voice speaks, one for each segment.
    pub voices: Vec<Voice>,
    /// How tools run, one for each call.
    pub tools: Vec<ToolRun>,
    /// How late ticks come.
    pub tick_lag: u16,
    /// How late playout's reports come; those of `ClearPlayout` come at once.
    pub report_lag: u16,
}

/// Something the user or the host does.
#[derive(Clone, Debug)]
pub struct Act {
    /// What is waited for first.
    pub when: When,
    /// How long is waited then.
    pub after: u16,
    /// What is done.
    pub what: What,
}

/// What an act waits for; it waits no longer than ten seconds.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// The act before.
    Next,
    /// The agent is preparing an answer.
    Thinking,
    /// The agent is being heard.
    Speaking,
    /// The agent waits for the user.
    Listening,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum What {
    /// The user makes a sound.
    Speak(Speech),
    /// The user types.
    Type {
        /// So many words.
        words: u8,
    },
    /// The user types a yes or a no.
    Decide {
        /// Which of them.
        yes: bool,
    },
    /// The host lets the agent say something.
    Say {
        /// So many words.
        words: u8,
        /// Whether the user may interrupt.
        interruptible: bool,
    },
    /// The host stops the agent.
    Interrupt,
    /// The user taps.
    UserInterrupt,
    /// The host ends the session.
    Close {
        /// Whether the agent finishes first.
        drain: bool,
    },
    /// Recognition breaks down.
    Deafness(Stage),
}

/// A sound the user makes.
#[derive(Clone, Debug)]
pub struct Speech {
    /// How long it lasts.
    pub length: u16,
    /// What it is.
    pub content: Content,
    /// How the VAD hears it.
    pub vad: Hearing,
    /// Interim texts during the speech, at most.
    pub interims: u8,
    /// How the final text comes.
    pub finals: Finals,
    /// How long after the VAD's end it comes.
    pub delay: u16,
}

/// What a sound is.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Words.
    Words(u8),
    /// «Угу».
    Backchannel,
    /// «Да» or «нет».
    Decision(bool),
    /// A cough: nothing to recognise.
    Cough,
    /// Something the recogniser makes garbage of: spaces, signs, an endless word.
    Garbage(u8),
}

/// How the VAD hears a sound.
#[derive(Clone, Copy, Debug)]
pub enum Hearing {
    /// One start, one end.
    Whole,
    /// A pause in the middle.
    Halves,
    /// The end is never told.
    NoEnd,
    /// The start is told twice.
    TwoStarts,
    /// Nothing is heard; only the recogniser hears it.
    Deaf,
    /// Only the end is told.
    OnlyEnd,
}

/// How the final text of a sound comes.
#[derive(Clone, Copy, Debug)]
pub enum Finals {
    /// Once.
    One,
    /// The same twice.
    Twice,
    /// In two pieces.
    Pieces,
    /// Never.
    Never,
    /// Before the VAD says that speech ended.
    Early,
    /// Other words than the interim texts had.
    Corrected,
}

/// How the LLM answers a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Time to the first part.
    pub first: u16,
    /// Time between parts.
    pub gap: u16,
    /// What it writes.
    pub parts: Vec<Part>,
    /// How it ends.
    pub end: AnswerEnd,
    /// Whether one more part comes after it was cancelled.
    pub deaf: bool,
}

/// A part of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Words without an end of sentence.
    Words(u8),
    /// Words and a full stop.
    Sentence(u8),
    /// A tool call.
    Call,
    /// A tool call with the id of the one before.
    SameCall,
    /// A call of one of the tools that are treated with care.
    Careful(Care),
    /// No text at all, or only space.
    Blank,
    /// Text for a step or a reply that does not exist.
    Stray,
}

/// A tool that is treated with care.
#[derive(Clone, Copy, Debug)]
pub enum Care {
    /// `order`: the user is asked first.
    Order,
    /// `transfer`: a second one is rejected.
    Transfer,
    /// `route`: a second one replaces the first.
    Route,
    /// `alarm`: the user is asked before a second one.
    Alarm,
    /// `page`: its results are text of strangers.
    Page,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug)]
pub enum AnswerEnd {
    /// As it should.
    Done,
    /// It ends twice.
    DoneTwice,
    /// It breaks off.
    Fails(Failure),
    /// Nothing more comes.
    Hangs,
    /// Its parts begin anew, for ever.
    Babbles,
}

/// How the voice speaks a segment.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// Time to the first sound.
    pub first: u16,
    /// How long a character is heard.
    pub per_char: u8,
    /// Length of the pieces of sound.
    pub piece: u16,
    /// Time between pieces.
    pub gap: u16,
    /// How it ends.
    pub end: VoiceEnd,
}

/// How the voice ends.
#[derive(Clone, Copy, Debug)]
pub enum VoiceEnd {
    /// As it should.
    Done,
    /// Without any sound.
    Silent,
    /// It breaks off after so many pieces.
    Fails(u8),
    /// Nothing more comes after so many pieces.
    Hangs(u8),
}

/// How a tool runs.
#[derive(Clone, Copy, Debug)]
pub struct ToolRun {
    /// How long it takes.
    pub delay: u16,
    /// How it ends.
    pub end: ToolEnd,
    /// Whether it goes on when it is cancelled.
    pub stubborn: bool,
}

/// How a tool's call ends.
#[derive(Clone, Copy, Debug)]
pub enum ToolEnd {
    /// With an answer.
    Ok,
    /// It fails.
    Failed,
    /// There is no such tool.
    Unknown,
    /// Two answers come.
    Twice,
    /// Never.
    Hangs,
}
