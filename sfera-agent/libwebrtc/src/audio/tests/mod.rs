//! From one end to the other: what a voice sounds like after a network.

mod judge;
mod speech;

use std::time::Duration;

use judge::{Verdict, clicks, judge, roughest};
use speech::speech;

use crate::{
    audio::{ReceiveStats, ReceiveStream},
    simulation::{Copies, Heard, Jitter, Loss, Network, decoded_at_once, send_through},
};

fn lossy(fraction: f64) -> Network {
    Network {
        loss: Loss::Random(fraction),
        ..Network::default()
    }
}

fn bursts(fraction: f64) -> Network {
    let end = 0.4;
    let begin = end * fraction / (1.0 - fraction);
    Network {
        loss: Loss::Bursts { begin, end },
        ..Network::default()
    }
}

fn uneven(jitter: Jitter) -> Network {
    Network {
        jitter,
        ..Network::default()
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const VOICE: u64 = 7;

fn hear(network: Network, receiver: &mut ReceiveStream) -> (Heard, Verdict) {
    let voice = speech(20, VOICE);
    let heard = send_through(&voice, network, 3, receiver).unwrap();
    let verdict = judge(&decoded_at_once(&voice, network).unwrap(), &heard.sound);
    (heard, verdict)
}

fn print(name: &str, verdict: &Verdict, stats: &ReceiveStats) {
    let part = |samples: u64| samples as f64 / stats.total_samples_received as f64 * 100.0;
    println!(
        "{name:26} {verdict}  concealed {:4.1} % in {:3}, fec {:3}, lost {:3}, late {:3}, +{:4.1} % -{:4.1} %, target {:3.0} ms",
        part(stats.concealed_samples),
        stats.concealment_events,
        stats.fec_packets_received,
        stats.packets_lost,
        stats.packets_late,
        part(stats.inserted_samples_for_deceleration),
        part(stats.removed_samples_for_acceleration),
        stats.jitter_buffer_target_delay / stats.jitter_buffer_emitted_count as f64 * 1000.0,
    );
}

#[test]
fn one() {
    let (heard, verdict) = hear(Network::default(), &mut ReceiveStream::new());
    print("nothing", &verdict, &heard.received);
    println!("{:?}", heard.received);
}

#[test]
fn table() {
    let stalls = Jitter::Stalls { every: ms(3000), length: ms(300) };
    let cases = [
        ("nothing happens", Network::default()),
        ("loss 5 %", lossy(0.05)),
        ("loss 10 %", lossy(0.1)),
        ("loss 20 %", lossy(0.2)),
        ("bursts 5 %", bursts(0.05)),
        ("bursts 10 %", bursts(0.1)),
        ("bursts 20 %", bursts(0.2)),
        ("loss 5 %, no copies", Network { copies: Copies::None, ..lossy(0.05) }),
        ("loss 10 %, red", Network { copies: Copies::Red, ..lossy(0.1) }),
        ("bursts 10 %, red", Network { copies: Copies::Red, ..bursts(0.1) }),
        ("jitter 20 ms", uneven(Jitter::Uniform(ms(20)))),
        ("jitter 60 ms", uneven(Jitter::Uniform(ms(60)))),
        ("jitter 200 ms", uneven(Jitter::Uniform(ms(200)))),
        ("jitter exp 20 ms", uneven(Jitter::Exponential(ms(20)))),
        ("stalls 300 ms", uneven(stalls)),
        ("loss 10 %, jitter 60 ms", Network { jitter: Jitter::Uniform(ms(60)), ..lossy(0.1) }),
        ("loss 10 %, jitter 60, red", Network { jitter: Jitter::Uniform(ms(60)), copies: Copies::Red, ..lossy(0.1) }),
        ("duplicates 30 %", Network { duplicates: 0.3, ..Network::default() }),
        ("drift +500 ppm", Network { drift_ppm: 500.0, ..Network::default() }),
        ("drift -500 ppm", Network { drift_ppm: -500.0, ..Network::default() }),
    ];
    for (name, network) in cases {
        let (heard, verdict) = hear(network, &mut ReceiveStream::new());
        print(name, &verdict, &heard.received);
    }
    let mut mute = ReceiveStream::new();
    mute.without_concealment();
    let (heard, verdict) = hear(Network { copies: Copies::None, ..lossy(0.05) }, &mut mute);
    print("loss 5 %, mute", &verdict, &heard.received);
}
