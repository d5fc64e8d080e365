//! The turn engine: a pure state machine. [`Input`] and [`Time`] in, [`Effect`]s out; no clock, no
//! runtime, no I/O. Every conversation can be recorded, replayed and simulated.

mod effect;
mod input;
mod options;
mod time;

pub use effect::{AgentState, CloseReason, Effect, Event, ReplyEnd, UserState};
pub use input::{Failure, Input, PlayedTo, ReplyId, SegmentId, Stage, TurnId};
pub use options::{
    Endpointing, EndpointingMode, FalseInterruption, Interruption, Phrases, Preemptive,
    TurnOptions, Watchdog,
};
pub use time::Time;
