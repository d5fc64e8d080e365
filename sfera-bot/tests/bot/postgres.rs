//! A real PostgreSQL server, one a test.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

const START: Duration = Duration::from_secs(30);

pub struct Postgres {
    process: Child,
    port: u16,
    home: TempDir,
}

impl Postgres {
    /// The port may be taken by somebody else in between.
    pub fn start() -> Self {
        let started = (0..5).find_map(|_| Self::try_start());
        started.expect("PostgreSQL starts")
    }

    fn try_start() -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder");
        let data = home.path().join("data");
        fs::create_dir(&data).expect("a folder");
        if let Some((user, group)) = postgres_user() {
            for path in [home.path(), &data] {
                chown(path, Some(user), Some(group)).expect("root may");
            }
        }
        let made = as_postgres("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "-U", "sfera", "-E", "UTF8", "--no-sync"])
            .output()
            .expect("initdb runs");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .expect("a port")
            .port();
        let process = as_postgres("postgres")
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(home.path())
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off"])
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres runs");
        let mut server = Self {
            process,
            port,
            home,
        };
        server.answers().then_some(server)
    }

    fn answers(&mut self) -> bool {
        let began = SystemTime::now();
        // Its own socket: what answers at the port may be somebody else's.
        let own = self.home.path().join(format!(".s.PGSQL.{}", self.port));
        while !own.exists() || !self.is_ready() {
            let ended = self.process.try_wait().expect("its state is known");
            if ended.is_some() {
                return false;
            }
            assert!(
                began.elapsed().unwrap_or_default() < START,
                "PostgreSQL does not start"
            );
            thread::park_timeout(Duration::from_millis(20));
        }
        true
    }

    /// It listens before it lets anybody in.
    fn is_ready(&self) -> bool {
        let port = self.port.to_string();
        let asked = Command::new(folder().join("pg_isready"))
            .arg("-h")
            .arg(self.home.path())
            .args(["-q", "-p", &port])
            .status();
        asked.is_ok_and(|status| status.success())
    }

    pub fn url(&self) -> String {
        format!("postgres://sfera@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// PostgreSQL does not run as root.
fn as_postgres(program: &str) -> Command {
    let program = folder().join(program);
    if postgres_user().is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program);
    command
}

/// The user and the group, where this is root.
fn postgres_user() -> Option<(u32, u32)> {
    let id = |option| {
        let output = Command::new("id")
            .args([option, "postgres"])
            .output()
            .expect("id runs");
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse::<u32>()
            .ok()
    };
    let own = Command::new("id").arg("-u").output().expect("id runs");
    (own.stdout == b"0\n")
        .then(|| id("-u").zip(id("-g")))
        .flatten()
}

fn folder() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL: run .ci/packages test");
    let newest = versions
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .max();
    newest
        .as_deref()
        .unwrap_or(Path::new("/nowhere"))
        .join("bin")
}
