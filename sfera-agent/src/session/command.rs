//! What hosts tell the loop.

use crate::turn::Input;
use tokio::sync::oneshot;

/// A command on its way.
#[derive(Debug)]
pub(super) enum Command {
    /// Something for the machine.
    Input(Input),
    /// The user taps; whether that stopped anything is answered.
    UserInterrupt(oneshot::Sender<bool>),
}
