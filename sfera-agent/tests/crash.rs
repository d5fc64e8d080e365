//! A process is killed while its tools run: what it began is known to the next one, and is not done
//! again by itself.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

use async_trait::async_trait;
use serde_json::Value;
use sfera_agent::{
    Language,
    memory::UserId,
    tools::{
        FileJournal, Journal, Tool, ToolCall, ToolContext, ToolError, ToolOutcome, ToolRegistry,
        ToolSpec,
    },
};
use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// Where the process to be killed finds its folder.
const FOLDER: &str = "SFERA_TEST_CRASH_FOLDER";
/// Calls that it ends before it hangs in one.
const ENDED: u32 = 3;

/// Does something in the world outside, which is a file; then says so, or hangs.
struct Order {
    folder: PathBuf,
    hangs: bool,
}

#[async_trait]
impl Tool for Order {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new("order", "Orders a dish.")
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let mut world = OpenOptions::new();
        let mut world = world
            .create(true)
            .append(true)
            .open(self.folder.join("world"))
            .unwrap();
        writeln!(world, "{arguments} {}", context.idempotency_key).unwrap();
        if self.hangs && arguments["n"] == ENDED {
            println!("hanging");
            std::future::pending::<()>().await;
        }
        Ok("заказано".into())
    }

    fn action(&self, arguments: &Value, _: Language) -> Option<String> {
        Some(format!("заказать блюдо {}", arguments["n"]))
    }
}

async fn registry(folder: &Path, hangs: bool) -> (ToolRegistry, Arc<FileJournal>) {
    let journal = Arc::new(FileJournal::open(folder.join("calls")).await.unwrap());
    let mut registry = ToolRegistry::new();
    registry.set_journal(journal.clone());
    let folder = folder.to_owned();
    registry.add(Arc::new(Order { folder, hangs })).unwrap();
    (registry, journal)
}

fn user() -> UserId {
    UserId::new("telegram:17")
}

fn call(n: u32) -> ToolCall {
    ToolCall {
        id: format!("call-{n}").into(),
        name: "order".into(),
        arguments: format!(r#"{{"n": {n}}}"#),
    }
}

async fn run(registry: &ToolRegistry, n: u32, confirmed: bool) -> ToolOutcome {
    let context = ToolContext {
        user: Some(user()),
        ..ToolContext::default()
    };
    registry.run(&call(n), context, confirmed).await
}

fn world(folder: &Path) -> Vec<String> {
    let world = std::fs::read_to_string(folder.join("world")).unwrap();
    world.lines().map(str::to_owned).collect()
}

/// No test: the process that is killed.
#[tokio::test]
#[ignore = "the other test runs it in a process of its own"]
async fn the_process_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let (registry, _) = registry(&folder, true).await;
    for n in 0..=ENDED {
        run(&registry, n, false).await;
    }
    unreachable!("the last call hangs");
}

#[tokio::test]
async fn a_call_that_a_crash_cut_off_is_known_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "the_process_that_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    assert!(lines.any(|line| line.contains("hanging")), "it never ran");
    // SIGKILL: nothing of it runs any more, no destructor either.
    child.kill().unwrap();
    child.wait().unwrap();
    let before = world(folder.path());
    assert_eq!(before.len(), ENDED as usize + 1, "{before:?}");

    let (registry, journal) = registry(folder.path(), false).await;
    // The next conversation of the user is told.
    let doubts = journal.untold(&user()).await.unwrap();
    assert_eq!(doubts.len(), 1, "{doubts:?}");
    assert_eq!(&*doubts[0].action, format!("заказать блюдо {ENDED}"));
    // It is not done again by itself, and the user will be asked.
    let outcome = run(&registry, ENDED, false).await;
    assert!(
        matches!(&outcome, ToolOutcome::Failed(why) if why.contains("not known")),
        "{outcome:?}"
    );
    assert_eq!(world(folder.path()), before);
    let treatment = registry.treatment(&call(ENDED), Language::Ru, Some(&user()));
    assert!(treatment.confirm);
    assert_eq!(
        treatment.question("order", false, Language::Ru),
        "Заказать блюдо 3?"
    );
    // What had ended may be wanted once more.
    assert_eq!(
        run(&registry, 0, false).await,
        ToolOutcome::Ok("заказано".into())
    );
    // With a yes it is done under the key it had, so that the kitchen knows it again.
    assert_eq!(
        run(&registry, ENDED, true).await,
        ToolOutcome::Ok("заказано".into())
    );
    let after = world(folder.path());
    assert_eq!(after.last(), before.last());
    assert_eq!(journal.untold(&user()).await, Ok(vec![]));
}
