//! The journal on disk: what crashes leave, and what is forgotten.

use super::*;
use crate::testing::journal_conformance;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn intent(n: u8) -> Intent {
    let user = UserId::new("alex");
    Intent::new(Some(&user), "order", &json!({ "n": n }), "заказать")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    journal_conformance(&FileJournal::open(folder.path()).await.unwrap()).await;
}

#[tokio::test]
async fn what_a_living_process_runs_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let first = FileJournal::open(folder.path()).await.unwrap();
    first.begin(&intent(1), false).await.unwrap();
    let second = FileJournal::open(folder.path()).await.unwrap();
    let user = UserId::new("alex");
    assert_eq!(second.untold(&user).await, Ok(vec![]));
    assert!(!second.is_in_doubt(&intent(1)));
    drop(first);
    let doubts = second.untold(&user).await.unwrap();
    assert_eq!(doubts.len(), 1, "its process is gone: {doubts:?}");
    assert!(second.is_in_doubt(&intent(1)));
    assert_eq!(files(folder.path()).len(), 1, "its file was taken over");
}

#[tokio::test]
async fn nothing_open_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).await.unwrap();
    let Ok(Begun::Run(key)) = journal.begin(&intent(1), false).await else {
        panic!("it did not begin");
    };
    journal.end(&key).await.unwrap();
    drop(journal);
    assert_eq!(files(folder.path()), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn the_file_does_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).await.unwrap();
    journal.begin(&intent(0), false).await.unwrap();
    for _ in 0..STALE {
        let Ok(Begun::Run(key)) = journal.begin(&intent(1), false).await else {
            panic!("it did not begin");
        };
        journal.end(&key).await.unwrap();
    }
    let lines = fs::read_to_string(&files(folder.path())[0]).unwrap();
    assert!(
        lines.lines().count() < STALE + 10,
        "{}",
        lines.lines().count()
    );
    drop(journal);
    let next = FileJournal::open(folder.path()).await.unwrap();
    assert!(next.is_in_doubt(&intent(0)));
}

#[tokio::test]
async fn no_word_of_who_is_forgotten_stays_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).await.unwrap();
    let mut keys = Vec::new();
    for n in 0..4 {
        let Ok(Begun::Run(key)) = journal.begin(&intent(n), false).await else {
            panic!("it did not begin");
        };
        keys.push(key);
    }
    journal.end(&keys[0]).await.unwrap();
    journal.abandon(&keys[1]);
    let written = || fs::read_to_string(&files(folder.path())[0]).unwrap();
    assert!(written().contains("заказать") && written().contains("alex"));
    journal.forget(&UserId::new("alex")).await.unwrap();
    assert_eq!(written(), "");
    // Two of the calls ran meanwhile.
    journal.end(&keys[2]).await.unwrap();
    journal.abandon(&keys[3]);
    assert!(!written().contains("заказать") && !written().contains("alex"));
    drop(journal);
    assert_eq!(files(folder.path()), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let left = |name: &str, age: Duration| {
        let path = folder.path().join(name);
        fs::write(&path, "заказать").unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let old = left("a.calls.b.new", HALF_WRITTEN * 2);
    let fresh = left("a.calls.c.new", Duration::ZERO);
    let other = left("notes.new", HALF_WRITTEN * 2);
    let journal = FileJournal::open(folder.path()).await.unwrap();
    assert!(!old.exists() && fresh.exists() && other.exists());
    journal.forget(&UserId::new("alex")).await.unwrap();
    assert!(fresh.exists(), "its process may be about to go on");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let opened = FileJournal::open(file).await;
    assert_eq!(opened.err(), Some(JournalError::Unavailable));
}

/// What is done to a journal, by the numbers of the calls.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin(u8),
    End(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![(0..6_u8).prop_map(Act::Begin), (0..6_u8).prop_map(Act::End)];
    proptest::collection::vec(act, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However much of the file a crash has left, the calls whose beginning is whole and whose end
    /// is not are in doubt, and no others.
    #[test]
    fn every_crash_leaves_what_began_in_doubt(acts in acts(), cut in 0.0..1.0_f64) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let journal = FileJournal::open(folder.path()).await.unwrap();
            let path = files(folder.path()).remove(0);
            // The length of the file after each act, and what was open then.
            let mut open: Vec<(u8, Arc<str>)> = Vec::new();
            let mut states = vec![(0, BTreeSet::new())];
            for act in acts {
                match act {
                    Act::Begin(n) if open.iter().all(|(m, _)| *m != n) => {
                        let Ok(Begun::Run(key)) = journal.begin(&intent(n), false).await else {
                            panic!("{n} is in doubt");
                        };
                        open.push((n, key));
                    }
                    Act::End(n) => {
                        if let Some(at) = open.iter().position(|(m, _)| *m == n) {
                            journal.end(&open.remove(at).1).await.unwrap();
                        }
                    }
                    Act::Begin(_) => {}
                }
                let length = fs::metadata(&path).unwrap().len();
                states.push((length, open.iter().map(|(n, _)| *n).collect()));
            }
            let whole = fs::read(&path).unwrap();
            let cut = (whole.len() as f64 * cut) as usize;
            let after = tempfile::tempdir().unwrap();
            let dead = after.path().join(format!("dead.{ENDING}"));
            fs::write(dead, &whole[..cut]).unwrap();
            let next = FileJournal::open(after.path()).await.unwrap();
            let left: BTreeSet<u8> = (0..6).filter(|n| next.is_in_doubt(&intent(*n))).collect();
            // A line is whole without its line break.
            let expected = states.iter().rfind(|(length, _)| *length <= cut as u64 + 1);
            assert_eq!(Some(&left), expected.map(|(_, open)| open));
        });
    }
}
