//! One conversation: a loop that drives the turn machine and owns every task.
//!
//! ```no_run
//! # async fn talk(
//! #     providers: sfera_agent::session::Providers,
//! #     microphone: tokio::sync::mpsc::Receiver<sfera_agent::audio::Frame>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use sfera_agent::session::{Session, SessionOptions};
//!
//! let mut session = Session::builder(providers).options(SessionOptions::default()).start(microphone)?;
//! let mut speaker = session.playout().expect("nobody took it yet");
//! let mut events = session.events();
//! session.control().say("Здравствуйте!", true).await?;
//!
//! let mut samples = [0; 960]; // 20 ms at 48 kHz, which a sound card pulls 50 times a second
//! speaker.read(&mut samples);
//! while let Ok(event) = events.recv().await {
//!     println!("{} {:?}", event.at, event.kind);
//! }
//! # Ok(())
//! # }
//! ```

mod acting;
mod builder;
mod command;
mod driver;
mod event;
mod handle;
mod latency;
mod listening;
mod options;
pub mod recording;
pub mod replay;
mod report;
mod thinking;
pub mod timeline;
mod voicing;

pub use builder::{Providers, SessionBuilder, StartError};
pub use event::{SessionEvent, SessionEventKind, TurnMetrics};
pub use handle::{Ended, Session, SessionControl, SessionPanicked};
pub use options::SessionOptions;
