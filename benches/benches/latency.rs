//! How long single things take, as histograms: an input of the turn machine, a VAD window with its
//! resampling, and a whole mock turn beyond its configured silence.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on has no figures"
)]

use hdrhistogram::Histogram;
use sfera_agent::{
    audio::{Resampler, SampleRate},
    playout::PlayoutReader,
    session::{Session, SessionEventKind, recording::LineKind},
    testing::simulation::{self, Planted},
    turn::Machine,
    vad::{Earshot, Vad},
};
use sfera_benches::{
    FRAME, RATE, frame, in_earnest, print_table, providers, row_of, session_options,
};
use std::{
    sync::mpsc::{self as threads, RecvTimeoutError},
    thread,
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

/// Sessions that talk side by side while turns are measured.
const SESSIONS: u32 = 10;

fn histogram() -> Histogram<u64> {
    // Up to a minute: what takes longer is as good as stuck.
    Histogram::new_with_bounds(1, 60_000_000_000, 3).unwrap()
}

fn nanos(since: Instant) -> u64 {
    since.elapsed().as_nanos() as u64
}

fn machine(conversations: u64) -> Histogram<u64> {
    let mut times = histogram();
    for seed in 0..conversations {
        let (_, recording) = simulation::record(&simulation::from_seed(seed), Planted::Nothing);
        let mut machine = Machine::new(recording.header.options);
        for line in recording.lines {
            if let LineKind::Input(input) = line.kind {
                let began = Instant::now();
                machine.handle(line.at, input);
                while machine.poll_effect().is_some() {}
                times.saturating_record(nanos(began));
            }
        }
    }
    times
}

fn vad(windows: u64) -> Histogram<u64> {
    let mut times = histogram();
    let mut listener = Earshot.open().unwrap();
    let window = listener.window();
    let mut resampler = Resampler::new(RATE, SampleRate::HZ_16000);
    let samples = RATE.samples(Duration::from_millis(32)) as usize;
    let noise: Vec<i16> = (0..samples * 2)
        .map(|n| (n * 7_919 % 6_007) as i16 - 3_000)
        .collect();
    let mut out = Vec::new();
    for n in 0..windows {
        let at = n as usize * 31 % samples;
        let began = Instant::now();
        resampler.push(&noise[at..at + samples], &mut out);
        let whole = out.len() / window * window;
        for chunk in out[..whole].chunks_exact(window) {
            listener.probability(chunk).unwrap();
        }
        out.drain(..whole);
        times.saturating_record(nanos(began));
    }
    times
}

/// What the turns of a talking user took beyond the silence that ends a turn.
async fn talk(turns: u32) -> Vec<Duration> {
    let options = session_options();
    let silence = options.turn.endpointing.min_delay;
    let (microphone, input) = mpsc::channel(50);
    let builder = Session::builder(providers()).options(options);
    let mut session = builder.start(input).unwrap();
    let speaker = session.playout().unwrap();
    let events = session.events();
    let mut devices = JoinSet::new();
    // Ends when the turns are counted.
    let (playing, stopped) = threads::channel::<()>();
    let loudspeaker = thread::spawn(move || play(speaker, &stopped));
    devices.spawn(async move {
        let mut frames = interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Burst);
        // One second of speech, seven of listening.
        for n in 0_u32.. {
            frames.tick().await;
            if microphone.send(frame(n % 400 < 50)).await.is_err() {
                return;
            }
        }
    });
    let firsts = first_sounds(events, turns).await;
    drop(playing);
    loudspeaker.join().unwrap();
    firsts
        .into_iter()
        .map(|first| first.saturating_sub(silence))
        .collect()
}

/// A loudspeaker on a thread of its own, as devices have it. It asks every half a millisecond, so
/// that its own period is hardly measured.
fn play(mut speaker: PlayoutReader, stopped: &threads::Receiver<()>) {
    let (began, mut played) = (Instant::now(), 0);
    let period = Duration::from_micros(500);
    while stopped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
        let due = RATE.samples(began.elapsed());
        speaker.read(&mut vec![0; (due - played) as usize]);
        played = due;
    }
}

async fn first_sounds(
    mut events: broadcast::Receiver<sfera_agent::session::SessionEvent>,
    turns: u32,
) -> Vec<Duration> {
    let mut firsts = Vec::new();
    while firsts.len() < turns as usize {
        let event = timeout(Duration::from_secs(60), events.recv())
            .await
            .expect("a turn in a minute");
        if let Ok(SessionEventKind::Metrics { metrics }) = event.map(|event| event.kind) {
            firsts.push(metrics.first_audio);
        }
    }
    firsts
}

/// `apart` is the time between one session's turn and the next one's.
async fn turns(each: u32, apart: Duration) -> Histogram<u64> {
    let mut sessions = JoinSet::new();
    for n in 0..SESSIONS {
        sessions.spawn(async move {
            sleep(apart * n).await;
            talk(each).await
        });
    }
    let mut times = histogram();
    while let Some(firsts) = sessions.join_next().await {
        for first in firsts.unwrap() {
            times.saturating_record(first.as_nanos() as u64);
        }
    }
    times
}

fn main() {
    let (conversations, windows, each) = if in_earnest() {
        (2_000, 20_000, 12)
    } else {
        (20, 100, 1)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let rows = [
        row_of(
            "turn machine: an input, its effects drained",
            &machine(conversations),
        ),
        row_of("VAD: 32 ms, resampled from 48 kHz", &vad(windows)),
        row_of(
            "mock turn beyond 500 ms of silence, ten sessions",
            &runtime.block_on(turns(each, Duration::from_millis(793))),
        ),
        row_of(
            "the same, all ten turns end at once",
            &runtime.block_on(turns(each, Duration::ZERO)),
        ),
    ];
    print_table(&["what", "count", "p50", "p99", "max"], &rows);
}
