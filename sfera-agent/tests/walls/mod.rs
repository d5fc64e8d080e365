//! Networks with walls in them: a network namespace whose only way out is a wire to a LiveKit server, and
//! rules on that wire. Who is to be behind the wall is started by [`Walled::wrapper`]. Needs root.

use std::process::Command;

use crate::{coturn::Turn, livekit_server::LiveKitServer};

pub struct Walled {
    namespace: String,
    pub server: LiveKitServer,
    _turn: Option<Turn>,
    _wire: Wire,
}

impl Walled {
    /// No UDP passes.
    pub fn tcp_only() -> Option<Self> {
        let wire = Wire::lay()?;
        let server = LiveKitServer::at(&wire.address, &wire.only());
        wire.wall("meta l4proto udp drop");
        Some(Self::behind(wire, server, None))
    }

    /// Only the server's signalling and the TURN server's UDP port are reached.
    pub fn relay_only() -> Option<Self> {
        let wire = Wire::lay()?;
        let turn = Turn::at(&wire.address);
        let server = LiveKitServer::at(&wire.address, &turn.announced());
        wire.wall(&format!("udp dport != {} drop", turn.port));
        wire.wall(&format!("tcp dport != {} drop", server.port()));
        Some(Self::behind(wire, server, Some(turn)))
    }

    fn behind(wire: Wire, server: LiveKitServer, turn: Option<Turn>) -> Self {
        Self {
            namespace: wire.namespace.clone(),
            server,
            _turn: turn,
            _wire: wire,
        }
    }

    /// What a command behind the wall begins with.
    pub fn wrapper(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.namespace]
            .map(str::to_owned)
            .into()
    }
}

/// A wire between this machine and a namespace.
struct Wire {
    namespace: String,
    link: String,
    /// This machine's end.
    address: String,
}

impl Wire {
    /// None, said loudly, where this is not root; on CI that is a failure.
    fn lay() -> Option<Self> {
        if !is_root() {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI tests networks with walls, as root"
            );
            eprintln!("NOT TESTED: a network with walls needs root");
            return None;
        }
        // A name that is taken belongs to a test beside this one, or is left of one that was killed.
        let first = std::process::id() % 4096;
        let wire = (0..4096)
            .map(|step| (first + step) % 4096)
            .find_map(Self::named);
        Some(wire.expect("a free name: see `ip netns`"))
    }

    fn named(number: u32) -> Option<Self> {
        let namespace = format!("sfera-{number}");
        let made = Command::new("ip")
            .args(["netns", "add", &namespace])
            .output();
        if !made
            .expect("iproute2: run .ci/packages test")
            .status
            .success()
        {
            return None;
        }
        // What is made from here on is removed with it.
        let address = |end| format!("10.77.{}.{}", number / 64, number % 64 * 4 + end);
        let wire = Self {
            namespace,
            link: format!("sfera{number}"),
            address: address(1),
        };
        let (there, inside) = (format!("{}/30", address(1)), format!("{}/30", address(2)));
        wire.ip(&[
            "link",
            "add",
            &wire.link,
            "type",
            "veth",
            "peer",
            "name",
            "wire",
            "netns",
            &wire.namespace,
        ]);
        wire.ip(&["address", "add", &there, "dev", &wire.link]);
        wire.ip(&["link", "set", &wire.link, "up"]);
        wire.ip(&[
            "-n",
            &wire.namespace,
            "address",
            "add",
            &inside,
            "dev",
            "wire",
        ]);
        wire.ip(&["-n", &wire.namespace, "link", "set", "wire", "up"]);
        wire.ip(&["-n", &wire.namespace, "link", "set", "lo", "up"]);
        // On the wire's end and not in the socket: the sender must not be told of what is dropped.
        wire.nft("add table netdev walls");
        wire.nft("add chain netdev walls out { type filter hook egress device wire priority 0; }");
        Some(wire)
    }

    /// What makes a LiveKit server use this address only; with others beside it, it does not answer the
    /// checks that come in by TCP.
    fn only(&self) -> String {
        format!("  ips:\n    includes: [{}/32]\n", self.address)
    }

    /// One more rule for what leaves the namespace.
    fn wall(&self, rule: &str) {
        self.nft(&format!("add rule netdev walls out {rule}"));
    }

    fn nft(&self, line: &str) {
        run(Command::new("ip").args(["netns", "exec", &self.namespace, "nft", line]));
    }

    fn ip(&self, arguments: &[&str]) {
        run(Command::new("ip").args(arguments));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // The link goes with its other end.
        let _ = Command::new("ip")
            .args(["netns", "delete", &self.namespace])
            .status();
        let _ = Command::new("ip")
            .args(["link", "delete", &self.link])
            .output();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout == b"0\n"
}

fn run(command: &mut Command) {
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
