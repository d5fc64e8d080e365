//! Simulated conversations on a virtual clock: a user, a recogniser, an LLM, tools, a voice and a
//! loudspeaker that are slow, wrong, silent, broken or endless as a plan says, around the real turn
//! machine. After every step the machine's promises are checked against what was really heard.
//!
//! A conversation follows from its seed alone. A broken rule is shrunk by proptest to a simple
//! conversation, and comes with a recording that `sfera replay` opens.
//!
//! ```no_run
//! use sfera_agent::testing::simulation::{self, Planted};
//!
//! let stats = simulation::check_all(0..1_000, Planted::Nothing).unwrap_or_else(|failure| {
//!     panic!("{failure}");
//! });
//! println!("{stats}");
//! ```

pub mod plan;
mod playout;
mod rules;
mod services;
mod strategy;
mod user;
mod words;
mod world;

pub use plan::Conversation;
pub use rules::{Rule, Violation};
pub use strategy::conversation;

use crate::{
    session::{recording::Recording, replay},
    turn::Input,
};
use proptest::{
    prelude::Strategy,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use std::{
    fmt, io,
    ops::{AddAssign, Range},
    path::{Path, PathBuf},
};
use world::World;

/// One conversation in so many is recorded, replayed and compared, which costs twice the time.
const REPLAYED: u64 = 8;

/// Runs tried to make a failing conversation simpler, at most, and for how many milliseconds.
const SHRINKING: u32 = 3_000;
const SHRINKING_MS: u32 = 60_000;

/// A bug put into the simulated world to see that the rules find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    /// No bug.
    #[default]
    Nothing,
    /// Playout loses 10 ms of sound whenever it resumes.
    SkipsOnResume,
    /// The results of tools never reach the machine.
    LosesToolResults,
    /// The machine is not told that a tool needs a yes.
    Unasked,
    /// Nobody wakes the machine while it is thinking.
    NeverWakes,
}

impl Planted {
    const fn lost_by_resume(self) -> u64 {
        match self {
            Self::SkipsOnResume => 10 * playout::SAMPLES_PER_MS,
            _ => 0,
        }
    }

    fn changed(self, mut input: Input) -> Input {
        if let (Self::Unasked, Input::LlmToolCall { treatment, .. }) = (self, &mut input) {
            treatment.confirm = false;
        }
        input
    }
}

/// What happened in simulated conversations, to see that they were worth simulating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Conversations.
    pub conversations: u64,
    /// Inputs the machines got.
    pub inputs: u64,
    /// Turns of users that were committed.
    pub turns: u64,
    /// Turns that were answered together with a later one.
    pub superseded: u64,
    /// Replies heard to their end.
    pub completed: u64,
    /// Replies cut short.
    pub interrupted: u64,
    /// Replies that failed.
    pub failed: u64,
    /// False alarms after which playout went on.
    pub resumed: u64,
    /// Tool calls.
    pub tools: u64,
    /// Calls that the user was asked about.
    pub asked: u64,
    /// Calls that ran after a yes.
    pub confirmed: u64,
    /// Calls that did not run because they were the same as another.
    pub duplicates: u64,
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.conversations += other.conversations;
        self.inputs += other.inputs;
        self.turns += other.turns;
        self.superseded += other.superseded;
        self.completed += other.completed;
        self.interrupted += other.interrupted;
        self.failed += other.failed;
        self.resumed += other.resumed;
        self.tools += other.tools;
        self.asked += other.asked;
        self.confirmed += other.confirmed;
        self.duplicates += other.duplicates;
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} conversations, {} inputs: {} turns ({} superseded), {} replies completed, {} \
             interrupted, {} failed, {} false alarms, {} tool calls ({} asked about, {} confirmed, {} \
             duplicates)",
            self.conversations,
            self.inputs,
            self.turns,
            self.superseded,
            self.completed,
            self.interrupted,
            self.failed,
            self.resumed,
            self.tools,
            self.asked,
            self.confirmed,
            self.duplicates,
        )
    }
}

/// A conversation in which a rule was broken.
#[derive(Debug)]
pub struct Failure {
    /// The seed of the conversation that was run; [`from_seed`] makes it again.
    pub seed: u64,
    /// What the simplest conversation found breaks.
    pub violation: Violation,
    /// The simplest conversation found.
    pub conversation: Conversation,
    /// What happened in it.
    pub recording: Recording,
}

impl Failure {
    /// Writes the recording into a folder. Answers with the path.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(format!("simulation-{}.jsonl", self.seed));
        self.recording.write(&path)?;
        Ok(path)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}", self.seed, self.violation)?;
        write!(
            f,
            "the simplest conversation found: {:#?}",
            self.conversation
        )
    }
}

/// The conversation of a seed, the same on every machine.
#[must_use]
pub fn from_seed(seed: u64) -> Conversation {
    tree(seed).0.current()
}

/// Runs a conversation.
///
/// # Errors
/// The first rule that was broken.
pub fn run(conversation: &Conversation, planted: Planted) -> Result<Stats, Violation> {
    World::new(conversation, planted, false).run()
}

/// Runs a conversation and records it, also when a rule is broken.
pub fn record(
    conversation: &Conversation,
    planted: Planted,
) -> (Result<Stats, Violation>, Recording) {
    let mut world = World::new(conversation, planted, true);
    let result = world.run();
    (result, world.into_recording())
}

/// Runs the conversation of a seed; some are also replayed.
///
/// # Errors
/// The simplest conversation found in which a rule is broken.
pub fn check(seed: u64, planted: Planted) -> Result<Stats, Box<Failure>> {
    let judge = if seed.is_multiple_of(REPLAYED) {
        run_and_replay
    } else {
        run
    };
    let (tree, mut runner) = tree(seed);
    match judge(&tree.current(), planted) {
        Ok(stats) => Ok(stats),
        Err(violation) => {
            let failure = shrink(seed, tree, &mut runner, violation, planted, judge);
            Err(Box::new(failure))
        }
    }
}

/// Runs the conversations of many seeds, one after another.
///
/// # Errors
/// The first [`Failure`].
pub fn check_all(seeds: Range<u64>, planted: Planted) -> Result<Stats, Box<Failure>> {
    let mut sum = Stats::default();
    for seed in seeds {
        sum += check(seed, planted)?;
    }
    Ok(sum)
}

fn run_and_replay(conversation: &Conversation, planted: Planted) -> Result<Stats, Violation> {
    let (result, recording) = record(conversation, planted);
    let stats = result?;
    if let Err(divergence) = replay::replay(&recording) {
        let at = recording.lines.last().map(|line| line.at);
        let what = || divergence.to_string();
        return Err(Violation::new(
            at.unwrap_or_default(),
            Rule::Deterministic,
            what,
        ));
    }
    Ok(stats)
}

fn tree(seed: u64) -> (impl ValueTree<Value = Conversation>, TestRunner) {
    let mut bytes = [0x5f; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    let config = Config {
        max_shrink_iters: SHRINKING,
        max_shrink_time: SHRINKING_MS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    #[expect(
        clippy::expect_used,
        reason = "none of the strategies rejects anything"
    )]
    let tree = conversation().new_tree(&mut runner).expect("no rejection");
    (tree, runner)
}

fn shrink(
    seed: u64,
    tree: impl ValueTree<Value = Conversation>,
    runner: &mut TestRunner,
    first: Violation,
    planted: Planted,
    judge: impl Fn(&Conversation, Planted) -> Result<Stats, Violation>,
) -> Failure {
    let unshrunk = tree.current();
    let shrunk = runner.run_one(tree, |conversation| match judge(&conversation, planted) {
        // A simpler conversation that breaks another rule is another failure.
        Err(violation) if violation.rule == first.rule => {
            Err(TestCaseError::fail(violation.to_string()))
        }
        _ => Ok(()),
    });
    let conversation = match shrunk {
        Err(TestError::Fail(_, conversation)) => conversation,
        _ => unshrunk,
    };
    let violation = judge(&conversation, planted).err().unwrap_or(first);
    let (_, recording) = record(&conversation, planted);
    Failure {
        seed,
        violation,
        conversation,
        recording,
    }
}
