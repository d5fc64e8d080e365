//! LiveKit rooms: an agent that is called, and a caller who calls one.
//!
//! [`AgentRoom`] joins a room as LiveKit's front ends expect of an agent: one microphone track for its
//! voice, its state as an attribute, captions in both forms, `lk.chat`, recordings made before it was
//! there, RPC. It hears one caller and stays with them through reloads and reconnections.
//!
//! Two conventions are Sfera's own. The caller silences the agent by calling the method
//! [`INTERRUPT`] (`sfera.interrupt`, without a payload): it answers `ok` where that stopped anything and
//! `nothing` otherwise. What an answer stands on comes with its captions, as the attribute
//! `sfera.sources` of the text stream `lk.transcription`: a JSON list of `{"title", "url"}`, the address
//! only where there is one. What is learned while the agent speaks comes with the stream's end.
//!
//! Of two agents with one name that serve whoever comes, the one who was promised to the room first
//! stays (the attribute `sfera.since`, which a worker's tokens carry); the other ends with
//! [`RoomEnd::AlreadyServed`].
//!
//! ```no_run
//! # async fn serve(
//! #     providers: sfera_agent::session::Providers,
//! #     token: String,
//! #     stop: tokio_util::sync::CancellationToken,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use sfera_agent::{
//!     io::room::{Address, AgentRoom, RoomOptions},
//!     session::Session,
//! };
//!
//! let address = Address::new("wss://example.livekit.cloud", token);
//! let mut room = AgentRoom::join(&address, RoomOptions::default()).await?;
//! let session = Session::builder(providers).start(room.input().expect("nobody took it yet"))?;
//! session.control().say("Здравствуйте!", true).await?;
//! let end = room.run(session, stop).await;
//! println!("{end:?}");
//! # Ok(())
//! # }
//! ```
//!
//! [`Caller`] is the other side: for tests, for load, and for people at a terminal.
//!
//! Sound is pulled from playout a packet (20 ms) at a time and sent at once, so the playhead, and with
//! it captions and history, is as exact as that.

mod address;
mod agent;
mod attendant;
mod audible;
mod caller;
mod captions;
mod connection;
mod conversation;
mod early;
mod end;
mod error;
mod interrupting;
mod linking;
mod options;
mod preconnect;
mod publish;
mod rival;
mod rpc;
mod state;
mod subscribe;
mod text;

pub use address::Address;
pub use agent::{AgentRoom, CallerInfo};
pub use caller::{
    CallFailed, Caller, CallerEvent, CallerOptions, Caption, CaptionForm, Reception, Speaker,
};
pub use connection::farewells;
pub use end::RoomEnd;
pub use error::JoinError;
pub use interrupting::INTERRUPT;
pub use options::{AfterLeave, RoomOptions};
pub(crate) use rival::SINCE;
pub use rpc::{RpcCall, RpcMethods, RpcRefused};
