//! The I/O runtime that all connections share: as many threads as the machine has cores, whatever the
//! number of connections. It is not the caller's runtime, so that a caller who blocks for a while makes
//! no gap in the sound.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::RtcError;

static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

/// The runtime, started at the first call.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn handle() -> Result<Handle, RtcError> {
    let started = RUNTIME.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("webrtc-io")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    });
    match started {
        Ok(runtime) => Ok(runtime.handle().clone()),
        Err(error) => Err(RtcError::internal(format!(
            "the I/O runtime can't start: {error}"
        ))),
    }
}
