//! The threads of an embedder that computes in the process: one for queries, one for passages.

use super::{EmbedError, TextKind};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};

/// Calls that wait for their turn; who comes later waits before the queue.
const QUEUE: usize = 64;

/// Why something could not be computed; it is logged.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A model that computes on the thread that asks.
pub(super) trait Compute: Send + Sync + 'static {
    /// The texts' vectors in their order. Asks between steps, tenths of a second apart, whether anybody
    /// still wants them, and may stop with any answer where nobody does.
    fn compute(
        &self,
        texts: &[String],
        unwanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Failure>;
}

struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<Result<Vec<Vec<f32>>, EmbedError>>,
}

/// The threads. Dropping them stops what they do and waits for it: one step.
pub(super) struct Workers {
    queries: Option<mpsc::Sender<Job>>,
    passages: Option<mpsc::Sender<Job>>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(model: Arc<dyn Compute>) -> Result<Self, EmbedError> {
        let mut workers = Self {
            queries: None,
            passages: None,
            stopping: Arc::default(),
            threads: Vec::new(),
        };
        workers.queries = Some(workers.thread("embed-queries", model.clone())?);
        workers.passages = Some(workers.thread("embed-passages", model)?);
        Ok(workers)
    }

    fn thread(
        &mut self,
        name: &str,
        model: Arc<dyn Compute>,
    ) -> Result<mpsc::Sender<Job>, EmbedError> {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let stopping = self.stopping.clone();
        let thread = thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || run(&*model, jobs, &stopping));
        self.threads
            .push(thread.map_err(|_| EmbedError::Unavailable)?);
        Ok(sender)
    }

    /// Computes these texts; dropping the future stops that.
    pub(super) async fn embed(
        &self,
        kind: TextKind,
        texts: Vec<String>,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let jobs = match kind {
            TextKind::Query => &self.queries,
            TextKind::Passage => &self.passages,
        };
        let (reply, answer) = oneshot::channel();
        let jobs = jobs.as_ref().ok_or(EmbedError::Unavailable)?;
        let sent = jobs.send(Job { texts, reply }).await;
        sent.map_err(|_| EmbedError::Unavailable)?;
        answer.await.map_err(|_| EmbedError::Unavailable)?
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        (self.queries, self.passages) = (None, None);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("an embedding thread died");
            }
        }
    }
}

/// Works until no more jobs can come.
fn run(model: &dyn Compute, mut jobs: mpsc::Receiver<Job>, stopping: &AtomicBool) {
    while let Some(job) = jobs.blocking_recv() {
        let unwanted = || job.reply.is_closed() || stopping.load(Ordering::Relaxed);
        if unwanted() {
            continue;
        }
        // A model that cannot take one text goes on with the next.
        let computed = catch_unwind(AssertUnwindSafe(|| model.compute(&job.texts, &unwanted)));
        let computed = computed.unwrap_or_else(|_| Err("the model panicked".into()));
        let vectors = computed.map_err(|error| {
            tracing::warn!(%error, "the embedding could not be computed");
            EmbedError::Unavailable
        });
        // Nobody waits any more: that is what cancelling looks like from here.
        let _ = job.reply.send(vectors);
    }
}

/// Texts of about the same length together, `width` tokens at most with the padding of the shorter ones,
/// which costs as much as text.
pub(super) fn steps(lengths: &[usize], width: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&n| lengths[n]);
    let mut steps: Vec<Vec<usize>> = Vec::new();
    for n in order {
        match steps.last_mut() {
            Some(step) if (step.len() + 1) * lengths[n] <= width => step.push(n),
            _ => steps.push(vec![n]),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, mpsc as std_mpsc};

    #[test]
    fn texts_are_computed_in_small_steps_by_length() {
        let lengths = [300, 10, 400, 200, 12, 500];
        let expected = [vec![1, 4], vec![3], vec![0], vec![2], vec![5]];
        assert_eq!(steps(&lengths, 512), expected);
        assert!(steps(&[], 512).is_empty());
        let steps = steps(&[20; 100], 512);
        assert!(steps.iter().all(|step| step.len() * 20 <= 512));
        let mut all: Vec<usize> = steps.concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }

    /// Computes a "book" until it is not wanted any more, panics at "panic", and tells of the book when
    /// it began and when it stopped.
    struct Scripted {
        told: Mutex<std_mpsc::Sender<&'static str>>,
    }

    impl Scripted {
        fn tell(&self, news: &'static str) {
            self.told.lock().unwrap().send(news).unwrap();
        }
    }

    impl Compute for Scripted {
        fn compute(
            &self,
            texts: &[String],
            unwanted: &dyn Fn() -> bool,
        ) -> Result<Vec<Vec<f32>>, Failure> {
            match texts[0].as_str() {
                "book" => {
                    self.tell("began");
                    while !unwanted() {
                        thread::yield_now();
                    }
                    self.tell("stopped");
                }
                "panic" => panic!("as scripted"),
                "fail" => return Err("as scripted".into()),
                _ => {}
            }
            Ok(texts.iter().map(|_| vec![1.0]).collect())
        }
    }

    fn scripted() -> (Workers, std_mpsc::Receiver<&'static str>) {
        let (told, news) = std_mpsc::channel();
        let told = Mutex::new(told);
        let workers = Workers::start(Arc::new(Scripted { told }));
        (workers.unwrap(), news)
    }

    fn one(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[tokio::test]
    async fn a_query_does_not_wait_behind_passages_and_a_dropped_call_stops() {
        let (workers, news) = scripted();
        let mut reading = Box::pin(workers.embed(TextKind::Passage, one("book")));
        assert!(futures::poll!(&mut reading).is_pending());
        // What is dropped before its thread came to it is not begun at all.
        assert_eq!(news.recv(), Ok("began"));
        let asked = workers.embed(TextKind::Query, one("risk")).await;
        assert_eq!(asked, Ok(vec![vec![1.0]]));
        drop(reading);
        assert_eq!(news.recv(), Ok("stopped"));
        assert!(workers.embed(TextKind::Passage, one("risk")).await.is_ok());
    }

    #[tokio::test]
    async fn dropping_the_workers_stops_them() {
        let (workers, news) = scripted();
        let (reply, answer) = oneshot::channel();
        let job = Job {
            texts: one("book"),
            reply,
        };
        let sent = workers.passages.as_ref().unwrap().try_send(job);
        assert!(sent.is_ok());
        assert_eq!(news.recv(), Ok("began"));
        // Somebody still waits for the book.
        tokio::task::spawn_blocking(move || drop(workers))
            .await
            .unwrap();
        drop(answer);
        assert_eq!(news.try_recv(), Ok("stopped"));
    }

    #[tokio::test]
    async fn a_model_that_fails_or_panics_goes_on_with_the_next() {
        let (workers, _news) = scripted();
        for text in ["fail", "panic", "panic"] {
            let failed = workers.embed(TextKind::Query, one(text)).await;
            assert_eq!(failed, Err(EmbedError::Unavailable));
        }
        assert!(workers.embed(TextKind::Query, one("risk")).await.is_ok());
    }
}
