//! Services of the internet, on the loopback.

use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What a service says.
pub struct Reply {
    status: &'static str,
    media_type: &'static str,
    body: String,
}

impl Reply {
    pub fn json(body: impl Into<String>) -> Self {
        Self {
            status: "200 OK",
            media_type: "application/json",
            body: body.into(),
        }
    }

    /// Server-sent events.
    pub fn events(body: impl Into<String>) -> Self {
        Self {
            media_type: "text/event-stream",
            ..Self::json(body)
        }
    }

    pub fn refusal(status: &'static str) -> Self {
        Self {
            status,
            ..Self::json("{}")
        }
    }
}

/// What is said to the body of a request.
type Answer = dyn Fn(&str) -> Reply + Send + Sync;

/// A service that answers, unless it is silent.
pub struct Service {
    url: String,
    answers: watch::Sender<bool>,
    /// The paths so far.
    asked: watch::Sender<Vec<String>>,
    /// They end with the service.
    _tasks: JoinSet<()>,
}

impl Service {
    /// Always answers the same.
    pub async fn start(answer: &'static str) -> Self {
        Self::answering(move |_| Reply::json(answer)).await
    }

    /// Answers each request by its body.
    pub async fn answering(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answers, may_answer) = watch::channel(true);
        let asked = watch::Sender::new(Vec::new());
        let noted = asked.clone();
        let answer: Arc<Answer> = Arc::new(answer);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, may_answer) = (noted.clone(), may_answer.clone());
                connections.spawn(serve(stream, answer.clone(), noted, may_answer));
            }
        });
        Self {
            url,
            answers,
            asked,
            _tasks: tasks,
        }
    }

    /// Whether it answers, what was asked before included.
    pub fn answers(&self, answers: bool) {
        self.answers.send_replace(answers);
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether somebody asked with these words in the path.
    pub fn was_asked(&self, words: &str) -> bool {
        let asked = self.asked.borrow();
        asked.iter().any(|path| path.contains(words))
    }

    /// How often somebody asked.
    pub fn times_asked(&self) -> usize {
        self.asked.borrow().len()
    }

    /// Waits until somebody has asked.
    pub async fn is_asked(&self) {
        let mut asked = self.asked.subscribe();
        drop(asked.wait_for(|asked| !asked.is_empty()).await.unwrap());
    }
}

/// Path and body of a request; none if whoever asks went away.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head).await {
            Ok(1..) => {}
            _ => return None,
        }
    }
    let mut headers = head.lines();
    let length = headers.find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    Some((path.to_owned(), String::from_utf8(body).unwrap()))
}

async fn serve(
    stream: TcpStream,
    answer: Arc<Answer>,
    asked: watch::Sender<Vec<String>>,
    mut may_answer: watch::Receiver<bool>,
) {
    let mut stream = BufReader::new(stream);
    let Some((path, question)) = read(&mut stream).await else {
        return;
    };
    asked.send_modify(|asked| asked.push(path));
    if may_answer.wait_for(|may| *may).await.is_err() {
        return;
    }
    let Reply {
        status,
        media_type,
        body,
    } = answer(&question);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    // Who asked may be gone.
    let _gone = stream.write_all(answer.as_bytes()).await;
}
