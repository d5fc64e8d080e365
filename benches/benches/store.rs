//! How fast the embedded store finds, and what it takes: generated Russian text with random unit
//! vectors, whose making is not counted. Each size is measured in a process of its own.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on has no figures, and it measures real time"
)]

use hdrhistogram::Histogram;
use sfera_agent::store::{CollectionSpec, DenseSpec, Point, Query, SqliteStore, Store};
use sfera_benches::{Row, in_earnest, print_table};
use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Points that are found: as many as an answer stands on, and as many as conversations judge.
const FEW: usize = 5;
const MANY: usize = 50;
/// What the child process is told to do.
const MEASURE: &str = "--measure";
/// As multilingual-e5-small has them.
const DIMENSION: usize = 384;
/// Words of a chunk: some 500 characters.
const WORDS: usize = 70;
/// Different words before their endings; the `n`th is said 1 ÷ n times as often as the first.
const VOCABULARY: usize = 30_000;
const ENDINGS: [&str; 8] = ["а", "ы", "е", "у", "ой", "ам", "ами", "ах"];
const SYLLABLES: [&str; 24] = [
    "ба", "ве", "го", "ду", "жи", "за", "ка", "ло", "ме", "ни", "по", "ра", "се", "ти", "фо", "ху",
    "цы", "ча", "ше", "бро", "ста", "кри", "пле", "гру",
];
const BATCH: usize = 1_000;
const QUERIES: usize = 400;

/// SplitMix64: the same text in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn word(&mut self) -> String {
        // The inverse of Zipf's distribution, nearly.
        let rank = (VOCABULARY as f64).powf(self.share()) as usize;
        let mut rest = rank.wrapping_mul(7_919) % (24 * 24 * 24 * 24);
        let mut word = String::new();
        for _ in 0..4 {
            word.push_str(SYLLABLES[rest % 24]);
            rest /= 24;
        }
        word.push_str(ENDINGS[self.roll() as usize % ENDINGS.len()]);
        word
    }

    fn text(&mut self, words: usize) -> String {
        let words: Vec<_> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn vector(&mut self) -> Vec<f32> {
        let normal = |dice: &mut Self| (0..6).map(|_| dice.share()).sum::<f64>() - 3.0;
        let vector: Vec<_> = (0..DIMENSION).map(|_| normal(self) as f32).collect();
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        vector.iter().map(|v| v / length).collect()
    }

    fn point(&mut self, n: usize) -> Point {
        let mut payload = serde_json::Map::new();
        payload.insert("title".into(), format!("Документ {}", n / 20).into());
        payload.insert("source".into(), format!("/texts/{}.md", n / 20).into());
        payload.insert("place".into(), (n % 20).into());
        Point {
            id: Uuid::from_u128(n as u128),
            text: self.text(WORDS),
            dense: Some(self.vector()),
            payload,
        }
    }
}

/// Bytes of memory that the process has in use.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096
}

fn on_disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

async fn fill(file: &Path, size: usize) -> Duration {
    let store = SqliteStore::open(file).await.unwrap();
    let spec = CollectionSpec {
        name: "bench".into(),
        language: None,
        dense: Some(DenseSpec {
            model: "random".into(),
            dimension: DIMENSION,
        }),
    };
    store.setup(&spec).await.unwrap();
    let mut dice = Dice(1);
    let mut writing = Duration::ZERO;
    for start in (0..size).step_by(BATCH) {
        let points = (start..size.min(start + BATCH)).map(|n| dice.point(n));
        let points = points.collect();
        let begun = Instant::now();
        store.upsert("bench", points).await.unwrap();
        writing += begun.elapsed();
    }
    writing
}

/// Prints the figures of one size, a line each.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
async fn measure(size: usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    // Filled by another process, so that its memory is not counted.
    let child = Command::new(std::env::current_exe().unwrap())
        .args([MEASURE, &size.to_string(), "--into", file.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let writing: f64 = String::from_utf8(child.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();

    let store = SqliteStore::open(&file).await.unwrap();
    let before = resident();
    let mut dice = Dice(2);
    let mut query = |words: bool, meaning: bool, limit: usize| Query {
        text: words.then(|| dice.text(6)),
        dense: meaning.then(|| dice.vector()),
        limit,
        ..Query::default()
    };
    let begun = Instant::now();
    store
        .search("bench", &query(true, true, FEW))
        .await
        .unwrap();
    let first = begun.elapsed();
    let mut figures = vec![format!("{writing:.1} s"), millis(first)];
    for (words, meaning, limit) in [
        (true, true, FEW),
        (true, true, MANY),
        (false, true, FEW),
        (true, false, FEW),
    ] {
        let mut times = Histogram::<u64>::new(3).unwrap();
        for _ in 0..QUERIES {
            let query = query(words, meaning, limit);
            let begun = Instant::now();
            let hits = store.search("bench", &query).await.unwrap();
            times.record(begun.elapsed().as_nanos() as u64).unwrap();
            assert!(hits.len() <= limit && (!meaning || hits.len() == limit.min(size)));
        }
        for quantile in [0.5, 0.99] {
            figures.push(millis(Duration::from_nanos(
                times.value_at_quantile(quantile),
            )));
        }
    }
    figures.push(mib(resident().saturating_sub(before)));
    figures.push(mib(on_disk(folder.path())));
    println!("{}", figures.join("|"));
}

fn row(size: usize) -> Row {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([MEASURE, &size.to_string()])
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let text = String::from_utf8(child.stdout).unwrap();
    Row {
        what: size.to_string(),
        figures: text.trim().split('|').map(str::to_owned).collect(),
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let run = |mut builder: tokio::runtime::Builder| builder.enable_all().build().unwrap();
    match (after(MEASURE), after("--into")) {
        (Some(size), Some(file)) => {
            let writing = run(runtime).block_on(fill(Path::new(&file), size.parse().unwrap()));
            #[expect(clippy::print_stdout, reason = "the parent process reads it")]
            {
                println!("{}", writing.as_secs_f64());
            }
        }
        (Some(size), None) => run(runtime).block_on(measure(size.parse().unwrap())),
        _ => {
            let sizes: &[usize] = if in_earnest() {
                &[1_000, 10_000, 100_000]
            } else {
                &[50]
            };
            let rows: Vec<Row> = sizes.iter().map(|size| row(*size)).collect();
            print_table(
                &[
                    "points",
                    "writing",
                    "first search",
                    "both p50",
                    "p99",
                    "both, 50 points, p50",
                    "p99",
                    "meaning p50",
                    "p99",
                    "words p50",
                    "p99",
                    "memory",
                    "on disk",
                ],
                &rows,
            );
        }
    }
}
