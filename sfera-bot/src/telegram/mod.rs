//! Telegram: what comes from it, and what goes to it.

mod aftermath;
mod call;
mod courier;
mod pace;
mod send;

pub use call::{Button, Call, Keyboard, Media};
pub use courier::Courier;
pub use pace::{Pace, Urgency, Weight};
pub use send::attempt;
