//! A real LiveKit server, one a test.

use std::{
    env, fs,
    net::{TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use livekit_api::access_token::{AccessToken, VideoGrants};
use tempfile::TempDir;

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
/// A server that does not answer within this is broken.
const START: Duration = Duration::from_secs(60);
/// What it logs once it listens.
const LISTENS: &str = "starting LiveKit server";

pub struct LiveKitServer {
    home: TempDir,
    /// Where it is, an address of this machine.
    host: String,
    port: u16,
    process: Option<Child>,
}

impl LiveKitServer {
    /// A server that offers UDP and TCP.
    pub fn start() -> Self {
        Self::with("")
    }

    /// A server with more lines of configuration, under `rtc:` where they are indented by two.
    pub fn with(more: &str) -> Self {
        Self::at("127.0.0.1", more)
    }

    /// The same at another address of this machine than loopback.
    pub fn at(host: &str, more: &str) -> Self {
        for _ in 0..5 {
            if let Some(server) = Self::try_start(host, more) {
                return server;
            }
        }
        panic!("livekit-server does not start");
    }

    fn try_start(host: &str, more: &str) -> Option<Self> {
        let home = tempfile::tempdir().expect("a temporary folder");
        let [port, tcp] = two_free_tcp();
        let udp = free_udp();
        let config = format!(
            "port: {port}\nbind_addresses: ['{host}']\nkeys:\n  {KEY}: {SECRET}\n\
             logging:\n  level: info\n  json: false\n\
             rtc:\n  tcp_port: {tcp}\n  udp_port: {udp}\n  use_external_ip: false\n  node_ip: '{host}'\n  \
             enable_loopback_candidate: true\n{more}"
        );
        fs::write(home.path().join("livekit.yaml"), config)
            .expect("the configuration can be written");
        let mut server = Self {
            home,
            host: host.to_owned(),
            port,
            process: None,
        };
        server.launch().then_some(server)
    }

    fn launch(&mut self) -> bool {
        let said = self.said().len();
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("a log");
        let process = Command::new(binary())
            .arg("--config")
            .arg(self.home.path().join("livekit.yaml"))
            .args(["--node-ip", &self.host])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("livekit-server runs");
        self.process = Some(process);
        self.answers(said)
    }

    /// Who answers at the port may be somebody else who was given it meanwhile: this one says so first.
    fn answers(&mut self, said: usize) -> bool {
        let began = SystemTime::now();
        while began.elapsed().unwrap_or_default() < START {
            let news = self.said().split_off(said);
            if news.contains(LISTENS) && TcpStream::connect((self.host.as_str(), self.port)).is_ok()
            {
                return true;
            }
            let process = self.process.as_mut().expect("it was launched");
            if process.try_wait().expect("its state is known").is_some() {
                return false;
            }
            thread::park_timeout(Duration::from_millis(10));
        }
        false
    }

    fn said(&self) -> String {
        let said = fs::read(self.log()).unwrap_or_default();
        String::from_utf8_lossy(&said).into_owned()
    }

    pub fn log(&self) -> PathBuf {
        self.home.path().join("livekit.log")
    }

    pub fn url(&self) -> String {
        format!("ws://{}:{}", self.host, self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once, as a broken machine would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.kill();
        assert!(self.launch(), "livekit-server does not start again");
    }

    /// A token for a standard participant.
    pub fn token(&self, room: &str, identity: &str) -> String {
        self.token_with(room, identity, |grants| grants)
    }

    pub fn token_with(
        &self,
        room: &str,
        identity: &str,
        change: impl FnOnce(VideoGrants) -> VideoGrants,
    ) -> String {
        let grants = VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        };
        AccessToken::with_api_key(KEY, SECRET)
            .with_identity(identity)
            .with_name(identity)
            .with_grants(change(grants))
            .to_jwt()
            .expect("a token")
    }
}

impl Drop for LiveKitServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        if thread::panicking() {
            let log = self.said();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("livekit-server said last:");
            for line in &lines[lines.len().saturating_sub(30)..] {
                eprintln!("{}", line.chars().take(300).collect::<String>());
            }
        }
    }
}

fn binary() -> PathBuf {
    if let Some(binary) = env::var_os("SFERA_LIVEKIT_SERVER") {
        return binary.into();
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Path::new(&env::var_os("HOME").expect("a home")).join(".cache");
    let binary = cache
        .unwrap_or_else(home)
        .join("sfera/livekit-server/1.11.0/livekit-server");
    assert!(
        binary.exists(),
        "there is no livekit-server: run .ci/livekit-server"
    );
    binary
}

/// Both are held until both are chosen, or they could be one.
fn two_free_tcp() -> [u16; 2] {
    let sockets = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    sockets.map(|socket| socket.local_addr().expect("it has an address").port())
}

fn free_udp() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("it has an address").port()
}
