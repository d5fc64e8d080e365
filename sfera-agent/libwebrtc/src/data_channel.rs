//! Data channels: messages beside the media.

use std::{
    fmt::{self, Debug},
    str::Utf8Error,
    sync::Arc,
};

use serde::Deserialize;
use thiserror::Error;

use crate::{engine::channel::Channel, rtp_parameters::Priority};

/// How a channel is to be opened.
#[derive(Clone, Debug)]
pub struct DataChannelInit {
    /// Messages arrive in the order in which they were sent.
    pub ordered: bool,
    /// A message is given up after so many ms.
    pub max_retransmit_time: Option<i32>,
    /// A message is given up after so many retransmissions.
    pub max_retransmits: Option<i32>,
    /// A name of what is spoken on it.
    pub protocol: String,
    /// Both sides open it by themselves, with the same `id`.
    pub negotiated: bool,
    /// The SCTP stream where `negotiated`, otherwise -1.
    pub id: i32,
    /// Not looked at.
    pub priority: Option<Priority>,
}

impl Default for DataChannelInit {
    fn default() -> Self {
        Self {
            ordered: true,
            max_retransmit_time: None,
            max_retransmits: None,
            protocol: String::new(),
            negotiated: false,
            id: -1,
            priority: None,
        }
    }
}

/// The message was not taken.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum DataChannelError {
    #[error("the message was not taken: the channel is not open, or its buffer is full")]
    Send,
    #[error("a text message must be UTF-8")]
    Utf8(#[from] Utf8Error),
}

/// Where a channel is in its life.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum DataChannelState {
    Connecting,
    Open,
    Closing,
    Closed,
}

/// A message that came.
#[derive(Debug)]
pub struct DataBuffer<'a> {
    /// Its bytes.
    pub data: &'a [u8],
    /// Bytes, not text.
    pub binary: bool,
}

/// Called when the channel opens or closes.
pub type OnStateChange = Box<dyn FnMut(DataChannelState) + Send + Sync>;
/// Called for every message.
pub type OnMessage = Box<dyn FnMut(DataBuffer) + Send + Sync>;
/// Called with the bytes that left the channel's buffer since the last call.
pub type OnBufferedAmountChange = Box<dyn FnMut(u64) + Send + Sync>;

/// A channel of a connection; clones are the same channel.
///
/// Callbacks run one after another on the engine's I/O runtime; they must not block.
#[derive(Clone)]
pub struct DataChannel {
    pub(crate) channel: Arc<Channel>,
}

impl DataChannel {
    /// Sends a message. Never waits.
    ///
    /// # Errors
    /// The channel is not open, its buffer (16 MiB for all channels of a connection) is full, or a
    /// text is not UTF-8. The message is not sent then, and may be sent again.
    pub fn send(&self, data: &[u8], binary: bool) -> Result<(), DataChannelError> {
        if !binary {
            std::str::from_utf8(data)?;
        }
        self.channel.send(data, binary)
    }

    /// The SCTP stream, -1 while it has none.
    pub fn id(&self) -> i32 {
        self.channel.id()
    }

    /// The name it was opened with.
    pub fn label(&self) -> String {
        self.channel.label().to_owned()
    }

    /// Open or not.
    pub fn state(&self) -> DataChannelState {
        self.channel.state()
    }

    /// Closes it; messages that were taken are still sent.
    pub fn close(&self) {
        self.channel.close();
    }

    /// Bytes that were taken and have not left yet.
    pub fn buffered_amount(&self) -> u64 {
        self.channel.buffered_amount()
    }

    /// Sets or removes the callback.
    pub fn on_state_change(&self, callback: Option<OnStateChange>) {
        *self.channel.handlers.state.lock() = callback;
    }

    /// Sets or removes the callback; messages that came before it are given to it first.
    pub fn on_message(&self, callback: Option<OnMessage>) {
        self.channel.set_on_message(callback);
    }

    /// Sets or removes the callback.
    pub fn on_buffered_amount_change(&self, callback: Option<OnBufferedAmountChange>) {
        *self.channel.handlers.buffered.lock() = callback;
    }
}

impl Debug for DataChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataChannel")
            .field("label", &self.label())
            .field("state", &self.state())
            .finish()
    }
}
