//! Downloads a file of the model hub: resumes, never waits for ever, never trusts.

use super::{Pull, PullError, Stage};
use crate::http;
use futures::StreamExt;
use reqwest::{Client, Response, StatusCode, header};
use std::{path::Path, time::Duration};
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt,
};

/// Connections lost in a row before the next source is tried. One that brought bytes is not counted.
const TRIES: u32 = 3;

/// How long a download waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until a connection stands.
    pub(super) connect: Duration,
    /// Between two pieces of a download; a source that hangs is left for the next one.
    pub(super) stall: Duration,
    /// Before a lost connection is opened again.
    pub(super) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            pause: Duration::from_secs(1),
        }
    }
}

/// Downloads `url` to `part`, going on where an earlier download stopped.
pub(super) async fn download(
    url: &str,
    part: &Path,
    size: u64,
    patience: Patience,
    pull: &Pull<'_>,
) -> Result<(), PullError> {
    let client = http::client()
        .connect_timeout(patience.connect)
        .read_timeout(patience.stall)
        .build()
        .map_err(|_| PullError::Source)?;
    let mut lost = 0;
    loop {
        let before = length(part).await;
        match attempt(&client, url, part, size, pull).await {
            Ok(()) => return Ok(()),
            Err(PullError::Lost) if length(part).await > before => lost = 0,
            Err(PullError::Lost) if lost + 1 < TRIES => lost += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(patience.pause).await;
    }
}

async fn attempt(
    client: &Client,
    url: &str,
    part: &Path,
    size: u64,
    pull: &Pull<'_>,
) -> Result<(), PullError> {
    let have = match length(part).await {
        have if have > size => 0,
        have if have == size => return Ok(()),
        have => have,
    };
    let mut request = client.get(url);
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    let response = request.send().await.map_err(lost)?;
    let (mut file, mut done) = open(&response, part, have).await?;
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(lost)?;
        done += piece.len() as u64;
        if done > size {
            return Err(PullError::Wrong);
        }
        file.write_all(&piece).await?;
        pull.report(Stage::Download, done, size);
    }
    file.flush().await?;
    if done < size {
        return Err(PullError::Lost);
    }
    Ok(())
}

/// Opens the file where the server's answer begins.
async fn open(response: &Response, part: &Path, have: u64) -> Result<(File, u64), PullError> {
    match response.status() {
        StatusCode::PARTIAL_CONTENT if begins_at(response) == Some(have) => {
            let file = OpenOptions::new().append(true).open(part).await?;
            Ok((file, have))
        }
        // The server does not resume: from the start.
        StatusCode::OK => Ok((File::create(part).await?, 0)),
        StatusCode::RANGE_NOT_SATISFIABLE => Err(PullError::Wrong),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(PullError::Lost)
        }
        _ => Err(PullError::Source),
    }
}

/// The first byte of a partial answer: `Content-Range: bytes 100-199/200`.
fn begins_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?;
    let range = range.to_str().ok()?.strip_prefix("bytes ")?;
    range.split('-').next()?.parse().ok()
}

async fn length(part: &Path) -> u64 {
    tokio::fs::metadata(part).await.map_or(0, |meta| meta.len())
}

fn lost(error: reqwest::Error) -> PullError {
    let unreachable = error.is_connect();
    tracing::debug!(error = %error.without_url(), "the connection to the model hub is lost");
    if unreachable {
        PullError::Unreachable
    } else {
        PullError::Lost
    }
}
