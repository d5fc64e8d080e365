//! Why a worker ended.

use super::job::JobFailed;
use crate::io::room::JoinError;

/// Why a worker could not start or go on, and what to do.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WorkerError {
    /// The server refuses it, or can't be reached.
    #[error(transparent)]
    Refused(#[from] JoinError),
    /// What all jobs share could not be loaded.
    #[error("the worker could not get ready: {0}")]
    Prepare(JobFailed),
    /// The address for health is taken or impossible.
    #[error("nothing can be served at {0}: {1}")]
    Health(std::net::SocketAddr, String),
}
