//! A server on the loopback that answers as a test says, byte for byte.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// A piece of an answer.
#[derive(Clone)]
pub(crate) enum Part {
    /// These bytes, in a TCP segment of their own.
    Bytes(Vec<u8>),
    /// Nothing for a while.
    Pause(Duration),
    /// Nothing any more, but the connection stays.
    Hang,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: String,
    /// The head as it came, with all headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Answers requests in the order of its script; the last answer again and again.
pub(crate) struct Double {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
    _tasks: tokio::task::JoinSet<()>,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole answer with a JSON body.
pub(crate) fn json(status: &str, headers: &str, body: &str) -> Vec<Part> {
    let len = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {len}\r\nconnection: close\r\n\r\n"
    );
    vec![Part::Bytes((head + body).into_bytes())]
}

impl Double {
    pub(crate) async fn start(script: Vec<Vec<Part>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        let mut tasks = tokio::task::JoinSet::new();
        let task = tasks.spawn(async move {
            let mut script = VecDeque::from(script);
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = match script.len() {
                    0 | 1 => script.front().cloned().unwrap_or_default(),
                    _ => script.pop_front().unwrap_or_default(),
                };
                connections.spawn(serve(stream, answer, Arc::clone(&record)));
            }
        });
        Self {
            url,
            asked,
            task,
            _tasks: tasks,
        }
    }

    /// An address where nobody listens.
    pub(crate) async fn nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, answer: Vec<Part>, record: Arc<Mutex<Vec<Asked>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.to_lowercase();
    let length = length.split("content-length: ").nth(1);
    let length = length.and_then(|l| l.lines().next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    record.lock().unwrap().push(Asked {
        path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        body: String::from_utf8(body).unwrap(),
        head,
    });
    let mut stream = stream.into_inner();
    stream.set_nodelay(true).unwrap();
    for part in answer {
        match part {
            Part::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Part::Pause(pause) => tokio::time::sleep(pause).await,
            Part::Hang => std::future::pending().await,
        }
    }
}
