//! A real TURN server: Debian's coturn.

use std::{
    net::{TcpStream, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

/// It starts within some ten milliseconds.
const START: Duration = Duration::from_secs(10);
/// Ports that are tried.
const PORTS: usize = 5;

pub struct Turn {
    process: Child,
    address: String,
    pub port: u16,
    _home: tempfile::TempDir,
}

impl Turn {
    /// On loopback.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// On loopback, with more options.
    pub fn with(more: &[&str]) -> Self {
        Self::launch("127.0.0.1", more)
    }

    /// At an address of this machine.
    pub fn at(address: &str) -> Self {
        Self::launch(address, &[])
    }

    /// Another program may take the free port before coturn does; then there is another one.
    fn launch(address: &str, more: &[&str]) -> Self {
        let mut turns = (0..PORTS).map(|_| Self::launch_once(address, more));
        turns.find(Self::answers).expect("coturn answers by UDP")
    }

    fn launch_once(address: &str, more: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let socket = UdpSocket::bind((address, 0)).expect("a port");
        let port = socket.local_addr().expect("an address").port();
        drop(socket);
        let programs = ["/usr/bin/turnserver", "/usr/local/bin/turnserver"];
        let program = programs.into_iter().find(|path| Path::new(path).exists());
        let process = Command::new(program.expect("coturn: run .ci/packages test"))
            .args(["-n", "--no-cli", "--no-tls", "--no-dtls", "--lt-cred-mech"])
            .args(["--allow-loopback-peers", "--realm=test", "--user=u:p"])
            .args(more)
            .arg(format!("--listening-ip={address}"))
            .arg(format!("--relay-ip={address}"))
            .arg(format!("--listening-port={port}"))
            .arg(format!("--log-file={}", home.path().join("log").display()))
            .arg(format!("--pidfile={}", home.path().join("pid").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("coturn runs");
        let turn = Self {
            process,
            address: address.to_owned(),
            port,
            _home: home,
        };
        turn.wait();
        turn
    }

    /// Until it listens, which it does by TCP too.
    fn wait(&self) {
        let began = SystemTime::now();
        while TcpStream::connect((self.address.as_str(), self.port)).is_err() {
            assert!(
                began.elapsed().unwrap_or_default() < START,
                "coturn does not start"
            );
            thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Whether it answers a STUN binding request.
    fn answers(&self) -> bool {
        let mut request = [0; 20];
        request[1] = 1;
        request[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        let socket = UdpSocket::bind((self.address.as_str(), 0)).expect("a port");
        let patience = Some(Duration::from_secs(1));
        socket.set_read_timeout(patience).expect("a time-out");
        (0..3).any(|_| {
            let sent = socket.send_to(&request, (self.address.as_str(), self.port));
            sent.is_ok() && socket.recv(&mut [0; 256]).is_ok()
        })
    }

    /// What makes a LiveKit server announce it, and use its address only. The server gives out its sockets
    /// on all interfaces under its node's address and keeps one, by chance (one start in eight, with one
    /// more interface) not that of the address: the relay has no permission to pass on what it sends.
    pub fn announced(&self) -> String {
        format!(
            "  turn_servers:\n  - host: {0}\n    port: {1}\n    protocol: udp\n    username: u\n    credential: p\n  \
             ips:\n    includes: [{0}/32]\n",
            self.address, self.port
        )
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
