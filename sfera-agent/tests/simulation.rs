//! The turn machine in simulated conversations: `simulation` says how they are made and checked.
#![cfg(feature = "test-util")]
#![allow(clippy::expect_used, clippy::panic)]

use sfera_agent::{
    session::{
        recording::{LineKind, Recording},
        replay,
    },
    testing::simulation::{self, Failure, Planted, Rule, Stats},
    turn::Effect,
};
use std::{ops::Range, path::Path, thread};

/// Conversations of every `make test`.
const EVERY_TIME: u64 = 20_000;
/// Conversations of `make test-full`.
const FULL: u64 = 1_000_000;

fn explain(failure: &Failure) -> String {
    let saved = match failure.save(Path::new(env!("CARGO_TARGET_TMPDIR"))) {
        Ok(path) => format!("see it with: sfera replay {}", path.display()),
        Err(error) => format!("its recording cannot be written: {error}"),
    };
    format!("{failure}\n{saved}")
}

fn check(seeds: Range<u64>) -> Stats {
    simulation::check_all(seeds, Planted::Nothing).unwrap_or_else(|f| panic!("{}", explain(&f)))
}

#[test]
fn twenty_thousand_conversations_keep_every_promise() {
    let stats = check(0..EVERY_TIME);
    println!("{stats}");
    assert_eq!(stats.conversations, EVERY_TIME);
    // A simulation in which nothing happens keeps every promise, too.
    for (what, count) in [
        ("turns", stats.turns),
        ("superseded turns", stats.superseded),
        ("completed replies", stats.completed),
        ("interrupted replies", stats.interrupted),
        ("failed replies", stats.failed),
        ("false alarms", stats.resumed),
        ("tool calls", stats.tools),
    ] {
        assert!(count > 1_000, "only {count} {what}");
    }
    for (what, count) in [
        ("calls that were asked about", stats.asked),
        ("calls that were confirmed", stats.confirmed),
        ("duplicates", stats.duplicates),
    ] {
        assert!(count > 100, "only {count} {what}");
    }
}

#[test]
fn full_a_million_conversations_keep_every_promise() {
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = FULL.div_ceil(workers);
    let mut sum = Stats::default();
    thread::scope(|scope| {
        let shares = (0..workers).map(|n| (n * share)..((n + 1) * share).min(FULL));
        let threads: Vec<_> = shares
            .map(|seeds| scope.spawn(move || check(seeds)))
            .collect();
        for worker in threads {
            sum += worker.join().unwrap();
        }
    });
    println!("{stats}", stats = sum);
    assert_eq!(sum.conversations, FULL);
}

fn caught(planted: Planted) -> Box<Failure> {
    simulation::check_all(0..2_000, planted)
        .expect_err("2,000 conversations did not notice the bug")
}

#[test]
fn a_resume_at_a_wrong_sample_is_caught() {
    let failure = caught(Planted::SkipsOnResume);
    assert_eq!(failure.violation.rule, Rule::EverySample, "{failure}");
}

#[test]
fn a_lost_tool_result_is_caught() {
    let failure = caught(Planted::LosesToolResults);
    assert_eq!(failure.violation.rule, Rule::OneResult, "{failure}");
}

#[test]
fn a_call_that_nobody_was_asked_about_is_caught() {
    let failure = caught(Planted::Unasked);
    assert_eq!(failure.violation.rule, Rule::Consent, "{failure}");
}

#[test]
fn a_stuck_state_is_caught() {
    let failure = caught(Planted::NeverWakes);
    assert_eq!(failure.violation.rule, Rule::Stuck, "{failure}");
}

#[test]
fn a_failure_is_shrunk_and_its_recording_can_be_opened() {
    let failure = caught(Planted::NeverWakes);
    let simplest = &failure.conversation;
    let first = simulation::from_seed(failure.seed);
    let size = |conversation: &_| format!("{conversation:?}").len();
    assert!(size(simplest) < size(&first), "{simplest:#?}");
    let folder = tempfile::tempdir().unwrap();
    let path = failure.save(folder.path()).unwrap();
    let recording = Recording::read(&path).unwrap();
    assert!(!recording.lines.is_empty());
    replay::replay(&recording).unwrap();
}

#[test]
fn a_seed_always_makes_the_same_conversation() {
    for seed in 0..50 {
        let conversation = simulation::from_seed(seed);
        let (_, first) = simulation::record(&conversation, Planted::Nothing);
        let (_, second) = simulation::record(&simulation::from_seed(seed), Planted::Nothing);
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn a_changed_effect_is_found_at_its_line() {
    let (_, mut recording) = simulation::record(&simulation::from_seed(1), Planted::Nothing);
    replay::replay(&recording).unwrap();
    let effects = recording.lines.iter().enumerate();
    let mut effects = effects.filter(|(_, line)| matches!(line.kind, LineKind::Effect(_)));
    let (changed, _) = effects.nth(10).unwrap();
    recording.lines[changed].kind = LineKind::Effect(Effect::CancelTool { id: "never".into() });
    let divergence = replay::replay(&recording).unwrap_err();
    let shown = divergence.to_string();
    assert!(shown.contains("cancel_tool"), "{shown}");
    assert!(
        shown.starts_with(&format!("line {}", changed + 2)),
        "{shown}"
    );
}
