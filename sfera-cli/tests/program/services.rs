//! Services of the internet, on the loopback.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// A service that always answers the same, unless it is silent.
pub struct Service {
    url: String,
    answers: watch::Sender<bool>,
    asked: Arc<Mutex<Vec<String>>>,
    /// They end with the service.
    _tasks: JoinSet<()>,
}

impl Service {
    pub async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answers, may_answer) = watch::channel(true);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, may_answer) = (noted.clone(), may_answer.clone());
                connections.spawn(serve(stream, answer, noted, may_answer));
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
        let asked = self.asked.lock().unwrap();
        asked.iter().any(|path| path.contains(words))
    }
}

async fn serve(
    stream: TcpStream,
    answer: &str,
    asked: Arc<Mutex<Vec<String>>>,
    mut may_answer: watch::Receiver<bool>,
) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    asked.lock().unwrap().push(path.to_owned());
    if may_answer.wait_for(|may| *may).await.is_err() {
        return;
    }
    let length = answer.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{answer}"
    );
    // Who asked may be gone.
    let _gone = stream.write_all(answer.as_bytes()).await;
}
