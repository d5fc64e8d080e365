//! Text that comes as a stream from another participant.

use futures::StreamExt;
use livekit::TextStreamReader;
use std::time::Duration;
use tokio::time::timeout;

/// The topic of what the caller types.
pub(super) const CHAT: &str = "lk.chat";

/// The longest line that is taken, in bytes.
const LONGEST: usize = 16 * 1024;
/// How long a line may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

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
