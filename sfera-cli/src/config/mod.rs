//! Settings: a TOML file, `.env` and the environment, in rising order of weight; the command line
//! weighs most.

mod environment;
mod file;
mod load;
mod problem;
mod schema;
mod secret;
mod settings;

pub use environment::Environment;
pub use load::{LlmChoice, Server, Settings, Sources, load};
pub use problem::{ConfigError, ConfigProblem, Place};
pub use schema::{Kind, closest};
pub use secret::Secret;
pub use settings::{Config, LlmProvider, SttProvider, TtsProvider, Turn, VadProvider};
