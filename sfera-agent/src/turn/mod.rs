//! The turn engine: a pure state machine. [`Input`] and [`Time`] in, [`Effect`]s out; no clock, no
//! runtime, no I/O. Every conversation can be recorded, replayed and simulated.

mod asking;
mod effect;
mod endpointing;
mod hearing;
mod history;
mod input;
mod interrupting;
mod ledger;
mod machine;
mod options;
mod reply;
mod replying;
mod speaking;
mod time;
mod timers;
mod utterance;
mod words;

pub use effect::{AgentState, CloseReason, Effect, Event, ReplyEnd, UserState};
pub use endpointing::{EndOfTurn, TrailingWords};
pub use input::{Failure, Input, PlayedTo, ReplyId, SegmentId, Stage, TurnId};
pub use machine::Machine;
pub use options::{
    Endpointing, EndpointingMode, FalseInterruption, Interruption, Phrases, Preemptive,
    TurnOptions, Watchdog,
};
pub use time::Time;
