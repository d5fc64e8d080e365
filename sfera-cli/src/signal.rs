//! The runtime, and Ctrl+C.

use crate::error::{Error, Runtime};
use std::future::Future;

/// Runs a future on a multi-threaded runtime until it is done.
pub fn run<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|_| Error::Runtime(Runtime::Start("tokio")))?;
    let done = runtime.block_on(future);
    // What still computes on a blocking thread is of no interest any more.
    runtime.shutdown_background();
    Ok(done)
}

/// Waits for Ctrl+C, or for being asked to end in another way.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut hang_up)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        ) else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
