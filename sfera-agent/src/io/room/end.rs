use crate::turn::CloseReason;
use livekit::DisconnectReason;
use serde::Serialize;

/// Why a conversation in a room ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomEnd {
    /// The host asked.
    Stopped,
    /// The session ended by itself.
    Session(CloseReason),
    /// The session failed unexpectedly: please report it.
    SessionBroke,
    /// The caller left and did not come back in time. Others may still be there.
    CallerLeft,
    /// Somebody deleted the room, or all people left it.
    RoomClosed,
    /// Somebody removed this participant.
    Removed,
    /// Another participant came with this one's identity.
    DuplicateIdentity,
    /// Another agent of the same name was here before, and goes on.
    AlreadyServed,
    /// The server shut down and did not come back.
    ServerShutdown,
    /// The connection was lost, and could not be established anew.
    ConnectionLost,
}

impl From<DisconnectReason> for RoomEnd {
    fn from(reason: DisconnectReason) -> Self {
        match reason {
            DisconnectReason::ClientInitiated => Self::Stopped,
            DisconnectReason::DuplicateIdentity => Self::DuplicateIdentity,
            DisconnectReason::ServerShutdown => Self::ServerShutdown,
            DisconnectReason::ParticipantRemoved => Self::Removed,
            DisconnectReason::RoomDeleted | DisconnectReason::RoomClosed => Self::RoomClosed,
            _ => Self::ConnectionLost,
        }
    }
}
