use std::time::Duration;

use super::{
    judge::{Verdict, judge},
    speech::speech,
};
use crate::{
    audio::{ReceiveStats, ReceiveStream},
    simulation::{Copies, Jitter, Loss, Network, decoded_at_once, send_through, through_network},
};

const CLEAN: Network = Network {
    loss: Loss::None,
    jitter: Jitter::None,
    duplicates: 0.0,
    drift_ppm: 0.0,
    copies: Copies::InBand,
};

const fn lossy(fraction: f64) -> Network {
    Network {
        loss: Loss::Random(fraction),
        ..CLEAN
    }
}

/// Bursts of 2.5 packets.
const fn bursts(fraction: f64) -> Network {
    let end = 0.4;
    let begin = end * fraction / (1.0 - fraction);
    Network {
        loss: Loss::Bursts { begin, end },
        ..CLEAN
    }
}

const fn uneven(jitter: Jitter) -> Network {
    Network { jitter, ..CLEAN }
}

const fn with(copies: Copies, network: Network) -> Network {
    Network { copies, ..network }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

struct Heard {
    verdict: Verdict,
    stats: ReceiveStats,
}

impl Heard {
    /// Percent of all samples.
    fn concealed(&self) -> f64 {
        self.part(self.stats.concealed_samples)
    }

    fn part(&self, samples: u64) -> f64 {
        samples as f64 / self.stats.total_samples_received as f64 * 100.0
    }
}

fn hear(name: &str, network: Network) -> Heard {
    hear_by(name, network, &mut ReceiveStream::new())
}

fn hear_by(name: &str, network: Network, receiver: &mut ReceiveStream) -> Heard {
    let voice = speech(20, 7);
    let heard = send_through(&voice, network, 3, receiver).unwrap();
    let verdict = judge(&decoded_at_once(&voice, network).unwrap(), &heard.sound);
    let stats = heard.received;
    let heard = Heard { verdict, stats };
    println!(
        "{name:22} {verdict} | concealed {:4.1} % in {:3}, copies {:3}, lost {:3}, late {:3}, stretched +{:.2} −{:.2} %",
        heard.concealed(),
        stats.concealment_events,
        stats.fec_packets_received,
        stats.packets_lost,
        stats.packets_late,
        heard.part(stats.inserted_samples_for_deceleration),
        heard.part(stats.removed_samples_for_acceleration),
    );
    heard
}

/// At least so many dB, at most so many percent invented, and no later than so many ms; the network
/// alone takes 30.
#[track_caller]
fn check(name: &str, network: Network, snr: f64, concealed: f64, delay: f64) {
    let heard = hear(name, network);
    assert!(heard.verdict.snr > snr, "{name}: {}", heard.verdict);
    assert!(heard.concealed() < concealed, "{name}: {:?}", heard.stats);
    assert!(
        heard.verdict.longest_delay < delay,
        "{name}: {}",
        heard.verdict
    );
    assert!(heard.verdict.clicks <= 3, "{name}: {}", heard.verdict);
}

#[test]
fn without_trouble_every_sample_is_as_sent_and_soon() {
    let heard = hear("nothing happens", CLEAN);
    assert!(heard.verdict.snr > 34.0 && heard.verdict.damaged < 0.01);
    assert!(heard.verdict.median_delay < 65.0);
    assert_eq!(heard.stats.concealed_samples, 0, "pauses are no loss");
    assert_eq!(heard.stats.packets_lost, 0);
    assert_eq!(heard.verdict.clicks, 0);
}

#[test]
fn lost_packets_are_recovered_or_concealed() {
    check("loss 5 %", lossy(0.05), 27.0, 2.5, 100.0);
    check("loss 10 %", lossy(0.1), 23.0, 4.0, 100.0);
    check("loss 20 %", lossy(0.2), 17.0, 10.0, 130.0);
}

#[test]
fn bursts_are_survived() {
    check("bursts 5 %", bursts(0.05), 27.0, 11.0, 100.0);
    check("bursts 10 %", bursts(0.1), 24.0, 10.0, 100.0);
    check("bursts 20 %", bursts(0.2), 18.0, 19.0, 140.0);
}

#[test]
fn whole_copies_are_better_than_coarse_ones() {
    let red = with(Copies::Red, lossy(0.1));
    check("loss 10 %, red", red, 30.0, 2.0, 100.0);
    let red = with(Copies::Red, bursts(0.1));
    check("bursts 10 %, red", red, 27.0, 9.0, 100.0);
    let both = Network {
        jitter: Jitter::Uniform(ms(60)),
        ..with(Copies::Red, lossy(0.1))
    };
    check("loss, jitter, red", both, 29.0, 2.5, 150.0);
}

#[test]
fn jitter_is_waited_out_and_no_more() {
    check(
        "jitter 20 ms",
        uneven(Jitter::Uniform(ms(20))),
        33.0,
        0.5,
        85.0,
    );
    check(
        "jitter 60 ms",
        uneven(Jitter::Uniform(ms(60))),
        33.0,
        1.0,
        125.0,
    );
    check(
        "jitter 200 ms",
        uneven(Jitter::Uniform(ms(200))),
        30.0,
        3.0,
        290.0,
    );
    let tail = Jitter::Exponential(ms(20));
    check("jitter, long tail", uneven(tail), 28.0, 2.5, 230.0);
    let stalls = Jitter::Stalls {
        every: ms(3_000),
        length: ms(300),
    };
    check("stalls of 300 ms", uneven(stalls), 29.0, 3.0, 420.0);
}

#[test]
fn packets_that_come_twice_are_played_once() {
    let twice = Network {
        duplicates: 0.3,
        ..CLEAN
    };
    let heard = hear("duplicates 30 %", twice);
    assert!(heard.verdict.snr > 34.0);
    assert!(heard.stats.packets_duplicate > 200);
    assert_eq!(heard.stats.packets_late, 0);
    assert_eq!(heard.stats.packets_lost, 0);
}

/// The judge can tell: silence in place of invented sound is worse, and clicks.
#[test]
fn concealment_is_worth_something() {
    let network = with(Copies::None, lossy(0.1));
    let concealed = hear("10 %, no copies", network).verdict;
    let mut mute = ReceiveStream::new();
    mute.without_concealment();
    let mute = hear_by("10 %, silence instead", network, &mut mute).verdict;
    assert!(mute.damaged > 1.2 * concealed.damaged, "{mute} {concealed}");
    assert!(mute.clicks > concealed.clicks + 5, "{mute} {concealed}");
    let copies = hear("10 %, in-band copies", lossy(0.1)).verdict;
    assert!(copies.snr > concealed.snr + 1.0, "{copies} {concealed}");
}

#[test]
fn a_seed_always_gives_the_same() {
    let voice = speech(2, 1);
    let once = || through_network(&voice, bursts(0.1), 5).unwrap();
    assert_eq!(once(), once());
    assert_ne!(once(), through_network(&voice, bursts(0.1), 6).unwrap());
}
