//! The runtime, and Ctrl+C.

use crate::error::{Error, Runtime};
use std::{future::Future, sync::LazyLock};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Cancelled by the first Ctrl+C of the process, and from then on. One for all, so that none is lost
/// between two places that wait for it.
static INTERRUPTED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);
/// Cancelled by the second.
static AGAIN: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// Runs a future on a multi-threaded runtime until it is done. Meanwhile Ctrl+C does not end the
/// process: the future is to wait for [`interrupted`].
pub fn run<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|_| Error::Runtime(Runtime::Start("tokio")))?;
    let done = runtime.block_on(async {
        let mut listener = JoinSet::new();
        listener.spawn(asked_to_end(|| {
            if INTERRUPTED.is_cancelled() {
                AGAIN.cancel();
            }
            INTERRUPTED.cancel();
        }));
        let done = future.await;
        // Rooms that were dropped on the way are left in order.
        sfera_agent::io::room::farewells().await;
        done
    });
    // What still computes on a blocking thread is of no interest any more.
    runtime.shutdown_background();
    Ok(done)
}

/// Waits for Ctrl+C, or for being asked to end in another way. Ready at once if that has happened.
pub async fn interrupted() {
    INTERRUPTED.cancelled().await;
}

/// Waits for the second Ctrl+C, or the second request to end.
pub async fn interrupted_again() {
    AGAIN.cancelled().await;
}

/// Does something to its end, or gives up at Ctrl+C.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    tokio::select! {
        done = work => Ok(done),
        () = interrupted() => Err(Error::Interrupted),
    }
}

/// Tells of each request to end, from the call on: a task that is to listen may get to run only later, and
/// until somebody listens a signal ends the process.
#[cfg(unix)]
fn asked_to_end(mut asked: impl FnMut()) -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let signals = kinds.map(signal);
    async move {
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)] = signals else {
            return std::future::pending::<()>().await;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            asked();
        }
    }
}

#[cfg(not(unix))]
async fn asked_to_end(mut asked: impl FnMut()) {
    while tokio::signal::ctrl_c().await.is_ok() {
        asked();
    }
    std::future::pending().await
}
