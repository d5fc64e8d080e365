use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use crate::{engine::Engine, peer_connection_factory::RtcConfiguration};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn candidates(engine: &Engine) -> Vec<SocketAddr> {
    let state = engine.state.lock();
    let own = state.transport.candidates.iter();
    own.map(|own| own.candidate.addr()).collect()
}

fn sockets(engine: &Engine) -> Vec<IpAddr> {
    engine.state.lock().transport.ips()
}

fn engine() -> Arc<Engine> {
    Engine::start(RtcConfiguration::default()).unwrap()
}

#[test]
fn another_look_around_finds_what_is_new_and_keeps_what_is_there() {
    let engine = engine();
    engine.settle(Some(&[ip("127.0.0.1")]));
    let before = candidates(&engine);
    assert_eq!(sockets(&engine), [ip("127.0.0.1")]);
    engine.settle(Some(&[ip("127.0.0.1"), ip("127.0.0.2")]));
    assert_eq!(sockets(&engine), [ip("127.0.0.1"), ip("127.0.0.2")]);
    assert_eq!(candidates(&engine).len(), 2);
    assert!(candidates(&engine).contains(&before[0]), "the same socket");
    engine.close();
}

#[test]
fn what_vanished_is_left() {
    let all = if_addrs::get_if_addrs().unwrap();
    let outside = all.iter().map(if_addrs::Interface::ip);
    let Some(outside) = outside.filter(IpAddr::is_ipv4).find(|ip| !ip.is_loopback()) else {
        println!("SKIPPED: this machine has no address but loopback");
        return;
    };
    let engine = engine();
    engine.settle(Some(&[outside]));
    assert_eq!(sockets(&engine), [outside]);
    engine.settle(None);
    assert_eq!(sockets(&engine), [outside], "not known is not gone");
    engine.settle(Some(&[ip("127.0.0.1")]));
    assert_eq!(sockets(&engine), [ip("127.0.0.1")]);
    assert!(
        candidates(&engine)
            .iter()
            .all(|address| address.ip() != outside)
    );
    engine.settle(Some(&[outside]));
    assert!(sockets(&engine).contains(&outside), "and back");
    engine.close();
}

#[test]
fn link_local_addresses_and_loopback_beside_others_are_not_offered() {
    let offered = crate::engine::transport::gather::offered;
    let here = [
        "127.0.0.1",
        "169.254.0.1",
        "fe80::1",
        "10.0.0.1",
        "2001:db8::1",
    ]
    .map(ip);
    assert_eq!(offered(&here), ["10.0.0.1", "2001:db8::1"].map(ip));
    assert_eq!(offered(&here[..3]), [ip("127.0.0.1")]);
    let many: Vec<IpAddr> = (1..=100).map(|n| ip(&format!("10.0.0.{n}"))).collect();
    assert_eq!(offered(&many).len(), 8);
}
