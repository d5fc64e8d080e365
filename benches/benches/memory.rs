//! Memory of sessions in one process, with mock providers: idle, and while all of them talk. Each
//! number of sessions is measured in a process of its own, on tokio's virtual clock.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on has no figures"
)]

use sfera_agent::{
    audio::Frame,
    playout::PlayoutReader,
    session::{Session, SessionControl},
};
use sfera_benches::{FRAME, RATE, Row, frame, in_earnest, print_table, providers, session_options};
use std::process::Command;
use tokio::{sync::mpsc, time::interval};

/// What the child process is told to do.
const MEASURE: &str = "--measure";

/// Bytes of memory that the process has in use.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096
}

struct Room {
    _session: Session,
    _control: SessionControl,
    microphone: mpsc::Sender<Frame>,
    speaker: PlayoutReader,
}

fn open() -> Room {
    let (microphone, input) = mpsc::channel(50);
    let builder = Session::builder(providers()).options(session_options());
    let mut session = builder.start(input).unwrap();
    Room {
        speaker: session.playout().unwrap(),
        _control: session.control(),
        microphone,
        _session: session,
    }
}

/// Lives through `frames` frames, the first `loud` of which are speech.
async fn live(rooms: &mut [Room], frames: usize, loud: usize) {
    let mut ticks = interval(FRAME);
    let mut heard = vec![0; RATE.samples(FRAME) as usize];
    for n in 0..frames {
        ticks.tick().await;
        for room in &mut *rooms {
            // A session that lags behind loses a frame, as with a real microphone.
            let _ = room.microphone.try_send(frame(n < loud));
            room.speaker.read(&mut heard);
        }
    }
}

/// Prints bytes a session, idle and talking.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
async fn measure(sessions: usize) {
    // What every process has once: the runtime, the clock, the first allocation of each size.
    let mut first = vec![open()];
    live(&mut first, 100, 25).await;
    let before = resident();
    let mut rooms: Vec<Room> = (0..sessions).map(|_| open()).collect();
    live(&mut rooms, 25, 0).await;
    let idle = resident();
    // Half a second of speech and a good second of silence: by then all are answering.
    live(&mut rooms, 85, 25).await;
    let talking = resident();
    let share = |now: u64| now.saturating_sub(before) / sessions as u64;
    println!("{} {}", share(idle), share(talking));
}

fn row(sessions: usize) -> Row {
    let program = std::env::current_exe().unwrap();
    let child = Command::new(program)
        .args([MEASURE, &sessions.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(child.stdout).unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let kib = |bytes: &str| format!("{:.0} KiB", bytes.parse::<f64>().unwrap() / 1_024.0);
    Row {
        what: sessions.to_string(),
        figures: text.split_whitespace().map(kib).collect(),
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(MEASURE) {
        let sessions = arguments.next().unwrap().parse().unwrap();
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        return runtime.block_on(measure(sessions));
    }
    let counts: &[usize] = if in_earnest() {
        &[1, 100, 1_000]
    } else {
        &[1, 2]
    };
    let rows: Vec<Row> = counts.iter().map(|count| row(*count)).collect();
    print_table(&["sessions", "idle, each", "talking, each"], &rows);
}
