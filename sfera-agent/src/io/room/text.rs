//! Text that comes as a stream from another participant.

use futures::{StreamExt, future::BoxFuture};
use livekit::TextStreamReader;
use std::{pin::pin, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;

/// The topic of what the caller types.
pub(super) const CHAT: &str = "lk.chat";

/// The longest line that is taken, in bytes.
const LONGEST: usize = 16 * 1024;
/// How long a line may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines read at a time, and as many that wait to be; more are left unread.
pub(super) const LINES: usize = 8;

/// A line that is being read; nothing if it cannot be.
pub(super) type Line = BoxFuture<'static, Option<String>>;

/// Gives lines in the order in which they were begun, whichever is whole first: a long one comes in
/// more packets than the short one that corrects it.
pub(super) async fn in_order(lines: mpsc::Receiver<Line>, typed: mpsc::Sender<String>) {
    let mut lines = pin!(ReceiverStream::new(lines).buffered(LINES));
    while let Some(line) = lines.next().await {
        if let Some(line) = line
            && typed.send(line).await.is_err()
        {
            return;
        }
    }
}

/// Reads a whole line. `None` if it breaks off, takes too long, is too long or is empty.
pub(super) async fn read_line(mut reader: TextStreamReader) -> Option<String> {
    let whole = async {
        let mut line = String::new();
        while let Some(part) = reader.next().await {
            line.push_str(&part.ok()?);
            if line.len() > LONGEST {
                tracing::warn!(LONGEST, "a typed line is too long and was left out");
                return None;
            }
        }
        Some(line)
    };
    let line = timeout(PATIENCE, whole).await.ok()??;
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use tokio::{task::JoinSet, time::sleep};

    /// A line that is whole after so long.
    fn line(text: &'static str, after: u64) -> Line {
        let whole = async move {
            sleep(Duration::from_millis(after)).await;
            (!text.is_empty()).then(|| text.to_owned())
        };
        whole.boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn lines_come_in_the_order_in_which_they_were_begun() {
        let (begun, lines) = mpsc::channel(LINES);
        let (typed, mut read) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(in_order(lines, typed));
        for line in [
            line("a long one", 90),
            line("no", 0),
            line("", 50),
            line("yes", 30),
        ] {
            begun.send(line).await.unwrap();
        }
        drop(begun);
        let began = tokio::time::Instant::now();
        let mut all = Vec::new();
        while let Some(line) = read.recv().await {
            all.push(line);
        }
        assert_eq!(all, ["a long one", "no", "yes"]);
        let took = began.elapsed();
        assert!(took < Duration::from_millis(100), "side by side: {took:?}");
    }
}
