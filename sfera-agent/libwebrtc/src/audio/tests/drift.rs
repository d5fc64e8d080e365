use std::time::Duration;

use super::speech::babble;
use crate::{
    audio::ReceiveStream,
    simulation::{Network, Random, packets},
};

/// Plays the same 20 s again and again with a sender whose clock is off, and 10 ms of jitter.
/// Answers, for each minute, how long packets waited in the mean, ms.
fn minutes(count: u64, ppm: f64) -> (Vec<f64>, ReceiveStream) {
    let voice = packets(&babble(20, 3), Network::default()).unwrap();
    let mut receiver = ReceiveStream::new();
    let mut random = Random::new(1);
    let pace = Duration::from_secs_f64(0.02 / (1.0 + ppm * 1e-6));
    let mut minutes = Vec::new();
    let (mut sent, mut before) = (0_u32, (0.0, 0));
    let arrival = |n: u32, late: f64| pace * n + Duration::from_secs_f64(0.01 * late);
    let mut arrives = arrival(0, random.fraction());
    for step in 0..count * 6_000 {
        let now = Duration::from_millis(10 * step);
        while arrives <= now {
            let (_, packet) = &voice[sent as usize % voice.len()];
            let mut packet = packet.borrow();
            packet.sequence = 1 + u64::from(sent);
            packet.timestamp = 960_u32.wrapping_mul(sent).wrapping_add(u32::MAX - 100_000);
            receiver.push(arrives, packet);
            sent += 1;
            arrives = arrival(sent, random.fraction());
        }
        receiver.pull(now, &mut [0; 960]);
        if step % 6_000 == 5_999 {
            let stats = receiver.stats();
            let samples = stats.jitter_buffer_emitted_count;
            let waited = (stats.jitter_buffer_delay - before.0) / (samples - before.1) as f64;
            minutes.push(waited * 1000.0);
            before = (stats.jitter_buffer_delay, samples);
        }
    }
    (minutes, receiver)
}

fn check(count: u64, ppm: f64) {
    let (minutes, receiver) = minutes(count, ppm);
    let stats = receiver.stats();
    println!("{ppm} ppm: {:.0?} ms, {stats:?}", minutes);
    for (minute, waited) in minutes.iter().enumerate() {
        assert!((5.0..50.0).contains(waited), "minute {minute}: {waited} ms");
    }
    assert!(stats.concealed_samples < 48 * 100, "{stats:?}");
    assert_eq!((stats.packets_lost, stats.packets_discarded), (0, 0));
    let drifted = count as f64 * 60.0 * 48_000.0 * ppm.abs() * 1e-6;
    let (more, less) = (
        stats.inserted_samples_for_deceleration as f64,
        stats.removed_samples_for_acceleration as f64,
    );
    let made_up = if ppm > 0.0 { less - more } else { more - less };
    assert!(
        (made_up - drifted).abs() < 48.0 * 60.0,
        "{made_up} for {drifted}"
    );
}

#[test]
fn a_fast_clock_is_kept_up_with() {
    check(15, 500.0);
}

#[test]
fn a_slow_clock_is_waited_for() {
    check(15, -500.0);
}

#[test]
fn full_clocks_are_apart_for_hours() {
    check(240, 500.0);
    check(240, -500.0);
}
