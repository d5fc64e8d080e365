//! Telegram: what comes from it, and what goes to it.

mod aftermath;
mod call;
mod courier;
mod send;

pub use call::{Button, Call, Keyboard, Media};
pub use courier::Courier;
pub use send::attempt;
